"""What an application can be wrapped in."""

from __future__ import annotations

from fasterapi.middleware.base import BaseHTTPMiddleware as BaseHTTPMiddleware
from fasterapi.middleware.body_limit import BodySizeLimitMiddleware as BodySizeLimitMiddleware
from fasterapi.middleware.cors import CORSMiddleware as CORSMiddleware
from fasterapi.middleware.gzip import GZipMiddleware as GZipMiddleware
from fasterapi.middleware.httpsredirect import HTTPSRedirectMiddleware as HTTPSRedirectMiddleware
from fasterapi.middleware.record import Middleware as Middleware
from fasterapi.middleware.sessions import SessionMiddleware as SessionMiddleware
from fasterapi.middleware.trustedhost import TrustedHostMiddleware as TrustedHostMiddleware

__all__ = [
    "BaseHTTPMiddleware",
    "BodySizeLimitMiddleware",
    "CORSMiddleware",
    "GZipMiddleware",
    "HTTPSRedirectMiddleware",
    "Middleware",
    "SessionMiddleware",
    "TrustedHostMiddleware",
]
