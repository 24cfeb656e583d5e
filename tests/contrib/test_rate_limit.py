from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi import Depends, Faster, Request, WebSocket
from fasterapi.contrib.rate_limit import (
    Algorithm,
    Limit,
    LimitStore,
    MemoryLimitStore,
    RateLimit,
    RateLimitMiddleware,
    RedisLimitStore,
    Verdict,
    by_client,
    by_header,
    by_user,
)
from fasterapi.contrib.redis import RedisConnection
from fasterapi.contrib.stores import StoreError
from fasterapi.http.connection import HTTPConnection
from fasterapi.middleware import Middleware
from fasterapi.testing import AsyncTestClient, TestClient
from fasterapi.websocket import WebSocketDisconnect
from tests.contrib.redis_server import DEADLINE, RedisServer, needs_redis
from tests.server.servers import Serving
from tests.server.test_protocol import request as raw_request

ALGORITHMS: list[Algorithm] = ["sliding_window", "token_bucket"]


class Clock:
    """A time that tests set."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


def app_with(limit: str = "2/minute", **options: Any) -> Faster:
    app = Faster(middleware=[Middleware(RateLimitMiddleware, limit, **options)])

    @app.get("/")
    async def read() -> str:
        return "here"

    @app.get("/livez")
    async def live() -> str:
        return "alive"

    @app.websocket("/socket")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()

    return app


def statuses(client: TestClient, count: int, **options: Any) -> list[int]:
    return [client.get("/", **options).status_code for _ in range(count)]


# How limits are written.


@pytest.mark.parametrize(
    ("text", "amount", "seconds"),
    [("100/minute", 100, 60), ("1 per second", 1, 1), ("5 per 10 seconds", 5, 10), ("7/2Hours", 7, 7200), (" 3 / day ", 3, 86_400)],
)
def test_limit_is_read(text: str, amount: int, seconds: float) -> None:
    assert Limit.parse(text) == Limit(amount, seconds, "sliding_window")


@pytest.mark.parametrize(
    "text", ["", "100", "/minute", "0/minute", "5/0 seconds", "-1/minute", "1.5/minute", "1/fortnight", "٣/minute", "9" * 10 + "/minute"]
)
def test_unreadable_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"limit|nothing pass"):
        Limit.parse(text)


@pytest.mark.parametrize("limit", [Limit(0, 1), Limit(1, 0), Limit(1, float("inf")), Limit(1, float("nan")), Limit(1, 1, "none")])  # type: ignore[arg-type]  # what is refused
def test_limit_that_lets_nothing_pass_is_refused(limit: Limit) -> None:
    with pytest.raises(ValueError, match=r"nothing pass|algorithm"):
        RateLimitMiddleware(Faster(), limit)


# How requests are counted.


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_as_many_pass_as_the_limit_says(algorithm: Algorithm) -> None:
    store = MemoryLimitStore(clock=Clock())
    verdicts = [await store.take("key", Limit(3, 60, algorithm)) for _ in range(5)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0, 0]


async def test_window_slides() -> None:
    clock = Clock(60.0)
    store = MemoryLimitStore(clock=clock)
    limit = Limit(4, 60)
    for _ in range(4):
        await store.take("key", limit)
    clock.now = 119.0
    assert not (await store.take("key", limit)).allowed
    clock.now = 120.0
    assert not (await store.take("key", limit)).allowed
    clock.now = 150.0
    # Half of the window before reaches into the last minute: two of its four.
    assert [(await store.take("key", limit)).allowed for _ in range(3)] == [True, True, False]


async def test_bucket_fills_evenly() -> None:
    clock = Clock()
    store = MemoryLimitStore(clock=clock)
    limit = Limit(4, 60, "token_bucket")
    for _ in range(4):
        await store.take("key", limit)
    refused = await store.take("key", limit)
    assert (refused.allowed, refused.retry_after, refused.reset_after) == (False, 15.0, 60.0)
    clock.now += 15
    assert [(await store.take("key", limit)).allowed for _ in range(2)] == [True, False]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(
    amount=st.integers(1, 20),
    seconds=st.integers(1, 3600),
    steps=st.lists(st.floats(0, 5000, allow_subnormal=False).map(lambda step: round(step, 3)), min_size=1, max_size=40),
)
async def test_who_waits_as_told_passes(algorithm: Algorithm, amount: int, seconds: int, steps: list[float]) -> None:
    clock = Clock()
    store = MemoryLimitStore(clock=clock)
    limit = Limit(amount, seconds, algorithm)
    for step in steps:
        clock.now += step % (seconds * 1.5)
        verdict = await store.take("key", limit)
        assert verdict.allowed == (verdict.retry_after == 0)
        assert 0 <= verdict.remaining < amount or not verdict.allowed
        if not verdict.allowed:
            clock.now += verdict.retry_after
            assert (await store.take("key", limit)).allowed


@given(times=st.lists(st.floats(0, 300), min_size=1, max_size=120).map(sorted), amount=st.integers(1, 10))
async def test_no_window_takes_more_than_the_limit(times: list[float], amount: int) -> None:
    clock = Clock()
    store = MemoryLimitStore(clock=clock)
    passed: dict[int, int] = {}
    for time in times:
        clock.now = time
        if (await store.take("key", Limit(amount, 60))).allowed:
            passed[int(time // 60)] = passed.get(int(time // 60), 0) + 1
    assert max(passed.values()) <= amount


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_clock_that_is_put_back_gives_nothing_away(algorithm: Algorithm) -> None:
    clock = Clock()
    store = MemoryLimitStore(clock=clock)
    limit = Limit(1, 60, algorithm)
    await store.take("key", limit)
    clock.now -= 3600
    assert not (await store.take("key", limit)).allowed


async def test_memory_store_keeps_so_many_keys() -> None:
    store = MemoryLimitStore(max_keys=100)
    for number in range(1000):
        await store.take(str(number), Limit(1, 60))
    assert len(store) == 100


@needs_redis
@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_redis_counts_as_the_memory_does(redis: RedisServer, algorithm: Algorithm) -> None:
    clock = Clock(1_763_640_000.123456)
    async with RedisConnection(redis.url) as connection:
        there = RedisLimitStore(connection, clock=clock)
        here = MemoryLimitStore(clock=clock)
        limit = Limit(5, 7.5, algorithm)
        # Steps of all sizes, some of them back.
        for number in range(300):
            clock.now += (number * 7919 % 101 - 12) / 31
            expected, found = await here.take(f"same-{algorithm}", limit), await there.take(f"same-{algorithm}", limit)
            assert found[:3] == expected[:3]
            assert found[3:] == pytest.approx(expected[3:], abs=1e-6)


@needs_redis
@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_counts_in_redis_end(redis: RedisServer, algorithm: Algorithm) -> None:
    async with RedisConnection(redis.url) as connection:
        verdict = await RedisLimitStore(connection, prefix=f"ending-{algorithm}:").take("key", Limit(10, 60, algorithm))
        [name] = [name async for name in connection.client.scan_iter(match=f"ending-{algorithm}:*")]
        lifetime = await connection.client.pttl(name)
        assert 0 < lifetime <= verdict.reset_after * 1000 + 2


HAMMER = """
import asyncio, sys
from fasterapi.contrib.rate_limit import Limit, RedisLimitStore
from fasterapi.contrib.redis import RedisConnection

