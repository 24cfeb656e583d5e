"""The same conversations with uvicorn's own protocol: what HTTP leaves no choice in has to be the same."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fasterapi.http.exchange import Exchange, ExchangeHandler
from fasterapi.server import HttpProtocol
from fasterapi.server.http_exchange import HttpExchange
from tests.server.probe import AsgiProbe, Gates, NativeProbe, ProbeHandler
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
    "upgrade that the connection does not name": [request("/echo", b"upgrade: h2c")],
    "connection that names no upgrade": [request("/echo", b"connection: upgrade")],
    "patch": [request("/echo", b"content-length: 2", method="PATCH", body=b"ab")],
    "trace": [request("/echo", method="TRACE")],
    "propfind": [request("/echo", method="PROPFIND")],
    "body of a get": [request("/echo", b"content-length: 4", body=b"body") + request("/echo?2")],
    "body of a head": [request("/early", b"content-length: 4", method="HEAD", body=b"body") + request("/early")],
    "head of a large answer": [request("/big", method="HEAD") + request("/early")],
    "cancelled": [request("/cancel")],
    "bug, then another": [request("/raise") + request("/early")],
    "no answer, then another": [request("/silent") + request("/early")],
    "another that has to wait": [request("/wait?1") + request("/early")],
    "asterisk": [request("*", method="OPTIONS")],
    "absolute https": [request("https://b/echo?x")],
    "question marks": [request("/echo??a?b")],
    "empty query": [request("/echo?")],
    "semicolons": [request("/echo;a=b?c=d;e")],
    "dots": [request("/../echo/./x")],
    "percent and no number": [request("/echo/%zz%")],
    "percent and NUL": [request("/echo/%00")],
    "percent and no UTF-8": [request("/echo/%ff")],
    "long path": [request("/echo/" + "x" * 10_000)],
    "long header": [request("/echo", b"x-a: " + b"y" * 10_000)],
    "many headers": [request("/echo", *[b"x-%d: a" % number for number in range(200)])],
    "empty header": [request("/echo", b"x-a:")],
    "Latin-1 header": [request("/echo", b"x-a: \xe9")],
    "tab in a header": [request("/echo", b"x-a: a\tb")],
    "every character of a name": [request("/echo", b"!#$%&'*+-.^_`|~09: a")],
    "chunk extensions": [request("/echo", b"transfer-encoding: chunked", method="POST", body=b'3;a=b;c="d"\r\nabc\r\n0\r\n\r\n')],
    "capital chunk size": [request("/echo", b"transfer-encoding: chunked", method="POST", body=b"A\r\n0123456789\r\n000\r\n\r\n")],
    "zeros before a chunk size": [request("/echo", b"transfer-encoding: chunked", method="POST", body=b"0003\r\nabc\r\n0\r\n\r\n")],
    "capital coding": [request("/echo", b"Transfer-Encoding: Chunked", method="POST", body=b"3\r\nabc\r\n0\r\n\r\n")],
    "no chunks": [chunked("/echo") + request("/early")],
    "large body": [post("/echo", b"x" * 200_000)],
    "large chunks": [chunked("/echo", *[b"x" * 50_000] * 4)],
    "zeros before a length": [request("/echo", b"content-length: 004", method="POST", body=b"body")],
    "unread body": [post("/early", b"x" * 1000) + request("/early")],
    "unread chunks": [chunked("/early", b"x" * 1000) + request("/early")],
    "empty line after a body": [post("/echo", b"body") + b"\r\n" + request("/early")],
    "ten posts at once": [b"".join(post(f"/echo?{number}", b"%d" % number) for number in range(10))],
    "keep-alive in http/1.0": [b"GET /early HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"],
    "body in http/1.0": [b"POST /echo HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody"],
    "two requests in http/1.0": [b"GET /early HTTP/1.0\r\n\r\n" * 2],
    "close among others": [request("/early", b"connection: keep-alive, close") + request("/early")],
    "capital close": [request("/early", b"Connection: CLOSE")],
    "more after close": [request("/early", b"connection: close") + request("/early")],
    "more after the application closes": [request("/close") + request("/early")],
    "other expectation": [request("/early", b"expect: 200-ok")],
    "capital expectation": [post("/echo", b"body", b"Expect: 100-Continue")[:-4], b"body"],
    "half a head": [request("/echo")[:-1]],
    "bare LF": [request("/echo").replace(b"\r\n", b"\n")],
    "behind a proxy": [request("/echo", b"x-forwarded-for: 1.2.3.4, 127.0.0.1", b"x-forwarded-proto: https")],
    "behind a proxy that says nothing": [request("/echo", b"x-forwarded-for: ", b"x-forwarded-proto: gopher")],
    "HTTP/2 preface": [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
}

IN_PIECES = {
    "pieces": request("/pieces"),
    "pieces, then another": request("/pieces") + request("/early"),
    "head of pieces": request("/pieces", method="HEAD") + request("/early"),
    "half an answer": request("/half"),
    "half an answer and a bug": request("/half?raise"),
    "half an answer, then another": request("/half") + request("/early"),
}

METHODS = {"head": "HEAD", "body of a head": "HEAD", "head of a large answer": "HEAD", "head of pieces": "HEAD"}


@pytest.fixture(params=[NativeProbe, AsgiProbe], ids=["exchange", "asgi"])
def probe(request: pytest.FixtureRequest) -> Probe:
    app: Probe = request.param()
    return app


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_conversation(probe: Probe, name: str) -> None:
    ours = Wire(probe)
    their_probe = AsgiProbe()
    theirs = Wire(their_probe, protocol_class=HttpToolsProtocol)
    for wire in (ours, theirs):
        await wire.send(*CONVERSATIONS[name])
    probe.gates.gate.set()
    their_probe.gates.gate.set()
    await settle()
    method = METHODS.get(name, "GET")
    assert ours.answers(method) == theirs.answers(method)
    assert ours.is_over == theirs.is_over


@pytest.mark.parametrize("name", IN_PIECES)
async def test_conversation_in_pieces(name: str) -> None:
    seen = []
    for protocol_class in (HttpProtocol, HttpToolsProtocol):
        probe = AsgiProbe()
        wire = Wire(probe, protocol_class=protocol_class)
        await wire.send(IN_PIECES[name])
        probe.gates.gate.set()
        await settle()
        answers, rest = split_answers(wire.transport.written, (METHODS.get(name, "GET"),))
        head, _, half = rest.partition(b"\r\n\r\n")
        seen.append((answers, sorted(head.split(b"\r\n")), half, wire.is_over))
    assert seen[0] == seen[1]


class NativeScopes(ProbeHandler):
    """An application that answers exchanges, and keeps what ASGI would have said of them."""

    def __init__(self) -> None:
        super().__init__(Gates())
        self.scopes: list[dict[str, Any]] = []

    def exchange_handler(self) -> ExchangeHandler | None:
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("asked in ASGI")

    async def handle(self, exchange: Exchange) -> None:
        assert isinstance(exchange, HttpExchange)
        self.scopes.append(exchange.make_scope())
        await self.on_echo(exchange)


@pytest.mark.parametrize("make", [NativeScopes, AsgiProbe])
@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_scope(make: Callable[[], NativeScopes | AsgiProbe], name: str) -> None:
    ours, theirs = make(), AsgiProbe()
    await Wire(ours, root_path="/root").send(*CONVERSATIONS[name])
    await Wire(theirs, protocol_class=HttpToolsProtocol, root_path="/root").send(*CONVERSATIONS[name])
    assert ours.scopes == theirs.scopes
    assert all(type(ours.scopes[at][key]) is type(value) for at, scope in enumerate(theirs.scopes) for key, value in scope.items())


@pytest.mark.parametrize("name", CONVERSATIONS)
async def test_access_log(probe: Probe, name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "uvicorn.access")
    logged = []
    for app, protocol_class in ((probe, HttpProtocol), (AsgiProbe(), HttpToolsProtocol)):
        app.gates.gate.set()
        await Wire(app, protocol_class=protocol_class).send(*CONVERSATIONS[name])
        logged.append([(record.msg, record.args) for record in caplog.records if record.name == "uvicorn.access"])
        caplog.clear()
    assert logged[0] == logged[1]


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
        # Uvicorn takes trailers for headers, and the blanks behind a value for a part of it.
        theirs_told[3] = [[name, value.rstrip(" \t")] for name, value in theirs_told[3][: len(told[3])]]
        assert told == theirs_told


async def _converse(probe: Probe, pieces: list[bytes], protocol_class: type = HttpProtocol) -> tuple[list[Answer], bytes]:
    return await converse(Wire(probe, protocol_class=protocol_class), pieces)
