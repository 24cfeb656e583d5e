"""The pairs of applications that `production.py` compares, as far as they need no service."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Final, NamedTuple

from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import CollectorRegistry
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.pool import StaticPool
from taskiq import InMemoryBroker

from fasterapi import Depends, Faster, Request
from fasterapi.asgi import ASGIApp, RawHeaders
from fasterapi.contrib.cache import CacheMiddleware, cached
from fasterapi.contrib.channels import Channels
from fasterapi.contrib.database_pool import DatabasePoolMiddleware
from fasterapi.contrib.health import health_router
from fasterapi.contrib.jwt import Claims, JWTBearer, create_access_token
from fasterapi.contrib.opentelemetry import OpenTelemetryMiddleware
from fasterapi.contrib.prometheus import PrometheusMiddleware
from fasterapi.contrib.rate_limit import LimitStore, MemoryLimitStore, RateLimit, RateLimitMiddleware
from fasterapi.contrib.request_id import RequestIDMiddleware
from fasterapi.contrib.sessions import ServerSessionMiddleware
from fasterapi.contrib.sqlalchemy import async_engine_from_url, sqlalchemy_session_dependency
from fasterapi.contrib.stores import MemoryStore, Store
from fasterapi.contrib.structlog import RequestLogMiddleware
from fasterapi.contrib.taskiq import Jobs
from fasterapi.middleware import Middleware

SECRET: Final = "a secret of the benchmark alone, and long enough"
NO_LIMIT: Final = "100000000/hour"


class Case(NamedTuple):
    """One request to two applications, of which one has what is measured."""

    name: str
    off: ASGIApp
    on: ASGIApp
    path: str = "/"
    headers: RawHeaders = []  # noqa: RUF012 - nobody adds to it


def application(*middleware: Middleware) -> Faster:
    """An application with one plain route, and one that may be kept."""
    app = Faster(middleware=list(middleware))

    @app.get("/")
    async def plain() -> dict[str, int]:
        return {"a": 1}

    @app.get("/cached")
    @cached(ttl=600)
    async def kept() -> dict[str, int]:
        return {"a": 1}

    return app


async def cases_in_memory(stack: AsyncExitStack) -> list[Case]:
    """All that needs no service."""
    identified = Middleware(RequestIDMiddleware)
    return [
        Case("request id", application(), application(identified)),
        Case("log line of a request", application(identified), application(identified, Middleware(RequestLogMiddleware))),
        Case("Prometheus", application(), application(Middleware(PrometheusMiddleware, registry=CollectorRegistry()))),
        Case("OpenTelemetry, no SDK behind it", application(), application(Middleware(OpenTelemetryMiddleware))),
        Case(
            "OpenTelemetry, spans recorded",
            application(),
            application(Middleware(OpenTelemetryMiddleware, tracer_provider=TracerProvider())),
        ),
        Case("pool in the state", application(), application(Middleware(DatabasePoolMiddleware, pool=object()))),
        health(),
        *stored("memory", MemoryStore(), MemoryLimitStore()),
        signed(),
        await published("memory", stack, Channels()),
        await transaction(stack),
        await put_off(stack),
    ]


def stored(kind: str, store: Store, limits: LimitStore) -> list[Case]:
    """What is kept in stores."""
    limited, with_session, without_session = Faster(), Faster(), Faster()
    with_session.add_middleware(ServerSessionMiddleware, store=store)

    @limited.get("/", dependencies=[Depends(RateLimit(NO_LIMIT, store=limits))])
    async def limited_plain() -> dict[str, int]:
        return {"a": 1}

    @with_session.get("/")
    async def session(request: Request) -> dict[str, int]:
        return {"a": request.session.setdefault("a", 1)}

    @without_session.get("/")
    async def no_session(request: Request) -> dict[str, int]:
        return {"a": {"a": 1}.setdefault("a", len(request.scope))}

    window = Middleware(RateLimitMiddleware, NO_LIMIT, store=limits)
    bucket = Middleware(RateLimitMiddleware, NO_LIMIT, algorithm="token_bucket", store=limits)
    cache = Middleware(CacheMiddleware, store=store)
    return [
        Case(f"rate limit, sliding window, {kind}", application(), application(window)),
        Case(f"rate limit, token bucket, {kind}", application(), application(bucket)),
        Case(f"rate limit of a route, {kind}", application(), limited),
        Case(f"cache, a route that is not kept, {kind}", application(), application(cache)),
        Case(f"cache, hit, {kind}", application(), application(cache), "/cached"),
        Case(f"session, read, {kind}", without_session, with_session),
    ]


def health() -> Case:
    """Readiness with one check, beside a plain route."""
    plain, ready = Faster(), Faster()

    async def passes() -> None:
        return

    @plain.get("/readyz")
    async def read() -> dict[str, object]:
        return {"status": "ok", "checks": {"passes": "ok"}}

    ready.include_router(health_router({"passes": passes}))
    return Case("/readyz with one check", plain, ready, "/readyz")


def signed() -> Case:
    """A token that is verified."""
    guarded = Faster()

    @guarded.get("/")
    async def read(claims: Claims = Depends(JWTBearer(secret=SECRET))) -> dict[str, int]:
        return {"a": len(claims.sub)}

    authorization = f"Bearer {create_access_token('7', SECRET, expires_minutes=600)}"
    return Case("JWT, HS256", application(), guarded, "/", [(b"authorization", authorization.encode())])


async def published(kind: str, stack: AsyncExitStack, channels: Channels) -> Case:
    """A message to one reader."""
    app = Faster()
    channel = channels.channel("news", dict[str, int])
    news = await stack.enter_async_context(channel.subscribe())

    @app.get("/")
    async def publish() -> dict[str, int]:
        await channel.publish({"a": 1})
        return await anext(news)

    return Case(f"channel, published and read, {kind}", application(), app)


async def transaction(stack: AsyncExitStack) -> Case:
    """A session of a request, beside one that is opened, committed and closed by hand."""
    engine = async_engine_from_url("sqlite://", poolclass=StaticPool, pool_pre_ping=False)
    stack.push_async_callback(engine.dispose)
    return session_case("SQLAlchemy session, SQLite", async_sessionmaker(engine, expire_on_commit=False))


def session_case(name: str, sessions: async_sessionmaker[AsyncSession]) -> Case:
    """One query in a transaction, twice."""
    by_hand, by_dependency = Faster(), Faster()
    query = text("SELECT 1")

    @by_hand.get("/")
    async def own() -> int:
        async with sessions() as session:
            found: int = await session.scalar(query)
            await session.commit()
            return found

    @by_dependency.get("/")
    async def given(session: AsyncSession = Depends(sqlalchemy_session_dependency(sessions))) -> int:
        found: int = await session.scalar(query)
        return found

    return Case(f"{name}, one query (without: by hand)", by_hand, by_dependency)


async def put_off(stack: AsyncExitStack) -> Case:
    """A job that is put off and done, both in this process."""
    app = Faster()
    jobs = await stack.enter_async_context(Jobs(app, InMemoryBroker(await_inplace=True)))

    @jobs.job
    async def work(number: int) -> None:
        return

    @app.get("/")
    async def order() -> dict[str, int]:
        await work.kiq(7)
        return {"a": 1}

    return Case("job, put off and done, memory", application(), app)