async def main(url, algorithm):
    async with RedisConnection(url) as connection:
        store = RedisLimitStore(connection, clock=lambda: 1000.0)
        verdicts = await asyncio.gather(*[store.take("hammered", Limit(150, 3600, algorithm)) for _ in range(100)])
        print(sum(verdict.allowed for verdict in verdicts))

asyncio.run(main(*sys.argv[1:]))
"""


@needs_redis
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_processes_count_together(redis: RedisServer, algorithm: Algorithm) -> None:
    command = [sys.executable, "-c", HAMMER, redis.url, algorithm]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    passed = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(passed) == 150


# What the middleware answers.


def test_refusal_says_when_to_come_back() -> None:
    client = TestClient(app_with("2/minute", store=MemoryLimitStore(clock=Clock(60.0))))
    first, second, third = client.get("/"), client.get("/"), client.get("/")
    assert (first.status_code, second.status_code, third.status_code) == (200, 200, 429)
    assert [answer.headers["ratelimit-remaining"] for answer in (first, second, third)] == ["1", "0", "0"]
    assert third.headers["ratelimit-limit"] == "2"
    assert third.headers["ratelimit-reset"] == "120"
    assert third.headers["retry-after"] == "90"
    assert third.json() == {"detail": "Too Many Requests"}
    assert "retry-after" not in first.headers


def test_websocket_handshakes_count() -> None:
    client = TestClient(app_with("1/minute"))
    with client.websocket_connect("/socket"):
        pass
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket"):
        pass


def test_excluded_paths_do_not_count() -> None:
    client = TestClient(app_with("1/minute", exclude_paths=["/livez"]))
    assert [client.get("/livez").status_code for _ in range(3)] == [200] * 3
    assert statuses(client, 2) == [200, 429]


def test_nobody_is_limited_under_an_empty_key() -> None:
    client = TestClient(app_with("1/minute", key=lambda connection: connection.headers.get("x-plan", "")))
    assert statuses(client, 3) == [200, 200, 200]
    assert statuses(client, 2, headers={"x-plan": "free"}) == [200, 429]


@pytest.mark.parametrize(
    "options", [{"exclude_paths": "/livez"}, {"trusted_proxies": "10.0.0.1"}, {"key": by_client(), "trusted_proxies": ["::1"]}]
)
def test_wrong_arguments_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match=r"list|trusted_proxies"):
        RateLimitMiddleware(Faster(), **options)


def test_unknown_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="write 'fail_open' or 'fail_closed'"):
        RateLimitMiddleware(Faster(), on_store_failure="shrug")  # type: ignore[arg-type]  # what is refused


# Who is who.


def key_of(key: Any, *headers: tuple[str, str], client: Any = ("203.0.113.9", 5), **more: Any) -> str:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return str(key(HTTPConnection({"type": "http", "path": "/", "headers": raw, "client": client, **more})))


FORWARDED = "x-forwarded-for"


@pytest.mark.parametrize(
    "value", ["198.51.100.1", "198.51.100.1, 10.0.0.1", "10.0.0.1", "", "nonsense", "198.51.100.1:80", "127.0.0.1, 127.0.0.1"]
)
def test_forwarded_header_of_a_stranger_does_not_count(value: str) -> None:
    assert key_of(by_client(["10.0.0.0/8"]), (FORWARDED, value)) == "client:203.0.113.9"
    assert key_of(by_client(), (FORWARDED, value)) == "client:203.0.113.9"


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("198.51.100.1", "198.51.100.1"),
        ("198.51.100.1:4711", "198.51.100.1"),
        ("6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("6.6.6.6, nonsense", "10.0.0.1"),
        ("6.6.6.6, nonsense, 10.9.9.9", "10.9.9.9"),
        ("", "10.0.0.1"),
        (",,,", "10.0.0.1"),
        ("10.1.1.1, 10.2.2.2", "10.1.1.1"),
        ("[2001:db8::1]:443", "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "2001:db8::/64"),
        ("::ffff:198.51.100.1", "198.51.100.1"),
        ("6.6.6.6," + "10.0.0.2," * 5000 + "198.51.100.1", "198.51.100.1"),
    ],
)
def test_last_address_behind_trusted_proxies_counts(value: str, client: str) -> None:
    assert key_of(by_client(["10.0.0.0/8"]), (FORWARDED, value), client=("10.0.0.1", 5)) == f"client:{client}"


def test_repeated_forwarded_headers_are_one_list() -> None:
    headers = [(FORWARDED, "6.6.6.6"), (FORWARDED, "198.51.100.1")]
    assert key_of(by_client(["10.0.0.0/8"]), *headers, client=("10.0.0.1", 5)) == "client:198.51.100.1"


def test_mapped_proxy_address_is_trusted() -> None:
    assert key_of(by_client(["10.0.0.1"]), (FORWARDED, "198.51.100.1"), client=("::ffff:10.0.0.1", 5)) == "client:198.51.100.1"


def test_network_of_a_customer_is_one_client() -> None:
    first, second = ("2001:db8:1:2::1", 5), ("2001:db8:1:2:ffff::9", 5)
    assert key_of(by_client(), client=first) == key_of(by_client(), client=second)
    assert key_of(by_client(), client=first) != key_of(by_client(), client=("2001:db8:1:3::1", 5))


@pytest.mark.parametrize("client", [None, ("", 0)])
def test_client_behind_a_unix_socket_is_known_where_it_is_trusted(client: Any) -> None:
    forwarded = (FORWARDED, "198.51.100.1")
    assert key_of(by_client(["unix", "10.0.0.1"]), forwarded, client=client) == "client:198.51.100.1"
    assert key_of(by_client(["unix"]), client=client) == "client:unknown"
    assert key_of(by_client(["10.0.0.1"]), forwarded, client=client) == "client:unknown"
    assert key_of(by_client(["unix"]), forwarded) == "client:203.0.113.9"


def test_requests_without_the_header_are_limited_by_client() -> None:
    assert key_of(by_header("X-API-Key")) == "client:203.0.113.9"
    assert key_of(by_header("X-API-Key"), ("x-api-key", "a")) != key_of(by_header("X-API-Key"), ("x-api-key", "b"))


def test_keys_of_apis_are_not_kept_as_they_are() -> None:
    assert "secret" not in key_of(by_header("X-API-Key"), ("x-api-key", "secret"))


def test_users_are_limited_wherever_they_are() -> None:
    key = by_user()
    ann, ben = {"user": "ann"}, {"user": "ben"}
    assert key_of(key, **ann) == key_of(key, client=("192.0.2.1", 1), **ann)
    assert key_of(key, **ann) != key_of(key, **ben)
    assert key_of(key) == "client:203.0.113.9"


@given(st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass").decode("latin-1")))
def test_any_forwarded_header_gives_a_key(value: str) -> None:
    assert key_of(by_client(["10.0.0.0/8"]), (FORWARDED, value), client=("10.0.0.1", 5)).startswith("client:")


@pytest.mark.parametrize(("first", "second"), [(("ab", "c"), ("a", "bc")), (("K", ""), ("\u212a", "")), (("1:", ""), ("1", ":"))])
async def test_no_two_keys_are_one(first: tuple[str, str], second: tuple[str, str]) -> None:
    from fasterapi.contrib.rate_limit.limiter import Limiter

    limiter = Limiter("1/hour", "sliding_window", None, "fail_open")
    verdicts = [await limiter.take(*pair) for pair in (first, second)]
    assert all(verdict is not None and verdict.allowed for verdict in verdicts)


# A limit of a route.


def limited_app(**options: Any) -> Faster:
    app = Faster()

    @app.post("/login", dependencies=[Depends(RateLimit("2/minute", **options))])
    async def login() -> str:
        return "in"

    @app.get("/items/{item_id}", dependencies=[Depends(RateLimit("1/minute", **options))])
    async def item(item_id: int) -> int:
        return item_id

    @app.get("/free")
    async def free() -> str:
        return "free"

    return app


def test_route_has_a_limit_of_its_own() -> None:
    client = TestClient(limited_app())
    answers = [client.post("/login") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-remaining"] == "1"
    assert "retry-after" in answers[2].headers
    assert client.get("/free").status_code == 200


def test_items_of_a_route_are_limited_together() -> None:
    client = TestClient(limited_app())
    assert [client.get(f"/items/{number}").status_code for number in range(2)] == [200, 429]


def test_routes_of_one_name_and_store_count_together() -> None:
    shared: dict[str, Any] = {"name": "both", "store": MemoryLimitStore()}
    app = Faster()
    for path in ("/a", "/b"):

        @app.get(path, dependencies=[Depends(RateLimit("1/minute", **shared))])
        async def read() -> str:
            return "read"

    client = TestClient(app)
    assert [client.get("/a").status_code, client.get("/b").status_code] == [200, 429]


def test_routes_of_one_store_count_apart() -> None:
    client = TestClient(limited_app(store=MemoryLimitStore()))
    assert [client.post("/login").status_code, client.get("/items/1").status_code] == [200, 200]


def test_limit_of_the_route_is_what_the_answer_tells() -> None:
    app = limited_app()
    app.add_middleware(RateLimitMiddleware, "100/minute")
    assert TestClient(app).post("/login").headers.get_list("ratelimit-limit") == ["2"]
    assert TestClient(app).get("/free").headers["ratelimit-limit"] == "100"


def test_limit_can_be_a_parameter() -> None:
    app = Faster()

    @app.get("/")
    async def read(limited: Annotated[None, Depends(RateLimit("1/minute"))], request: Request) -> str:
        return "here"

    assert statuses(TestClient(app), 2) == [200, 429]


def test_native_door_limits_too() -> None:
    with Serving(limited_app()) as serving, serving.connect() as client:
        found = []
        for _ in range(3):
            client.send(raw_request("/login", b"content-length: 0", method="POST"))
            found.append(client.answer("POST").status)
    assert found == [200, 200, 429]


# When the store is away.


class Away:
    """A store that nobody reaches, as long as `is_away`."""

    def __init__(self) -> None:
        self.is_away = True
        self.here: LimitStore = MemoryLimitStore()

    async def take(self, key: str, limit: Limit) -> Verdict:
        if self.is_away:
            raise StoreError("away")
        return await self.here.take(key, limit)


def test_open_limit_lets_pass_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    store = Away()
    client = TestClient(app_with("1/minute", store=store))
    assert statuses(client, 3) == [200, 200, 200]
    store.is_away = False
    assert statuses(client, 2) == [200, 429]
    ours = [record.message for record in caplog.records if record.name == "fasterapi"]
    assert ours == ["The store cannot be asked: away. Until it is back requests are not limited.", "The store answers again."]


def test_closed_limit_refuses(caplog: pytest.LogCaptureFixture) -> None:
    client = TestClient(app_with("1/minute", store=Away(), on_store_failure="fail_closed"))
    answer = client.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "refused with status 503" in caplog.text


def test_closed_limit_of_a_route_refuses() -> None:
    client = TestClient(limited_app(store=Away(), on_store_failure="fail_closed"))
    assert (client.post("/login").status_code, client.get("/free").status_code) == (503, 200)


def test_open_limit_of_a_route_lets_pass() -> None:
    assert TestClient(limited_app(store=Away())).post("/login").status_code == 200


@needs_redis
async def test_redis_may_die_and_come_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with RedisServer(tmp_path) as server:
        async with (
            RedisConnection(server.url) as connection,
            AsyncTestClient(app_with("1/hour", store=RedisLimitStore(connection))) as client,
        ):

            async def ask() -> int:
                return (await client.get("/")).status_code

            assert [await ask(), await ask()] == [200, 429]
            server.kill()
            assert [await ask(), await ask()] == [200, 200]
            server.start()
            # It has forgotten what it had counted, and the script; connections of before are dead.
            assert [await ask(), await ask()] == [200, 429]
    assert caplog.text.count("The store cannot be asked") == 1
    assert caplog.text.count("The store answers again") == 1


@needs_redis
async def test_redis_that_hangs_is_away(tmp_path: Path) -> None:
    import signal

    with RedisServer(tmp_path) as server:
        assert server.process is not None
        async with RedisConnection(server.impatient_url) as connection:
            store = RedisLimitStore(connection)
            server.process.send_signal(signal.SIGSTOP)
            try:
                with pytest.raises(StoreError, match="Redis"):
                    await asyncio.wait_for(store.take("key", Limit(1, 60)), DEADLINE)
            finally:
                server.process.send_signal(signal.SIGCONT)


def test_says_what_to_install() -> None:
    program = "import sys; sys.modules['redis'] = None\nfrom fasterapi.contrib.rate_limit import RedisLimitStore\nRedisLimitStore()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "needs redis: pip install 'fasterapi-framework[redis]'" in done.stderr


def test_memory_needs_no_redis() -> None:
    program = "import sys, json; import fasterapi.contrib.rate_limit; print(json.dumps('redis' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) is False
