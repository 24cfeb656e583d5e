"""Answers in pieces over a fake transport: the same by both doors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from fasterapi.http.asgi_exchange import AsgiExchange, send_response
from fasterapi.http.exchange import BODY_COMPLETE, Exchange, ExchangeHandler
from fasterapi.http.head import ResponseHead
from fasterapi.http.streaming import StreamingResponse
from tests.server.streams import NativeStreams, Producer, Streams, until
from tests.server.test_protocol import post, request
from tests.server.wire import Wire, settle


@pytest.fixture(params=[NativeStreams, Streams], ids=["exchange", "asgi"])
def door(request: pytest.FixtureRequest) -> type[Streams]:
    chosen: type[Streams] = request.param
    return chosen


def streaming(door: type[Streams], producer: Producer, **options: Any) -> Wire:
    return Wire(door(lambda: StreamingResponse(producer.pieces(), **options)))


# What goes out, and when.


async def test_pieces_go_out_in_their_order(door: type[Streams]) -> None:
    wire = streaming(door, Producer(b"one", b"", b"two"), headers={"x-a": "b"}, media_type="text/plain")
    await wire.send(request("/"))
    answer = wire.answer()
    assert (answer.status, answer.body, answer.headers["x-a"]) == (200, b"onetwo", "b")
    assert answer.headers["transfer-encoding"] == "chunked"


async def test_a_piece_goes_out_while_the_next_is_awaited(door: type[Streams]) -> None:
    producer = Producer(b"one", None, b"two")
    wire = streaming(door, producer)
    await wire.send(request("/"))
    assert wire.transport.written.endswith(b"\r\n\r\n3\r\none\r\n")
    producer.gate.set()
    await settle()
    assert wire.answer().body == b"onetwo"


async def test_the_head_goes_out_while_the_first_piece_is_awaited(door: type[Streams]) -> None:
    producer = Producer(None, b"one")
    wire = streaming(door, producer)
    await wire.send(request("/"))
    assert not wire.transport.written
    await until(lambda: wire.transport.written)
    assert wire.transport.written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.transport.written.endswith(b"\r\n\r\n")
    producer.gate.set()
    await settle()
    assert wire.answer().body == b"one"


async def test_the_head_goes_out_with_the_first_piece(door: type[Streams]) -> None:
    wire = streaming(door, Producer(b"one", None))
    await wire.send(request("/"))
    assert wire.transport.writes == 1


async def test_nothing_at_all(door: type[Streams]) -> None:
    wire = streaming(door, Producer())
    await wire.send(request("/"))
    assert wire.answer().body == b""
    assert wire.answer().headers["content-length"] == "0"


async def test_a_length_is_announced(door: type[Streams]) -> None:
    wire = streaming(door, Producer(b"one", b"two"), headers={"Content-Length": "6"})
    await wire.send(request("/"))
    assert (wire.answer().headers["content-length"], wire.answer().body) == ("6", b"onetwo")


async def test_the_connection_is_used_again(door: type[Streams]) -> None:
    wire = streaming(door, Producer(b"one"))
    await wire.send(request("/") + request("/"), request("/"))
    assert [answer.body for answer in wire.answers()] == [b"one"] * 3


async def test_a_request_that_came_too_early_waits(door: type[Streams]) -> None:
    producer = Producer(b"one", None)
    wire = streaming(door, producer)
    await wire.send(request("/") + request("/"))
    assert wire.transport.written.count(b"HTTP/1.1") == 1
    producer.gate.set()
    await settle()
    assert len(wire.answers()) == 2


async def test_http_1_0_ends_with_the_connection(door: type[Streams]) -> None:
    wire = streaming(door, Producer(b"one", b"two"))
    await wire.send(b"GET / HTTP/1.0\r\n\r\n")
    assert wire.transport.written.endswith(b"connection: close\r\n\r\nonetwo")
    assert wire.transport.closed


async def test_a_response_that_closes(door: type[Streams]) -> None:
    wire = streaming(door, Producer(b"one"), headers={"connection": "close"})
    await wire.send(request("/"))
    assert wire.answer().headers["connection"] == "close"
    assert wire.is_over


@pytest.mark.parametrize("options", [{}, {"headers": {"content-length": "3"}}])
async def test_head_gets_the_head_alone(door: type[Streams], options: Any) -> None:
    producer = Producer(b"one")
    wire = streaming(door, producer, **options)
    await wire.send(request("/", method="HEAD") + request("/"))
    head, whole = wire.answers("HEAD", "GET")
    assert head.headers.get("content-length") == ("3" if options else None)
    assert whole.body == b"one"
    assert producer.log == ["give", "end", "finally"]


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body(door: type[Streams], status: int) -> None:
    wire = streaming(door, Producer(b"one"), status_code=status)
    await wire.send(request("/") + request("/"))
    assert [answer.status for answer in wire.answers()] == [status, status]


async def test_a_body_that_nobody_reads_is_thrown_away(door: type[Streams]) -> None:
    wire = streaming(door, Producer(b"one"))
    await wire.send(post("/", b"x" * 1000) + request("/"))
    assert [answer.body for answer in wire.answers()] == [b"one", b"one"]


# Clients that are slow, or go.


async def test_a_slow_client_stops_the_producer(door: type[Streams]) -> None:
    producer = Producer(*[b"x"] * 10)
    wire = streaming(door, producer)
    wire.transport.stalls = True
    await wire.send(request("/"))
    assert producer.log in (["give"], ["give", "give"])
    wire.transport.stalls = False
    wire.transport.protocol.resume_writing()
    await settle()
    assert wire.answer().body == b"x" * 10


async def test_a_client_that_leaves_ends_a_producer_that_waits(door: type[Streams]) -> None:
    producer = Producer(b"one", None, b"two")
    wire = streaming(door, producer)
    await wire.send(request("/"))
    await wire.hang_up()
    await until(lambda: not wire.state.tasks)
    assert producer.log == ["give", "cancelled", "finally"]


async def test_a_client_that_leaves_before_the_first_piece(door: type[Streams]) -> None:
    producer = Producer(None)
    wire = streaming(door, producer)
    await wire.send(request("/"))
    await wire.hang_up()
    await until(lambda: not wire.state.tasks)
    assert producer.log == ["cancelled", "finally"]


async def test_a_client_that_leaves_ends_a_producer_that_it_had_stopped(door: type[Streams]) -> None:
    producer = Producer(*[b"x"] * 100_000)
    wire = streaming(door, producer)
    wire.transport.stalls = True
    await wire.send(request("/"))
    wire.transport.stalls = False
    await wire.hang_up()
    await until(lambda: not wire.state.tasks)
    assert producer.log[-2:] == ["closed", "finally"]
    assert len(producer.log) < 50_000


async def test_a_client_that_leaves_ends_a_producer_that_never_waits(door: type[Streams]) -> None:
    ended: list[str] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            ended.append("finally")

    wire = Wire(door(lambda: StreamingResponse(endless())))
    await wire.send(request("/"))
    await wire.hang_up()
    await until(lambda: not wire.state.tasks)
    assert ended == ["finally"]


async def test_a_producer_may_clean_up_when_the_client_has_left(door: type[Streams], caplog: pytest.LogCaptureFixture) -> None:
    producer = Producer(None)
    done: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in producer.pieces():
                yield piece
        finally:
            await settle()
            done.append("cleaned up")

    wire = Wire(door(lambda: StreamingResponse(pieces())))
    await wire.send(request("/"))
    await wire.hang_up()
    await until(lambda: not wire.state.tasks)
    assert done == ["cleaned up"]
    assert not caplog.records


async def test_a_plain_generator_is_closed_when_the_client_leaves(door: type[Streams]) -> None:
    log: list[str] = []

    def pieces() -> Iterator[str]:
        try:
            while True:
                yield "x" * 1000
        finally:
            log.append("finally")

    wire = Wire(door(lambda: StreamingResponse(pieces())))
    await wire.send(request("/"))
    await until(lambda: b"xx" in wire.transport.written)
    await wire.hang_up()
    await until(lambda: not wire.state.tasks)
    assert log == ["finally"]


async def test_a_task_that_is_cancelled_ends_its_producer(door: type[Streams], caplog: pytest.LogCaptureFixture) -> None:
    producer = Producer(b"one", None)
    wire = streaming(door, producer)
    await wire.send(request("/"))
    for task in wire.state.tasks:
        task.cancel()
    await settle()
    assert producer.log == ["give", "cancelled", "finally"]
    assert wire.transport.closed
    assert wire.transport.written.endswith(b"3\r\none\r\n")
    assert not caplog.records


# Producers that fail.


async def test_a_producer_that_fails_breaks_the_answer_off(door: type[Streams], caplog: pytest.LogCaptureFixture) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        raise ArithmeticError("a bug")

    wire = Wire(door(lambda: StreamingResponse(pieces())))
    await wire.send(request("/"))
    assert wire.transport.written.endswith(b"\r\n\r\n3\r\none\r\n")
    assert wire.transport.closed
    assert [type(record.exc_info and record.exc_info[1]) for record in caplog.records] == [ArithmeticError]


async def test_clean_up_that_fails_when_the_client_has_left_is_logged(door: type[Streams], caplog: pytest.LogCaptureFixture) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            await asyncio.Event().wait()
        finally:
            raise ArithmeticError("a bug")

    wire = Wire(door(lambda: StreamingResponse(pieces())))
    await wire.send(request("/"))
    await wire.hang_up()
    await until(lambda: not wire.state.tasks)
    assert [type(record.exc_info and record.exc_info[1]) for record in caplog.records] == [ArithmeticError]


async def test_a_producer_that_fails_at_once_is_500(door: type[Streams], caplog: pytest.LogCaptureFixture) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for number in (0,):
            yield b"%d" % (1 // number)

    wire = Wire(door(lambda: StreamingResponse(pieces())))
    with caplog.at_level(logging.CRITICAL):
        await wire.send(request("/"))
    assert wire.answer().status == 500


async def test_http_1_0_sees_that_an_answer_is_not_whole(door: type[Streams]) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        raise ArithmeticError("a bug")

    wire = Wire(door(lambda: StreamingResponse(pieces())))
    await wire.send(b"GET / HTTP/1.0\r\n\r\n")
    assert wire.transport.aborted


@pytest.mark.parametrize(("announced", "words"), [("2", "longer than Content-Length"), ("4", "shorter than Content-Length")])
async def test_pieces_are_held_to_the_announced_length(
    door: type[Streams], announced: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    wire = streaming(door, Producer(b"o", b"ne"), headers={"content-length": announced})
    await wire.send(request("/"))
    assert wire.transport.written.endswith(b"\r\n\r\no" + (b"ne" if announced == "4" else b""))
    assert wire.transport.closed
    assert words in caplog.text


@pytest.mark.parametrize("announced", ["-1", "many", "2, 3"])
async def test_a_length_that_is_none_is_refused(door: type[Streams], announced: str, caplog: pytest.LogCaptureFixture) -> None:
    producer = Producer(b"one")
    wire = streaming(door, producer, headers={"content-length": announced})
    await wire.send(request("/"))
    assert wire.answer().status == 500
    assert "is no length" in caplog.text


# Who waits for the client's departure without a stream.


class Attentive(ExchangeHandler):
    """Waits until the client has gone, beside an answer or without one."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def handle(self, exchange: Exchange) -> None:
        async def wait() -> None:
            await exchange.disconnected()
            self.log.append("noticed")

        waiting = asyncio.create_task(wait())
        body = await exchange.read_body(100)
        self.log.append(f"body {body} {exchange.body!r}")
        if exchange.path == "/answer":
            exchange.respond(ResponseHead(200, []), b"")
        await waiting


class AttentiveApplication:
    """The handler behind a door."""

    def __init__(self, *, native: bool) -> None:
        self.handler = Attentive()
        if native:
            self.exchange_handler = lambda: self.handler

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        exchange = AsgiExchange(scope, receive, send)
        await self.handler.handle(exchange)
        await send_response(exchange)


@pytest.mark.parametrize("native", [True, False])
async def test_who_waits_for_the_departure_leaves_the_body_to_others(native: bool) -> None:
    application = AttentiveApplication(native=native)
    wire = Wire(application)
    await wire.send(post("/", b"abc"))
    assert application.handler.log == [f"body {BODY_COMPLETE} b'abc'"]
    await wire.hang_up()
    assert application.handler.log[1:] == ["noticed"]


@pytest.mark.parametrize("native", [True, False])
async def test_who_waits_for_the_departure_waits_no_longer_than_the_answer(native: bool) -> None:
    application = AttentiveApplication(native=native)
    wire = Wire(application)
    await wire.send(post("/answer", b"abc"))
    assert application.handler.log[1:] == ["noticed"]
    assert wire.answer().status == 200
