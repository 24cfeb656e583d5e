"""Functions that are declared to be something else than what start-up sees in them."""

from collections.abc import Callable, Coroutine, Iterator
from functools import wraps
from typing import Annotated, Any

from fasterapi import Depends, Faster


class Session: ...


class Guard: ...


def guarded(function: Callable[..., Any]) -> Callable[[], Guard]:
    @wraps(function)
    def call() -> Any:
        return function()

    return call


def calls_later(function: Callable[..., Any]) -> Callable[[], str]:
    @wraps(function)
    def call() -> str:
        return ""

    return call


@guarded
def generator() -> Iterator[Session]:
    yield Session()


@calls_later
async def coroutine() -> Session:
    return Session()


@calls_later
def takes_more(limit: int) -> str:
    return str(limit)


async def inner() -> Session:
    return Session()


def forgets_to_await(limit: int = 10) -> Coroutine[Any, Any, Session]:
    return inner()


app = Faster()


@app.get("/")
async def read(
    a: Annotated[Session, Depends(generator)],
    b: Annotated[Session, Depends(coroutine)],
    c: Annotated[str, Depends(takes_more)],
) -> None: ...


@app.get("/unawaited", dependencies=[Depends(forgets_to_await)])
def unawaited() -> Any: ...
