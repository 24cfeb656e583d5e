"""WebSockets over real sockets: what the test client shows is what clients of real servers see, frame by frame where it matters."""

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosed, InvalidStatus

from fasterapi import Faster, WebSocket, WebSocketDisconnect
from fasterapi.testing import TestClient, WebSocketDenialResponse
from tests.deadline import DEADLINE
from tests.doors.doors import opened
from tests.routing.test_websocket_dispatch import declare_arguments, declare_cleanup, declare_endings, declare_places
from tests.routing.websocket_conversations import converse
from tests.server.servers import Client, Serving

IMPLEMENTATIONS: Final = ("websockets-sansio", "wsproto")
SERVERS: Final = (*IMPLEMENTATIONS, "hypercorn")

HANDSHAKE: Final = (
    b"GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n"
)


class SocketSession:
    """The session of the test client, over a socket."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        headers = connection.response.headers.raw_items()
        self.accepted_subprotocol = connection.subprotocol
        self.extra_headers = [(name.lower().encode(), value.encode()) for name, value in headers if name.lower().startswith("x-")]

    def send_text(self, data: str) -> None:
        self._connection.send(data)

    def send_bytes(self, data: bytes) -> None:
        self._connection.send(data)

    def send_json(self, data: Any) -> None:
        self._connection.send(json.dumps(data))

    def receive_text(self) -> Any:
        try:
            return self._connection.recv(DEADLINE)
        except ConnectionClosed as end:
            code, reason = (1006, "") if end.rcvd is None else (end.rcvd.code, end.rcvd.reason)
            raise WebSocketDisconnect(code, reason) from None

    receive_bytes = receive_text

    def receive_json(self) -> Any:
        return json.loads(self.receive_text())

    def close(self, code: int = 1000, reason: str = "") -> None:
        self._connection.close(code, reason)


class SocketClient:
    """The test client, over sockets."""

    def __init__(self, port: int) -> None:
        self._port = port

    @contextlib.contextmanager
    def websocket_connect(self, path: str, subprotocols: Any = None, headers: Any = None) -> Iterator[SocketSession]:
        try:
            connection = websockets.sync.client.connect(
                f"ws://127.0.0.1:{self._port}{path}",
                subprotocols=subprotocols,
                additional_headers=headers,
                proxy=None,
                open_timeout=DEADLINE,
            )
        except InvalidStatus as refusal:
            response = refusal.response
            if response.status_code == 403 and not response.body:
                raise WebSocketDisconnect(*_REFUSED) from None
            raise WebSocketDenialResponse(
                httpx.Response(response.status_code, headers=list(response.headers.raw_items()), content=bytes(response.body or b""))
            ) from None
        with connection:
            yield SocketSession(connection)


_REFUSED: Final = (1006, "with status 403")


def over_a_socket(seen: list[Any]) -> list[Any]:
    """What remains of it there: codes of a refused handshake stay behind."""
    return [("closed", *_REFUSED)] if len(seen) == 1 and seen[0][0] == "closed" else seen


@contextlib.contextmanager
def served(server: str, app: Any, **options: Any) -> Iterator[int]:
    """The port of an application behind this server."""
    if server == "hypercorn":
        with opened(server, app) as client:
            yield int(client.base_url.port or 0)
    else:
        with Serving(app, ws=server, **options) as serving:
            yield int(serving.listener.getsockname()[1])


CONVERSATIONS: Final[list[tuple[str, list[tuple[Any, ...]]]]] = [
    ("/echo", [("send_text", "a"), ("receive_text",), ("send_bytes", b"b"), ("receive_bytes",), ("close", 3001, "bye")]),
    ("/parameters/5/a%2Fb%25/c?limit=3&tags=x&tags=%20", [("receive_json",), ("receive_text",)]),
    ("/provided?flag=yes", [("receive_json",), ("receive_text",)]),
    ("/cleaned", [("receive_text",), ("receive_text",)]),
    ("/cleaned?fails=1", [("receive_text",), ("receive_text",)]),
    ("/departure", [("close", 4000, "bye")]),
    ("/refused", []),
    ("/policy", []),
    ("/policy?late=1", [("receive_text",)]),
    ("/denied", []),
    ("/denial", []),
    ("/own", []),
    ("/own?late=1", [("receive_text",)]),
    ("/parameters/x/a", []),
    ("/unknown", []),
    ("/mounted/inner/b", [("receive_text",), ("receive_text",)]),
]


def declared() -> tuple[Faster, list[Any]]:
    import fasterapi

    app, log = Faster(), list[Any]()
    for declare in (declare_arguments, declare_cleanup, declare_endings, declare_places):
        declare(fasterapi, app, log)
    return app, log


@pytest.mark.parametrize("server", SERVERS)
def test_conversations_are_those_of_the_test_client(server: str) -> None:
    app, log = declared()
    client = TestClient(app)
    expected = [over_a_socket(converse(client, path, script)) for path, script in CONVERSATIONS]
    expected_log = sorted(map(repr, log))
    log.clear()
    with served(server, app) as port:
        seen = [converse(SocketClient(port), path, script) for path, script in CONVERSATIONS]
    assert seen == expected
    if server in IMPLEMENTATIONS:
        # Sorted, because a server has the next client in before the last handler is done. Hypercorn hides the codes of clients.
        assert sorted(map(repr, log)) == expected_log


@pytest.mark.parametrize("server", SERVERS)
def test_subprotocol_and_headers_of_the_answer(server: str) -> None:
    app, _ = declared()
    script, options = [("receive_text",)], {"subprotocols": ["v1", "v2"]}
    with served(server, app) as port:
        assert converse(SocketClient(port), "/subprotocol", script, **options) == converse(
            TestClient(app), "/subprotocol", script, **options
        )


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("path", ["/early", "/late"])
def test_a_bug_is_answered(server: str, path: str) -> None:
    app = Faster()

    @app.websocket("/early")
    async def early(websocket: WebSocket) -> None:
        raise ValueError("secret")

    @app.websocket("/late")
    async def late(websocket: WebSocket) -> None:
        await websocket.accept()
        raise ValueError("secret")

    with served(server, app) as port:
        seen = converse(SocketClient(port), path, [("receive_text",)])
    assert seen[-1] == (("denied", 500, "Internal Server Error", None) if path == "/early" else ("closed", 1011, ""))


# Frames, through the upgrade of the compiled protocol.

TEXT, BINARY, CLOSE, PING, PONG, MORE = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """A frame of a client (RFC 6455, 5.2)."""
    head = bytes([(final << 7) | reserved | opcode])
    length = len(payload)
    mask_bit = masked << 7
    if length < 126:
        head += bytes([mask_bit | length])
    else:
        head += bytes([mask_bit | 126]) + length.to_bytes(2, "big")
    if not masked:
        return head + payload
    key = b"\x01\x02\x03\x04"
    return head + key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


def goodbye(code: int, reason: bytes = b"") -> bytes:
    return frame(CLOSE, code.to_bytes(2, "big") + reason)


def frames_of(data: bytes) -> list[tuple[int, bytes]]:
    """The frames of a server, none of them longer than 65535 bytes."""
    found: list[tuple[int, bytes]] = []
    while data:
        length, start = data[1], 2
        if length == 126:
            length, start = int.from_bytes(data[2:4], "big"), 4
        found.append((data[0] & 0x0F, data[start : start + length]))
        data = data[start + length :]
    return found


def code_of(frames: list[tuple[int, bytes]]) -> int:
    """The code of the close that the server sent last."""
    opcode, payload = frames[-1]
    assert opcode == CLOSE, frames
    return int.from_bytes(payload[:2], "big")


def receive_more(client: Client) -> None:
    """Wait for the next bytes of the server."""
    piece = client.socket.recv(65536)
    assert piece, client.received
    client.received += piece


def shake_hands(client: Client) -> None:
    """Open a WebSocket."""
    client.send(OPEN)
    while b"\r\n\r\n" not in client.received:
        receive_more(client)
    head, _, client.received = client.received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 "), head


def read_frames(client: Client, count: int) -> list[tuple[int, bytes]]:
    """The next frames of the server, which sends no more than these."""
    while len(frames_of(client.received)) < count:
        receive_more(client)
    frames, client.received = frames_of(client.received), b""
    return frames


def echo_app() -> Faster:
    app = Faster()

    @app.websocket("/echo")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") is not None:
                await websocket.send_text(message["text"])
            else:
                await websocket.send_bytes(message["bytes"])

    return app


OPEN: Final = HANDSHAKE % (b"/echo", b"")


@pytest.fixture(scope="module", params=IMPLEMENTATIONS)
def echoing(request: pytest.FixtureRequest) -> Iterator[Serving]:
    with Serving(echo_app(), ws=request.param, ws_max_size=1000) as serving:
        yield serving


@pytest.mark.parametrize(
    ("sent", "answers"),
    [
        (frame(TEXT, b"hello"), [(TEXT, b"hello")]),
        (frame(TEXT), [(TEXT, b"")]),
        (frame(BINARY, b"\x00\xff"), [(BINARY, b"\x00\xff")]),
        (frame(TEXT, b"x" * 200), [(TEXT, b"x" * 200)]),
        (frame(TEXT, b"a", final=False) + frame(MORE, b"b", final=False) + frame(MORE, b"c"), [(TEXT, b"abc")]),
        (frame(TEXT, b"\xc3", final=False) + frame(MORE, b"\xa9"), [(TEXT, b"\xc3\xa9")]),
        (frame(TEXT, b"a", final=False) + frame(PING, b"p") + frame(MORE, b"b"), [(PONG, b"p"), (TEXT, b"ab")]),
        (frame(PING), [(PONG, b"")]),
        (frame(PONG, b"unasked") + frame(TEXT, b"a"), [(TEXT, b"a")]),
        (frame(TEXT, b"1") + frame(TEXT, b"2") + frame(TEXT, b"3"), [(TEXT, b"1"), (TEXT, b"2"), (TEXT, b"3")]),
    ],
)
def test_frames(echoing: Serving, sent: bytes, answers: list[tuple[int, bytes]]) -> None:
    with echoing.connect() as client:
        shake_hands(client)
        client.send(sent)
        assert read_frames(client, len(answers)) == answers
        client.send(goodbye(1000))
        assert frames_of(client.rest()) == [(CLOSE, b"\x03\xe8")]


def test_a_frame_that_comes_with_the_handshake() -> None:
    # Clients have to wait for the answer (RFC 6455, 4.1); wsproto holds them to it.
    with Serving(echo_app(), ws="websockets-sansio") as serving, serving.connect() as client:
        client.send(OPEN + frame(TEXT, b"early"))
        while not client.received.endswith(b"early"):
            receive_more(client)


ENDS: Final = {
    "no mask": (frame(TEXT, b"a", masked=False), {1002}),
    "a reserved bit": (frame(TEXT, b"a", reserved=0x40), {1002}),
    "an unknown kind": (frame(0x3, b"a"), {1002}),
    "an unknown control frame": (frame(0xB), {1002}),
    "nothing to continue": (frame(MORE, b"a"), {1002}),
    "a message within a message": (frame(TEXT, b"a", final=False) + frame(TEXT, b"b"), {1002}),
    "a ping in pieces": (frame(PING, b"a", final=False), {1002}),
    "a long ping": (frame(PING, b"x" * 126), {1002}),
    "a close of one byte": (frame(CLOSE, b"\x03"), {1002}),
    "a code that is never sent": (goodbye(1005), {1002}),
    "a code below all": (goodbye(999), {1002}),
    "a reason that is no UTF-8": (goodbye(1000, b"\xff"), {1007, 1002}),
    "text that is no UTF-8": (frame(TEXT, b"\xff"), {1007}),
    "text that ends in the middle of a character": (frame(TEXT, b"\xc3"), {1007}),
    "a message beyond the limit": (frame(BINARY, b"x" * 1001), {1009}),
    "pieces beyond the limit": (frame(BINARY, b"x" * 600, final=False) + frame(MORE, b"x" * 600), {1009}),
    "a close": (goodbye(1000), {1000}),
    "a close of the application's own": (goodbye(4999, b"bye"), {4999}),
    "a close without a code": (frame(CLOSE), {0, 1000, 1005}),
}
"""What clients send, and the codes that servers may close with."""


@pytest.mark.parametrize("name", ENDS)
def test_what_ends_a_websocket(echoing: Serving, name: str) -> None:
    sent, codes = ENDS[name]
    with echoing.connect() as client:
        shake_hands(client)
        client.send(sent)
        frames = frames_of(client.rest())
    # Uvicorn breaks most such connections off without a word when it runs on wsproto.
    is_silent = not frames and echoing.server.config.ws == "wsproto"
    assert is_silent or code_of(frames) in codes


def test_a_message_is_measured_inflated(echoing: Serving) -> None:
    address = f"ws://127.0.0.1:{echoing.listener.getsockname()[1]}/echo"
    with websockets.sync.client.connect(address, proxy=None, open_timeout=DEADLINE) as connection:
        assert connection.protocol.extensions
        connection.send("x" * 100_000)
        with pytest.raises(ConnectionClosed) as end:
            connection.recv(DEADLINE)
    assert end.value.rcvd is not None
    assert end.value.rcvd.code == 1009


def test_a_handshake_byte_by_byte(echoing: Serving) -> None:
    with echoing.connect() as client:
        for index in range(len(OPEN) - 1):
            client.send(OPEN[index : index + 1])
        client.send(OPEN[-1:])
        assert client.socket.recv(65536).startswith(b"HTTP/1.1 101 ")


def test_a_request_before_the_handshake(echoing: Serving) -> None:
    with echoing.connect() as client:
        client.send(b"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.answer().status == 404
        shake_hands(client)


@pytest.mark.parametrize(
    "line",
    [b"Sec-WebSocket-Protocol: \xff\xfe", b"Sec-WebSocket-Extensions: \xff; permessage-deflate", b"Sec-WebSocket-Protocol: a, \xc3\xa9"],
)
def test_a_handshake_with_headers_that_are_no_ascii_is_refused(echoing: Serving, line: bytes) -> None:
    with echoing.connect() as client:
        client.send(HANDSHAKE % (b"/echo", line + b"\r\n"))
        assert client.answer().status == 400


@pytest.mark.parametrize(
    "line", [b"Origin: \xff", b"Cookie: \xff=\xff", b"X-Own: \x80", b"Sec-WebSocket-Extensions: a; permessage-deflate; =, ,"]
)
def test_strange_headers_are_answered(echoing: Serving, line: bytes) -> None:
    with echoing.connect() as client:
        client.send(HANDSHAKE % (b"/echo", line + b"\r\n"))
        assert client.socket.recv(65536).startswith(b"HTTP/1.1 ")
    with echoing.connect() as client:
        shake_hands(client)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_connection_that_breaks_ends_its_handler(implementation: str) -> None:
    app = Faster()
    codes: list[int] = []
    ended = threading.Event()

    @app.websocket("/echo")
    async def hear(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as end:
            codes.append(end.code)
        ended.set()

    with Serving(app, ws=implementation) as serving:
        with serving.connect() as client:
            shake_hands(client)
        # A server that stops before it notices would tell its own end.
        assert ended.wait(DEADLINE)
    assert len(codes) == 1
    assert codes[0] in (1005, 1006)


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_server_that_stops_ends_its_websockets(implementation: str) -> None:
    with Serving(echo_app(), ws=implementation) as serving, serving.connect() as client:
        shake_hands(client)
        serving.server.should_exit = True
        assert code_of(frames_of(client.rest())) == 1012
