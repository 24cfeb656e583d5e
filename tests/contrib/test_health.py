from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest

from fasterapi import Depends, Faster, Header
from fasterapi.contrib.asyncpg import AsyncpgPool
from fasterapi.contrib.health import health_router
from fasterapi.testing import TestClient
from tests.contrib.postgres import Way, needs_postgres
from tests.contrib.redis_server import DEADLINE


def client_of(checks: dict[str, Callable[..., Any]] | None = None, **given: Any) -> TestClient:
    app = Faster()
    app.include_router(health_router(checks, **given))
    return TestClient(app)


async def passes() -> None:
    pass


def passes_in_a_thread() -> bool:
    return True


def says_no() -> bool:
    return False


async def fails() -> None:
    raise RuntimeError("the password is hunter2")


async def hangs() -> None:
    await asyncio.Event().wait()


def test_without_checks_it_lives_and_is_ready() -> None:
    client = client_of()
    assert [client.get(path).json() for path in ("/livez", "/readyz")] == [{"status": "ok"}, {"status": "ok"}]


def test_nobody_keeps_the_answer() -> None:
    client = client_of({"a": passes})
    assert [client.get(path).headers["cache-control"] for path in ("/livez", "/readyz")] == ["no-store", "no-store"]


def test_every_check_is_made_and_named() -> None:
    answer = client_of({"good": passes, "bad": fails, "no": says_no, "also good": passes_in_a_thread}).get("/readyz")
    assert answer.status_code == 503
    checks = {"good": "ok", "bad": "failed", "no": "failed", "also good": "ok"}
    assert answer.json() == {"status": "unavailable", "checks": checks}


def test_why_a_check_failed_is_for_the_log(caplog: pytest.LogCaptureFixture) -> None:
    answer = client_of({"bad": fails}).get("/readyz")
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text


def test_a_check_that_hangs_is_given_up() -> None:
    answer = client_of({"slow": hangs, "good": passes}, timeout=0.02).get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"slow": "timeout", "good": "ok"})


def test_a_failing_check_does_not_end_its_life() -> None:
    assert client_of({"bad": fails}).get("/livez").status_code == 200


class Queue:
    """A thing with a method that checks it."""

    def __init__(self) -> None:
        self.works = True

    async def ping(self) -> bool:
        return self.works


def test_methods_are_checks_and_see_what_comes_back() -> None:
    queue = Queue()
    client = client_of({"queue": queue.ping})
    seen = []
    for works in (True, False, True):
        queue.works = works
        seen.append(client.get("/readyz").status_code)
    assert seen == [200, 503, 200]


def test_checks_have_dependencies() -> None:
    closed: list[str] = []

    async def connection() -> AsyncIterator[str]:
        yield "connection"
        closed.append("connection")

    async def database(given: str = Depends(connection), x_probe: str = Header("none")) -> bool:
        return (given, x_probe) == ("connection", "kubelet")

    client = client_of({"database": database})
    assert client.get("/readyz", headers={"X-Probe": "kubelet"}).status_code == 200
    assert client.get("/readyz").status_code == 503
    assert closed == ["connection", "connection"]


def test_a_check_that_yields_is_refused_at_the_start() -> None:
    def wrong() -> Iterator[None]:
        yield

    with pytest.raises(TypeError, match="yields"):
        health_router({"wrong": wrong})


def test_the_routes_stay_out_of_the_documentation() -> None:
    assert client_of({"a": passes}).get("/openapi.json").json()["paths"] == {}


def test_they_may_stand_below_a_prefix() -> None:
    assert client_of({"a": passes}, prefix="/internal").get("/internal/readyz").status_code == 200


def test_a_slow_check_in_a_thread_stops_nobody_else() -> None:
    async def ask() -> None:
        app = Faster()
        started, go_on = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow() -> None:
            loop.call_soon_threadsafe(started.set)
            deadline = time.monotonic() + DEADLINE
            while not go_on.is_set() and time.monotonic() < deadline:
                time.sleep(0.001)

        app.include_router(health_router({"slow": slow}, timeout=DEADLINE))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:
            ready = asyncio.create_task(client.get("/readyz"))
            await started.wait()
            assert (await client.get("/livez")).status_code == 200
            assert not ready.done()
            go_on.set()
            assert (await ready).status_code == 200

    asyncio.run(ask())


@needs_postgres
async def test_readiness_follows_the_database() -> None:
    async with Way() as way:
        pool = AsyncpgPool(way.url)
        app = Faster()
        app.include_router(health_router({"database": pool.check}))
        transport = httpx.ASGITransport(app)
        async with pool, httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            seen = [(await client.get("/readyz")).status_code]
            await way.close()
            seen.append((await client.get("/readyz")).status_code)
            seen.append((await client.get("/livez")).status_code)
            await way.open()
            seen.append((await client.get("/readyz")).status_code)
    assert seen == [200, 503, 200, 200]
