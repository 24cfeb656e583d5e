"""The same conversations with uvicorn's own protocol: what HTTP leaves no choice in has to be the same."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fasterapi.server import HttpProtocol
from tests.server.probe import AsgiProbe, NativeProbe
from tests.server.test_protocol import Probe, chunked, post, request
from tests.server.wire import Answer, Wire, settle, split_answers

CONVERSATIONS = {
    "get": [request("/echo?a=b")],
    "head": [request("/early", method="HEAD")],
    "options": [request("/echo", method="OPTIONS")],
    "no content": [request("/empty")],
    "counted body": [post("/echo", b"body")],
    "empty body": [post("/echo", b"")],
    "chunked body": [chunked("/echo", b"one", b"two")],
    "pieces of a body": [post("/echo", b"body")[:-3], b"o", b"dy"],
    "pieces of a head": [request("/echo")[:10], request("/echo")[10:]],
    "two requests": [request("/echo?1"), request("/echo?2")],
    "two requests at once": [request("/echo?1") + request("/echo?2")],
    "close": [request("/early", b"connection: close")],
    "application closes": [request("/close")],
    "http/1.0": [b"GET /echo HTTP/1.0\r\n\r\n"],
    "percent": [request("/echo%20%C3%A9/%2F?%20")],
    "absolute": [request("http://b/echo?x")],
    "two slashes": [request("//echo")],
    "bug": [request("/raise")],
    "no answer": [request("/silent")],
    "garbage": [b"garbage\r\n\r\n"],
    "expect": [post("/echo", b"body", b"expect: 100-continue")[:-4], b"body"],
    "empty lines": [b"\r\n\r\n" + request("/echo")],
    "repeated headers": [request("/echo", b"X-A: 1", b"x-a: 2", b"cookie: a", b"cookie: b")],
    "large answer": [request("/big"), request("/early")],
    "upgrade": [request("/echo", b"connection: upgrade", b"upgrade: h2c")],
}

METHODS = {"head": "HEAD"}


@pytest.fixture(params=[NativeProbe, AsgiProbe], ids=["exchange", "asgi"])
def probe(request: pytest.FixtureRequest) -> Probe:
    app: Probe = request.param()
    return app


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_conversation(probe: Probe, name: str) -> None:
    ours = Wire(probe)
    theirs = Wire(AsgiProbe(), protocol_class=HttpToolsProtocol)
    for wire in (ours, theirs):
        await wire.send(*CONVERSATIONS[name])
    method = METHODS.get(name, "GET")
    assert ours.answers(method) == theirs.answers(method)
    assert ours.is_over == theirs.is_over


@pytest.mark.parametrize("name", [name for name in CONVERSATIONS if name not in ("garbage", "silent")])
async def test_scope(name: str) -> None:
    ours, theirs = AsgiProbe(), AsgiProbe()
    await Wire(ours, root_path="/root").send(*CONVERSATIONS[name])
    await Wire(theirs, protocol_class=HttpToolsProtocol, root_path="/root").send(*CONVERSATIONS[name])
    assert ours.scopes == theirs.scopes
    assert all(type(ours.scopes[at][key]) is type(value) for at, scope in enumerate(theirs.scopes) for key, value in scope.items())


GOOD = [
    request("/echo?a"),
    request("/echo", b"x-a: b"),
    post("/echo", b"body"),
    post("/echo", b"\r\n\r\n"),
    chunked("/echo", b"one", b"\r\n\r\ntwo"),
    request("/echo", b"transfer-encoding: chunked", method="POST", body=b"1;a=b\r\nx\r\n0\r\nx-a: b\r\n\r\n"),
    b"GET /echo HTTP/1.0\r\n\r\n",
]

SCRAPS = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"0",
    b"1",
    b"\xff",
    b"chunked",
    b"Content-Length: 4\r\n",
    b"\r\n\r\n",
    b"a" * 50,
]


@st.composite
def conversations(draw: st.DrawFn) -> bytes:
    """Some requests, with a few scraps put in and a few bytes taken out."""
    data = bytearray(b"".join(draw(st.lists(st.sampled_from(GOOD), min_size=1, max_size=4))))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data)))
        data[at : at + draw(st.integers(0, 3))] = draw(st.sampled_from([b"", *SCRAPS]) | st.binary(max_size=3))
    return bytes(data)


async def converse(wire: Wire, pieces: list[bytes]) -> tuple[list[Answer], bytes]:
    loop = asyncio.get_running_loop()
    faults: list[object] = []
    loop.set_exception_handler(lambda _, context: faults.append(context))
    await wire.send(*pieces)
    if not wire.is_over:
        await wire.hang_up()
    await settle()
    assert not faults
    assert not wire.state.tasks
    return split_answers(wire.transport.written)


@given(data=conversations(), size=st.integers(1, 100))
@settings(max_examples=150, deadline=None)
def test_noise(data: bytes, size: int) -> None:
    """However it is cut, it is read the same, and what is taken for a request uvicorn takes for the same one."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    whole, rest = asyncio.run(_converse(NativeProbe(), [data]))
    assert not rest
    assert asyncio.run(_converse(NativeProbe(), pieces)) == (whole, b"")
    assert asyncio.run(_converse(AsgiProbe(), pieces)) == (whole, b"")
    assert all(answer.status == 200 for answer in whole[:-1])
    theirs, _ = asyncio.run(_converse(AsgiProbe(), [data], HttpToolsProtocol))
    for ours, other in zip(whole, theirs, strict=False):
        if {ours.status, other.status} != {200}:
            break
        told, theirs_told = json.loads(ours.body), json.loads(other.body)
        # Uvicorn takes trailers for headers.
        theirs_told[3] = theirs_told[3][: len(told[3])]
        assert told == theirs_told


async def _converse(probe: Probe, pieces: list[bytes], protocol_class: type = HttpProtocol) -> tuple[list[Answer], bytes]:
    return await converse(Wire(probe, protocol_class=protocol_class), pieces)
