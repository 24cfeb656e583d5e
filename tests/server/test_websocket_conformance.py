"""WebSockets through the upgrade, frame by frame: what RFC 6455 and RFC 7692 ask for, and that uvicorn's own protocol leads to the same."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from fasterapi import Faster, WebSocket
from tests.server.servers import Serving
from tests.server.test_protocol import request
from tests.server.websocket_cases import COMPRESSED_TEXT, DEFLATE, ENDS, FAULTS, GOOD, HANDSHAKES, LIMIT, LONG_TEXT, TALKS, Fault, Talk
from tests.server.websocket_client import (
    ACCEPT,
    BINARY,
    COMPRESSED,
    CONTINUATION,
    NO_CLOSE,
    PING,
    TEXT,
    Heard,
    WebSocketClient,
    frame,
    goodbye,
    handshake,
)
from tests.server.wire import Answer


def make_app() -> Faster:
    app = Faster()

    @app.get("/")
    async def read() -> str:
        return "no websocket"

    @app.websocket("/")
    async def echo(websocket: WebSocket) -> None:
        subprotocols = websocket.scope["subprotocols"]
        await websocket.accept(subprotocols[0] if subprotocols else None)
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            await websocket.send({**message, "type": "websocket.send"})

    @app.websocket("/closing/{code}")
    async def close(websocket: WebSocket, code: int) -> None:
        await websocket.accept()
        await websocket.close(code)

    return app


class Servers:
    """Our protocol and uvicorn's, in front of the same implementation."""

    def __init__(self, implementation: str, stack: contextlib.ExitStack) -> None:
        self.implementation = implementation
        self._both = [
            stack.enter_context(Serving(make_app(), http=http, ws=implementation, ws_max_size=LIMIT))
            for http in ("fasterapi.server:HttpProtocol", "httptools")
        ]

    def __iter__(self) -> Iterator[Serving]:
        return iter(self._both)


@pytest.fixture(scope="module", params=["websockets-sansio", "wsproto"])
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    with contextlib.ExitStack() as stack:
        yield Servers(request.param, stack)


@pytest.mark.parametrize("name", TALKS)
def test_what_is_right_is_answered(servers: Servers, name: str) -> None:
    expected = TALKS[name]
    assert [played(serving, expected) for serving in servers] == [expected.heard] * 2


def test_a_ping_within_a_compressed_message(servers: Servers) -> None:
    """RFC 7692, 6.1, leaves control frames as they were; wsproto takes them for the end of what is compressed."""
    sent = [
        frame(TEXT, COMPRESSED_TEXT[:9], final=False, reserved=COMPRESSED) + frame(PING, b"p") + frame(CONTINUATION, COMPRESSED_TEXT[9:])
    ]
    heard = Heard([(TEXT, LONG_TEXT)], [b"p"], 1000)
    ours, theirs = [played(serving, Talk(sent, heard, [DEFLATE])) for serving in servers]
    assert ours == (Heard([], [b"p"], NO_CLOSE) if servers.implementation == "wsproto" else heard)
    assert ours == theirs


@pytest.mark.parametrize("size", [1, 2, 3, 7, 997])
def test_frames_may_be_cut_anywhere(servers: Servers, size: int) -> None:
    sent = frame(TEXT, b"a" * 300, final=False) + frame(PING, b"p") + frame(CONTINUATION, "é".encode()) + frame(BINARY, b"x" * 70)
    heard = Heard([(TEXT, b"a" * 300 + "é".encode()), (BINARY, b"x" * 70)], [b"p"], 1000)
    for serving in servers:
        with opened(serving) as client:
            for at in range(0, len(sent), size):
                client.send(sent[at : at + size])
            assert taken_leave(client, heard) == heard


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_ends_the_connection(servers: Servers, name: str) -> None:
    expected = FAULTS[name]
    ours, theirs = [failed(serving, expected) for serving in servers]
    assert ours.code in expected.codes | breaks_off(servers)
    # Nothing of it has reached the application.
    assert (ours.messages, ours.pongs) == ([(TEXT, b"hello")], [])
    assert ours == theirs


