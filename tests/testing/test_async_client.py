"""The async client; the conversations that it shares with the other one are tried there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextvars import ContextVar

import httpx
import pytest

from fasterapi.testing import AsyncTestClient, WebSocketDenialResponse, WebSocketDisconnect
from tests.deadline import DEADLINE
from tests.testing.apps import Receive, Recorder, Scope, Send, echo, echo_websocket, hello, respond, run_lifespan

pytestmark = pytest.mark.anyio


async def test_request() -> None:
    response = await AsyncTestClient(hello).get("/")
    assert (response.status_code, response.text) == (200, "hello")


async def test_app_runs_in_the_loop_of_the_test() -> None:
    app = Recorder()
    async with AsyncTestClient(app) as client:
        await client.get("/")
    assert set(app.loops) == {asyncio.get_running_loop()}


async def test_lifespan_runs_around_the_requests() -> None:
    order: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope["state"]["pool"] = "pool"
            await run_lifespan(receive, send)
            order.append("shutdown")
        else:
            order.append(scope["state"]["pool"])
            await respond(send)

    async with AsyncTestClient(app) as client:
        await client.get("/")
    assert order == ["pool", "shutdown"]


async def test_block_can_be_entered_again() -> None:
    app = Recorder()
    client = AsyncTestClient(app)
    for _ in range(2):
        async with client:
            await client.get("/")
    assert [scope["type"] for scope in app.scopes] == ["lifespan", "http"] * 2


async def test_failing_startup() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("no database")

    with pytest.raises(LookupError, match="no database"):
        async with AsyncTestClient(app):
            pass


async def test_failure_of_the_app_is_raised() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await AsyncTestClient(app).get("/")


async def test_content_of_an_async_generator() -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"1"
        yield b"2"

    assert (await AsyncTestClient(echo).post("/", content=content())).content == b"12"


async def test_failure_of_an_async_generator_is_raised() -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"1"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        await AsyncTestClient(echo).post("/", content=content())


async def test_chunks_arrive_as_they_were_sent() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, b"1", more_body=True)
        await send({"type": "http.response.body", "body": b"2"})

    async with AsyncTestClient(app).stream("GET", "/") as response:
        assert [chunk async for chunk in response.aiter_raw()] == [b"1", b"2"]


async def test_endless_stream_that_is_closed_sees_disconnect() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await respond(send, b"tick", more_body=True)
        seen.append((await receive())["type"])

    async with AsyncTestClient(app).stream("GET", "/") as response:
        assert await anext(response.aiter_raw()) == b"tick"
    assert seen == ["http.disconnect"]


async def test_cancelled_request_cancels_the_app() -> None:
    ends: list[str] = []
    started = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            ends.append("cancelled")

    request = asyncio.ensure_future(AsyncTestClient(app).get("/"))
    await started.wait()
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    await asyncio.sleep(0)
    assert ends == ["cancelled"]


async def test_cancelled_end_of_a_stream_cancels_the_app() -> None:
    ends: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send)
        try:
            await asyncio.sleep(60)
        finally:
            ends.append("cancelled")

    client = AsyncTestClient(app)
    response = await client.send(client.build_request("GET", "/"), stream=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await response.aclose()
    await asyncio.sleep(0)
    assert ends == ["cancelled"]


async def test_app_that_does_not_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)

    with pytest.raises(httpx.ReadTimeout):
        await AsyncTestClient(app, timeout=0.05).get("/")


async def test_app_sees_context_variables_of_the_test() -> None:
    name: ContextVar[bytes] = ContextVar("name")
    name.set(b"test")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, name.get())

    assert (await AsyncTestClient(app).get("/")).content == b"test"


async def test_requests_run_at_the_same_time() -> None:
    both = asyncio.Barrier(2)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await both.wait()
        await respond(send)

    client = AsyncTestClient(app, timeout=DEADLINE)
    responses = await asyncio.gather(client.get("/"), client.get("/"))
    assert [response.status_code for response in responses] == [200, 200]


async def test_websocket() -> None:
    async with AsyncTestClient(echo_websocket).websocket_connect("/") as session:
        await session.send_json({"a": 1})
        assert await session.receive_json() == {"a": 1}


async def test_websocket_closed_by_the_app() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": 3001, "reason": "enough"})

    async with AsyncTestClient(app).websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            await session.receive_text()
    assert (caught.value.code, caught.value.reason) == (3001, "enough")


async def test_websocket_closed_by_the_client() -> None:
    received: list[object] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        received.append(await receive())

    async with AsyncTestClient(app).websocket_connect("/"):
        pass
    assert received == [{"type": "websocket.disconnect", "code": 1000, "reason": ""}]


async def test_websocket_denied() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
        await send({"type": "websocket.http.response.body"})

    with pytest.raises(WebSocketDenialResponse) as caught:
        async with AsyncTestClient(app).websocket_connect("/"):
            pass
    assert caught.value.status_code == 404


async def test_websocket_message_that_does_not_come() -> None:
    async with AsyncTestClient(echo_websocket).websocket_connect("/", timeout=0.05) as session:
        with pytest.raises(TimeoutError):
            await session.receive_bytes()
