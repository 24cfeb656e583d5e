"""The pairs of applications that `production.py` compares on Redis and PostgreSQL."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Final

from sqlalchemy.ext.asyncio import async_sessionmaker

from benchmarks.production_cases import Case, application, published, session_case, stored
from fasterapi import Depends, Faster
from fasterapi.contrib.asyncpg import AsyncpgPool, Connection
from fasterapi.contrib.channels import Channels, RedisBackend
from fasterapi.contrib.rate_limit import RedisLimitStore
from fasterapi.contrib.redis import RedisConnection, RedisStore
from fasterapi.contrib.sqlalchemy import async_engine_from_url
from fasterapi.contrib.taskiq import Jobs, redis_broker

PREFIX: Final = "fasterapi-benchmark:"


async def cases_on_redis(stack: AsyncExitStack, url: str) -> list[Case]:
    """All that Redis keeps for many processes."""
    redis = await stack.enter_async_context(RedisConnection(url))
    stack.push_async_callback(_forget, redis)
    channels = await stack.enter_async_context(Channels(RedisBackend(url, prefix=PREFIX)))
    return [
        *stored("Redis", RedisStore(redis, prefix=PREFIX), RedisLimitStore(redis, prefix=PREFIX)),
        await published("Redis", stack, channels),
        await _put_off(stack, url),
    ]


async def cases_on_postgres(stack: AsyncExitStack, url: str) -> list[Case]:
    """Transactions of a request, beside those that are made by hand."""
    pool = await stack.enter_async_context(AsyncpgPool(url))
    engine = async_engine_from_url(url)
    stack.push_async_callback(engine.dispose)
    by_hand, by_dependency = Faster(), Faster()

    @by_hand.get("/")
    async def own() -> int:
        async with pool.pool.acquire() as connection, connection.transaction():
            found: int = await connection.fetchval("SELECT 1")
            return found

    @by_dependency.get("/")
    async def given(connection: Connection = Depends(pool.transaction)) -> int:
        found: int = await connection.fetchval("SELECT 1")
        return found

    sessions = async_sessionmaker(engine, expire_on_commit=False)
    return [
        Case("asyncpg transaction, one query (without: by hand)", by_hand, by_dependency),
        session_case("SQLAlchemy session, PostgreSQL", sessions),
    ]


async def _put_off(stack: AsyncExitStack, url: str) -> Case:
    app = Faster()
    jobs = await stack.enter_async_context(Jobs(app, redis_broker(url, queue_name=f"{PREFIX}jobs")))

    @jobs.job
    async def work(number: int) -> None:
        return

    @app.get("/")
    async def order() -> dict[str, int]:
        await work.kiq(7)
        return {"a": 1}

    return Case("job, put off, Redis", application(), app)


async def _forget(redis: RedisConnection) -> None:
    async for key in redis.client.scan_iter(match=f"{PREFIX}*"):
        await redis.client.delete(key)
