from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi import Faster, Header, Request, Response
from fasterapi.contrib.cache import Cache, CacheMiddleware, RedisCacheMiddleware, add_cache_tags, cached
from fasterapi.contrib.cache.kept import url_key, variant_key
from fasterapi.contrib.redis import RedisConnection, RedisStore
from fasterapi.contrib.stores import MemoryStore, StoreError
from fasterapi.http.streaming import StreamingResponse
from fasterapi.testing import AsyncTestClient, TestClient
from tests.contrib.redis_server import RedisServer, needs_redis

HIT, MISS = "hit", "miss"


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Counter:
    """How often a handler ran."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> int:
        self.count += 1
        return self.count


def outcome(answer: Any) -> str:
    """Whether an answer came from the cache."""
    status = answer.headers.get("cache-status", "")
    return HIT if "hit" in status else MISS if "miss" in status else "passed by"


def outcomes(client: TestClient, *headers: Mapping[str, str], url: str = "/") -> list[str]:
    return [outcome(client.get(url, headers=dict(each))) for each in headers]


def app_with(
    handler: Callable[..., Any] | None = None, *, cache: Cache | None = None, options: dict[str, Any] | None = None, **policy: Any
) -> Faster:
    """One route, `/`, that is kept for a minute."""
    app = Faster()
    if cache is not None:
        options = {"cache": cache, **(options or {})}
    app.add_middleware(CacheMiddleware, **(options or {}))
    count = Counter()

    async def counting() -> int:
        return count()

    app.get("/")(cached(**{"ttl": 60, **policy})(counting if handler is None else handler))
    return app


def answering(headers: Mapping[str, str] | None = None, status: int = 200, content: str = "text") -> Callable[[], Awaitable[Response]]:
    async def handler() -> Response:
        return Response(content, status, headers)

    return handler


# Hits.


def test_kept_answer_is_given_again() -> None:
    client = TestClient(app_with())
    first, second = client.get("/"), client.get("/")
    assert (outcome(first), outcome(second)) == (MISS, HIT)
    assert first.content == second.content == b"1"
    assert second.headers["content-type"] == first.headers["content-type"]
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["age"] == "0"


def test_route_without_a_word_is_not_kept() -> None:
    app = app_with()
    count = Counter()

    @app.get("/other")
    async def other() -> int:
        return count()

    client = TestClient(app)
    assert [client.get("/other").json(), client.get("/other").json()] == [1, 2]


def test_route_without_a_word_is_kept_where_the_middleware_says_so() -> None:
    app = app_with(options={"ttl": 60})

    @app.get("/other")
    async def other() -> str:
        return "other"

    assert outcomes(TestClient(app), {}, {}, url="/other") == [MISS, HIT]


def test_kept_answer_grows_old() -> None:
    clock = Clock()
    client = TestClient(app_with(cache=Cache(clock=clock)))
    client.get("/")
    clock.now += 59
    assert client.get("/").headers["age"] == "59"
    clock.now += 1
    assert outcome(client.get("/")) == MISS


def test_parts_of_the_url_are_told_apart() -> None:
    client = TestClient(app_with())
    urls = ["/?a=1", "/?a=2", "/?a=1&b", "/?", "/", "http://other/", "https://testserver/"]
    # A question mark with nothing behind it is the same request to the application.
    assert [outcome(client.get(url)) for url in urls] == [MISS, MISS, MISS, MISS, HIT, MISS, MISS]


def test_head_is_answered_from_the_answer_to_get() -> None:
    client = TestClient(app_with())
    assert outcome(client.head("/")) == "passed by"
    length = client.get("/").headers["content-length"]
    answer = client.head("/")
    assert (outcome(answer), answer.content, answer.headers["content-length"]) == (HIT, b"", length)


def test_other_methods_pass_by() -> None:
    app = app_with()
    app.post("/")(cached(ttl=60)(answering()))
    client = TestClient(app)
    client.get("/")
    assert outcome(client.post("/")) == "passed by"


def test_stream_is_kept_as_a_whole() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"one ", b"two"):
            yield piece

    async def handler() -> StreamingResponse:
        return StreamingResponse(pieces(), media_type="text/plain")

    client = TestClient(app_with(handler))
    first, second = client.get("/"), client.get("/")
    assert (outcome(second), second.text) == (HIT, "one two")
    assert "etag" not in first.headers
    assert "etag" in second.headers


# Conditions.


def test_client_that_has_the_answer_is_told_so() -> None:
    client = TestClient(app_with())
    etag = client.get("/").headers["etag"]
    for method in ("GET", "HEAD"):
        answer = client.request(method, "/", headers={"if-none-match": f'"other", W/{etag}'})
        assert (answer.status_code, answer.content, answer.headers["etag"], outcome(answer)) == (304, b"", etag, HIT)
    assert client.get("/", headers={"if-none-match": '"other"'}).status_code == 200
    assert client.get("/", headers={"if-match": '"other"'}).status_code == 412


def test_client_that_has_what_is_made_anew_is_told_so() -> None:
    clock = Clock()
    client = TestClient(app_with(answering(), cache=Cache(clock=clock)))
    etag = client.get("/").headers["etag"]
    clock.now += 61
    answer = client.get("/", headers={"if-none-match": etag})
    assert (answer.status_code, answer.content, outcome(answer)) == (304, b"", MISS)
    assert (client.get("/").text, outcome(client.get("/"))) == ("text", HIT)


# What requests say.


@pytest.mark.parametrize("header", [{"cache-control": "no-cache"}, {"pragma": "no-cache"}, {"cache-control": "Max-Age=0"}])
def test_client_may_ask_for_a_new_answer(header: dict[str, str]) -> None:
    client = TestClient(app_with())
    client.get("/")
    assert (client.get("/", headers=header).text, client.get("/").text) == ("2", "2")


def test_client_may_say_how_old_an_answer_may_be() -> None:
    clock = Clock()
    client = TestClient(app_with(cache=Cache(clock=clock)))
    client.get("/")
    clock.now += 30
    assert outcomes(client, {"cache-control": "max-age=30"}, {"cache-control": "max-age=29"}) == [HIT, MISS]


@pytest.mark.parametrize(
    "header", [{"cache-control": "no-store"}, {"range": "bytes=0-1"}, {"content-length": "1"}, {"transfer-encoding": "chunked"}]
)
def test_requests_that_are_not_for_caches_pass_by(header: dict[str, str]) -> None:
    client = TestClient(app_with())
    client.get("/")
    assert outcomes(client, header, {}) == ["passed by", HIT]


# What answers say.


@pytest.mark.parametrize(
    "headers",
    [
        {"cache-control": "no-store"},
        {"cache-control": "Private, max-age=60"},
        {"cache-control": "no-cache"},
        {"cache-control": "max-age=0"},
        {"cache-control": "max-age=nonsense"},
        {"cache-control": "s-maxage=0, max-age=60"},
        {"expires": "0"},
        {"expires": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"vary": "*"},
        {"vary": "accept, *"},
        {"set-cookie": "a=b"},
        {"content-type": "text/event-stream"},
    ],
)
def test_answers_that_are_not_for_caches_are_not_kept(headers: dict[str, str]) -> None:
    assert outcomes(TestClient(app_with(answering(headers))), {}, {}) == [MISS, MISS]


@pytest.mark.parametrize("status", [201, 204, 302, 307, 404, 500])
def test_answers_of_other_statuses_are_not_kept(status: int) -> None:
    assert outcomes(TestClient(app_with(answering(status=status))), {}, {}) == [MISS, MISS]


def test_statuses_that_are_kept_can_be_said() -> None:
    client = TestClient(app_with(answering(status=404), options={"cacheable_statuses": [404]}))
    assert [client.get("/").status_code, outcome(client.get("/"))] == [404, HIT]


@pytest.mark.parametrize(("value", "seconds"), [("max-age=10", 10), ("s-maxage=10, max-age=60", 10), ('max-age="10"', 10)])
def test_answers_say_how_long_they_are_kept(value: str, seconds: int) -> None:
    clock = Clock()
    client = TestClient(app_with(answering({"cache-control": value}), cache=Cache(clock=clock)))
    client.get("/")
    clock.now += seconds - 1
    assert outcome(client.get("/")) == HIT
    clock.now += 1
    assert outcome(client.get("/")) == MISS


def test_answers_that_are_too_large_are_not_kept() -> None:
    client = TestClient(app_with(answering(content="x" * 101), options={"max_body_bytes": 100}))
    assert outcomes(client, {}, {}) == [MISS, MISS]
    assert client.get("/").text == "x" * 101


def test_answer_that_breaks_off_is_not_kept() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ConnectionError

    cache = Cache()
    client = TestClient(CacheMiddleware(app, cache=cache, ttl=60), raise_server_exceptions=False)
    for _ in range(2):
        with pytest.raises(Exception):  # noqa: B017, PT011 - however the client calls it
            client.get("/")
    assert isinstance(cache.store, MemoryStore)
    assert not [key for key in cache.store._kept if key.startswith("answer:")]


# Whose answers are whose.


@pytest.mark.parametrize("header", [{"authorization": "Bearer a"}, {"cookie": "session=a"}, {"x-api-key": "a"}])
def test_who_says_who_it_is_gets_an_answer_of_its_own(header: dict[str, str]) -> None:
    client = TestClient(app_with())
    assert outcomes(client, header, {}, header, {}) == [MISS, MISS, MISS, HIT]


def test_answers_to_known_clients_are_never_given_to_others() -> None:
    async def handler(request: Request) -> str:
        return request.headers.get("authorization", "nobody")

    client = TestClient(app_with(handler, options={"ttl": 60}))
    for name in ("ann", "ben", "ann"):
        assert client.get("/", headers={"authorization": name}).json() == name
    assert client.get("/").json() == "nobody"


def test_named_headers_tell_answers_apart() -> None:
    async def handler(request: Request) -> str:
        return request.headers.get("authorization", "nobody")

    client = TestClient(app_with(handler, vary=["Authorization"]))
    ann, ben = {"authorization": "ann"}, {"authorization": "ben"}
    assert outcomes(client, ann, ben, ann, ben, {}, {}) == [MISS, MISS, HIT, HIT, MISS, HIT]
    answer = client.get("/", headers=ann)
    assert (answer.json(), answer.headers["vary"].lower()) == ("ann", "authorization")


def test_answer_may_be_for_everyone() -> None:
    client = TestClient(app_with(for_everyone=True))
    assert outcomes(client, {"cookie": "session=a"}, {"authorization": "b"}, {}) == [MISS, HIT, HIT]


def test_headers_that_say_who_asks_can_be_added() -> None:
    client = TestClient(app_with(options={"private_headers": ["X-User"]}))
    assert outcomes(client, {}, {"x-user": "ann"}, {"cookie": "a=b"}) == [MISS, MISS, HIT]


def test_answer_varies_by_what_it_says() -> None:
    async def handler(response: Response, accept_language: str = Header("en")) -> str:
        response.headers["vary"] = "Accept-Language"
        return accept_language

    client = TestClient(app_with(handler))
    de, fr = {"accept-language": "de"}, {"accept-language": "fr"}
    assert outcomes(client, de, fr, de, fr) == [MISS, MISS, HIT, HIT]
    assert [client.get("/", headers=header).json() for header in (de, fr)] == ["de", "fr"]


# Keys.

HEADERS = [(b"host", b"example.org")]


def scope_of(**parts: Any) -> dict[str, Any]:
    return {"scheme": "http", "path": "/", "query_string": b"", **parts}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"path": "/K"}, {"path": "/\u212a"}),
        ({"path": "/a", "query_string": b"b"}, {"path": "/ab", "query_string": b""}),
        ({"path": "/a?b"}, {"path": "/a", "query_string": b"b"}),
        ({"path": "/a/b", "raw_path": b"/a%2Fb"}, {"path": "/a/b", "raw_path": b"/a/b"}),
        ({"path": "/\u00e9"}, {"path": "/e\u0301"}),
        ({"scheme": "http"}, {"scheme": "https"}),
        ({"root_path": "/a"}, {"root_path": "/b"}),
    ],
)
def test_no_two_urls_share_a_key(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert url_key(scope_of(**one), HEADERS) != url_key(scope_of(**other), HEADERS)


@given(st.lists(st.tuples(st.binary(max_size=4), st.binary(max_size=4)), min_size=2, max_size=2, unique=True))
def test_no_two_variants_share_a_key(values: list[tuple[bytes, bytes]]) -> None:
    one, other = (variant_key("answer:x", ["a", "b"], [(b"a", value[0]), (b"b", value[1])]) for value in values)
    assert one != other


def test_empty_header_is_another_variant_than_none() -> None:
    assert variant_key("answer:x", ["a"], [(b"a", b"")]) != variant_key("answer:x", ["a"], [])


def test_two_hosts_pass_by() -> None:
    client = TestClient(app_with())
    assert outcome(client.get("/", headers=[("host", "one"), ("host", "two")])) == "passed by"


@pytest.mark.parametrize("content", [b"", b"\x80", b"\xc1", b"nonsense", b"\x9a" + b"\xc0" * 10, b"\xdf\xff\xff\xff\xff"])
async def test_what_is_no_answer_in_the_store_is_nothing(content: bytes) -> None:
    class Broken(MemoryStore):
        async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
            return [content for _ in keys]

    async with AsyncTestClient(app_with(cache=Cache(Broken()))) as client:
        assert (await client.get("/")).status_code == 200


# Invalidation.


def tagged_app(cache: Cache) -> Faster:
    app = app_with(cache=cache, tags=["numbers"])
    count = Counter()

    @app.get("/items/{item_id}")
    @cached(ttl=60, tags=["items"])
    async def item(item_id: int, request: Request) -> int:
        add_cache_tags(request, f"item:{item_id}")
        return count()

    return app


def test_tags_are_forgotten() -> None:
    cache = Cache()
    with TestClient(tagged_app(cache)) as client:
        urls = ("/", "/items/1", "/items/2")

        def ask() -> list[str]:
            return [outcome(client.get(url)) for url in urls]

        assert ask() == [MISS, MISS, MISS]
        asyncio.run(cache.invalidate("item:1"))
        assert ask() == [HIT, MISS, HIT]
        asyncio.run(cache.invalidate("items", "nothing"))
        assert ask() == [HIT, MISS, MISS]
        assert ask() == [HIT, HIT, HIT]


async def test_answer_that_is_made_while_its_tag_is_invalidated_is_not_fresh() -> None:
    cache = Cache()
    reading, changed = asyncio.Event(), asyncio.Event()

    async def handler() -> str:
        reading.set()
        await changed.wait()
        return "old"

    async with AsyncTestClient(app_with(handler, cache=cache, tags=["rows"])) as client:
        request = asyncio.create_task(client.get("/"))
        await reading.wait()
        await cache.invalidate("rows")
        changed.set()
        await request
        assert outcome(await client.get("/")) == MISS
        assert outcome(await client.get("/")) == HIT


# Many at a time.


@pytest.mark.parametrize("options", [{}, {"ttl": 60}])
async def test_one_of_many_makes_the_answer(options: dict[str, Any]) -> None:
    count, may_go = Counter(), asyncio.Event()

    async def handler() -> int:
        await may_go.wait()
        return count()

    async with AsyncTestClient(app_with(handler, options=options)) as client:
        requests = [asyncio.create_task(client.get("/")) for _ in range(20)]
        for _ in range(20):
            await asyncio.sleep(0)
        may_go.set()
        answers = await asyncio.gather(*requests)
    assert {answer.text for answer in answers} == {"1"}
    assert sorted(outcome(answer) for answer in answers) == [HIT] * 19 + [MISS]


async def test_others_go_on_where_the_first_fails() -> None:
    count, may_go = Counter(), asyncio.Event()

    async def handler() -> int:
        await may_go.wait()
        if count() == 1:
            raise ZeroDivisionError
        return count.count

    async with AsyncTestClient(app_with(handler), raise_server_exceptions=False) as client:
        requests = [asyncio.create_task(client.get("/")) for _ in range(3)]
        for _ in range(20):
            await asyncio.sleep(0)
        may_go.set()
        answers = await asyncio.gather(*requests)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 500]


async def test_nobody_waits_for_a_route_that_keeps_nothing() -> None:
    all_are_there = asyncio.Barrier(5)
    app = Faster()
    app.add_middleware(CacheMiddleware, wait_seconds=60)

    @app.get("/")
    async def read() -> str:
        await all_are_there.wait()
        return "read"

    async with AsyncTestClient(app) as client:
        answers = await asyncio.wait_for(asyncio.gather(*[client.get("/") for _ in range(5)]), 60)
    assert [answer.status_code for answer in answers] == [200] * 5


async def test_waiting_ends() -> None:
    first_is_there, count = asyncio.Event(), Counter()

    async def handler() -> int:
        if count() == 1:
            first_is_there.set()
            await asyncio.Event().wait()
        return count.count

    async with AsyncTestClient(app_with(handler, options={"wait_seconds": 0.01})) as client:
        first = asyncio.create_task(client.get("/"))
        await first_is_there.wait()
        assert (await client.get("/")).json() == 2
        first.cancel()


# The store.


class Away(MemoryStore):
    """A store that nobody reaches, as long as `is_away`."""

    is_away = True

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        if self.is_away:
            raise StoreError("away")
        return await super().get_many(keys)


def test_without_the_store_everything_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    store = Away()
    client = TestClient(app_with(options={"store": store}))
    assert outcomes(client, {}, {}) == ["passed by", "passed by"]
    store.is_away = False
    assert outcomes(client, {}, {}) == [MISS, HIT]
    assert [record.message for record in caplog.records if record.name == "fasterapi"] == [
        "The store cannot be asked: away. Until it is back nothing is answered from the cache.",
        "The store answers again.",
    ]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@needs_redis
async def test_redis_may_die_and_come_back(tmp_path: Path) -> None:
    app = Faster()
    with RedisServer(tmp_path) as server:
        async with RedisConnection(server.url) as connection:
            app.add_middleware(RedisCacheMiddleware, redis=connection)

            @app.get("/")
            async def read() -> str:
                return "read"

            async with AsyncTestClient(app) as client:

                async def ask() -> str:
                    return outcome(await client.get("/"))

                assert [await ask(), await ask()] == [MISS, HIT]
                server.kill()
                assert [await ask(), await ask()] == ["passed by", "passed by"]
                server.start()
                assert [await ask(), await ask()] == [MISS, HIT]


SHARING = """
import asyncio, sys
from fasterapi import Faster
from fasterapi.contrib.cache import RedisCacheMiddleware
from fasterapi.contrib.redis import RedisConnection
from fasterapi.testing import AsyncTestClient

