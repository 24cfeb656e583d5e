"""What a provider gives is what `Depends` is, for every form of provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from functools import partial
from typing import Annotated, Protocol, assert_type

from fasterapi import Depends, Faster


class Session:
    def close(self) -> None: ...


class AuditedSession(Session): ...


class Closable(Protocol):
    def close(self) -> None: ...


def plain() -> Session:
    return Session()


async def coroutine() -> Session:
    return Session()


def generator() -> Generator[Session, None, None]:
    yield Session()


def iterator() -> Iterator[Session]:
    yield Session()


async def async_generator() -> AsyncGenerator[Session, None]:
    yield Session()


async def async_iterator() -> AsyncIterator[Session]:
    yield Session()


def audited() -> AuditedSession:
    return AuditedSession()


def optional() -> Session | None:
    return None


class Provider:
    def __call__(self, limit: int = 10) -> Session:
        return Session()

    async def method(self) -> Session:
        return Session()


assert_type(Depends(plain), Session)
assert_type(Depends(coroutine), Session)
assert_type(Depends(generator), Session)
assert_type(Depends(iterator), Session)
assert_type(Depends(async_generator), Session)
assert_type(Depends(async_iterator), Session)
assert_type(Depends(Session), Session)
assert_type(Depends(optional), Session | None)
assert_type(Depends(Provider()), Session)
assert_type(Depends(Provider().method), Session)
assert_type(Depends(partial(plain)), Session)
assert_type(Depends(plain, use_cache=False), Session)

app = Faster()


@app.get("/")
async def handler(
    session: Session = Depends(plain),
    subclass: Session = Depends(audited),
    protocol: Closable = Depends(coroutine),
    by_annotation: Session = Depends(),
    annotated: Annotated[Session, Depends(plain)] = Session(),  # a default for the checkers
) -> dict[str, str]:
    return {}