def breaks_off(servers: Servers) -> set[int]:
    """Uvicorn mostly ends such connections without a word when it runs on wsproto."""
    return {NO_CLOSE} if servers.implementation == "wsproto" else set()


def test_text_that_is_wrong_is_refused_before_its_end_on_wsproto(servers: Servers) -> None:
    """RFC 6455, 8.1, asks for the refusal and not for haste."""
    for serving in servers:
        with opened(serving) as client:
            assert client.send_and_ask(frame(TEXT, b"\xff", final=False)) == (servers.implementation != "wsproto")


@pytest.mark.parametrize("name", ENDS)
def test_a_close_is_answered(servers: Servers, name: str) -> None:
    sent, codes = ENDS[name]
    ours, theirs = [failed(serving, Fault([sent], set())) for serving in servers]
    assert ours.code in codes | (breaks_off(servers) if 1002 in codes else set())
    assert (ours.messages, ours.pongs) == ([(TEXT, b"hello")], [])
    assert ours == theirs


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
def test_the_application_closes(servers: Servers, code: int) -> None:
    for serving in servers:
        with serving.connect() as socket:
            client = WebSocketClient(socket, f"/closing/{code}")
            client.wait(messages=1, pongs=0)
            assert client.heard == Heard([], [], code)
            client.send(goodbye(code))
            client.wait_for_the_end()


@contextlib.contextmanager
def opened(serving: Serving, *headers: bytes) -> Iterator[WebSocketClient]:
    with serving.connect() as socket:
        yield WebSocketClient(socket, "/", *headers)


def played(serving: Serving, expected: Talk) -> Heard:
    """Have a conversation, and end it."""
    with opened(serving, *expected.headers) as client:
        assert all(client.send_and_ask(piece) for piece in expected.pieces[:-1])
        client.send(expected.pieces[-1])
        return taken_leave(client, expected.heard)


def taken_leave(client: WebSocketClient, expected: Heard) -> Heard:
    """Close when all has come that is expected."""
    client.wait(messages=len(expected.messages), pongs=len(expected.pongs))
    client.send(goodbye(1000))
    client.wait_for_the_end()
    return client.heard


def failed(serving: Serving, expected: Fault) -> Heard:
    """Have a conversation that the server has to end."""
    with opened(serving, *expected.headers) as client:
        client.send(frame(TEXT, b"hello"))
        client.wait(messages=1, pongs=0)
        assert all(client.send_and_ask(piece) for piece in expected.pieces[:-1])
        client.send(expected.pieces[-1])
        client.wait_for_the_end()
        return client.heard


# Handshakes.


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_handshake(servers: Servers, name: str) -> None:
    sent, statuses = HANDSHAKES[name]
    ours, theirs = [answer_to(serving, sent) for serving in servers]
    assert ours.status in statuses
    assert ours == theirs


def test_a_handshake_is_proved_and_agreed_on(servers: Servers) -> None:
    for serving in servers:
        headers = answer_to(serving, handshake("/", b"Sec-WebSocket-Protocol: a, b", DEFLATE)).headers
        assert headers["sec-websocket-accept"] == ACCEPT
        assert headers["sec-websocket-protocol"] == "a"
        assert headers["sec-websocket-extensions"].startswith("permessage-deflate")


def test_nothing_is_agreed_on_that_was_not_offered(servers: Servers) -> None:
    for serving in servers:
        headers = answer_to(serving, handshake("/", b"Sec-WebSocket-Extensions: x-other")).headers
        assert not {"sec-websocket-protocol", "sec-websocket-extensions"} & headers.keys()


def test_a_handshake_behind_a_request(servers: Servers) -> None:
    for serving in servers:
        with serving.connect() as client:
            client.send(request("/") + GOOD)
            assert [client.answer().status, client.answer().status] == [200, 101]


def answer_to(serving: Serving, sent: bytes) -> Answer:
    with serving.connect() as client:
        client.send(sent)
        found = client.answer()
        # Two servers may tell different seconds.
        found.headers.pop("date", None)
        return found
