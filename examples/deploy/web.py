"""A service with what deployments ask of it: health, metrics, limits, uploads, events, a WebSocket.

    pip install 'fasterapi-framework[asyncpg,prometheus,redis]'
    fasterapi run examples/deploy/web.py

DATABASE_URL names a PostgreSQL and REDIS_URL a Redis; it does without those that are not named.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fasterapi import Depends, Faster, File, Request, UploadFile, WebSocket
from fasterapi.contrib.channels import Channels, MemoryBackend, RedisBackend
from fasterapi.contrib.health import health_router
from fasterapi.contrib.prometheus import PrometheusMiddleware, metrics_endpoint
from fasterapi.contrib.rate_limit import LimitStore, MemoryLimitStore, RateLimit, RedisLimitStore
from fasterapi.contrib.redis import RedisConnection
from fasterapi.sse import EventSourceResponse, ServerSentEvent

DATABASE_URL = os.environ.get("DATABASE_URL")
REDIS_URL = os.environ.get("REDIS_URL")

checks: dict[str, Callable[..., Awaitable[None]]] = {}
resources: list[AbstractAsyncContextManager[object]] = []

if DATABASE_URL:
    from fasterapi.contrib.asyncpg import AsyncpgPool

    pool = AsyncpgPool(DATABASE_URL, max_size=10)
    checks["database"] = pool.check
    resources.append(pool)

limits: LimitStore = MemoryLimitStore()
channels = Channels(RedisBackend(REDIS_URL) if REDIS_URL else MemoryBackend(), history=10)

if REDIS_URL:
    redis = RedisConnection(REDIS_URL)
    limits = RedisLimitStore(redis)

    async def ping() -> None:
        await redis.ask(redis.client.ping())

    checks["redis"] = ping
    resources.append(redis)

news = channels.channel("news", str)


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for resource in (*resources, channels):
            await stack.enter_async_context(resource)
        yield


app = Faster(lifespan=lifespan)
app.add_middleware(PrometheusMiddleware)
app.include_router(health_router(checks))
app.get("/metrics", include_in_schema=False)(metrics_endpoint())


@app.get("/")
async def whoami(request: Request) -> dict[str, str | None]:
    return {"client": request.client.host if request.client else None, "url": str(request.url)}


@app.post("/login", dependencies=[Depends(RateLimit("5/minute", store=limits))])
async def login() -> str:
    return "in"


@app.post("/files")
async def upload(file: UploadFile = File()) -> int | None:
    return file.size


@app.post("/news")
async def publish(text: str) -> None:
    await news.publish(text)


@app.get("/news", response_class=EventSourceResponse)
async def follow() -> AsyncIterator[ServerSentEvent]:
    async with news.subscribe(last=1) as texts:
        async for text in texts:
            yield ServerSentEvent(data=text, id=texts.last_id)


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)
