"""What the middleware of `fasterapi.contrib` costs a request: the same application without it and with it, called in-process.

python -m benchmarks.production                                     # in memory
python -m benchmarks.production --redis redis://127.0.0.1:6379/0    # and with Redis
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import time
from collections.abc import Mapping
from typing import Any, Final

from fasterapi import COMPILED, Faster, Request
from fasterapi.asgi import ASGIApp, RawHeaders
from fasterapi.contrib.cache import CacheMiddleware, cached
from fasterapi.contrib.rate_limit import LimitStore, MemoryLimitStore, RateLimitMiddleware, RedisLimitStore
from fasterapi.contrib.redis import RedisConnection, RedisStore
from fasterapi.contrib.request_id import RequestIDMiddleware
from fasterapi.contrib.sessions import ServerSessionMiddleware
from fasterapi.contrib.stores import MemoryStore, Store
from fasterapi.contrib.structlog import RequestLogMiddleware, configure_structlog
from fasterapi.middleware import Middleware

ROUNDS: Final = 7
PREFIX: Final = "fasterapi-benchmark:"


def application(*middleware: Middleware) -> Faster:
    """One route of each kind."""
    app = Faster(middleware=list(middleware))

    @app.get("/plain")
    async def plain() -> dict[str, int]:
        return {"a": 1}

    @app.get("/cached")
    @cached(ttl=600)
    async def kept() -> dict[str, int]:
        return {"a": 1}

    @app.get("/session")
    async def session(request: Request) -> dict[str, int]:
        return {"a": request.session.setdefault("a", 1)}

    return app


async def ask(app: ASGIApp, path: str, headers: RawHeaders) -> RawHeaders:
    """Put one request to an application; the headers of its answer."""
    found: RawHeaders = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
            found.extend(message["headers"])

    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "http"}
    more = {"http_version": "1.1", "server": ("x", 80), "client": ("192.0.2.1", 5), "asgi": {"version": "3.0"}, "root_path": ""}
    await app({**scope, **more, "headers": [(b"host", b"example.org"), *headers]}, receive, send)
    return found


async def measure(name: str, path: str, count: int, *middleware: Middleware) -> None:
    """Print the microseconds of a request, of the best of several rounds."""
    app = application(*middleware)
    answer = await ask(app, path, [])
    headers = [(b"cookie", value.partition(b";")[0]) for field, value in answer if field == b"set-cookie"]
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(count):
            await ask(app, path, headers)
        best = min(best, (time.perf_counter() - start) / count)
    print(f"{name:<40} {best * 1e6:8.1f} µs")


async def measure_stores(kind: str, store: Store, limits: LimitStore, count: int) -> None:
    """What is kept in stores."""
    for algorithm in ("sliding_window", "token_bucket"):
        limit = Middleware(RateLimitMiddleware, "100000000/hour", algorithm=algorithm, store=limits)
        await measure(f"rate limit, {algorithm}, {kind}", "/plain", count, limit)
    await measure(f"cache, a route that is not kept, {kind}", "/plain", count, Middleware(CacheMiddleware, store=store))
    await measure(f"cache, hit, {kind}", "/cached", count, Middleware(CacheMiddleware, store=store))
    await measure(f"session, read, {kind}", "/session", count, Middleware(ServerSessionMiddleware, store=store))


async def main(url: str | None, count: int) -> None:
    """Measure everything."""
    print(f"compiled: {COMPILED}")
    await measure("nothing", "/plain", count)
    await measure("request id", "/plain", count, Middleware(RequestIDMiddleware))
    await measure("request id and log", "/plain", count, Middleware(RequestIDMiddleware), Middleware(RequestLogMiddleware))
    await measure_stores("memory", MemoryStore(), MemoryLimitStore(), count)
    if url is not None:
        async with RedisConnection(url) as redis:
            await measure_stores("Redis", RedisStore(redis, prefix=PREFIX), RedisLimitStore(redis, prefix=PREFIX), count // 5)
            async for key in redis.client.scan_iter(match=f"{PREFIX}*"):
                await redis.client.delete(key)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--redis", metavar="URL")
    parser.add_argument("--count", type=int, default=2000, help="requests of a round")
    arguments = parser.parse_args()
    configure_structlog(json_format=True)
    # Lines are made and written, but to nowhere.
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a stream, not a path
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(nowhere)
        asyncio.run(main(arguments.redis, arguments.count))
