"""Providers of the wrong type. Each mistake's line names the error that mypy and pyright give for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from fasterapi import Depends, Faster

app = Faster()


class Session: ...


class OtherSession: ...


def plain() -> str:
    return ""


async def coroutine() -> str:
    return ""


def generator() -> Iterator[str]:
    yield ""


async def async_generator() -> AsyncIterator[str]:
    yield ""


def optional() -> Session | None:
    return None


@app.get("/")
async def handler(
    from_plain: int = Depends(plain),  # mypy: assignment, pyright: reportArgumentType
    from_coroutine: int = Depends(coroutine),  # mypy: assignment, pyright: reportArgumentType
    from_generator: int = Depends(generator),  # mypy: assignment, pyright: reportArgumentType
    from_async_generator: int = Depends(async_generator),  # mypy: assignment, pyright: reportArgumentType
    from_class: Session = Depends(OtherSession),  # mypy: assignment, pyright: reportArgumentType
    from_optional: Session = Depends(optional),  # mypy: assignment, pyright: reportArgumentType
    uncalled: Session = Depends(Session()),  # mypy: call-overload, pyright: reportCallIssue+reportArgumentType
    unknown_scope: str = Depends(plain, scope="session"),  # mypy: call-overload, pyright: reportCallIssue+reportArgumentType
) -> None: ...
