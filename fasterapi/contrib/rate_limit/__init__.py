"""Rate limits: for the whole application, or for a route; in memory, or in Redis for many processes."""

from __future__ import annotations

from fasterapi.contrib.rate_limit.dependency import RateLimit as RateLimit
from fasterapi.contrib.rate_limit.keys import Key as Key
from fasterapi.contrib.rate_limit.keys import by_client as by_client
from fasterapi.contrib.rate_limit.keys import by_header as by_header
from fasterapi.contrib.rate_limit.keys import by_user as by_user
from fasterapi.contrib.rate_limit.limit import Algorithm as Algorithm
from fasterapi.contrib.rate_limit.limit import Limit as Limit
from fasterapi.contrib.rate_limit.limit import Verdict as Verdict
from fasterapi.contrib.rate_limit.limiter import FailurePolicy as FailurePolicy
from fasterapi.contrib.rate_limit.middleware import RateLimitMiddleware as RateLimitMiddleware
from fasterapi.contrib.rate_limit.redis_store import RedisLimitStore as RedisLimitStore
from fasterapi.contrib.rate_limit.stores import LimitStore as LimitStore
from fasterapi.contrib.rate_limit.stores import MemoryLimitStore as MemoryLimitStore

__all__ = [
    "Algorithm",
    "FailurePolicy",
    "Key",
    "Limit",
    "LimitStore",
    "MemoryLimitStore",
    "RateLimit",
    "RateLimitMiddleware",
    "RedisLimitStore",
    "Verdict",
    "by_client",
    "by_header",
    "by_user",
]
