"""What stands around requests: write your own from `BaseMiddleware`, or take one of these."""

from __future__ import annotations

from fasterapi.client.cookies import CookieJar as CookieJar
from fasterapi.client.cookies import DummyCookieJar as DummyCookieJar
from fasterapi.client.middleware.base import BaseMiddleware as BaseMiddleware
from fasterapi.client.middleware.base import CallNext as CallNext
from fasterapi.client.middleware.base import MiddlewareChain as MiddlewareChain
from fasterapi.client.middleware.base import MiddlewareManager as MiddlewareManager
from fasterapi.client.middleware.cache import CacheMiddleware as CacheMiddleware
from fasterapi.client.middleware.circuit import CircuitBreakerMiddleware as CircuitBreakerMiddleware
from fasterapi.client.middleware.logs import LoggingMiddleware as LoggingMiddleware
from fasterapi.client.middleware.rate_limit import RateLimitMiddleware as RateLimitMiddleware
from fasterapi.client.middleware.retry import RetryBudget as RetryBudget
from fasterapi.client.middleware.retry import RetryMiddleware as RetryMiddleware
from fasterapi.client.middleware.session import SessionMiddleware as SessionMiddleware
from fasterapi.client.middleware.signing import RequestSigner as RequestSigner
from fasterapi.client.middleware.signing import SeenNonces as SeenNonces
from fasterapi.client.middleware.signing import SigningMiddleware as SigningMiddleware
from fasterapi.client.middleware.tracing import TracingMiddleware as TracingMiddleware

__all__ = [
    "BaseMiddleware",
    "CacheMiddleware",
    "CallNext",
    "CircuitBreakerMiddleware",
    "CookieJar",
    "DummyCookieJar",
    "LoggingMiddleware",
    "MiddlewareChain",
    "MiddlewareManager",
    "RateLimitMiddleware",
    "RequestSigner",
    "RetryBudget",
    "RetryMiddleware",
    "SeenNonces",
    "SessionMiddleware",
    "SigningMiddleware",
    "TracingMiddleware",
]