async def main(url):
    runs = 0
    app = Faster()
    async with RedisConnection(url) as connection:
        app.add_middleware(RedisCacheMiddleware, redis=connection, wait_seconds=20)

        @app.get("/")
        async def read() -> str:
            nonlocal runs
            runs += 1
            await asyncio.sleep(1)
            return "read"

        async with AsyncTestClient(app) as client:
            print("ready", flush=True)
            sys.stdin.readline()
            answers = await asyncio.gather(*[client.get("/") for _ in range(10)])
            assert all(answer.text == '"read"' for answer in answers)
    print(runs)

asyncio.run(main(sys.argv[1]))
"""


@needs_redis
def test_of_two_processes_one_makes_the_answer(redis: RedisServer) -> None:
    command = [sys.executable, "-c", SHARING, redis.url]
    running = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    runs = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sorted(runs) == [0, 1]


@needs_redis
async def test_invalidation_reaches_other_processes(redis: RedisServer) -> None:
    async with RedisConnection(redis.url) as connection:
        here, there = (Cache(RedisStore(connection, prefix="shared:")) for _ in range(2))
        async with AsyncTestClient(tagged_app(here)) as client:
            assert [outcome(await client.get("/items/1")) for _ in range(2)] == [MISS, HIT]
            await there.invalidate("items")
            assert outcome(await client.get("/items/1")) == MISS


# What is written wrongly.


@pytest.mark.parametrize(
    ("options", "error"),
    [({"ttl": 0}, ValueError), ({"ttl": 1, "tags": "a"}, TypeError), ({"ttl": 1, "vary": "a"}, TypeError)],
)
def test_wrong_policy_is_refused(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        cached(**options)


@pytest.mark.parametrize("options", [{"cache": Cache(), "store": MemoryStore()}, {"private_headers": "cookie"}])
def test_wrong_arguments_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        CacheMiddleware(Faster(), **options)
