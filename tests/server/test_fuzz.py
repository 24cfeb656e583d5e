"""Whatever comes over the wire, and however: no fault in the protocol, no answer too many, none that is another's, and an end."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.server.conversation import Conversation
from tests.server.probe import AsgiProbe, NativeProbe
from tests.server.test_protocol import Probe, chunked, request
from tests.server.wire import Answer, Clock

LARGE = 100_000

LINES = [
    b"GET /echo HTTP/1.1\r\n",
    b"POST /early HTTP/1.1\r\n",
    b"HEAD /big HTTP/1.1\r\n",
    b"GET /pieces HTTP/1.0\r\n",
    b"GET * HTTP/1.1\r\n",
]
HEADERS = [
    b"host: a\r\n",
    b"content-length: 5\r\n",
    b"Content-Length: 100000\r\n",
    b"transfer-encoding: chunked\r\n",
    b"expect: 100-continue\r\n",
    b"connection: close\r\n",
    b"connection: upgrade\r\nupgrade: h2c\r\n",
    b"x: \xff\r\n",
]
BITS = [
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\0",
    b" ",
    b":",
    b"0\r\n\r\n",
    b"5\r\nabcde\r\n",
    b"ffffffffffffffff\r\n",
    b"abcde",
    b"\x16\x03\x01",
    b"x" * 70_000,
]

noise = st.lists(st.sampled_from(LINES + HEADERS * 2 + BITS * 2) | st.binary(max_size=8), max_size=12).map(b"".join)
MOODS: list[str | int] = ["none", "none", "none", "open", "stop", "read", "leave", 1, 4, 40]
CALM: list[str | int] = ["none", "open"]

ENDINGS = ["raise", "silent", "cancel", "close"]
KINDS = ["echo", "chunks", "get", "early", "wait", "empty", "big"] * 3 + ENDINGS


@dataclass
class Ask:
    """A good request and what its answer has to be."""

    data: bytes
    status: int
    body: bytes | None = None
    told: tuple[str, str] | None = None
    may_close: bool = False

    def check(self, answer: Answer) -> None:
        assert answer.status == self.status
        if self.told is not None:
            _, path, query, _, body = json.loads(answer.body)
            assert (path, query, body) == ("/echo", *self.told)
        elif self.body is not None:
            assert answer.body == self.body


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    """A request with a mark of its own in its query and its body."""
    mark = str(draw(st.integers(0, 10**6)))
    body = mark.encode() * draw(st.sampled_from([0, 1, 30])) + b"x" * draw(st.sampled_from([0, 0, 0, LARGE]))
    expects = [b"expect: 100-continue"] if draw(st.booleans()) else []
    kind = draw(st.sampled_from(KINDS))
    if kind == "echo":
        length = b"content-length: %d" % len(body)
        return Ask(request(f"/echo?{mark}", length, *expects, method="POST", body=body), 200, told=(mark, body.decode()))
    if kind == "chunks":
        at = draw(st.integers(0, len(body)))
        chunks = [chunk for chunk in (body[:at], body[at:]) if chunk]
        return Ask(chunked(f"/echo?{mark}", *chunks), 200, told=(mark, body.decode()))
    if kind == "get":
        return Ask(request(f"/echo?{mark}"), 200, told=(mark, ""))
    if kind == "early":
        return Ask(chunked(f"/early?{mark}", mark.encode()), 200, b"early", may_close=True)
    if kind == "wait":
        return Ask(request(f"/wait?{mark}"), 200, b"waited " + mark.encode())
    if kind == "empty":
        return Ask(request("/empty"), 204, b"")
    if kind == "big":
        return Ask(request("/big"), 200, b"x" * 100_000)
    return Ask(request(f"/{kind}"), 200 if kind == "close" else 500, may_close=True)


@dataclass
class Script:
    """Good requests, then noise, cut anywhere, with the moods of the client in between."""

    asks: list[Ask]
    tail: bytes
    is_whole: bool
    events: list[bytes | int | str] = field(default_factory=list)

    def is_undisturbed(self) -> bool:
        """Whether every good request has to have its answer."""
        moods = [event for event in self.events if not isinstance(event, bytes)]
        return self.is_whole and not any(ask.may_close for ask in self.asks) and set(moods) <= set(CALM)


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    script = Script(draw(st.lists(asks(), max_size=5)), draw(noise), draw(st.booleans()))
    data = b"".join([*(ask.data for ask in script.asks), script.tail])
    if not script.is_whole:
        data = data[: draw(st.integers(0, len(data)))]
    moods = draw(st.sampled_from([CALM, MOODS]))
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True):
        if start < stop:
            script.events.append(data[start:stop])
        script.events.append(draw(st.sampled_from(moods)))
    return script


@pytest.mark.parametrize("make", [NativeProbe, AsgiProbe])
@given(script=scripts())
@settings(max_examples=200, deadline=None)
def test_fuzz(make: type[Probe], script: Script) -> None:
    clock = Clock()
    with asyncio.Runner(loop_factory=lambda: clock) as runner:
        runner.run(_play(make(), script, clock))


async def _play(probe: Probe, script: Script, clock: Clock) -> None:
    conversation = Conversation(probe, clock)
    await conversation.play(script.events)
    assert not conversation.faults
    _check_end(conversation)
    answers, rest = conversation.answers()
    assert not rest or _may_be_unfinished(script, rest)
    assert len(answers) <= probe.gates.begun + 1
    if script.is_undisturbed():
        assert len(answers) >= len(script.asks)
    elif answers and answers[-1].status == 408:
        # A head that came too slowly is answered too, though it is no request.
        answers.pop()
    for ask, answer in zip(script.asks, answers, strict=False):
        ask.check(answer)


def _check_end(conversation: Conversation) -> None:
    """The connection is closed, and the server knows nothing of it any more."""
    assert conversation.wire.transport.closed
    assert not conversation.wire.state.connections
    assert not conversation.wire.state.tasks


def _may_be_unfinished(script: Script, rest: bytes) -> bool:
    """An answer may lack its end where the client left or did not read it, or spoiled what it was still sending."""
    return not script.is_undisturbed() or bool(script.tail)
