"""Nothing of a connection or a request is left to the garbage collector."""

from __future__ import annotations

import gc
from collections import Counter

import pytest

from tests.server.probe import AsgiProbe, NativeProbe
from tests.server.test_protocol import Probe, chunked, post, request
from tests.server.wire import Wire, settle


@pytest.fixture(params=[NativeProbe, AsgiProbe], ids=["exchange", "asgi"])
def probe(request: pytest.FixtureRequest) -> Probe:
    app: Probe = request.param()
    return app


def ours() -> Counter[str]:
    """How many objects of the server's classes there are."""
    return Counter(type(thing).__qualname__ for thing in gc.get_objects() if str(type(thing).__module__).startswith("fasterapi.server"))


async def converse(probe: Probe, *pieces: bytes) -> None:
    wire = Wire(probe)
    await wire.send(*pieces)
    if not wire.transport.closed:
        await wire.hang_up()
    wire.transport.protocol = None


CONVERSATIONS = {
    "nothing": [],
    "requests": [request("/echo"), request("/echo")],
    "body": [post("/echo", b"body")],
    "chunks": [chunked("/echo", b"one", b"two")],
    "half a head": [request("/echo")[:10]],
    "half a body": [post("/echo", b"body")[:-1]],
    "nonsense": [b"nonsense\r\n\r\n"],
    "waiting": [request("/wait")],
    "waiting and pipelined": [request("/wait"), request("/echo")],
    "close": [request("/early", b"connection: close")],
    "unread body": [post("/early", b"x" * 100_000)[:1000]],
    "upgrade": [request("/echo", b"connection: upgrade", b"upgrade: h2c")],
}


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_nothing_is_left(probe: Probe, name: str) -> None:
    await converse(probe, *CONVERSATIONS[name])
    probe.gates.gate.set()
    await settle()
    gc.collect()
    gc.disable()
    try:
        before = ours()
        for _ in range(5):
            probe.gates.gate.clear()
            await converse(probe, *CONVERSATIONS[name])
            probe.gates.gate.set()
            await settle()
        grown = ours() - before
    finally:
        gc.enable()
    # The context of a server goes with its timer, which has a second to run.
    assert not grown.keys() - {"ServerContext", "Sweep"}
