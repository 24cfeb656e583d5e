"""Every form of provider, each of a type that fits."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial, wraps
from typing import Annotated, Any, Generic, ParamSpec, Protocol, TypeVar

import msgspec

from fasterapi import Depends, Faster, FasterRouter, HTTPException, Query, Security
from fasterapi.contrib.health import health_router
from fasterapi.security import HTTPBearer, OAuth2PasswordBearer, OAuth2PasswordRequestForm

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Item = TypeVar("Item")


class Session:
    def close(self) -> None: ...


class AuditedSession(Session): ...


class Closable(Protocol):
    def close(self) -> None: ...


class Page(msgspec.Struct):
    limit: int = 10
    offset: int = 0


@dataclass
class Filter:
    word: str
    session: Annotated[Session, Depends(AuditedSession)]


class Paginator:
    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, page: int = 1) -> Page:
        return Page(self.limit, page)

    async def first(self, session: Annotated[Session, Depends(AuditedSession)]) -> Page:
        return Page(self.limit)

    @classmethod
    def small(cls) -> Paginator:
        return cls(1)

    @staticmethod
    def large() -> Paginator:
        return Paginator(1000)


class Repository(Generic[Item]):
    def __init__(self, item: Item) -> None:
        self.item = item

    def get(self) -> Item:
        return self.item


class Schemes:
    bearer = HTTPBearer()


def timed(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    @wraps(function)
    def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return function(*args, **kwargs)

    return call


def awaited(function: Callable[Parameters, Awaitable[Result]]) -> Callable[Parameters, Awaitable[Result]]:
    @functools.wraps(function)
    async def call(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return await function(*args, **kwargs)

    return call


def session() -> Session:
    return Session()


def audited() -> AuditedSession:
    return AuditedSession()


async def coroutine(inner: Annotated[Session, Depends(session)]) -> Session:
    return inner


def generator() -> Generator[Session, None, None]:
    yield Session()


def iterator() -> Iterator[Session]:
    yield Session()


def iterable() -> Iterable[Session]:
    yield Session()


async def async_generator() -> AsyncGenerator[Session, None]:
    yield Session()


async def async_iterator() -> AsyncIterator[Session]:
    yield Session()


@lru_cache
def cached() -> Session:
    return Session()


@timed
def decorated(word: str = "") -> Session:
    return Session()


@awaited
async def decorated_coroutine(word: str = "") -> Session:
    return Session()


def keyword_only(*, limit: int = 10, inner: Annotated[Session, Depends(session)]) -> Session:
    return inner


def positional_only(limit: int = 10, /) -> Session:
    return Session()


def verify(token: str | None = None) -> None:
    if token == "":
        raise HTTPException(403)


def untyped(session=Depends(session)):  # type: ignore[no-untyped-def]  # as many write them
    return session


def anything() -> Any:
    return Session()


def user_agent(text: Annotated[str, Query(alias="agent")] = "") -> str:
    return text


paginator = Paginator(50)
repository = Repository(Session())
limited = partial(keyword_only, limit=5)
named_lambda = lambda: Session()  # noqa: E731, PLW0108
oauth2 = OAuth2PasswordBearer("token")
optional_oauth2 = OAuth2PasswordBearer("token", auto_error=False)

app = Faster(dependencies=[Depends(verify)])
router = FasterRouter(prefix="/routed", dependencies=[Depends(paginator)])


@app.get("/plain")
async def plain_forms(
    plain: Annotated[Session, Depends(session)],
    subclass: Annotated[Session, Depends(audited)],
    protocol: Annotated[Closable, Depends(coroutine)],
    optional: Annotated[Session | None, Depends(session)],
    by_annotation: Annotated[Session, Depends()],
    by_default: Session = Depends(session),
    nothing: Annotated[None, Depends(verify)] = None,
) -> dict[str, str]:
    return {}


@app.get("/generators")
def generators(
    a: Annotated[Session, Depends(generator)],
    b: Annotated[Session, Depends(iterator)],
    c: Annotated[Session, Depends(iterable)],
    d: Annotated[Session, Depends(async_generator)],
    e: Annotated[Session, Depends(async_iterator, scope="function")],
) -> dict[str, str]:
    return {}


@app.get("/wrapped")
async def wrapped(
    a: Annotated[Session, Depends(cached)],
    b: Annotated[Session, Depends(decorated)],
    c: Annotated[Session, Depends(decorated_coroutine)],
    d: Annotated[Session, Depends(keyword_only, use_cache=False)],
    e: Annotated[Session, Depends(positional_only)],
    f: Annotated[Session, Depends(limited)],
    g: Annotated[Session, Depends(partial(keyword_only, limit=7))],
    h: Annotated[Session, Depends(named_lambda)],
    i: Annotated[Session, Depends(untyped)],
    j: Annotated[Session, Depends(anything)],
) -> dict[str, str]:
    return {}


@app.get("/objects")
async def objects(
    struct: Annotated[Page, Depends()],
    dataclass: Annotated[Filter, Depends(Filter)],
    instance: Annotated[Page, Depends(paginator)],
    method: Annotated[Page, Depends(paginator.first)],
    unnamed: Annotated[Page, Depends(Paginator(7))],
    unnamed_method: Annotated[Page, Depends(Paginator(7).first)],
    generic: Annotated[Session, Depends(repository.get)],
    class_method: Annotated[Paginator, Depends(Paginator.small)],
    static_method: Annotated[Paginator, Depends(Paginator.large)],
) -> dict[str, str]:
    return {}


@app.post("/secured")
async def secured(
    token: Annotated[str, Security(oauth2, scopes=["items"])],
    optional_token: Annotated[str | None, Depends(optional_oauth2)],
    of_a_class: Annotated[object, Depends(Schemes.bearer)],
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
) -> dict[str, str]:
    return {}


class Handlers:
    def __init__(self, word: str) -> None:
        self.word = word

    async def read(self, page: Annotated[Page, Depends(paginator)], agent: Annotated[str, Depends(user_agent)]) -> dict[str, str]:
        return {}


handlers = Handlers("")
router.add_api_route("/method", handlers.read)
router.add_api_route("/partial", partial(plain_forms))
app.include_router(router)
# Functions within functions of the package itself are none of its user's.
app.include_router(health_router())
