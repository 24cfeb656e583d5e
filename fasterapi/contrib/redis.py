"""Redis as the store of many processes. Nothing that is kept there is pickled."""

# Interpreted, as all of this folder.

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

from fasterapi.contrib.stores import StoreError

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")

DEFAULT_URL: Final = "redis://127.0.0.1:6379/0"
TIMEOUT: Final = 1.0
"""Seconds that Redis has for an answer by default: requests wait for it."""

# Numbers of Lua are exact up to 2^53, which is beyond all that is counted here; `tostring` would round them earlier.
_INCREMENT: Final = """
local count = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') + 1, tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%d', count), 'PX', ARGV[2])
return count
"""


class RedisConnection:
    """A connection to Redis for the stores of this package, whose failures are `StoreError`s.

    Example: `redis = RedisConnection("redis://cache.internal:6379/0")`, then `RedisStore(redis)` and `RedisLimitStore(redis)`.

    It connects when it is first asked. A command that meets a connection which Redis has closed is sent once more on a new one.
    Hand a client of your own over to choose otherwise; it must not decode answers, which is `redis.asyncio`'s default.
    """

    def __init__(self, url: str | Redis = DEFAULT_URL, *, timeout: float = TIMEOUT) -> None:
        try:
            import redis
            import redis.asyncio
        except ModuleNotFoundError as missing:
            raise ModuleNotFoundError(
                "RedisConnection needs redis: pip install 'fasterapi-framework[redis]'", name=missing.name
            ) from missing
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff

        self.client: Redis = (
            redis.asyncio.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=Retry(NoBackoff(), 1))
            if isinstance(url, str)
            else url
        )
        self._faults: tuple[type[Exception], ...] = (redis.RedisError, OSError, TimeoutError)

    async def ask(self, answer: Awaitable[T]) -> T:
        """Wait for the answer to a command. Raises `StoreError` if there is none."""
        try:
            return await answer
        except self._faults as fault:
            raise StoreError(f"Redis: {fault}") from fault

    async def aclose(self) -> None:
        """Close the connections: `lifespan`'s part behind its `yield`."""
        await self.client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class RedisStore:
    """A store in Redis, which every process that has the same `prefix` shares.

    Example: `app.add_middleware(CacheMiddleware, store=RedisStore("redis://cache.internal:6379/0"))`.

    Give Redis a `maxmemory` and the policy `allkeys-lru` (`volatile-lru` where other data is in it): it drops what was used least.
    """

    def __init__(self, redis: RedisConnection | Redis | str = DEFAULT_URL, *, prefix: str = "fasterapi:") -> None:
        self.redis: RedisConnection = redis if isinstance(redis, RedisConnection) else RedisConnection(redis)
        self.prefix = prefix
        self._increment = self.redis.client.register_script(_INCREMENT)

    async def get(self, key: str) -> bytes | None:
        """What is kept."""
        return cast("bytes | None", await self._ask(self.redis.client.get(self.prefix + key)))

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is kept of several keys, in their order."""
        if not keys:
            return []
        return cast("list[bytes | None]", await self._ask(self.redis.client.mget([self.prefix + key for key in keys])))

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        """Keep something for a time."""
        await self._ask(self.redis.client.set(self.prefix + key, value, px=_milliseconds(seconds)))

    async def add(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep something unless there is something; of several processes at a time one succeeds."""
        return bool(await self._ask(self.redis.client.set(self.prefix + key, value, px=_milliseconds(seconds), nx=True)))

    async def replace(self, key: str, value: bytes, seconds: float) -> bool:
        """Keep something in the place of what is there."""
        return bool(await self._ask(self.redis.client.set(self.prefix + key, value, px=_milliseconds(seconds), xx=True)))

    async def increment(self, key: str, least: int, seconds: float) -> int:
        """Count one more, but not less than `least`; no two processes get the same number."""
        return int(await self._ask(self._increment(keys=[self.prefix + key], args=[least, _milliseconds(seconds)])))

    async def delete(self, key: str) -> None:
        """Forget something."""
        await self._ask(self.redis.client.delete(self.prefix + key))

    def _ask(self, answer: Any) -> Awaitable[Any]:
        """redis-py types its answers for both of its clients at once."""
        return self.redis.ask(answer)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
