"""A host that fails is left alone for a while, then tried."""

from __future__ import annotations

import asyncio

import pytest

from fasterapi.client import (
    AsyncSession,
    BaseMiddleware,
    CircuitBreakerMiddleware,
    CircuitOpenError,
    FastHTTPConnectionError,
    FastHTTPTimeoutError,
    Request,
    Response,
    RetryMiddleware,
    SSRFBlockedError,
)
from fasterapi.client.middleware.base import CallNext
from fasterapi.client.transport import WireResponse
from tests.client.sites import LOCAL, Answer, Site, refused_url


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def breaking(site: Site, breaker: CircuitBreakerMiddleware) -> AsyncSession:
    return AsyncSession(base_url=site.url(), security=LOCAL, middleware=breaker)


def origin(site: Site) -> str:
    return site.url("")


async def fail(session: AsyncSession, times: int, path: str = "/down") -> None:
    for _ in range(times):
        assert (await session.get(path)).status_code == 500


async def test_it_opens_after_errors_and_closes_after_successes(site: Site, clock: Clock) -> None:
    site.answer("/down", "x", 500)
    site.answer("/up", "ok")
    breaker = CircuitBreakerMiddleware(failure_threshold=3, success_threshold=2, timeout=30, clock=clock)
    async with breaking(site, breaker) as session:
        await fail(session, 3)
        assert breaker.state(origin(site)) == "open"
        with pytest.raises(CircuitOpenError, match=r"30\.0 s") as raised:
            await session.get("/up")
        assert (raised.value.retry_in, len(site.asked)) == (30, 3)
        clock.now += 30
        assert breaker.state(origin(site)) == "half-open"
        await session.get("/up")
        assert breaker.state(origin(site)) == "half-open"
        await session.get("/up")
        assert breaker.state(origin(site)) == "closed"
        await fail(session, 2)
        assert breaker.state(origin(site)) == "closed"


async def test_it_opens_after_connections_that_fail(site: Site, clock: Clock) -> None:
    breaker = CircuitBreakerMiddleware(failure_threshold=5, clock=clock)
    url = refused_url()
    async with breaking(site, breaker) as session:
        for _ in range(5):
            with pytest.raises(FastHTTPConnectionError):
                await session.get(url)
        with pytest.raises(CircuitOpenError):
            await session.get(url)
        assert (await session.get("/x")).status_code == 404, "other hosts are not affected"


async def test_a_failed_probe_opens_it_again(site: Site, clock: Clock) -> None:
    site.answer("/down", "x", 500)
    breaker = CircuitBreakerMiddleware(failure_threshold=1, timeout=30, clock=clock)
    async with breaking(site, breaker) as session:
        await fail(session, 1)
        clock.now += 31
        await fail(session, 1)
        clock.now += 29
        with pytest.raises(CircuitOpenError):
            await session.get("/down")


async def test_successes_in_between_keep_it_closed(site: Site, clock: Clock) -> None:
    site.answer("/down", "x", 500)
    breaker = CircuitBreakerMiddleware(failure_threshold=2, clock=clock)
    async with breaking(site, breaker) as session:
        for _ in range(3):
            await fail(session, 1)
            await session.get("/up")
    assert breaker.state(origin(site)) == "closed"


async def test_few_probes_at_once(site: Site, clock: Clock) -> None:
    site.answer("/down", "x", 500)
    breaker = CircuitBreakerMiddleware(failure_threshold=1, timeout=1, half_open_max_calls=2, success_threshold=2, clock=clock)
    async with breaking(site, breaker) as session:
        await fail(session, 1)
        clock.now += 2
        outcomes = await asyncio.gather(*(session.get("/up") for _ in range(6)), return_exceptions=True)
    assert sum(isinstance(outcome, CircuitOpenError) for outcome in outcomes) == 4


async def test_errors_of_the_caller_are_none_of_the_host(site: Site, clock: Clock) -> None:
    breaker = CircuitBreakerMiddleware(failure_threshold=1, clock=clock)
    async with breaking(site, breaker) as session:
        assert (await session.get("/nowhere")).status_code == 404
        with pytest.raises(SSRFBlockedError):
            await session.get("http://10.0.0.1/")
    assert breaker.state(origin(site)) == breaker.state("http://10.0.0.1") == "closed"


async def test_waiting_for_a_connection_of_ones_own_is_none_of_the_host(site: Site) -> None:
    class Busy(BaseMiddleware):
        __priority__ = 99

        async def around(self, request: Request, call_next: CallNext) -> Response:
            raise FastHTTPTimeoutError("no connection was free", phase="pool")

    breaker = CircuitBreakerMiddleware(failure_threshold=1)
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=breaker | Busy()) as session:
        with pytest.raises(FastHTTPTimeoutError):
            await session.get("/x")
    assert breaker.state(origin(site)) == "closed"


async def test_attempts_count_one_by_one(site: Site, clock: Clock) -> None:
    site.answers["/down"] = lambda _: Answer("x", 500)
    chain = CircuitBreakerMiddleware(failure_threshold=3, clock=clock) | RetryMiddleware(max_retries=9, backoff_factor=0)
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=chain) as session:
        with pytest.raises(CircuitOpenError) as raised:
            await session.get("/down")
    assert (len(site.asked), raised.value.attempts) == (3, 4)


class Down:
    """A network without anybody in it."""

    async def send(self, request: Request) -> WireResponse:
        raise FastHTTPConnectionError("nobody is there")

    async def close(self) -> None: ...


async def test_hosts_are_forgotten(clock: Clock) -> None:
    breaker = CircuitBreakerMiddleware(failure_threshold=1, clock=clock)
    async with AsyncSession(transport=Down(), middleware=breaker) as session:
        for number in range(1100):
            with pytest.raises(FastHTTPConnectionError):
                await session.get(f"http://h{number}.example/")
    assert breaker.state("http://h1099.example") == "open"
    assert breaker.state("http://h0.example") == "closed"
