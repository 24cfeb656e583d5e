"""Requests leave nothing behind: compiled code counts its references itself, and a mistake there is a leak."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Awaitable, Callable

import pytest

from fasterapi.client import (
    AsyncSession,
    BasicAuth,
    CacheMiddleware,
    CookieJar,
    DigestAuth,
    FastHTTP,
    FastHTTPError,
    RequestSigner,
    Response,
    RetryMiddleware,
    SigningMiddleware,
)
from tests.client.sites import LOCAL, Site

ROUNDS = 6
REQUESTS = 100

Ask = Callable[[AsyncSession], Awaitable[object]]


def assert_steady(blocks: list[int]) -> None:
    """What leaks an object leaks it in every round; what is only warming up does so less and less."""
    growth = [after - before for before, after in itertools.pairwise(blocks)]
    assert min(growth) < REQUESTS, f"blocks of memory after each {REQUESTS} requests: {blocks}"


async def refused(session: AsyncSession, url: str, **options: object) -> None:
    try:
        await session.get(url, **options)  # type: ignore[arg-type]  # of several kinds
    except FastHTTPError:
        return
    raise AssertionError("nothing was refused")


@pytest.mark.parametrize(
    "ask",
    [
        lambda session: session.get("/x", params={"a": 1}, headers={"X-A": "1"}),
        lambda session: session.post("/x", json={"a": [1, 2]}, auth=BasicAuth("user", "password")),
        lambda session: session.get("/packed"),
        lambda session: session.get("/away"),
        lambda session: session.get("/challenge", auth=DigestAuth("user", "password")),
        lambda session: refused(session, "http://10.0.0.1/"),
        lambda session: refused(session, "/x", headers={"X-A": "\r\n"}),
        lambda session: refused(session, "/packed", response_model=int),
    ],
    ids=["get", "post", "packed", "redirect", "digest", "blocked", "header", "misfit"],
)
async def test_requests_leave_no_memory_behind(site: Site, ask: Ask) -> None:
    site.answer("/x", {"a": 1}, headers={"Set-Cookie": "a=1"})
    site.answer("/away", status=302, headers={"Location": "/x"})
    site.answer("/challenge", status=401, headers={"WWW-Authenticate": 'Digest realm="x", nonce="n", qop="auth"'})
    site.answer(
        "/packed",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b\x4c\x4a\x06\x00\xc2\x41\x24\x35\x03\x00\x00\x00",
        headers={"Content-Encoding": "gzip"},
    )
    middleware = [RetryMiddleware(), SigningMiddleware(RequestSigner(b"0123456789abcdef")), CacheMiddleware(ttl=0)]
    blocks: list[int] = []
    async with AsyncSession(
        base_url=site.url(), security=LOCAL, timeout=None, cookie_jar=CookieJar(unsafe=True), middleware=middleware
    ) as session:
        for _ in range(ROUNDS):
            for _ in range(REQUESTS):
                await ask(session)
            site.asked.clear()
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    assert_steady(blocks)


async def test_calls_leave_no_memory_behind(site: Site) -> None:
    app = FastHTTP(base_url=site.url(), security=LOCAL, timeout=None)

    @app.get("/users/{user_id}")
    async def get(response: Response, user_id: int, q: str = "1") -> int:
        return response.status_code

    blocks: list[int] = []
    async with app:
        for _ in range(ROUNDS):
            for _ in range(REQUESTS):
                await app.call(get, user_id=1)
            site.asked.clear()
            gc.collect()
            blocks.append(sys.getallocatedblocks())
    assert_steady(blocks)
