from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import fastapi
import fastapi.testclient
import pytest

import fasterapi
from fasterapi import Faster, FasterRouter, GraphError, Request
from fasterapi.concurrency import run_in_executor
from fasterapi.testing import TestClient


def test_a_context_manager_spans_the_requests() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("end")

    app = Faster(lifespan=lifespan)

    @app.get("/")
    async def answer() -> None:
        events.append("request")

    with TestClient(app) as client:
        client.get("/")
    assert events == ["start", "request", "end"]


def test_a_plain_asynchronous_generator_will_do() -> None:
    events: list[str] = []

    async def lifespan(app: Faster) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("end")

    with TestClient(Faster(lifespan=lifespan)):
        assert events == ["start"]
    assert events == ["start", "end"]


async def test_what_it_yields_becomes_the_state() -> None:
    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[dict[str, Any]]:
        yield {"pool": 1}

    state: dict[str, Any] = {}
    assert await lifespan_messages(Faster(lifespan=lifespan), {"state": state}) == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert state == {"pool": 1}


async def test_a_state_needs_a_server_that_carries_it() -> None:
    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[dict[str, Any]]:
        yield {"pool": 1}

    with pytest.raises(RuntimeError, match="cannot carry one"):
        await lifespan_messages(Faster(lifespan=lifespan), {})


def test_a_failing_start_is_raised() -> None:
    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[None]:
        connect()
        yield

    with pytest.raises(OSError, match="no database"), TestClient(Faster(lifespan=lifespan)):
        pytest.fail("it started")


def test_a_failing_end_is_raised() -> None:
    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[None]:
        yield
        raise OSError("flush failed")

    with pytest.raises(OSError, match="flush failed"), TestClient(Faster(lifespan=lifespan)):
        pass


def test_a_wrong_graph_does_not_start() -> None:
    app = Faster()

    @app.get("/")
    async def wrong(*anything: str) -> None:
        return None

    with pytest.raises(GraphError), TestClient(app):
        pytest.fail("it started")


def test_a_plain_generator_will_do() -> None:
    events: list[str] = []

    def lifespan(app: Faster) -> Iterator[dict[str, int]]:
        events.append("start")
        yield {"pool": 1}
        events.append("end")

    with TestClient(with_state_shown(Faster(lifespan=lifespan))) as client:
        assert client.get("/state").json() == {"pool": 1}
    assert events == ["start", "end"]


def test_the_state_reaches_the_requests_and_they_do_not_change_it() -> None:
    async def lifespan(app: Faster) -> AsyncIterator[dict[str, int]]:
        yield {"count": 1}

    app = Faster(lifespan=lifespan)

    @app.get("/")
    async def count(request: Request) -> int:
        request.state.count += 1
        return int(request.state.count)

    with TestClient(app) as client:
        assert client.get("/").json() == client.get("/").json() == 2


def test_event_handlers_run_in_their_order() -> None:
    events: list[str] = []
    app = Faster(on_startup=[lambda: events.append("constructor")], on_shutdown=[lambda: events.append("end of constructor")])

    @app.on_startup
    async def start() -> None:
        events.append("decorator")

    @app.on_event("startup")
    def start_too() -> None:
        events.append("on_event")

    @app.on_shutdown
    def stop() -> None:
        events.append("end of decorator")

    app.add_event_handler("startup", lambda: events.append("add_event_handler"))
    app.router.on_shutdown.append(lambda: events.append("end of list"))
    with TestClient(app):
        assert events == ["constructor", "decorator", "on_event", "add_event_handler"]
        events.clear()
    assert events == ["end of constructor", "end of decorator", "end of list"]


def test_a_decorated_event_handler_stays_what_it_was() -> None:
    app = Faster()
    assert app.on_startup(connect) is connect
    assert app.on_event("shutdown")(connect) is connect
    assert app.startup_handlers == app.shutdown_handlers == [connect]


