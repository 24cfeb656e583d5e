"""How much and how long the protocol takes from a client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.server.probe import AsgiProbe, NativeProbe
from tests.server.test_protocol import Probe, chunked, post, request
from tests.server.wire import Clock, Wire

HEAD_SECONDS = 31
BODY_SECONDS = 31
READER_SECONDS = 61
CLOSING_SECONDS = 3


def timed(test: Callable[[Clock], Awaitable[None]]) -> Callable[[], None]:
    """Run a test on an event loop whose time it makes pass itself."""

    def run() -> None:
        clock = Clock()
        with asyncio.Runner(loop_factory=lambda: clock) as runner:
            runner.run(_run(test, clock))

    run.__name__ = test.__name__
    return run


async def _run(test: Callable[[Clock], Awaitable[None]], clock: Clock) -> None:
    await test(clock)


@timed
async def test_idle_connection_is_closed(clock: Clock) -> None:
    wire = Wire(NativeProbe(), timeout_keep_alive=5)
    await wire.send(request("/early"))
    await clock.pass_seconds(4)
    assert not wire.is_over
    await clock.pass_seconds(2)
    assert wire.transport.closed
    assert len(wire.answers()) == 1


@timed
async def test_each_request_keeps_the_connection_alive(clock: Clock) -> None:
    wire = Wire(NativeProbe(), timeout_keep_alive=5)
    for _ in range(5):
        await wire.send(request("/early"))
        await clock.pass_seconds(4)
    assert not wire.is_over
    assert len(wire.answers()) == 5


@timed
async def test_running_handler_keeps_the_connection_alive(clock: Clock) -> None:
    probe = NativeProbe()
    wire = Wire(probe, timeout_keep_alive=5)
    await wire.send(request("/wait"))
    await clock.pass_seconds(100)
    probe.gates.gate.set()
    await clock.pass_seconds(1)
    assert wire.answer().status == 200
    assert not wire.is_over


@timed
async def test_client_that_says_nothing(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    await clock.pass_seconds(HEAD_SECONDS)
    assert wire.transport.closed
    assert wire.transport.written == b""


@pytest.mark.parametrize("lines", [b"\r\n", b"\r\n\r\n", b"\r\n\r\n\r\n"])
def test_empty_lines_are_no_request(lines: bytes) -> None:
    @timed
    async def test(clock: Clock) -> None:
        wire = Wire(NativeProbe(), timeout_keep_alive=5)
        await wire.send(request("/early"))
        for _ in range(4):
            await clock.pass_seconds(2)
            await wire.send(lines)
        assert wire.transport.closed
        assert len(wire.answers()) == 1

    test()


@timed
async def test_slow_head_after_an_empty_line(clock: Clock) -> None:
    wire = Wire(NativeProbe(), timeout_keep_alive=5)
    await wire.send(request("/early"), b"\r\n", b"GET ")
    await clock.pass_seconds(HEAD_SECONDS - 2)
    assert not wire.is_over
    await clock.pass_seconds(2)
    assert [answer.status for answer in wire.answers()] == [200, 408]


@timed
async def test_slow_head(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    data = request("/early", b"x: " + b"y" * 100)
    for at in range(HEAD_SECONDS):
        await wire.send(data[at : at + 1])
        await clock.pass_seconds(1)
    assert wire.answer().status == 408
    assert wire.is_over


@timed
async def test_slow_body(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    await wire.send(post("/echo", b"body")[:-2])
    await clock.pass_seconds(BODY_SECONDS)
    assert wire.transport.closed
    assert wire.transport.written == b""


@timed
async def test_body_that_keeps_coming(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    piece = b"x" * 10_000
    await wire.send(post("/echo", piece * 4)[: -len(piece) * 4])
    for _ in range(4):
        await clock.pass_seconds(20)
        await wire.send(piece)
    assert wire.answer("POST").status == 200


@timed
async def test_body_that_has_to_wait(clock: Clock) -> None:
    """The client is not to blame for what the application does not read."""
    wire = Wire(NativeProbe())
    await wire.send(post("/wait", b"x" * 1_000_000)[:100_000])
    await clock.pass_seconds(100)
    assert not wire.is_over


@timed
async def test_body_that_is_not_asked_for(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    await wire.send(post("/wait", b"body", b"expect: 100-continue")[:-4])
    await clock.pass_seconds(100)
    assert not wire.is_over


@timed
async def test_client_that_takes_no_answer(clock: Clock) -> None:
    probe = AsgiProbe()
    wire = Wire(probe)
    await wire.send(request("/pieces"))
    wire.transport.unsent = 1_000_000
    wire.protocol.pause_writing()
    await clock.pass_seconds(READER_SECONDS)
    assert wire.transport.aborted


@timed
async def test_client_that_takes_its_answer_slowly(clock: Clock) -> None:
    probe = AsgiProbe()
    wire = Wire(probe)
    await wire.send(request("/pieces"))
    wire.transport.unsent = 1_000_000
    wire.protocol.pause_writing()
    for _ in range(10):
        wire.transport.unsent -= 1
        await clock.pass_seconds(READER_SECONDS)
    assert not wire.is_over
    wire.protocol.resume_writing()
    await clock.pass_seconds(READER_SECONDS)
    assert not wire.is_over


@timed
async def test_client_that_takes_a_whole_answer_slowly(clock: Clock) -> None:
    """The time that a connection may be idle does not begin before the answer has been taken."""
    wire = Wire(NativeProbe(), timeout_keep_alive=5)
    wire.transport.stalls = True
    wire.transport.unsent = 1_000_000
    await wire.send(request("/big"))
    for _ in range(3):
        wire.transport.unsent -= 1
        await clock.pass_seconds(READER_SECONDS)
    assert not wire.is_over
    wire.transport.unsent = 0
    wire.protocol.resume_writing()
    await clock.pass_seconds(7)
    assert wire.transport.closed


@timed
async def test_client_that_takes_no_answer_after_its_body(clock: Clock) -> None:
    probe = AsgiProbe()
    wire = Wire(probe)
    wire.transport.stalls = True
    wire.transport.unsent = 1_000_000
    await wire.send(post("/pieces", b"body")[:-1], b"y")
    await clock.pass_seconds(READER_SECONDS)
    assert wire.transport.aborted


@timed
async def test_client_that_takes_no_last_answer(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    wire.transport.unsent = 1_000_000
    await wire.send(request("/early", b"connection: close"))
    await clock.pass_seconds(READER_SECONDS)
    assert wire.transport.aborted
    assert not wire.state.connections


@timed
async def test_refused_client_that_stays(clock: Clock) -> None:
    wire = Wire(NativeProbe())
    await wire.send(b"nonsense\r\n\r\n")
    assert not wire.transport.closed
    await clock.pass_seconds(CLOSING_SECONDS)
    assert wire.transport.closed


@timed
async def test_one_timer_for_all_connections(clock: Clock) -> None:
    probe = NativeProbe()
    first = Wire(probe)
    second = Wire(probe, state=first.state)
    await clock.pass_seconds(HEAD_SECONDS)
    assert first.transport.closed
    assert second.transport.closed


@timed
async def test_timer_starts_again(clock: Clock) -> None:
    probe = NativeProbe()
    first = Wire(probe)
    await first.hang_up()
    await clock.pass_seconds(5)
    second = Wire(probe, state=first.state)
    await clock.pass_seconds(HEAD_SECONDS)
    assert second.transport.closed


@pytest.fixture(params=[NativeProbe, AsgiProbe], ids=["exchange", "asgi"])
def probe(request: pytest.FixtureRequest) -> Probe:
    app: Probe = request.param()
    return app


async def test_long_target(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/" + "x" * 40_000))
    assert wire.answer().status == 414
    assert wire.is_over


@pytest.mark.parametrize("pieces", [1, 10])
async def test_long_head(probe: Probe, pieces: int) -> None:
    wire = Wire(probe)
    data = request("/", b"x: " + b"y" * 70_000)
    size = len(data) // pieces + 1
    await wire.send(*(data[at : at + size] for at in range(0, len(data), size)))
    assert wire.answer().status == 431
    assert wire.is_over


async def test_endless_head(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(b"GET / HTTP/1.1\r\n", *(b"x: " + b"y" * 1000 + b"\r\n" for _ in range(100)))
    assert wire.answer().status == 431
    assert wire.is_over


async def test_many_headers(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/", *[b"a:"] * 300))
    assert wire.answer().status == 431


async def test_as_many_headers_as_allowed(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/", *[b"a:"] * 255))
    assert wire.answer().status == 200


async def test_endless_trailers(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(chunked("/echo", b"x")[:-2], *[b"x: " + b"y" * 1000 + b"\r\n"] * 100)
    assert wire.answer("POST").status == 400
    assert wire.is_over


async def test_chunks_that_are_mostly_extension(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(chunked("/echo", b"x")[:-5], *[b"1;" + b"y" * 1000 + b"\r\nx\r\n"] * 100)
    assert wire.answer("POST").status == 400
    assert wire.is_over


async def test_many_small_chunks(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(chunked("/echo", *[b"x"] * 50_000))
    assert wire.answer("POST").status == 200
