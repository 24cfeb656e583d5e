"""Where kept responses are: in this process, or in Redis for many.

Interpreted: Structs and Protocols.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable
from typing import Any, Final, Protocol

import msgspec

MOST_VARIANTS: Final = 16

_GLOB: Final = re.compile(r"[*?\[\]\\^]")
"""What a pattern of Redis does not take for itself."""


class KeptResponse(msgspec.Struct, array_like=True):
    """A response, the headers of its request that it depends on, and when it came."""

    status: int
    headers: list[tuple[bytes, bytes]]
    reason: str
    http_version: str
    content: bytes
    url: str
    varying: dict[str, str]
    kept_at: float
    age: float
    lifetime: float


class Entry(msgspec.Struct, array_like=True):
    """The responses of one URL."""

    variants: list[KeptResponse]


class CacheStore(Protocol):
    """Keeps texts of bytes by their keys, each for a time."""

    async def get(self, key: str) -> bytes | None:
        """What is kept."""
        ...

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep something, at least as long as it is fresh and no longer than for ever."""
        ...

    async def delete(self, key: str) -> None:
        """Forget something."""
        ...

    async def clear(self) -> None:
        """Forget everything."""
        ...


class MemoryStore:
    """Keeps the entries that were used last, up to a number and a size."""

    def __init__(self, max_entries: int = 100, max_bytes: int = 64 * 1024 * 1024) -> None:
        self._entries: OrderedDict[str, bytes] = OrderedDict()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._size = 0

    async def get(self, key: str) -> bytes | None:
        """What is kept."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    async def set(self, key: str, value: bytes, seconds: float) -> None:  # noqa: ARG002 - what has no room goes, not what is old
        """Keep something, in the place of what was used least where there is no room."""
        await self.delete(key)
        if len(value) > self._max_bytes or self._max_entries < 1:
            return
        self._entries[key] = value
        self._size += len(value)
        while len(self._entries) > self._max_entries or self._size > self._max_bytes:
            _, dropped = self._entries.popitem(last=False)
            self._size -= len(dropped)

    async def delete(self, key: str) -> None:
        """Forget something."""
        dropped = self._entries.pop(key, None)
        if dropped is not None:
            self._size -= len(dropped)

    async def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._size = 0

    def __len__(self) -> int:
        return len(self._entries)


class RedisClient(Protocol):
    """What is used of `redis.asyncio.Redis`."""

    def get(self, name: str, /) -> Awaitable[Any]:
        """The value of a key."""
        ...

    def set(self, name: str, value: bytes, /, *, px: int) -> Awaitable[Any]:
        """Set a key for so many milliseconds."""
        ...

    def delete(self, *names: str) -> Awaitable[Any]:
        """Delete keys."""
        ...

    def scan_iter(self, match: str) -> AsyncIterator[Any]:
        """All keys of a pattern."""
        ...


class RedisStore:
    """Keeps entries in Redis, so that several processes share them. Nothing is pickled.

    Example: `CacheMiddleware(store=RedisStore(redis.asyncio.Redis(), prefix="api-cache:"))`.
    """

    def __init__(self, client: RedisClient, prefix: str = "fasterapi-cache:", max_seconds: float = 86_400.0) -> None:
        self._client = client
        self._prefix = prefix
        self._max_seconds = max_seconds

    async def get(self, key: str) -> bytes | None:
        """What is kept."""
        value = await self._client.get(self._prefix + key)
        return value if isinstance(value, bytes) else None

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep something for a while longer than it is fresh, so that it can be revalidated."""
        await self._client.set(self._prefix + key, value, px=int(min(max(seconds * 2, 60.0), self._max_seconds) * 1000))

    async def delete(self, key: str) -> None:
        """Forget something."""
        await self._client.delete(self._prefix + key)

    async def clear(self) -> None:
        """Forget everything under the prefix."""
        async for name in self._client.scan_iter(match=_GLOB.sub(r"\\\g<0>", self._prefix) + "*"):
            await self._client.delete(name)
