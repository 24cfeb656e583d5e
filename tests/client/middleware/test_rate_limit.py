"""No more requests in a time than allowed."""

from __future__ import annotations

import asyncio
import time

import pytest

from fasterapi.client import AsyncSession, RateLimitMiddleware
from tests.client.middleware.test_circuit import Clock
from tests.client.sites import LOCAL, Site


async def test_requests_are_spread(site: Site) -> None:
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=RateLimitMiddleware(100)) as session:
        began = time.perf_counter()
        await asyncio.gather(*(session.get("/x") for _ in range(6)))
    assert time.perf_counter() - began >= 0.05


def test_turns() -> None:
    clock = Clock()
    limit = RateLimitMiddleware(2, per=1, clock=clock)
    assert [limit._take_turn("a"), limit._take_turn("a"), limit._take_turn("b")] == [0, 0.5, 0]
    clock.now += 10
    assert [limit._take_turn("a"), limit._take_turn("a")] == [0, 0.5]


def test_bursts() -> None:
    clock = Clock()
    limit = RateLimitMiddleware(2, per=1, burst=3, clock=clock)
    assert [max(0, limit._take_turn("a")) for _ in range(5)] == [0, 0, 0, 0.5, 1]


@pytest.mark.parametrize("arguments", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_limits_that_make_no_sense(arguments: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="positive"):
        RateLimitMiddleware(*arguments)
