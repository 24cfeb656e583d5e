"""Time limits of connections, kept by one timer for all of them."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from typing import Final, final

INTERVAL: Final = 1.0
"""Seconds between two looks at the deadlines: how late one may be noticed."""


@final
class Sweep:
    """Counts its own ticks, so that nobody has to ask the clock, and ends what is overdue."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.tick: int = 1
        self._loop = loop
        self._watched: set[Limited] = set()
        self._running = False

    def watch(self, limited: Limited) -> None:
        """Hold it to its deadline from now on."""
        self._watched.add(limited)
        if not self._running:
            self._running = True
            self._loop.call_later(INTERVAL, self._look)

    def forget(self, limited: Limited) -> None:
        """It has ended by itself."""
        self._watched.discard(limited)

    def _look(self) -> None:
        self._running = len(self._watched) > 0
        if self._running:
            self._loop.call_later(INTERVAL, self._look)
        self.tick += 1
        tick = self.tick
        for limited in [limited for limited in self._watched if limited.deadline and limited.deadline < tick]:
            limited.deadline = 0
            limited.overdue()


class Limited:
    """Something with a deadline."""

    def __init__(self, sweep: Sweep) -> None:
        self.deadline: int = 0
        self._sweep = sweep

    def expire_in(self, seconds: int) -> None:
        """Set the deadline, or set it anew."""
        self.deadline = self._sweep.tick + seconds

    def expire_never(self) -> None:
        """Have no deadline."""
        self.deadline = 0

    def overdue(self) -> None:
        """The deadline has passed."""
        raise NotImplementedError
