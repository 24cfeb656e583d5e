"""Where limits count, and how."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from fasterapi.contrib.rate_limit.limit import Limit, Verdict

MOST_KEYS: Final = 100_000
"""Keys that are counted at a time; each takes about 400 bytes."""

_ALMOST: Final = 1e-6
"""What rounding may cost: a client that waited for exactly as long as it was told passes."""


class LimitStore(Protocol):
    """Counts requests. May raise `StoreError`."""

    async def take(self, key: str, limit: Limit) -> Verdict:
        """Count one request of a key, if its limit allows it; in one step, whoever else asks."""
        ...


class Count(NamedTuple):
    """What is known of a key: of a window its number and how many came in it and in the one before; of a bucket its time and tokens."""

    at: float
    current: float
    previous: float


class MemoryLimitStore:
    """Counts in this process, the keys that were used last.

    Each process counts for itself: with several workers a client may do as many times more. `RedisLimitStore` counts for all.
    """

    def __init__(self, max_keys: int = MOST_KEYS, *, clock: Callable[[], float] = time.time) -> None:
        if max_keys < 1:
            raise ValueError("max_keys is at least 1: a store without room counts nothing.")
        self.max_keys = max_keys
        self._clock: Callable[[], float] = clock
        self._counts: OrderedDict[tuple[str, Limit], Count] = OrderedDict()

    async def take(self, key: str, limit: Limit) -> Verdict:
        """Count one request of a key, if its limit allows it."""
        counts = self._counts
        found = counts.get((key, limit))
        take = take_of_window if limit.algorithm == "sliding_window" else take_of_bucket
        count, verdict = take(found, limit, self._clock())
        counts[key, limit] = count
        counts.move_to_end((key, limit))
        if len(counts) > self.max_keys:
            counts.popitem(last=False)
        return verdict

    def __len__(self) -> int:
        return len(self._counts)


def take_of_window(count: Count | None, limit: Limit, now: float) -> tuple[Count, Verdict]:
    """One request in a sliding window, and what is to be kept of it."""
    seconds = limit.seconds
    number = math.floor(now / seconds)
    passed = now / seconds - number
    current = previous = 0.0
    if count is not None:
        if count.at >= number:
            # A clock that was put back counts on where it was: it must not give a second allowance.
            number, current, previous = int(count.at), count.current, count.previous
            passed = max(0.0, now / seconds - number)
        elif count.at == number - 1:
            previous = count.current
    used = previous * (1 - passed) + current
    allowed = used + 1 <= limit.amount + _ALMOST
    if allowed:
        current += 1
        used += 1
    left = seconds * (1 - passed)
    retry_after = 0.0
    if not allowed:
        if current + 1 <= limit.amount:
            retry_after = seconds * (used + 1 - limit.amount) / previous
        else:
            retry_after = left + seconds * (1 - (limit.amount - 1) / current)
    reset_after = left + (seconds if current else 0.0)
    remaining = max(0, math.floor(limit.amount - used + _ALMOST))
    return Count(number, current, previous), Verdict(allowed, limit.amount, remaining, reset_after, retry_after)


def take_of_bucket(count: Count | None, limit: Limit, now: float) -> tuple[Count, Verdict]:
    """One request of a token bucket, and what is to be kept of it."""
    rate = limit.amount / limit.seconds
    tokens = float(limit.amount)
    if count is not None:
        tokens = min(tokens, count.current + max(0.0, now - count.at) * rate)
        now = max(now, count.at)
    allowed = tokens >= 1 - _ALMOST
    if allowed:
        tokens = max(0.0, tokens - 1)
    retry_after = 0.0 if allowed else (1 - tokens) / rate
    remaining = math.floor(tokens + _ALMOST)
    return Count(now, tokens, 0.0), Verdict(allowed, limit.amount, remaining, (limit.amount - tokens) / rate, retry_after)
