"""Streams on real servers: through our protocol, and through uvicorn's own, which only speak ASGI."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterator

import pytest

from fasterapi import BackgroundTasks, Depends, Faster, StreamingResponse, run_in_threadpool
from fasterapi.sse import EventSourceResponse
from tests.deadline import DEADLINE
from tests.server.servers import Client, Serving
from tests.server.test_protocol import request

PIECE = b"x" * 65536


class State:
    """What the handlers of one server tell a test."""

    def __init__(self) -> None:
        self.given = 0
        self.gate = threading.Event()
        self.ended = threading.Event()
        self.log: list[str] = []

    def end(self, what: str) -> None:
        self.log.append(what)
        self.ended.set()


class Silent(EventSourceResponse):
    """Pings at once."""

    ping = 0.02


def make_app(state: State) -> Faster:
    app = Faster()
    add_ending(app, state)
    add_endless(app, state)
    add_waiting(app, state)
    return app


def add_ending(app: Faster, state: State) -> None:
    async def resource() -> AsyncIterator[str]:
        state.log.append("open")
        yield "resource"
        state.end("close")

    @app.get("/gated")
    async def gated(tasks: BackgroundTasks, name: str = Depends(resource)) -> AsyncIterable[str]:
        tasks.add_task(state.log.append, "task")
        yield name
        await run_in_threadpool(state.gate.wait, DEADLINE)
        yield "last"

    @app.get("/failing")
    async def failing() -> AsyncIterable[int]:
        yield 1
        raise ArithmeticError("a bug")

    @app.get("/failing-at-once")
    async def failing_at_once() -> AsyncIterable[int]:
        if not state.given:
            raise ArithmeticError("a bug")
        yield 1

    @app.get("/short")
    async def short() -> StreamingResponse:
        return StreamingResponse([b"one", b"two"], headers={"content-length": "6"}, media_type="text/plain")


def add_endless(app: Faster, state: State) -> None:
    @app.get("/endless")
    async def endless() -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                while True:
                    state.given += 1
                    yield PIECE
            finally:
                state.end("finally")

        return StreamingResponse(pieces())

    @app.get("/endless-plain")
    async def endless_plain() -> StreamingResponse:
        def pieces() -> Iterator[bytes]:
            try:
                while True:
                    state.given += 1
                    yield PIECE
            finally:
                state.end("finally")

        return StreamingResponse(pieces())


def add_waiting(app: Faster, state: State) -> None:
    @app.post("/waiting")
    @app.get("/waiting")
    async def waiting() -> AsyncIterable[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            state.end("finally")

    @app.get("/events", response_class=Silent)
    async def events() -> AsyncIterable[int]:
        yield 1
        try:
            await asyncio.Event().wait()
        finally:
            state.end("finally")


class Case:
    """A server and what its handlers tell."""

    def __init__(self, server: Serving, state: State) -> None:
        self.server = server
        self.state = state

    def connect(self) -> Client:
        return self.server.connect()


@pytest.fixture(params=["fasterapi.server:HttpProtocol", "h11", "httptools"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    state = State()
    with Serving(make_app(state), http=request.param) as server:
        yield Case(server, state)
        state.gate.set()


def read_until(client: Client, wanted: bytes) -> bytes:
    """Everything up to the first place where the wanted bytes have come."""
    while wanted not in client.received:
        piece = client.socket.recv(65536)
        assert piece, client.received
        client.received += piece
    return client.received


def test_a_line_comes_before_the_next_is_there(case: Case) -> None:
    with case.connect() as client:
        client.send(request("/gated"))
        read_until(client, b'"resource"\n')
        assert case.state.log == ["open"]
        case.state.gate.set()
        answer = client.answer()
        assert (answer.body, answer.headers["content-type"]) == (b'"resource"\n"last"\n', "application/jsonl")
        assert case.state.ended.wait(DEADLINE)
        assert case.state.log == ["open", "task", "close"]


def test_the_connection_goes_on_after_a_stream(case: Case) -> None:
    with case.connect() as client:
        for _ in range(3):
            client.send(request("/short"))
            answer = client.answer()
            assert (answer.body, answer.headers["content-length"]) == (b"onetwo", "6")


def test_head(case: Case) -> None:
    with case.connect() as client:
        client.send(request("/endless", method="HEAD"))
        assert client.answer("HEAD").status == 200
        client.send(request("/short"))
        assert client.answer().body == b"onetwo"
        assert case.state.given == 0


@pytest.mark.parametrize("path", ["/endless", "/endless-plain"])
def test_a_client_that_reads_nothing_stops_the_producer(case: Case, path: str) -> None:
    with case.connect() as client:
        client.send(request(path))
        read_until(client, b"xxx")
        # Another request is answered after the first has filled all buffers, of which there are no more than these.
        filled = -1
        while filled != case.state.given:
            filled = case.state.given
            for _ in range(20):
                with case.connect() as other:
                    other.send(request("/short"))
                    assert other.answer().status == 200
        assert filled < 200
    assert case.state.ended.wait(DEADLINE)
    assert case.state.given < 400


@pytest.mark.parametrize("path", ["/endless", "/endless-plain", "/waiting", "/events"])
def test_a_client_that_leaves_ends_the_producer(case: Case, path: str, caplog: pytest.LogCaptureFixture) -> None:
    with case.connect() as client:
        client.send(request(path))
        read_until(client, b"\r\n\r\n")
    assert case.state.ended.wait(DEADLINE)
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_client_that_leaves_before_its_body_was_read_ends_the_producer(case: Case) -> None:
    with case.connect() as client:
        client.send(request("/waiting", b"content-length: 3", method="POST", body=b"abc"))
        read_until(client, b"1\n")
    assert case.state.ended.wait(DEADLINE)


def test_an_idle_event_stream_pings(case: Case) -> None:
    with case.connect() as client:
        client.send(request("/events"))
        read_until(client, b"data: 1\n\n")
        read_until(client, b": ping\n\n\r\n8\r\n: ping\n\n")
    assert case.state.ended.wait(DEADLINE)


def test_a_stream_that_fails_is_broken_off_and_logged_once(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    with case.connect() as client:
        client.send(request("/failing"))
        received = client.rest()
    assert received.endswith(b"\r\n\r\n2\r\n1\n\r\n")
    with case.connect() as client:
        client.send(request("/short"))
        assert client.answer().status == 200
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [ArithmeticError]


def test_a_stream_that_fails_at_once_is_500_and_logged_once(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    with case.connect() as client:
        client.send(request("/failing-at-once"))
        assert client.answer().status == 500
    assert [type(record.exc_info[1]) for record in caplog.records if record.exc_info] == [ArithmeticError]


def test_http_1_0(case: Case) -> None:
    case.state.gate.set()
    with case.connect() as client:
        client.send(b"GET /gated HTTP/1.0\r\nhost: a\r\n\r\n")
        received = client.rest()
    # httptools gives chunks to those who cannot know them.
    assert b'"resource"\n' in received
    assert received.rstrip(b"0\r\n").endswith(b'"last"')


@pytest.mark.parametrize("http", ["fasterapi.server:HttpProtocol", "h11", "httptools"])
def test_a_server_that_stops_ends_its_streams(http: str, caplog: pytest.LogCaptureFixture) -> None:
    state = State()
    with Serving(make_app(state), http=http, timeout_graceful_shutdown=1) as server, server.connect() as client:
        client.send(request("/waiting"))
        read_until(client, b"1\n")
        server.server.should_exit = True
        server.join()
    assert state.log == ["finally"]
    # What uvicorn says of the tasks that it cancels is its own.
    assert {record.name for record in caplog.records if record.levelno >= logging.ERROR} <= {"uvicorn.error"}


def test_an_event_stream_ends_when_our_server_is_to_stop() -> None:
    state = State()
    with Serving(make_app(state)) as server, server.connect() as client:
        client.send(request("/events"))
        read_until(client, b"data: 1\n\n")
        server.server.should_exit = True
        assert client.answer().status == 200
        server.join()
    assert state.log == ["finally"]
