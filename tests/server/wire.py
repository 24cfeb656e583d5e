"""Protocols without a network: a transport that keeps what is written to it, and conversations over it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from uvicorn.config import Config
from uvicorn.server import ServerState

from fasterapi.server import HttpProtocol

DATE = b"Thu, 01 Jan 1970 00:00:00 GMT"
PEER = ("127.0.0.1", 50000)
SERVER = ("127.0.0.1", 8000)


class Clock(asyncio.SelectorEventLoop):
    """An event loop whose time passes when a test says so."""

    now = 0.0

    def time(self) -> float:
        return self.now

    async def pass_seconds(self, seconds: float) -> None:
        """Let all timers of the next seconds go off, each in its second."""
        for _ in range(int(seconds)):
            self.now += 1
            await settle()


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(30):
        await asyncio.sleep(0)


class FakeTransport(asyncio.Transport):
    """One end of a connection; the test is the other."""

    def __init__(self, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__({"peername": PEER, "sockname": SERVER, **(extra or {})})
        self.protocol: Any = None
        self.written = b""
        self.writes = 0
        self.unsent = 0
        self.stalls = False
        self.reading = True
        self.eof_written = False
        self.closed = False
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.eof_written
        if not self.closed:
            self.written += data
            self.writes += 1
            if self.stalls:
                self.protocol.pause_writing()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.eof_written = True

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            if not self.unsent:
                asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def abort(self) -> None:
        self.aborted = True
        self.unsent = 0
        self.stalls = False
        if self.closed:
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
        else:
            self.close()

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol


@dataclass(frozen=True)
class Answer:
    """One response."""

    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A connection to an application, with the client's end in the test's hands."""

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        protocol_class: type[Any] = HttpProtocol,
        state: ServerState | None = None,
        extra: Mapping[str, Any] | None = None,
        transport_class: type[FakeTransport] = FakeTransport,
        **config: Any,
    ) -> None:
        self.state = state or server_state()
        self.config = Config(app=app, log_config=None, **{"interface": "asgi3", "lifespan": "off", "ws": "none", **config})
        self.config.load()
        self.transport = transport_class(extra)
        self.protocol = protocol_class(config=self.config, server_state=self.state, app_state={"started": True})
        self.transport.protocol = self.protocol
        self.protocol.connection_made(self.transport)

    async def send(self, *pieces: bytes) -> None:
        """Send each piece by itself, as far as the other end is listening."""
        for piece in pieces:
            await asyncio.sleep(0)
            if not self.transport.reading:
                await settle()
            if self.transport.closed or not self.transport.reading:
                break
            self.transport.protocol.data_received(piece)
        await settle()

    async def hang_up(self) -> None:
        """Close the client's end."""
        self.transport.closed = True
        self.transport.protocol.connection_lost(None)
        await settle()

    @property
    def is_over(self) -> bool:
        """Whether the server has closed the connection, or its half of it."""
        return self.transport.closed or self.transport.eof_written

    def answers(self, *methods: str) -> list[Answer]:
        """The responses so far, to requests of these methods (GET when none are given)."""
        answers, rest = split_answers(self.transport.written, methods)
        assert not rest, rest
        return answers

    def answer(self, method: str = "GET") -> Answer:
        """The only response."""
        answers = self.answers(method)
        assert len(answers) == 1, self.transport.written
        return answers[0]


def server_state() -> ServerState:
    """The state of a server that has just begun."""
    state = ServerState()
    state.default_headers = [(b"date", DATE), (b"server", b"uvicorn")]
    return state


def split_answers(data: bytes, methods: tuple[str, ...] = ()) -> tuple[list[Answer], bytes]:
    """Take a stream of responses to requests of these methods apart; what is not a whole response is the rest."""
    answers: list[Answer] = []
    finals = 0
    while data:
        taken = take_answer(data, methods[finals] if finals < len(methods) else "GET")
        if taken is None:
            break
        answer, data = taken
        answers.append(answer)
        finals += answer.status >= 200
    return answers, data


def take_answer(data: bytes, method: str) -> tuple[Answer, bytes] | None:
    """The first response, read as strictly as a client may, and what follows it; nothing while it is not whole."""
    head, separator, rest = data.partition(b"\r\n\r\n")
    if not separator:
        return None
    line, *fields = head.decode("latin-1").split("\r\n")
    status = re.fullmatch(r"HTTP/1\.1 (\d{3}) [ -~]*", line)
    assert status is not None, line
    code = int(status[1])
    pairs = [field.split(": ", 1) for field in fields]
    headers = {name.lower(): value for name, value in pairs}
    assert len(headers) == len(pairs), fields
    if method == "HEAD" or code < 200 or code in (204, 304):
        return Answer(code, headers, b""), rest
    if "transfer-encoding" in headers:
        chunks = split_chunks(rest)
        return None if chunks is None else (Answer(code, headers, chunks[0]), chunks[1])
    if "content-length" in headers:
        length = int(headers["content-length"])
        return None if len(rest) < length else (Answer(code, headers, rest[:length]), rest[length:])
    assert headers["connection"] == "close", headers
    return Answer(code, headers, rest), b""


def split_chunks(data: bytes) -> tuple[bytes, bytes] | None:
    """A chunked body and what follows it, or nothing while it is not whole."""
    body = b""
    while True:
        size, separator, data = data.partition(b"\r\n")
        if not separator:
            return None
        length = int(size, 16)
        if len(data) < length + 2:
            return None
        assert data[length : length + 2] == b"\r\n"
        if not length:
            return body, data[2:]
        body += data[:length]
        data = data[length + 2 :]
