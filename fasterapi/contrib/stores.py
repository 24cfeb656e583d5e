"""Where what requests share is kept: in this process, or in a service that many processes ask.

Caches and sessions are written against `Store`. `MemoryStore` is here and needs nothing; `fasterapi.contrib.redis.RedisStore` is for many.
"""

# Interpreted, as all of this folder.

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

_logger: Final = logging.getLogger("fasterapi")


class StoreError(Exception):
    """A store cannot be asked: its service is away, too slow, or refuses. What it is made of is its `__cause__`."""


class Store(Protocol):
    """Keeps bytes by their keys, each for a time. Every method may raise `StoreError`."""

    async def get(self, key: str) -> bytes | None:
        """What is kept."""
        ...

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept of several keys, in their order."""
        ...

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep something for a time, in the place of what was there."""
        ...

    async def add(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep something unless there is something; of several at a time one succeeds."""
        ...

    async def replace(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep something in the place of what is there, and nothing where nothing is."""
        ...

    async def increment(self, key: str, least: int, seconds: float) -> int:
        """Count one more, but not less than `least`, and keep the number as decimal digits for a time; no two get the same one."""
        ...

    async def delete(self, key: str) -> None:
        """Forget something."""
        ...


class _Kept(NamedTuple):
    value: bytes
    until: float


class MemoryStore:
    """A store of one process, up to a number and a size: what was used least goes first.

    Example: `app.add_middleware(CacheMiddleware, store=MemoryStore(max_bytes=256 * 1024 * 1024))`.

    Each process has its own, so with several workers `RedisStore` is the one to take.
    """

    def __init__(
        self, max_entries: int = 10_000, max_bytes: int = 64 * 1024 * 1024, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if max_entries < 1 or max_bytes < 1:
            raise ValueError("max_entries and max_bytes are at least 1: a store without room keeps nothing.")
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self._clock: Callable[[], float] = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size = 0

    async def get(self, key: str) -> bytes | None:
        """What is kept."""
        return self._find(key)

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept of several keys, in their order."""
        return [self._find(key) for key in keys]

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep something for a time; what is larger than the whole store is not kept."""
        self._put(key, value, seconds)

    async def add(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep something unless there is something."""
        if self._find(key) is not None:
            return False
        self._put(key, value, seconds)
        return True

    async def replace(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep something in the place of what is there."""
        if self._find(key) is None:
            return False
        self._put(key, value, seconds)
        return True

    async def increment(self, key: str, least: int, seconds: float) -> int:
        """Count one more, but not less than `least`."""
        count = max(int(self._find(key) or 0) + 1, least)
        self._put(key, b"%d" % count, seconds)
        return count

    async def delete(self, key: str) -> None:
        """Forget something."""
        self._drop(key)

    def __len__(self) -> int:
        return len(self._kept)

    def _find(self, key: str) -> bytes | None:
        kept = self._kept.get(key)
        if kept is None:
            return None
        if kept.until <= self._clock():
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.value

    def _put(self, key: str, value: bytes, seconds: float) -> None:
        self._drop(key)
        size = len(key) + len(value)
        if size > self.max_bytes or seconds <= 0:
            return
        self._kept[key] = _Kept(value, self._clock() + seconds)
        self._size += size
        while len(self._kept) > self.max_entries or self._size > self.max_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._size -= len(key) + len(dropped.value)


class Outage:
    """Logs that a store went away, and that it is back: once each, and not with every request."""

    def __init__(self, what_now: str) -> None:
        self._what_now = what_now
        self._is_away = False

    def begin(self, error: StoreError) -> None:
        """Note that the store could not be asked."""
        if not self._is_away:
            self._is_away = True
            _logger.warning("The store cannot be asked: %s. Until it is back %s.", error, self._what_now)

    def end(self) -> None:
        """Note that the store answered."""
        if self._is_away:
            self._is_away = False
            _logger.warning("The store answers again.")
