"""Responses that need not be asked for again."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from fasterapi.client import AsyncSession, Auth, BasicAuth, BearerAuth, CacheMiddleware, CookieJar, Request
from fasterapi.client.cache_store import MemoryStore, RedisStore
from tests.client.middleware.test_circuit import Clock
from tests.client.sites import LOCAL, Answer, Site
from tests.contrib.redis_server import RedisServer, needs_redis


@pytest.fixture
def clock() -> Clock:
    return Clock()


def caching(site: Site, clock: Clock, **options: Any) -> AsyncSession:
    return AsyncSession(base_url=site.url(), security=LOCAL, middleware=CacheMiddleware(clock=clock, **options))


def numbered(site: Site, path: str = "/x", **headers: str) -> None:
    """Answers that count."""
    site.answers[path] = lambda _: Answer(str(len(site.asked)), headers={name.replace("_", "-"): value for name, value in headers.items()})


async def texts(session: AsyncSession, times: int = 2, **options: Any) -> list[str]:
    return [(await session.get("/x", **options)).text for _ in range(times)]


async def test_what_is_fresh_is_not_asked_for(site: Site, clock: Clock) -> None:
    numbered(site, Cache_Control="max-age=60")
    async with caching(site, clock) as session:
        assert await texts(session) == ["1", "1"]
        assert (await session.get("/x")).from_cache
        clock.now += 61
        assert await texts(session) == ["2", "2"]
        assert await texts(session, params={"page": 2}) == ["3", "3"]


@pytest.mark.parametrize(
    ("headers", "is_kept"),
    [
        ({}, True),
        ({"Cache-Control": "no-store"}, False),
        ({"Cache-Control": "no-cache"}, False),
        ({"Cache-Control": "private, max-age=10"}, True),
        ({"Cache-Control": "max-age=0"}, False),
        ({"Cache-Control": "max-age=nonsense"}, False),
        ({"Cache-Control": "max-age=10", "Age": "11"}, False),
        ({"Cache-Control": "max-age=10, no-store"}, False),
        ({"Expires": formatdate(2_000_000_000, usegmt=True), "Date": formatdate(1_999_999_000, usegmt=True)}, True),
        ({"Expires": formatdate(0, usegmt=True)}, False),
        ({"Expires": "0"}, False),
        ({"Vary": "*"}, False),
    ],
)
async def test_the_server_decides(site: Site, clock: Clock, headers: dict[str, str], is_kept: bool) -> None:
    site.answers["/x"] = lambda _: Answer(str(len(site.asked)), headers=[*headers.items()])
    async with caching(site, clock) as session:
        assert await texts(session) == (["1", "1"] if is_kept else ["1", "2"])


@pytest.mark.parametrize("asked", ["no-cache", "no-store", "max-age=0"])
async def test_so_does_the_request(site: Site, clock: Clock, asked: str) -> None:
    numbered(site)
    async with caching(site, clock) as session:
        assert await texts(session, headers={"Cache-Control": asked}) == ["1", "2"]


async def test_a_ttl_holds_where_the_server_says_nothing(site: Site, clock: Clock) -> None:
    numbered(site)
    async with caching(site, clock, ttl=5) as session:
        assert await texts(session) == ["1", "1"]
        clock.now += 6
        assert await texts(session) == ["2", "2"]


async def test_users_do_not_see_each_others_responses(site: Site, clock: Clock) -> None:
    numbered(site)
    async with caching(site, clock) as session:
        assert await texts(session, headers={"Authorization": "Bearer alice"}) == ["1", "1"]
        assert await texts(session, headers={"Authorization": "Bearer bob"}) == ["2", "2"]
        assert await texts(session) == ["3", "3"]
        assert await texts(session, auth=("alice", "1")) == ["4", "4"]
        assert await texts(session, auth=BasicAuth("bob", "1")) == ["5", "5"]
        assert await texts(session, auth=BearerAuth("carol")) == ["6", "6"]


async def test_what_comes_for_unknown_senders_is_not_kept(site: Site, clock: Clock) -> None:
    class Key(Auth):
        async def apply(self, request: Request) -> None:
            request.headers["x-api-key"] = "1"

    numbered(site)
    async with caching(site, clock) as session:
        assert await texts(session, auth=Key()) == ["1", "2"]


async def test_vary_keeps_responses_apart(site: Site, clock: Clock) -> None:
    numbered(site, Vary="Accept-Language")
    async with caching(site, clock) as session:
        assert await texts(session, headers={"Accept-Language": "de"}) == ["1", "1"]
        assert await texts(session, headers={"Accept-Language": "en"}) == ["2", "2"]
        assert await texts(session, headers={"Accept-Language": "de"}) == ["1", "1"]


async def test_vary_sees_cookies_of_a_jar(site: Site, clock: Clock) -> None:
    numbered(site, Vary="Cookie", Set_Cookie="sid=1")
    jar = CookieJar(unsafe=True)
    async with AsyncSession(base_url=site.url(), security=LOCAL, cookie_jar=jar, middleware=CacheMiddleware(clock=clock)) as session:
        assert await texts(session, 3) == ["1", "1", "1"]
    async with AsyncSession(base_url=site.url(), security=LOCAL, cookie_jar=jar, middleware=CacheMiddleware(clock=clock)) as session:
        assert await texts(session, 2) == ["2", "3"], "what depends on a cookie that the cache does not see is asked for"


async def test_stale_responses_are_revalidated(site: Site, clock: Clock) -> None:
    def answer(asked: Any) -> Answer:
        headers = {"ETag": '"v1"', "Last-Modified": "Thu, 01 Jan 1970 00:00:00 GMT", "Cache-Control": "max-age=10"}
        if asked.headers.get("if-none-match") == '"v1"':
            return Answer(b"", 304, {**headers, "X-Fresh": "yes"})
        return Answer("body", headers=headers)

    site.answers["/x"] = answer
    cache = CacheMiddleware(clock=clock)
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=cache) as session:
        await session.get("/x")
        clock.now += 11
        again = await session.get("/x")
        assert (again.status_code, again.text, again.headers["x-fresh"], again.from_cache) == (200, "body", "yes", True)
        assert site.last.headers["if-modified-since"] == "Thu, 01 Jan 1970 00:00:00 GMT"
        await session.get("/x")
    assert (len(site.asked), cache.get_stats()) == (2, {"hits": 1, "misses": 2, "revalidated": 1})


async def test_a_stale_response_that_changed_is_replaced(site: Site, clock: Clock) -> None:
    numbered(site, ETag='"v"', Cache_Control="max-age=10")
    async with caching(site, clock) as session:
        assert await texts(session) == ["1", "1"]
        clock.now += 11
        assert await texts(session) == ["2", "2"]


async def test_the_callers_own_conditions_are_left_to_the_caller(site: Site, clock: Clock) -> None:
    numbered(site)
    async with caching(site, clock) as session:
        assert await texts(session, headers={"If-None-Match": '"mine"'}) == ["1", "2"]
        assert await texts(session, headers={"Range": "bytes=0-1"}) == ["3", "4"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_changes_end_what_is_kept(site: Site, clock: Clock, method: str) -> None:
    numbered(site)
    async with caching(site, clock) as session:
        assert await texts(session) == ["1", "1"]
        await session.request(method, "/x")
        assert await texts(session) == ["3", "3"]


@pytest.mark.parametrize(
    ("status", "headers", "is_kept"), [(500, {}, False), (404, {}, False), (404, {"Cache-Control": "max-age=9"}, True)]
)
async def test_errors_are_kept_where_the_server_says_so(
    site: Site, clock: Clock, status: int, headers: dict[str, str], is_kept: bool
) -> None:
    site.answers["/x"] = lambda _: Answer(str(len(site.asked)), status, [*headers.items()])
    async with caching(site, clock) as session:
        assert await texts(session) == (["1", "1"] if is_kept else ["1", "2"])


async def test_what_came_by_a_redirect_is_not_kept(site: Site, clock: Clock) -> None:
    site.answer("/x", status=302, headers={"Location": "/y"})
    numbered(site, "/y")
    async with caching(site, clock) as session:
        assert await texts(session) == ["2", "4"]


async def test_kept_responses_are_as_good_as_new(site: Site, clock: Clock) -> None:
    site.answer("/x", {"a": 1}, headers=[("X-A", "1"), ("X-A", "2")])
    async with caching(site, clock) as session:
        first, second = [await session.get("/x", response_model=dict[str, int]) for _ in range(2)]
    assert (second.json(), second.model, second.url) == (first.json(), first.model, first.url)
    assert second.headers.getlist("x-a") == ["1", "2"]


def test_only_safe_methods_can_be_kept() -> None:
    with pytest.raises(ValueError, match="POST"):
        CacheMiddleware(cache_methods=["GET", "POST"])


async def test_the_memory_is_bounded() -> None:
    store = MemoryStore(max_entries=2, max_bytes=10)
    await store.set("a", b"1", 1)
    await store.set("b", b"2", 1)
    await store.get("a")
    await store.set("c", b"3", 1)
    assert [await store.get(key) for key in "abc"] == [b"1", None, b"3"]
    await store.set("d", b"x" * 9, 1)
    assert [await store.get(key) for key in "acd"] == [None, b"3", b"x" * 9]
    await store.set("e", b"x" * 11, 1)
    assert await store.get("e") is None
    await store.clear()
    assert len(store) == 0


async def test_clearing(site: Site, clock: Clock) -> None:
    numbered(site)
    cache = CacheMiddleware(clock=clock)
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=cache) as session:
        assert await texts(session) == ["1", "1"]
        await cache.clear()
        assert await texts(session) == ["2", "2"]


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path) as server:
        yield server


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url) as client:
        yield client


@needs_redis
async def test_processes_share_a_store(site: Site, clock: Clock, redis: Redis) -> None:
    numbered(site, Cache_Control="max-age=60")
    await redis.set("other", b"1")
    for _ in range(2):
        async with caching(site, clock, store=RedisStore(redis)) as session:
            assert await texts(session, headers={"Authorization": "Bearer s3cret"}) == ["1", "1"]
    (name,) = [str(key, "ascii") for key in await redis.keys() if isinstance(key, bytes) and key != b"other"]
    value = await redis.get(name)
    assert name.startswith("fasterapi-cache:")
    assert "s3cret" not in name
    assert value is not None
    assert b"s3cret" not in value
    assert 60_000 < await redis.pttl(name) <= 120_000


@needs_redis
@pytest.mark.parametrize("prefix", ["fasterapi-cache:", "a*:", "[b]", "c\\?"])
async def test_a_store_forgets_its_own_alone(redis: Redis, prefix: str) -> None:
    store = RedisStore(redis, prefix)
    await redis.set("abc:x", b"1")
    await store.set("x", b"2", 60)
    await store.clear()
    assert await redis.keys() == [b"abc:x"]


@needs_redis
async def test_what_another_version_stored_is_not_read(site: Site, clock: Clock, redis: Redis) -> None:
    numbered(site)
    async with caching(site, clock, store=RedisStore(redis)) as session:
        await texts(session)
        for name in await redis.keys():
            await redis.set(name, b"\x80\x04K\x01.")
        assert await texts(session) == ["2", "2"]


@needs_redis
async def test_a_store_that_is_away_costs_no_request(
    site: Site, clock: Clock, redis: Redis, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    numbered(site, Cache_Control="max-age=60")
    caplog.set_level(logging.WARNING, "fasterapi.client")
    async with caching(site, clock, store=RedisStore(redis)) as session:
        assert await texts(session) == ["1", "1"]
        redis_server.kill()
        assert await texts(session) == ["2", "3"]
        redis_server.start()
        assert await texts(session) == ["4", "4"]
    assert len([record for record in caplog.records if "store is away" in record.getMessage()]) == 1
