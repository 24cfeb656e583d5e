"""How long a stream waits for its client."""

from __future__ import annotations

from fasterapi.http.streaming import StreamingResponse
from tests.server.streams import NativeStreams, Producer
from tests.server.test_limits import BODY_SECONDS, READER_SECONDS, timed
from tests.server.test_protocol import request
from tests.server.wire import Clock, Wire

UNREAD = request("/", b"content-length: 1000000", method="POST", body=b"x" * 100_000)
BEGUN = request("/", b"content-length: 1000000", method="POST", body=b"x" * 100)


def stalling() -> Wire:
    """A stream for a client that reads nothing."""
    wire = Wire(NativeStreams(lambda: StreamingResponse(Producer(b"one", None).pieces())))
    wire.transport.stalls = True
    wire.transport.unsent = 100
    return wire


@timed
async def test_a_client_that_reads_nothing(clock: Clock) -> None:
    wire = stalling()
    await wire.send(request("/"))
    await clock.pass_seconds(READER_SECONDS - 2)
    assert not wire.is_over
    await clock.pass_seconds(3)
    assert wire.transport.aborted
    assert not wire.state.tasks


@timed
async def test_a_client_that_reads_nothing_while_its_body_waits_to_be_read(clock: Clock) -> None:
    wire = stalling()
    await wire.send(UNREAD)
    assert not wire.transport.reading
    await clock.pass_seconds(READER_SECONDS + 1)
    assert wire.transport.aborted


@timed
async def test_a_client_that_reads_slowly_while_its_body_waits_to_be_read(clock: Clock) -> None:
    wire = stalling()
    await wire.send(UNREAD)
    for _ in range(5):
        await clock.pass_seconds(READER_SECONDS - 2)
        wire.transport.unsent -= 1
    assert not wire.is_over
    wire.transport.protocol.resume_writing()
    await clock.pass_seconds(READER_SECONDS * 2)
    assert not wire.is_over


@timed
async def test_a_client_that_catches_up_has_to_go_on_with_its_body(clock: Clock) -> None:
    wire = stalling()
    await wire.send(BEGUN)
    await clock.pass_seconds(BODY_SECONDS - 5)
    wire.transport.unsent = 0
    wire.transport.protocol.resume_writing()
    await clock.pass_seconds(BODY_SECONDS - 3)
    assert not wire.is_over
    await clock.pass_seconds(5)
    assert wire.transport.closed
