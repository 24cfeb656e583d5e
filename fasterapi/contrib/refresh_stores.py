"""Which refresh tokens are good: remembered in this process, or in Redis for many."""

# Interpreted, as all of this folder.

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Final, Protocol, final

from fasterapi.contrib.redis import DEFAULT_URL, RedisConnection

if TYPE_CHECKING:
    from redis.asyncio import Redis

# The new token counts as the old one: a command whose answer was lost is sent once more, and is still one step. Nobody has the new
# token before this step has succeeded.
_REPLACE: Final = """
local current = redis.call('GET', KEYS[1])
if current == ARGV[1] or current == ARGV[2] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return 1
end
redis.call('DEL', KEYS[1])
return 0
"""


class RefreshStore(Protocol):
    """Remembers the one refresh token of each login that is good. Every method is atomic, for all processes that share the store.

    What cannot be asked raises `StoreError`.
    """

    async def begin(self, family: str, token_id: str, lifetime: float) -> None:
        """Remember the first token of a login."""
        ...

    async def replace(self, family: str, old: str, new: str, lifetime: float) -> bool:
        """Put the new token in the place of the old one. Where another one is good, or none, forget the login and give False."""
        ...

    async def forget(self, family: str) -> None:
        """End a login."""
        ...


@final
class MemoryRefreshStore:
    """Remembers in this process. Logins end when it does, and other processes do not know them: for one worker, and for tests."""

    def __init__(self) -> None:
        self._current: dict[str, tuple[str, float]] = {}
        self._swept_at = 0.0

    async def begin(self, family: str, token_id: str, lifetime: float) -> None:
        """Remember the first token of a login."""
        now = time.monotonic()
        if now - self._swept_at > 60:
            self._swept_at = now
            self._current = {name: entry for name, entry in self._current.items() if entry[1] > now}
        self._current[family] = (token_id, now + lifetime)

    async def replace(self, family: str, old: str, new: str, lifetime: float) -> bool:
        """Put the new token in the place of the old one; forget the login where that is not the one that is good."""
        entry = self._current.pop(family, None)
        now = time.monotonic()
        if entry is None or entry[0] != old or entry[1] < now:
            return False
        self._current[family] = (new, now + lifetime)
        return True

    async def forget(self, family: str) -> None:
        """End a login."""
        self._current.pop(family, None)


@final
class RedisRefreshStore:
    """Remembers in Redis, for all processes that have the same `prefix`.

    Example: `tokens = RefreshTokens(keys, RedisRefreshStore("redis://127.0.0.1:6379/0"))`.

    Of several who send one token at the same time one gets the next, and the others end the login. Give this Redis persistence, and
    no policy that drops keys (`maxmemory-policy noeviction`): a login that it forgets has ended.
    """

    def __init__(self, redis: RedisConnection | Redis | str = DEFAULT_URL, *, prefix: str = "fasterapi:refresh:") -> None:
        self.redis: RedisConnection = redis if isinstance(redis, RedisConnection) else RedisConnection(redis)
        self.prefix = prefix
        self._replace = self.redis.client.register_script(_REPLACE)

    async def begin(self, family: str, token_id: str, lifetime: float) -> None:
        """Remember the first token of a login."""
        await self._ask(self.redis.client.set(self.prefix + family, token_id, px=_milliseconds(lifetime)))

    async def replace(self, family: str, old: str, new: str, lifetime: float) -> bool:
        """Put the new token in the place of the old one; forget the login where that is not the one that is good."""
        return bool(await self._ask(self._replace(keys=[self.prefix + family], args=[old, new, _milliseconds(lifetime)])))

    async def forget(self, family: str) -> None:
        """End a login."""
        await self._ask(self.redis.client.delete(self.prefix + family))

    def _ask(self, answer: Any) -> Awaitable[Any]:
        """redis-py types its answers for both of its clients at once."""
        return self.redis.ask(answer)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
