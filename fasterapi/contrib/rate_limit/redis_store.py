"""Limits that all processes count together, in Redis."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, cast

from fasterapi.contrib.rate_limit.limit import Limit, Verdict
from fasterapi.contrib.redis import DEFAULT_URL, RedisConnection

if TYPE_CHECKING:
    from redis.asyncio import Redis

# As the functions of stores.py: Redis runs a script as one step, so nobody counts in between. Numbers travel as text, as Redis would
# cut them to integers. KEYS: the count. ARGV: amount, seconds, now (or "", for Redis's own clock).
_CLOCK: Final = """
local amount, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) + tonumber(time[2]) / 1000000
end
local kept = redis.call('HMGET', KEYS[1], 'at', 'current', 'previous')
local at, kept_current, kept_previous = tonumber(kept[1]), tonumber(kept[2]), tonumber(kept[3])
local function text(number) return string.format('%.17g', number) end
"""

_WINDOW: Final = (
    _CLOCK
    + """
local number = math.floor(now / seconds)
local passed = now / seconds - number
local current, previous = 0, 0
if at then
  if at >= number then
    number, current, previous = at, kept_current, kept_previous
    passed = math.max(0, now / seconds - number)
  elseif at == number - 1 then
    previous = kept_current
  end
end
local used = previous * (1 - passed) + current
local allowed = used + 1 <= amount + 1e-6
if allowed then
  current = current + 1
  used = used + 1
end
local left = seconds * (1 - passed)
local retry_after = 0
if not allowed then
  if current + 1 <= amount then
    retry_after = seconds * (used + 1 - amount) / previous
  else
    retry_after = left + seconds * (1 - (amount - 1) / current)
  end
end
local reset_after = left
if current > 0 then reset_after = left + seconds end
redis.call('HSET', KEYS[1], 'at', text(number), 'current', text(current), 'previous', text(previous))
redis.call('PEXPIRE', KEYS[1], math.ceil(reset_after * 1000) + 1)
return {allowed and 1 or 0, math.max(0, math.floor(amount - used + 1e-6)), text(reset_after), text(retry_after)}
"""
)

_BUCKET: Final = (
    _CLOCK
    + """
local rate = amount / seconds
local tokens = amount
if at then
  tokens = math.min(amount, kept_current + math.max(0, now - at) * rate)
  now = math.max(now, at)
end
local allowed = tokens >= 1 - 1e-6
if allowed then tokens = math.max(0, tokens - 1) end
local retry_after = 0
if not allowed then retry_after = (1 - tokens) / rate end
local reset_after = (amount - tokens) / rate
redis.call('HSET', KEYS[1], 'at', text(now), 'current', text(tokens), 'previous', '0')
redis.call('PEXPIRE', KEYS[1], math.ceil(reset_after * 1000) + 1)
return {allowed and 1 or 0, math.floor(tokens + 1e-6), text(reset_after), text(retry_after)}
"""
)


class RedisLimitStore:
    """Counts in Redis, for all processes that have the same `prefix`: one round trip a request, and one step in Redis.

    Example: `app.add_middleware(RateLimitMiddleware, limit="100/minute", store=RedisLimitStore("redis://limits.internal:6379/0"))`.

    The time is Redis's own, so that clocks of different machines need not agree; `clock` puts another one in its place.
    """

    def __init__(
        self,
        redis: RedisConnection | Redis | str = DEFAULT_URL,
        *,
        prefix: str = "fasterapi:limit:",
        clock: Callable[[], float] | None = None,
    ) -> None:
        self.redis: RedisConnection = redis if isinstance(redis, RedisConnection) else RedisConnection(redis)
        self.prefix = prefix
        self._clock: Callable[[], float] | None = clock
        client = self.redis.client
        self._window = client.register_script(_WINDOW)
        self._bucket = client.register_script(_BUCKET)

    async def take(self, key: str, limit: Limit) -> Verdict:
        """Count one request of a key, if its limit allows it."""
        script = self._window if limit.algorithm == "sliding_window" else self._bucket
        # The limit is part of the name: one that was changed must not read the numbers of another.
        name = f"{self.prefix}{limit.algorithm}:{limit.amount}:{limit.seconds!r}:{key}"
        now = "" if self._clock is None else repr(self._clock())
        asked = cast("Awaitable[Any]", script(keys=[name], args=[limit.amount, repr(float(limit.seconds)), now]))
        allowed, remaining, reset_after, retry_after = await self.redis.ask(asked)
        return Verdict(allowed == 1, limit.amount, remaining, float(reset_after), float(retry_after))
