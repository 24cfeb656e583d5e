"""Further attempts: where they are safe, and no more than allowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from fasterapi.client import (
    AsyncSession,
    FastHTTP,
    FastHTTPConnectionError,
    FastHTTPTimeoutError,
    Response,
    RetryBudget,
    RetryMiddleware,
)
from fasterapi.client.middleware.retry import retry_after
from tests.client.sites import LOCAL, Answer, Site, refused_url

BUSY = Answer("busy", 503)


def retrying(site: Site, **options: Any) -> AsyncSession:
    return AsyncSession(base_url=site.url(), security=LOCAL, middleware=RetryMiddleware(**{"backoff_factor": 0, **options}))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_idempotent_requests_are_sent_again(site: Site, method: str) -> None:
    site.answer_in_turn("/x", BUSY, BUSY, Answer("ok"))
    async with retrying(site) as session:
        response = await session.request(method, "/x")
    assert (response.status_code, response.attempts, len(site.asked)) == (200, 3, 3)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_others_are_not(site: Site, method: str) -> None:
    site.answer_in_turn("/x", BUSY, Answer("ok"))
    async with retrying(site) as session:
        assert (await session.request(method, "/x", json={})).status_code == 503
        site.answer_in_turn("/x", BUSY, Answer("ok"))
        assert (await session.request(method, "/x", json={}, headers={"Idempotency-Key": "7"})).status_code == 200
    async with retrying(site, methods=["post", "patch"]) as session:
        site.answer_in_turn("/x", BUSY, Answer("ok"))
        assert (await session.request(method, "/x", json={"a": 1})).status_code == 200
    assert site.last.json() == {"a": 1}


async def test_a_connection_that_was_never_made_is_tried_again_for_all(site: Site) -> None:
    async with retrying(site, max_retries=2) as session:
        with pytest.raises(FastHTTPConnectionError, match="after 3 attempts") as raised:
            await session.post(refused_url(), json={})
    assert raised.value.attempts == 3


async def test_a_connection_that_broke_is_not_tried_again_for_a_post(site: Site) -> None:
    site.raw["/x"] = lambda connection: None
    async with retrying(site) as session:
        with pytest.raises(FastHTTPConnectionError):
            await session.post("/x")
        assert len(site.asked) == 1
        with pytest.raises(FastHTTPConnectionError):
            await session.get("/x")
        assert len(site.asked) == 5


async def test_the_last_answer_is_given_when_attempts_are_used_up(site: Site) -> None:
    site.answer_in_turn("/x", BUSY)
    async with retrying(site, max_retries=2) as session:
        assert (await session.get("/x")).attempts == 3
        assert (await session.get("/x")).status_code == 503
    assert len(site.asked) == 6


async def test_one_failure_does_not_change_the_next_request(site: Site) -> None:
    async with retrying(site, max_retries=1) as session:
        with pytest.raises(FastHTTPConnectionError):
            await session.get(refused_url())
        site.answer_in_turn("/x", BUSY, Answer("ok"))
        assert (await session.get("/x")).attempts == 2


async def test_other_statuses_are_answers(site: Site) -> None:
    site.answer_in_turn("/x", Answer("no", 400), Answer("ok"))
    async with retrying(site) as session:
        assert (await session.get("/x")).status_code == 400


async def test_errors_may_be_worth_different_numbers_of_attempts(site: Site) -> None:
    site.raw["/x"] = lambda connection: None
    policy = {FastHTTPConnectionError: 2, FastHTTPTimeoutError: 0}
    async with retrying(site, max_retries=5, retry_exceptions=policy) as session:
        with pytest.raises(FastHTTPConnectionError):
            await session.get("/x")
        assert len(site.asked) == 3
        with pytest.raises(FastHTTPTimeoutError) as raised:
            await session.get("/x", timeout=1e-6)
        assert raised.value.attempts == 1


async def test_a_budget_bounds_all_requests_together(site: Site) -> None:
    site.answer_in_turn("/x", BUSY)
    async with retrying(site, max_retries=3, budget=RetryBudget(ratio=0.5, minimum=2)) as session:
        for _ in range(4):
            await session.get("/x")
    # Two to begin with, and half a one for each request after the first, which found the budget full.
    assert len(site.asked) == 4 + 2 + 1


async def test_retry_after_is_waited_for(site: Site) -> None:
    site.answer_in_turn("/x", Answer("busy", 429, {"Retry-After": "0"}), Answer("ok"))
    async with retrying(site, backoff_factor=1000, max_delay=1000) as session:
        assert (await session.get("/x")).status_code == 200


async def test_a_longer_retry_after_than_allowed_is_the_callers_affair(site: Site) -> None:
    site.answer_in_turn("/x", Answer("busy", 429, {"Retry-After": "120"}), Answer("ok"))
    async with retrying(site, max_delay=10) as session:
        assert (await session.get("/x")).status_code == 429


def test_retry_after_in_both_forms() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert retry_after("120") == 120
    assert 3000 <= (retry_after(later) or 0) <= 3600
    assert retry_after("Thu, 01 Jan 1970 00:00:00 GMT") == 0
    assert [retry_after(text) for text in ("", "soon", "-1", "²")] == [None] * 4


async def test_requests_are_repeated_behind_pauses(site: Site) -> None:
    site.answer_in_turn("/x", BUSY, BUSY, Answer("ok"))
    async with retrying(site, backoff_factor=0.01) as session:
        assert (await session.get("/x")).attempts == 3


def test_pauses_grow_and_are_left_to_chance() -> None:
    retry = RetryMiddleware(backoff_factor=1, max_delay=5)
    pauses = [[retry._backoff(attempt) for _ in range(200)] for attempt in (1, 2, 10)]
    assert [max(pause) <= most for pause, most in zip(pauses, (1, 2, 5), strict=True)] == [True] * 3
    assert len(set(pauses[0])) > 100


def test_requests_have_their_own_policy(site: Site) -> None:
    app = FastHTTP(base_url=site.url(), security=LOCAL, middleware=RetryMiddleware(max_retries=5, backoff_factor=0))
    for path in ("/none", "/one"):
        site.answer_in_turn(path, BUSY, BUSY, Answer("ok"))

    @app.get("/none", retry=0)
    async def none(response: Response) -> int:
        return response.attempts

    @app.get("/one", retry=RetryMiddleware(max_retries=1, backoff_factor=0))
    async def one(response: Response) -> int:
        return response.attempts

    results = app.run()
    assert (results[none].value, results[one].value) == (1, 2)


async def test_a_body_in_pieces_is_sent_once(site: Site) -> None:
    site.answer_in_turn("/x", BUSY, Answer("ok"))
    async with retrying(site) as session:
        assert (await session.put("/x", data=iter([b"a"]))).status_code == 503


async def test_a_handler_that_fails_is_not_a_request_that_failed(site: Site) -> None:
    site.answer("/pay", "ok")
    app = FastHTTP(base_url=site.url(), security=LOCAL, middleware=RetryMiddleware(backoff_factor=0, retry_exceptions=[Exception]))

    @app.put("/pay")
    async def pay(response: Response) -> None:
        raise OSError("my own fault")

    with pytest.raises(OSError, match="my own"):
        await app.call(pay)
    assert len(site.asked) == 1


@pytest.mark.parametrize("given", ["3", -1, True])
async def test_policies_that_make_no_sense(site: Site, session: AsyncSession, given: Any) -> None:
    with pytest.raises(TypeError, match="retry="):
        await session.get("/x", retry=given)
