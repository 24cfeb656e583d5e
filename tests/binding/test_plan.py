"""Calls that may block share a trip to the thread pool, and nobody but the clock can tell."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from fasterapi import Depends, Faster, run_in_threadpool
from fasterapi.concurrency.threads import set_thread_limit, thread_limit
from fasterapi.testing import TestClient
from tests.deadline import DEADLINE
from tests.side_by_side import SideBySide


class LoopEvent(asyncio.Event):
    """One that threads may set."""

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()

    def set(self) -> None:
        self._loop.call_soon_threadsafe(super().set)


@pytest.fixture
def one_thread() -> Iterator[None]:
    """A single thread for all that blocks."""
    limit = thread_limit()
    set_thread_limit(1)
    yield
    set_thread_limit(limit)


async def ask(app: Faster, path: str, query: str = "") -> int:
    """The status of one request, on the loop that runs; -1 where no answer was begun."""
    statuses: list[int] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": []}
    await app(scope, receive, send)
    return statuses[0] if statuses else -1


@pytest.mark.usefixtures("one_thread")
async def test_blocking_providers_and_a_blocking_handler_share_one_trip() -> None:
    log: list[str] = []
    begun, go_on = LoopEvent(), threading.Event()
    app = Faster()

    def first() -> None:
        begun.set()
        go_on.wait(DEADLINE)
        log.append("first")

    def second(_: None = Depends(first)) -> Iterator[None]:
        log.append("second")
        yield

    @app.get("/")
    def handler(_: None = Depends(second)) -> None:
        log.append("handler")

    request = asyncio.ensure_future(ask(app, "/"))
    await begun.wait()
    # The only thread is taken: what is asked for now can only come between two trips, or after the last one.
    other = asyncio.ensure_future(run_in_threadpool(log.append, "other"))
    await asyncio.sleep(0)
    go_on.set()
    assert await request == 200
    await other
    assert log == ["first", "second", "handler", "other"]


async def test_a_refused_request_takes_no_trip_for_a_handler_that_will_not_run() -> None:
    app = Faster()

    @app.get("/")
    def handler(number: int) -> int:
        raise AssertionError(number)

    # Nothing is waited for, so that one step ends it.
    with pytest.raises(StopIteration, match="422"):
        ask(app, "/", "number=x").send(None)


@pytest.mark.parametrize("trip", ["alone", "shared"])
async def test_a_cancelled_request_begins_no_further_step_and_cleans_up(trip: str) -> None:
    log: list[str] = []
    begun, go_on = LoopEvent(), threading.Event()
    app = Faster()

    def held() -> Iterator[None]:
        begun.set()
        go_on.wait(DEADLINE)
        log.append("enter")
        try:
            yield
        finally:
            log.append("leave")

    def never() -> None:
        log.append("never")

    async def asynchronous() -> None:
        log.append("never")

    @app.get("/", dependencies=[Depends(held), Depends(never if trip == "shared" else asynchronous)])
    def handler() -> None:
        log.append("never")

    request = asyncio.ensure_future(ask(app, "/"))
    await begun.wait()
    request.cancel()
    await asyncio.sleep(0)
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert log == ["enter", "leave"]


@pytest.mark.usefixtures("one_thread")
async def test_cleanup_never_waits_for_the_threads_of_handlers() -> None:
    app = Faster()
    connection = threading.Semaphore(1)
    waiting = LoopEvent()

    def connected() -> Iterator[None]:
        if not connection.acquire(blocking=False):
            waiting.set()
            connection.acquire(timeout=DEADLINE)
        yield
        connection.release()

    @app.get("/", dependencies=[Depends(connected)])
    async def handler() -> None:
        await waiting.wait()

    assert set(await asyncio.gather(ask(app, "/"), ask(app, "/"))) == {200}


@pytest.mark.parametrize("place", ["provider", "handler"])
def test_stop_iteration_from_a_thread_is_an_answer(place: str) -> None:
    app = Faster()

    def stopping() -> str:
        return next(iter(list[str]()))

    @app.get("/provider")
    async def behind(value: str = Depends(stopping)) -> str:
        return value

    app.get("/handler")(stopping)
    assert TestClient(app, raise_server_exceptions=False).get(f"/{place}").status_code == 500


def declare_trips(framework: Any, app: Faster, log: list[Any]) -> None:
    depends = framework.Depends

    def first(number: int = 1) -> str:
        log.append("first")
        return f"first {number}"

    class Page:
        def __init__(self, size: int = 10) -> None:
            log.append("page")
            self.size = size

    def second(inner: str = depends(first), page: Page = depends()) -> Iterator[str]:
        log.append("enter second")
        try:
            yield f"{inner} {page.size}"
        except Exception as error:
            log.append(f"second saw {type(error).__name__}")
            raise
        finally:
            log.append("leave second")

    def third(fail: str = "") -> Iterator[str]:
        if fail == "enter":
            raise framework.HTTPException(409, "third")
        log.append("enter third")
        try:
            yield "third"
        finally:
            log.append("leave third")
            if fail == "leave":
                raise framework.HTTPException(418, "teapot")

    def independent() -> str:
        log.append("independent")
        return "independent"

    async def asynchronous(inner: str = depends(independent)) -> AsyncIterator[str]:
        log.append("enter asynchronous")
        yield f"asynchronous {inner}"
        log.append("leave asynchronous")

    @app.get("/blocking")
    def blocking(a: str = depends(second), b: str = depends(third), fail: str = "") -> Any:
        log.append("handler")
        if fail == "handler":
            raise ValueError("bug")
        return [a, b]

    @app.get("/waiting")
    async def waiting(a: str = depends(second), b: str = depends(third)) -> Any:
        log.append("handler")
        return [a, b]

    @app.get("/mixed")
    def mixed(a: str = depends(second), b: str = depends(asynchronous), c: str = depends(third), d: str = depends(independent)) -> Any:
        log.append("handler")
        return [a, b, c, d]

    @app.get("/early-end")
    def early_end(a: str = depends(second, scope="function"), b: str = depends(third, scope="function")) -> Any:
        log.append("handler")
        return [a, b]

    @app.get("/independent")
    def after_a_fault(a: str = depends(first), b: str = depends(independent), limit: int = 5) -> Any:
        log.append("handler")
        return [a, b, limit]


@pytest.fixture(scope="module")
def trips() -> SideBySide:
    return SideBySide(declare_trips)


@pytest.mark.parametrize(
    "query", ["", "?number=2&size=3", "?number=x", "?size=x", "?number=x&size=y", "?fail=enter", "?fail=leave", "?fail=handler"]
)
@pytest.mark.parametrize("path", ["/blocking", "/waiting", "/mixed", "/early-end", "/independent", "/independent?limit=x&number=x"])
def test_shared_trips_do_what_fastapi_does(trips: SideBySide, path: str, query: str) -> None:
    trips.get(path + (query if "?" not in path else query.replace("?", "&")))
