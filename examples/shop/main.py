"""The shop, put together: `fasterapi run shop.main:app`."""

from __future__ import annotations

from fasterapi.contrib.cache import CacheMiddleware
from fasterapi.contrib.prometheus import PrometheusMiddleware
from fasterapi.contrib.rate_limit import RateLimitMiddleware
from fasterapi.contrib.request_id import RequestIDMiddleware
from fasterapi.contrib.structlog import RequestLogMiddleware, configure_structlog
from shop.application import app
from shop.pictures import FOLDER, Pictures
from shop.routers import accounts, notices, orders, products, service
from shop.settings import settings
from shop.shared import cache, limits

__all__ = ["app"]

configure_structlog(json_format=settings.json_logs)

# The innermost first: what is counted, logged and measured is what clients get.
app.add_middleware(CacheMiddleware, cache=cache)
app.add_middleware(RateLimitMiddleware, limit=f"{settings.requests_per_minute}/minute", store=limits, exclude_paths=service.QUIET)
app.add_middleware(RequestLogMiddleware, exclude_paths=service.QUIET)
app.add_middleware(RequestIDMiddleware)
app.add_middleware(PrometheusMiddleware)

for room in (accounts, products, orders, notices, service):
    app.include_router(room.router)
app.mount("/pictures", Pictures(directory=FOLDER, check_dir=False))
