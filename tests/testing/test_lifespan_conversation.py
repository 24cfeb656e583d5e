"""The app's lifespan around the requests of a `with` block."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

import pytest

from fasterapi.testing import TestClient
from tests.testing.apps import Receive, Recorder, Scope, Send, echo_websocket, respond, run_lifespan

STARTED = {"type": "lifespan.startup.complete"}
STOPPED = {"type": "lifespan.shutdown.complete"}


def test_lifespan_runs_around_the_requests() -> None:
    order: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            order.append("startup")
            await send(STARTED)
            await receive()
            order.append("shutdown")
            await send(STOPPED)
        else:
            order.append("request")
            await respond(send)

    with TestClient(app) as client:
        client.get("/")
    assert order == ["startup", "request", "shutdown"]


def test_lifespan_shares_the_event_loop_of_requests_and_websockets() -> None:
    app = Recorder()
    with TestClient(app) as client:
        client.get("/")
        client.websocket_connect("/").close()
    assert [scope["type"] for scope in app.scopes] == ["lifespan", "http", "websocket"]
    assert len(set(app.loops)) == 1


def test_no_lifespan_without_a_block() -> None:
    app = Recorder()
    TestClient(app).get("/")
    assert [scope["type"] for scope in app.scopes] == ["http"]


def test_state_reaches_requests_and_websockets() -> None:
    states: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["pool"] = "pool"
            return await run_lifespan(receive, send)
        states.append(scope["state"])
        return await (echo_websocket(scope, receive, send) if scope["type"] == "websocket" else respond(send))

    with TestClient(app) as client:
        client.get("/")
        client.websocket_connect("/").close()
    assert states == [{"pool": "pool"}, {"pool": "pool"}]


def test_each_request_has_its_own_copy_of_the_state() -> None:
    app = Recorder()
    with TestClient(app) as client:
        client.get("/")
        app.scope["state"]["mine"] = 1
        client.get("/")
    assert app.scope["state"] == {}


def test_state_is_empty_without_a_block() -> None:
    app = Recorder()
    client = TestClient(app)
    with client:
        app.scope["state"]["pool"] = "pool"
    client.get("/")
    assert app.scope["state"] == {}


def test_block_can_be_entered_again() -> None:
    app = Recorder()
    client = TestClient(app)
    for _ in range(2):
        with client:
            client.get("/")
    assert [scope["type"] for scope in app.scopes] == ["lifespan", "http"] * 2


def test_block_cannot_be_entered_twice_at_a_time() -> None:
    client = TestClient(Recorder())
    with client, pytest.raises(RuntimeError, match="open already"), client:
        pass


def test_refused_second_block_leaves_the_first_open() -> None:
    client = TestClient(Recorder())
    with client:
        with pytest.raises(RuntimeError), client:
            pass
        assert client.get("/").status_code == 200


def test_lifespan_sees_context_variables() -> None:
    name: ContextVar[str] = ContextVar("name")
    name.set("test")
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(name.get())
        await run_lifespan(receive, send)

    with TestClient(app):
        pass
    assert seen == ["test"]


def test_open_streams_are_left_before_the_shutdown() -> None:
    order: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await run_lifespan(receive, send)
            order.append("shutdown")
        else:
            await receive()
            await send({"type": "http.response.start", "status": 200})
            order.append((await receive())["type"])

    with TestClient(app) as client:
        response = client.send(client.build_request("GET", "/"), stream=True)
    response.close()
    assert order == ["http.disconnect", "shutdown"]


def test_open_websockets_are_left_before_the_shutdown() -> None:
    order: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await run_lifespan(receive, send)
            order.append("shutdown")
        else:
            await receive()
            await send({"type": "websocket.accept"})
            order.append(await receive())

    with TestClient(app) as client:
        client.websocket_connect("/")
    assert order == [{"type": "websocket.disconnect", "code": 1001, "reason": ""}, "shutdown"]


def test_app_without_lifespan_that_returns() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await respond(send)

    with TestClient(app) as client:
        assert client.get("/").status_code == 200


def test_failing_startup_raises_what_the_app_raised() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise LookupError("no database")

    with pytest.raises(LookupError, match="no database") as caught, TestClient(app):
        pass
    assert caught.traceback[-1].name == "app"


def test_failing_startup_that_is_announced_raises_what_the_app_raised() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})
        raise LookupError("no database")

    with pytest.raises(LookupError, match="no database"), TestClient(app):
        pass


def test_failing_startup_that_is_only_announced() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(RuntimeError, match="the startup of the app's lifespan failed: no database"), TestClient(app):
        pass


def test_failing_startup_that_is_reported() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        scope["extensions"]["fasterapi.unhandled"].append(LookupError("no database"))
        await send({"type": "lifespan.startup.failed", "message": ""})

    with pytest.raises(LookupError, match="no database"), TestClient(app):
        pass


def test_failing_startup_is_raised_on_any_demand() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("no database")

    with pytest.raises(LookupError), TestClient(app, raise_server_exceptions=False):
        pass


def test_failing_shutdown() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(STARTED)
        await receive()
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"), TestClient(app):
        pass


def test_failing_shutdown_that_is_only_announced() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(STARTED)
        await receive()
        await send({"type": "lifespan.shutdown.failed"})

    with pytest.raises(RuntimeError, match="the shutdown of the app's lifespan failed: it gives no reason"), TestClient(app):
        pass


def test_failure_between_startup_and_shutdown() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            return await respond(send)
        await receive()
        await send(STARTED)
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"), TestClient(app) as client:
        assert client.get("/").status_code == 200


def test_failure_after_shutdown() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await run_lifespan(receive, send)
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"), TestClient(app):
        pass


def test_startup_that_does_not_end() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)

    with pytest.raises(TimeoutError, match=r"the startup of the app's lifespan took longer than 0\.05 s"), TestClient(app, timeout=0.05):
        pass


def test_shutdown_that_does_not_end() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(STARTED)
        await asyncio.sleep(60)

    with pytest.raises(TimeoutError, match="the shutdown of the app's lifespan took longer"), TestClient(app, timeout=0.05):
        pass


def test_message_of_no_lifespan() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "lifespan.startup"})

    with pytest.raises(RuntimeError, match=r"'lifespan\.startup' is no message of a lifespan"), TestClient(app):
        pass
