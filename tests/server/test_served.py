"""The protocol in real uvicorn servers, over real sockets."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, TextMessage
from wsproto.events import Request as UpgradeRequest

from fasterapi import Faster
from tests.deadline import DEADLINE
from tests.server.probe import AsgiProbe, NativeProbe
from tests.server.servers import Serving
from tests.server.test_protocol import Probe, chunked, post, request
from tests.server.wire import take_answer

LOOPS = ["asyncio", "uvloop"]

# The key and the certificate of a localhost, signed by itself.
CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture(params=[NativeProbe, AsgiProbe], ids=["exchange", "asgi"])
def probe(request: pytest.FixtureRequest) -> Probe:
    app: Probe = request.param()
    return app


@pytest.mark.parametrize("loop", LOOPS)
def test_requests(probe: Probe, loop: str) -> None:
    with Serving(probe, loop=loop) as serving, serving.connect() as client:
        client.send(request("/echo?1") + post("/echo", b"body") + chunked("/echo", b"one", b"two"))
        assert [json.loads(client.answer().body)[4] for _ in range(3)] == ["", "body", "onetwo"]


@pytest.mark.parametrize("loop", LOOPS)
def test_refusal_arrives_although_the_client_still_sends(probe: Probe, loop: str) -> None:
    with Serving(probe, loop=loop) as serving, serving.connect() as client:
        client.send(b"nonsense\r\n\r\n" + b"x" * 1_000_000)
        assert client.answer().status == 400
        assert client.rest() == b""


@pytest.mark.parametrize("loop", LOOPS)
def test_answer_before_the_body_arrives_although_the_client_still_sends(probe: Probe, loop: str) -> None:
    with Serving(probe, loop=loop) as serving, serving.connect() as client:
        client.send(post("/early", b"x" * 5_000_000))
        assert client.answer("POST").headers["connection"] == "close"
        assert client.rest() == b""


@pytest.mark.parametrize("loop", LOOPS)
def test_large_upload(loop: str) -> None:
    async def count(scope: Any, receive: Any, send: Any) -> None:
        size, more = 0, True
        while more:
            message = await receive()
            size += len(message["body"])
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"%d" % size})

    with Serving(count, loop=loop) as serving, serving.connect() as client:
        client.send(post("/", b"x" * 5_000_000))
        assert client.answer("POST").body == b"5000000"


@pytest.mark.parametrize("loop", LOOPS)
def test_download_waits_for_a_client_that_does_not_read(loop: str) -> None:
    sent: list[int] = []
    full = threading.Event()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        for number in range(200):
            sending = asyncio.ensure_future(send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True}))
            done, _ = await asyncio.wait([sending], timeout=0.2)
            if not done:
                full.set()
            await sending
            sent.append(number)
        await send({"type": "http.response.body"})

    with Serving(stream, loop=loop) as serving, serving.connect() as client:
        client.send(request("/", b"connection: close"))
        assert full.wait(DEADLINE)
        assert len(sent) < 200
        answer = take_answer(client.rest(), "GET")
        assert answer is not None
        assert len(answer[0].body) == 20_000_000


def test_client_that_leaves_is_noticed() -> None:
    gone = threading.Event()

    async def wait(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    with Serving(wait) as serving:
        with serving.connect() as client:
            client.send(request("/"))
        assert gone.wait(DEADLINE)


def test_request_that_runs_is_finished_at_shutdown(probe: Probe) -> None:
    with Serving(probe) as serving, serving.connect() as idle, serving.connect() as client:
        client.send(post("/echo", b"body")[:-1])
        idle.send(request("/early"))
        idle.answer()
        serving.server.should_exit = True
        assert idle.rest() == b""
        client.send(b"y")
        assert json.loads(client.answer("POST").body)[4] == "body"
        assert client.rest() == b""
        serving.join()


def test_limit_max_requests(probe: Probe) -> None:
    with Serving(probe, limit_max_requests=2) as serving, serving.connect() as client:
        client.send(request("/early") * 2)
        client.answer()
        client.answer()
        serving.join()


def test_unix_socket(probe: Probe, tmp_path: Path) -> None:
    with Serving(probe, path=tmp_path / "socket") as serving, serving.connect() as client:
        client.send(request("/client"))
        assert client.answer().body == b"(None, 'http')"


@pytest.mark.parametrize("loop", LOOPS)
def test_tls(probe: Probe, loop: str) -> None:
    context = ssl.create_default_context(cafile=CERTIFICATE)
    with Serving(probe, loop=loop, ssl_certfile=CERTIFICATE) as serving, serving.connect(context) as client:
        client.send(request("/client"))
        assert client.answer().body.endswith(b"'https')")
        client.send(post("/echo", b"x" * 500_000))
        assert client.answer("POST").status == 200
        client.send(b"nonsense\r\n\r\n")
        assert client.answer().status == 400


def test_websocket() -> None:
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("echo " + await websocket.receive_text())

    app = Starlette(routes=[WebSocketRoute("/", echo)])
    with Serving(app, ws="wsproto") as serving, serving.connect() as client:
        connection = WSConnection(ConnectionType.CLIENT)
        handshake = connection.send(UpgradeRequest(host="a", target="/"))
        client.send(handshake)
        events: list[Any] = []
        while not any(isinstance(event, AcceptConnection) for event in events):
            connection.receive_data(client.socket.recv(65536))
            events.extend(connection.events())
        client.send(connection.send(TextMessage("hello")))
        while not any(isinstance(event, TextMessage) for event in events):
            connection.receive_data(client.socket.recv(65536))
            events.extend(connection.events())
        assert next(event.data for event in events if isinstance(event, TextMessage)) == "echo hello"


def test_starlette() -> None:
    async def echo(request: Request) -> Response:
        return Response(await request.body(), headers={"x-client": request.client.host if request.client else ""})

    async def stream(request: Request) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for number in range(3):
                yield b"%d" % number

        return StreamingResponse(pieces())

    app = Starlette(routes=[Route("/echo", echo, methods=["POST"]), Route("/stream", stream)])
    with Serving(app) as serving, serving.connect() as client:
        client.send(chunked("/echo", b"one", b"two"))
        assert (answer := client.answer("POST")).body == b"onetwo"
        assert answer.headers["x-client"] == "127.0.0.1"
        client.send(request("/stream"))
        assert client.answer().body == b"012"


def test_faster() -> None:
    app = Faster()

    @app.get("/users/{user_id}")
    async def read_user(user_id: int, verbose: bool = False) -> dict[str, object]:
        return {"user_id": user_id, "verbose": verbose}

    @app.post("/items")
    async def create_item(item: dict[str, int]) -> dict[str, int]:
        return item

    with Serving(app) as serving, serving.connect() as client:
        client.send(request("/users/1?verbose=on"))
        assert client.answer().body == b'{"user_id":1,"verbose":true}'
        client.send(post("/items", b'{"a":1}', b"content-type: application/json"))
        assert client.answer("POST").body == b'{"a":1}'
        client.send(request("/users/x"))
        assert client.answer().status == 422
        client.send(request("/users/1", method="HEAD"))
        assert client.answer("HEAD").body == b""