def test_an_event_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="Write 'startup' or 'shutdown'"):
        Faster().on_event("begin")(connect)


def test_a_bare_decorator_that_is_called_with_no_function_says_how_to_write_it() -> None:
    with pytest.raises(TypeError, match="without parentheses"):
        Faster().on_startup("startup")  # type: ignore[type-var]  # the mistake under test


def test_event_handlers_beside_a_lifespan_are_told_to_be_unheard() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[None]:
        yield

    app = Faster(lifespan=lifespan)

    @app.on_startup
    def start() -> None:
        events.append("start")

    with pytest.warns(UserWarning, match="never called: start"), TestClient(app):
        pass
    assert events == []


def test_every_handler_of_the_shutdown_is_called_and_all_failures_are_told() -> None:
    events: list[str] = []

    def fail(what: str) -> Callable[[], None]:
        def handler() -> None:
            raise OSError(what)

        return handler

    app = Faster(on_shutdown=[fail("one"), lambda: events.append("between"), fail("two")])
    with pytest.raises(ExceptionGroup) as raised, TestClient(app):
        pass
    assert events == ["between"]
    assert [str(error) for error in raised.value.exceptions] == ["one", "two"]


async def test_a_failing_start_is_told_to_the_server() -> None:
    sent: list[dict[str, Any]] = []
    with pytest.raises(OSError, match="no database"):
        await live(Faster(on_startup=[connect]), {"state": {}}, sent)
    [message] = sent
    assert message["type"] == "lifespan.startup.failed"
    assert re.search(r"in connect\n(.*\n)+OSError: no database\n$", message["message"])


async def test_a_failing_end_is_told_to_the_server() -> None:
    sent: list[dict[str, Any]] = []
    with pytest.raises(OSError, match="no database"):
        await live(Faster(on_shutdown=[connect]), {"state": {}}, sent)
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.failed"]
    assert re.search(r"in connect\n(.*\n)+OSError: no database\n$", sent[1]["message"])


def with_state_shown(app: Faster) -> Faster:
    @app.get("/state")
    async def show(request: Request) -> dict[str, Any]:
        return {name: request.state[name] for name in request.state}

    return app


def noting(events: list[str], name: str, *, fails_at: str = "") -> Any:
    @asynccontextmanager
    async def lifespan(app: object) -> AsyncIterator[dict[str, str]]:
        events.append(f"+{name}")
        if fails_at == "start":
            raise OSError(name)
        try:
            yield {"innermost": name, name: name}
        finally:
            events.append(f"-{name}")
        if fails_at == "end":
            raise OSError(name)

    return lifespan


def declare_nested(framework: Any, app: Any, events: list[str]) -> None:
    """Routers within routers; each has a lifespan or events."""
    outer = framework.APIRouter(lifespan=noting(events, "outer"))
    inner = framework.APIRouter(lifespan=noting(events, "inner"))
    last = framework.APIRouter(lifespan=noting(events, "last"))
    outer.include_router(inner)
    app.include_router(outer)
    app.include_router(framework.APIRouter())
    app.include_router(last)


def test_lifespans_of_routers_nest_and_their_states_merge_as_in_fastapi() -> None:
    their_events: list[str] = []
    our_events: list[str] = []
    theirs, ours = fastapi.FastAPI(lifespan=noting(their_events, "app")), Faster(lifespan=noting(our_events, "app"))
    declare_nested(fastapi, theirs, their_events)
    declare_nested(fasterapi, ours, our_events)
    with fastapi.testclient.TestClient(theirs) as expecting, TestClient(with_state_shown(ours)) as client:
        assert client.get("/state").json() == expecting.app_state
    assert our_events == their_events


def test_the_lifespan_of_a_router_that_is_included_twice_is_begun_once() -> None:
    events: list[str] = []
    app, router = Faster(), FasterRouter(lifespan=noting(events, "router"))
    events_router = FasterRouter(on_startup=[lambda: events.append("startup")])
    for prefix in ("/v1", "/v2"):
        app.include_router(router, prefix=prefix)
        app.include_router(events_router, prefix=prefix)
    with TestClient(app):
        pass
    assert events == ["+router", "startup", "-router"]


