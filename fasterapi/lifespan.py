"""The ASGI lifespan protocol: what runs before the first request and after the last."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias, cast

from fasterapi.asgi import Receive, Scope, Send

Lifespan: TypeAlias = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None] | AsyncIterator[Mapping[str, Any] | None]]
"""Takes the application and gives a context manager, or is the asynchronous generator that would make one."""


async def run_lifespan(
    scope: Scope, receive: Receive, send: Send, app: object, lifespan: Lifespan | None, prepare: Callable[[], object]
) -> None:
    """Prepare and enter the lifespan at the server's start, leave it at its end.

    A failure is told to the server and raised, so that the server logs it with its traceback and does not serve.
    """
    await receive()
    manager: AbstractAsyncContextManager[Mapping[str, Any] | None] | None = None
    try:
        prepare()
        if lifespan is not None:
            manager = _as_manager(lifespan, app)
            _hand_over(scope, await manager.__aenter__())
    except BaseException as error:
        await send({"type": "lifespan.startup.failed", "message": f"{type(error).__name__}: {error}"})
        raise
    await send({"type": "lifespan.startup.complete"})
    await receive()
    try:
        if manager is not None:
            await manager.__aexit__(None, None, None)
    except BaseException as error:
        await send({"type": "lifespan.shutdown.failed", "message": f"{type(error).__name__}: {error}"})
        raise
    await send({"type": "lifespan.shutdown.complete"})


def _as_manager(lifespan: Lifespan, app: object) -> AbstractAsyncContextManager[Mapping[str, Any] | None]:
    made = lifespan(app)
    if isinstance(made, AsyncIterator):
        return asynccontextmanager(_again)(made)
    return made


def _again(iterator: AsyncIterator[Mapping[str, Any] | None]) -> AsyncIterator[Mapping[str, Any] | None]:
    return iterator


def _hand_over(scope: Scope, state: Mapping[str, Any] | None) -> None:
    """What the lifespan yields becomes the state of every request."""
    if state is None:
        return
    if "state" not in scope:
        raise RuntimeError(
            "The lifespan yields a state, and this server cannot carry one to the requests. Yield nothing, or use another server."
        )
    cast("dict[str, Any]", scope["state"]).update(state)
