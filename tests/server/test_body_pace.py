"""A body has to come at some pace, however cleverly it is held back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fasterapi.http.streaming import StreamingResponse
from fasterapi.server.limits import BODY_RATE, BODY_SECONDS
from tests.server.probe import AsgiProbe, NativeProbe
from tests.server.streams import NativeStreams, Producer
from tests.server.test_limits import READER_SECONDS, timed
from tests.server.test_protocol import chunked, post, request
from tests.server.wire import Clock, Wire

LONG = 1_000_000
HALF = BODY_SECONDS // 2


def long_head(target: str = "/echo") -> bytes:
    """The head of a request whose body is long."""
    return request(target, b"content-length: %d" % LONG, method="POST")


async def drip(wire: Wire, clock: Clock, piece: bytes, every: int, times: int) -> None:
    for _ in range(times):
        await wire.send(piece)
        await clock.pass_seconds(every)


@timed
async def test_a_body_that_drips_is_cut(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    await wire.send(long_head())
    await drip(wire, clock, b"x", HALF, 2)
    assert not wire.is_over
    await drip(wire, clock, b"x", HALF, 1)
    assert wire.transport.closed
    assert wire.transport.written == b""


@timed
async def test_a_chunked_body_that_drips_is_cut(clock: Clock) -> None:
    """What frames chunks is no body."""
    wire = Wire(AsgiProbe())
    await wire.send(chunked("/echo", b"x")[:-5])
    await drip(wire, clock, b"1;" + b"y" * BODY_RATE * HALF + b"\r\nx\r\n", HALF, 3)
    assert wire.transport.closed


@timed
async def test_a_body_at_the_lowest_pace_is_read(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    seconds = BODY_SECONDS * 10
    await wire.send(request("/echo", b"content-length: %d" % (BODY_RATE * seconds), method="POST"))
    await drip(wire, clock, b"x" * BODY_RATE, 1, seconds)
    assert wire.answer("POST").status == 200


@timed
async def test_a_body_that_stops_and_catches_up_is_read(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    piece = b"x" * BODY_RATE * HALF
    await wire.send(request("/echo", b"content-length: %d" % (len(piece) * 20), method="POST"))
    await drip(wire, clock, piece, HALF, 20)
    assert wire.answer("POST").status == 200


@timed
async def test_what_was_sent_fast_buys_no_endless_drip(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    await wire.send(long_head(), b"x" * (LONG - 100))
    await drip(wire, clock, b"x", HALF, 3)
    assert wire.transport.closed


@timed
async def test_an_application_that_reads_each_piece_lets_no_client_drip(clock: Clock) -> None:
    async def count(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] == "http.request":
            pass

    wire = Wire(count)
    await wire.send(long_head())
    await drip(wire, clock, b"x", HALF, 3)
    assert wire.transport.closed


@timed
async def test_time_that_the_application_takes_is_not_the_clients(clock: Clock) -> None:
    probe = NativeProbe()
    wire = Wire(probe)
    await wire.send(long_head("/wait"), b"x" * 100_000)
    await clock.pass_seconds(BODY_SECONDS * 5)
    assert not wire.is_over
    probe.gates.gate.set()
    await clock.pass_seconds(1)
    assert wire.answer("POST").status == 200


@timed
async def test_a_client_that_has_waited_has_its_time_again(clock: Clock) -> None:
    async def read_late(scope: Any, receive: Any, send: Any) -> None:
        await answering.gates.gate.wait()
        await answering.on_echo(scope, receive, send)

    answering = AsgiProbe()
    wire = Wire(read_late)
    await wire.send(long_head(), b"x" * 100_000)
    await clock.pass_seconds(BODY_SECONDS * 5)
    answering.gates.gate.set()
    await clock.pass_seconds(BODY_SECONDS - 2)
    assert not wire.is_over
    await wire.send(b"x" * (LONG - 100_000))
    assert wire.answer("POST").status == 200


@timed
async def test_a_body_that_drips_after_its_answer_is_cut(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    await wire.send(post("/early", b"x" * 50_000)[:-40_000])
    assert wire.answer("POST").status == 200
    await drip(wire, clock, b"x", HALF, 3)
    assert wire.is_over


def reads_nothing() -> Wire:
    """A stream for a client that takes none of it."""
    wire = Wire(NativeStreams(lambda: StreamingResponse(Producer(b"one", None).pieces())))
    wire.transport.stalls = True
    wire.transport.unsent = 100
    return wire


@timed
async def test_a_body_that_goes_on_excuses_no_client_that_reads_nothing(clock: Clock) -> None:
    wire = reads_nothing()
    await wire.send(long_head())
    await drip(wire, clock, b"x" * BODY_RATE, 1, READER_SECONDS)
    assert wire.transport.aborted


@timed
async def test_a_body_that_becomes_too_much_excuses_no_client_that_reads_nothing(clock: Clock) -> None:
    wire = reads_nothing()
    await wire.send(long_head(), b"x" * 100_000)
    assert not wire.transport.reading
    await clock.pass_seconds(READER_SECONDS)
    assert wire.transport.aborted


@timed
async def test_a_body_that_nobody_asked_for_is_not_waited_for(clock: Clock) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        await producer.gate.wait()

    producer = Producer()
    wire = Wire(NativeStreams(lambda: StreamingResponse(pieces())))
    wire.transport.stalls = True
    wire.transport.unsent = 100
    await wire.send(request("/", b"content-length: 10", b"expect: 100-continue", method="POST"))
    wire.transport.unsent = 0
    wire.transport.protocol.resume_writing()
    await clock.pass_seconds(BODY_SECONDS * 2)
    assert not wire.is_over
