"""`Depends(max_concurrency=...)`: as many calls at once as it says, clean-up included."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import pytest

from fasterapi import Depends, Faster
from fasterapi.testing import TestClient
from tests.deadline import DEADLINE


class Counter:
    """How many are inside at once, and how many ever were."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.calls = 0
        self.two_inside = threading.Event()
        self._lock = threading.Lock()

    def enter(self) -> None:
        with self._lock:
            self.calls += 1
            self.inside += 1
            self.most = max(self.most, self.inside)
            if self.inside > 1:
                self.two_inside.set()

    def leave(self) -> None:
        with self._lock:
            self.inside -= 1


def provider_of(kind: str, counter: Counter) -> Callable[..., Any]:
    """A provider that counts itself; those with clean-up count until then."""

    async def coroutine() -> None:
        counter.enter()
        for _ in range(5):
            await asyncio.sleep(0)
        counter.leave()

    def thread() -> None:
        counter.enter()
        # The first waits for the second: how soon a thread gets its turn is left to the machine.
        counter.two_inside.wait(DEADLINE)
        counter.leave()

    async def async_generator() -> AsyncIterator[None]:
        counter.enter()
        yield
        counter.leave()

    def generator() -> Iterator[None]:
        counter.enter()
        yield
        counter.leave()

    return {"coroutine": coroutine, "thread": thread, "async generator": async_generator, "generator": generator}[kind]


async def ask(app: Faster, path: str = "/") -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200

    await app({"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}, receive, send)


KINDS = ["coroutine", "thread", "async generator", "generator"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scope", ["function", "request"])
async def test_no_more_calls_run_at_once(kind: str, scope: Any) -> None:
    counter = Counter()
    app = Faster()

    @app.get("/", dependencies=[Depends(provider_of(kind, counter), scope=scope, max_concurrency=2)])
    async def handler() -> None:
        for _ in range(5):
            await asyncio.sleep(0)

    await asyncio.gather(*[ask(app) for _ in range(8)])
    assert (counter.most, counter.calls, counter.inside) == (2, 8, 0)


async def test_one_depends_is_one_limit_wherever_it_stands() -> None:
    counter = Counter()
    limited = Depends(provider_of("async generator", counter), max_concurrency=1)
    app = Faster()

    @app.get("/one")
    async def one(value: None = limited) -> None:
        await asyncio.sleep(0)

    @app.get("/two", dependencies=[limited])
    async def two() -> None:
        await asyncio.sleep(0)

    await asyncio.gather(*[ask(app, path) for path in ("/one", "/two") * 3])
    assert (counter.most, counter.calls) == (1, 6)


async def test_each_depends_has_a_limit_of_its_own() -> None:
    everybody = asyncio.Barrier(2)

    async def provider() -> None:
        await asyncio.wait_for(everybody.wait(), DEADLINE)

    app = Faster()

    @app.get("/one")
    async def one(value: None = Depends(provider, max_concurrency=1)) -> None: ...

    @app.get("/two")
    async def two(value: None = Depends(provider, max_concurrency=1)) -> None: ...

    await asyncio.gather(ask(app, "/one"), ask(app, "/two"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_failure_gives_the_place_back(kind: str) -> None:
    fails = [True]

    def fail() -> None:
        if fails.pop():
            raise OSError("once")
        fails.append(False)

    async def coroutine() -> None:
        fail()

    async def async_generator() -> AsyncIterator[None]:
        fail()
        yield

    def generator() -> Iterator[None]:
        fail()
        yield

    provider = {"coroutine": coroutine, "thread": fail, "async generator": async_generator, "generator": generator}[kind]
    app = Faster()

    @app.get("/", dependencies=[Depends(cast("Callable[..., Any]", provider), max_concurrency=1)])
    async def handler() -> None: ...

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/").status_code == 500
        fails.append(False)
        assert client.get("/").status_code == 200


async def test_one_who_gave_up_waiting_takes_no_place() -> None:
    counter = Counter()
    go_on = asyncio.Event()

    async def provider() -> None:
        counter.enter()
        await go_on.wait()

    app = Faster()

    @app.get("/", dependencies=[Depends(provider, max_concurrency=1)])
    async def handler() -> None: ...

    first, second, third = (asyncio.ensure_future(ask(app)) for _ in range(3))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    second.cancel()
    go_on.set()
    await asyncio.gather(first, third)
    assert counter.calls == 2


def test_a_refused_request_waits_for_no_place() -> None:
    app = Faster()
    entered = []

    async def provider(number: int) -> AsyncIterator[None]:
        entered.append(number)
        yield

    @app.get("/")
    async def handler(value: None = Depends(provider, max_concurrency=1)) -> None: ...

    client = TestClient(app)
    assert [client.get("/", params={"number": number}).status_code for number in ("x", "1", "x", "2")] == [422, 200, 422, 200]
    assert entered == [1, 2]


def test_limits_work_on_one_loop_after_the_other() -> None:
    counter = Counter()
    app = Faster()

    @app.get("/", dependencies=[Depends(provider_of("coroutine", counter), max_concurrency=1)])
    async def handler() -> None: ...

    async def ask_three() -> None:
        await asyncio.gather(ask(app), ask(app), ask(app))

    asyncio.run(ask_three())
    asyncio.run(ask_three())
    assert (counter.most, counter.calls) == (1, 6)


@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "2"])
def test_an_impossible_limit_is_refused(limit: Any) -> None:
    with pytest.raises(ValueError, match="max_concurrency of 1 or more"):
        Depends(len, max_concurrency=limit)