def test_what_was_begun_before_a_failure_is_ended_from_the_last_to_the_first() -> None:
    events: list[str] = []
    app = Faster(lifespan=noting(events, "app"))
    for name, fails_at in [("first", ""), ("second", "start"), ("third", "")]:
        app.include_router(FasterRouter(lifespan=noting(events, name, fails_at=fails_at)))
    with pytest.raises(OSError, match="second"), TestClient(app):
        pytest.fail("it started")
    assert events == ["+app", "+first", "+second", "-first", "-app"]


def test_all_is_ended_when_one_end_fails() -> None:
    events: list[str] = []
    app = Faster(lifespan=noting(events, "app"))
    app.include_router(FasterRouter(lifespan=noting(events, "router", fails_at="end")))
    with pytest.raises(OSError, match="router"), TestClient(app):
        pass
    assert events == ["+app", "+router", "-router", "-app"]


@pytest.mark.parametrize("make", [Faster, fastapi.FastAPI])
def test_a_mounted_application_lives_with_the_one_around_it(make: Callable[..., Any]) -> None:
    events: list[str] = []
    app, mounted = Faster(lifespan=noting(events, "app")), make(lifespan=noting(events, "mounted"))

    def answer(request: Any) -> list[str]:
        return [request.state.innermost, request.state.app]

    answer.__annotations__["request"] = Request if make is Faster else fastapi.Request
    mounted.get("/")(answer)
    app.mount("/one", mounted)
    app.mount("/two", mounted)
    with TestClient(app) as client:
        assert client.get("/one/").json() == client.get("/two/").json() == ["mounted", "app"]
    assert events == ["+app", "+mounted", "-mounted", "-app"]


def test_the_processes_for_work_end_with_the_application() -> None:
    app = Faster()

    @app.get("/")
    async def process() -> int:
        return await run_in_executor(os.getpid)

    found = []
    for _ in range(2):
        with TestClient(app) as client:
            found.append(client.get("/").json())
    assert found[0] != found[1]


async def test_the_lifespan_can_be_entered_without_a_server() -> None:
    events: list[str] = []
    app = Faster(lifespan=noting(events, "app"))
    app.include_router(FasterRouter(lifespan=noting(events, "router")))
    async with app.router.lifespan_context(app) as state:
        assert state == {"app": "app", "router": "router", "innermost": "app"}
    assert events == ["+app", "+router", "-router", "-app"]


def test_the_lifespan_can_be_wrapped_in_another() -> None:
    events: list[str] = []
    app = Faster(lifespan=noting(events, "app"))
    app.include_router(FasterRouter(lifespan=noting(events, "before")))
    wrapped = app.router.lifespan_context

    @asynccontextmanager
    async def wrapping(app: Faster) -> AsyncIterator[Mapping[str, Any] | None]:
        events.append("+wrapping")
        async with wrapped(app) as state:
            yield state
        events.append("-wrapping")

    app.router.lifespan_context = wrapping
    app.include_router(FasterRouter(lifespan=noting(events, "after")))
    with TestClient(app):
        pass
    assert events == ["+wrapping", "+app", "+before", "+after", "-after", "-before", "-app", "-wrapping"]


def connect() -> None:
    raise OSError("no database")


async def lifespan_messages(app: Faster, scope: dict[str, Any]) -> list[str]:
    """The types of what the app sends over a whole life."""
    sent: list[dict[str, Any]] = []
    await live(app, scope, sent)
    return [message["type"] for message in sent]


async def live(app: Faster, scope: dict[str, Any], sent: list[dict[str, Any]]) -> None:
    """Start and stop the app, and note what it sends."""
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app({"type": "lifespan", **scope}, receive, send)
