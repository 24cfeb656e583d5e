"""How long an app's connections live: as long as whatever it enters before them.

Interpreted: context managers, and calls what users declare.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any

from fasterapi.client.engine import Engine, Settings
from fasterapi.client.errors import DeclarationError

Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]
"""A function of the app that gives what is entered before its first request and left after the last one."""


class Borrowed:
    """An engine that is closed by whoever opened it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def __aenter__(self) -> Engine:
        return self._engine

    async def __aexit__(self, *raised: object) -> None:
        """Leave it open."""


class Opened:
    """An engine within the lifespan of its app."""

    def __init__(self, app: object, settings: Settings, lifespan: Lifespan | None) -> None:
        self._app = app
        self._settings = settings
        self._lifespan = lifespan
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Engine:
        async with AsyncExitStack() as stack:
            if self._lifespan is not None:
                entered: Any = self._lifespan(self._app)
                if inspect.isasyncgen(entered):
                    raise DeclarationError("The lifespan is a generator. Put @asynccontextmanager above it.")
                await stack.enter_async_context(entered)
            engine = Engine(self._settings)
            stack.push_async_callback(engine.close)
            self._stack = stack.pop_all()
            return engine

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await self._stack.__aexit__(exc_type, exc_value, traceback)
