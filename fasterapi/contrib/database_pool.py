"""A pool of connections as part of every request's state."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final, cast, final

from fasterapi.asgi import ASGIApp, Receive, Scope, Send

_ENDS: Final = ("lifespan.startup.failed", "lifespan.shutdown.complete", "lifespan.shutdown.failed")


@final
class DatabasePoolMiddleware:
    """Puts a pool into the state of every request and WebSocket: `request.state.db_pool`.

    Example:
        app.add_middleware(DatabasePoolMiddleware, pool=pool)
        app.add_middleware(DatabasePoolMiddleware, pool=lambda: asyncpg.create_pool(url), state_key="replica")

    A function is called when the application starts, and awaited where it has to be; what it gives is closed when the application
    ends. A pool that is handed over itself is for the application to open and close.
    """

    def __init__(self, app: ASGIApp, *, pool: object, state_key: str = "db_pool") -> None:
        self._app = app
        self._make: Callable[[], Any] | None = pool if inspect.isroutine(pool) else None
        self._pool: Any = None if self._make is not None else pool
        self._state_key = state_key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the connection on, with the pool in its state."""
        if scope["type"] != "lifespan":
            if self._make is not None and self._pool is None:
                raise RuntimeError("The pool is not open: the server runs this application without its lifespan.")
            cast("dict[str, Any]", scope).setdefault("state", {})[self._state_key] = self._pool
            await self._app(scope, receive, send)
            return
        if self._make is None:
            await self._app(scope, receive, send)
            return
        await self._app(scope, self._opening(receive), self._closing(send))

    def _opening(self, receive: Receive) -> Receive:
        async def opening() -> Mapping[str, Any]:
            message = await receive()
            if message["type"] == "lifespan.startup":
                assert self._make is not None
                made = self._make()
                self._pool = await made if inspect.isawaitable(made) else made
            return message

        return opening

    def _closing(self, send: Send) -> Send:
        async def closing(message: Mapping[str, Any]) -> None:
            # The application has ended, or has not begun: nothing asks for connections any more.
            if message["type"] in _ENDS and self._pool is not None:
                pool, self._pool = self._pool, None
                closed = pool.close()
                if inspect.isawaitable(closed):
                    await closed
            await send(message)

        return closing
