"""How many calls of one kind may run at the same time."""

from __future__ import annotations

import asyncio
from typing import Final, final
from weakref import WeakKeyDictionary


@final
class ConcurrencyLimit:
    """So many places for calls; every event loop has its own."""

    def __init__(self, places: int) -> None:
        self.places = places
        self._semaphores: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]] = WeakKeyDictionary()

    async def take(self) -> TakenPlace:
        """Wait for a place, in turn."""
        loop = asyncio.get_running_loop()
        semaphore = self._semaphores.get(loop)
        if semaphore is None:
            semaphore = self._semaphores[loop] = asyncio.Semaphore(self.places)
        await semaphore.acquire()
        return TakenPlace(semaphore)


@final
class TakenPlace:
    """A place that somebody has, until it is given back."""

    def __init__(self, semaphore: asyncio.Semaphore) -> None:
        self._semaphore = semaphore

    def give_back(self) -> None:
        """Let the next one have it; called once, by the event loop's thread."""
        self._semaphore.release()
