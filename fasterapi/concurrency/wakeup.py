"""Waiting for something to happen."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from typing import final


@final
class Wakeup:
    """Wakes all who wait. They look for themselves whether what they wait for has happened.

    Unlike `asyncio.Event` it keeps no state, and costs nothing while nobody waits.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[Future[None]] = []

    async def wait(self) -> None:
        """Sleep until the next `wake`."""
        future: Future[None] = self._loop.create_future()
        self._waiting.append(future)
        await future

    def wake(self) -> None:
        """Wake everybody."""
        waiting = self._waiting
        if waiting:
            self._waiting = []
            for future in waiting:
                if not future.done():
                    future.set_result(None)
