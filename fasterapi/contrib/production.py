"""The middleware that most services want, by one import: it is made, and explained, in modules of its own.

Example: `from fasterapi.contrib.production import DatabasePoolMiddleware, RateLimitMiddleware, RequestIDMiddleware`.
"""

from __future__ import annotations

from fasterapi.contrib.database_pool import DatabasePoolMiddleware
from fasterapi.contrib.rate_limit import RateLimitMiddleware
from fasterapi.contrib.request_id import RequestIDMiddleware

__all__ = ["DatabasePoolMiddleware", "RateLimitMiddleware", "RequestIDMiddleware"]
