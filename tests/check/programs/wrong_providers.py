"""Providers that give something else than those that ask them take."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Protocol

from fasterapi import Depends, Faster


class Session:
    def close(self) -> None: ...


class Closable(Protocol):
    def close(self) -> None: ...


class User: ...


def text() -> str:
    return ""


def maybe_session() -> Session | None:
    return None


def texts() -> Iterator[str]:
    yield ""


async def async_texts() -> AsyncIterator[str]:
    yield ""


async def number(limit: int = 10, *, times: int = 1) -> int:
    return limit * times


async def user(
    token: str,
    session: Annotated[Session, Depends(text)],
) -> User:
    return User()


class Service:
    def __init__(
        self,
        session: Annotated[Session, Depends(text)],
    ) -> None: ...

    def user(self) -> User:
        return User()


@dataclass
class Filter:
    word: str
    session: Annotated[Session, Depends(text)]


class Checker:
    def __call__(
        self,
        session: Annotated[Session, Depends(text)],
    ) -> bool:
        return True


checker = Checker()
filter_service = Filter("", Session())
service = Service(Session())
ten_times = partial(number, times=10)

app = Faster()


@app.get("/functions")
async def functions(
    a: Annotated[Session, Depends(text)],
    b: Annotated[Session, Depends(maybe_session)],
    c: Annotated[Session, Depends(texts)],
    d: Annotated[Session, Depends(async_texts)],
    e: Annotated[Session, Depends(number)],
    f: Annotated[Closable, Depends(text)],
    *,
    g: Annotated[str | bytes, Depends(number)],
) -> None: ...


@app.get("/objects")
def objects(
    a: Annotated[Session, Depends(Service)],
    b: Annotated[Session, Depends(service.user)],
    c: Annotated[Session, Depends(ten_times)],
    d: Annotated[Session, Depends(partial(number, 5))],
    e: Annotated[Session, Depends(checker)],
    f: Annotated[Session, Depends(Checker())],
    g: Annotated[Filter, Depends()],
) -> None: ...


@app.get("/nested")
async def nested(
    user: Annotated[User, Depends(user)],
) -> None: ...


@app.get("/nested/again")
async def nested_again(user: Annotated[User, Depends(user)]) -> None: ...


@app.get("/default")
async def default(
    session: Session = Depends(text),  # type: ignore[assignment]  # pyright: ignore[reportArgumentType]
) -> None: ...


class Abstract(ABC):
    @abstractmethod
    def read(self) -> Session: ...


class Concrete:
    def read(self) -> str:
        return ""


@app.get("/overridden")
async def overridden(
    abstract: Annotated[Abstract, Depends()],
) -> None: ...


app.dependency_overrides[Abstract] = Concrete
