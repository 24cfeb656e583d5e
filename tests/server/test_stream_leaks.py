"""Nothing of a stream is left to the garbage collector, however it ends."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from fasterapi.http.server_sent_events import EventSourceResponse
from fasterapi.http.streaming import StreamingResponse
from tests.server.streams import NativeStreams, Producer, Streams, until
from tests.server.test_protocol import request
from tests.server.wire import Wire


def ours() -> Counter[str]:
    """How many objects of our classes there are."""
    places = ("fasterapi.server", "fasterapi.http")
    return Counter(type(thing).__qualname__ for thing in gc.get_objects() if str(type(thing).__module__).startswith(places))


async def failing() -> AsyncIterator[bytes]:
    yield b"one"
    raise ArithmeticError


async def converse(door: type[Streams], ending: str) -> None:
    """One connection with one stream, which ends in this way."""
    producer = Producer(b"one", None)
    if ending == "fails":
        wire = Wire(door(lambda: StreamingResponse(failing())))
    elif ending == "pings":
        wire = Wire(door(lambda: EventSourceResponse(producer.pieces(), ping=0.001)))
    else:
        wire = Wire(door(lambda: StreamingResponse(producer.pieces())))
    await wire.send(request("/"))
    if ending == "pings":
        await until(lambda: b"ping" in wire.transport.written)
    elif ending == "is whole":
        producer.gate.set()
        await until(lambda: not wire.state.tasks)
    if not wire.transport.closed:
        await wire.hang_up()
    await until(lambda: not wire.state.tasks)
    wire.transport.protocol = None


@pytest.mark.parametrize("door", [NativeStreams, Streams])
@pytest.mark.parametrize("ending", ["is whole", "is left", "fails", "pings"])
async def test_nothing_is_left(door: type[Streams], ending: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL + 1)
    await converse(door, ending)
    gc.collect()
    gc.disable()
    try:
        before = ours()
        for _ in range(5):
            await converse(door, ending)
        grown = ours() - before
    finally:
        gc.enable()
    # The context of a server goes with its timer, which has a second to run.
    assert not grown.keys() - {"ServerContext", "Sweep"}
