"""What is not quite HTTP/1.1 is refused, the connection closes, and nothing behind it is taken for a request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.probe import AsgiProbe, NativeProbe, answer
from tests.server.test_protocol import Probe
from tests.server.wire import Wire

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

LINES = {
    "two spaces before the target": b"GET  / HTTP/1.1",
    "two spaces after the target": b"GET /  HTTP/1.1",
    "space at the end": b"GET / HTTP/1.1 ",
    "space at the beginning": b" GET / HTTP/1.1",
    "tab for a space": b"GET\t/ HTTP/1.1",
    "no version": b"GET /",
    "no target": b"GET HTTP/1.1",
    "empty target": b"GET  HTTP/1.1",
    "lower-case version": b"GET / http/1.1",
    "version 1.2": b"GET / HTTP/1.2",
    "version of two digits": b"GET / HTTP/1.10",
    "version with a plus": b"GET / HTTP/+1.1",
    "other protocol": b"GET / RTSP/1.0",
    "other protocol's method": b"SOURCE / ICE/1.0",
    "lower-case method": b"get / HTTP/1.1",
    "unknown method": b"FOO / HTTP/1.1",
    "NUL in the method": b"GE\0T / HTTP/1.1",
    "bracket in the method": b"G(T / HTTP/1.1",
    "CONNECT to an authority": b"CONNECT a:80 HTTP/1.1",
    "CONNECT to a path": b"CONNECT / HTTP/1.1",
    "HTTP/2 preface": b"PRI * HTTP/2.0",
    "target without slash": b"GET x HTTP/1.1",
    "target that is a query": b"GET ?x HTTP/1.1",
    "other scheme": b"GET ftp://a/ HTTP/1.1",
    "no authority": b"GET http:///x HTTP/1.1",
    "no authority but a query": b"GET http://?x HTTP/1.1",
    "nothing but a scheme": b"GET http:// HTTP/1.1",
    "fragment": b"GET /#x HTTP/1.1",
    "NUL in the target": b"GET /\0 HTTP/1.1",
    "escape in the target": b"GET /\x1b[0m HTTP/1.1",
    "tab in the target": b"GET /\t HTTP/1.1",
    "DEL in the target": b"GET /\x7f HTTP/1.1",
    "Latin-1 in the target": b"GET /\xe9 HTTP/1.1",
    "UTF-8 in the query": b"GET /?\xc3\xa9 HTTP/1.1",
    "CR in the line": b"GET /\r HTTP/1.1",
    "LF in the line": b"GET /\n HTTP/1.1",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}

HEADERS = {
    "space before the colon": b"X-A : b",
    "tab before the colon": b"X-A\t: b",
    "no name": b": b",
    "no colon": b"X-A",
    "NUL in the name": b"X\0A: b",
    "space in the name": b"X A: b",
    "bracket in the name": b"X(A: b",
    "Latin-1 in the name": b"X\xe9: b",
    "NUL in the value": b"X-A: b\0c",
    "control character in the value": b"X-A: b\x01c",
    "escape in the value": b"X-A: \x1b[0m",
    "DEL in the value": b"X-A: b\x7f",
    "CR in the value": b"X-A: b\rc",
    "CR at the end of the value": b"X-A: b\r",
    "LF at the end of the line": b"X-A: b\nX-B: c",
    "folded with a space": b"X-A: b\r\n c",
    "folded with a tab": b"X-A: b\r\n\tc",
    "second host": b"Host: a",
    "other second host": b"hOST: b",
    "lengths that agree": b"Content-Length: 3\r\nContent-Length: 3",
    "lengths that differ": b"Content-Length: 3\r\nContent-Length: 4",
    "lengths in a list": b"Content-Length: 3, 3",
    "length with a plus": b"Content-Length: +3",
    "negative length": b"Content-Length: -3",
    "hexadecimal length": b"Content-Length: 0x3",
    "length with an underscore": b"Content-Length: 1_0",
    "length in other digits": b"Content-Length: \xd9\xa3",
    "superscript length": b"Content-Length: \xb3",
    "empty length": b"Content-Length:",
    "length of blanks": b"Content-Length:  \t",
    "huge length": b"Content-Length: 99999999999999999999999999",
    "length and chunks": b"Content-Length: 3\r\nTransfer-Encoding: chunked",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 3",
    "chunks, no length": b"Transfer-Encoding: chunked\r\nContent-Length:",
    "identity": b"Transfer-Encoding: identity",
    "coding that only ends like chunked": b"Transfer-Encoding: xchunked",
    "coding that only begins like chunked": b"Transfer-Encoding: chunkedx",
    "chunked with a parameter": b"Transfer-Encoding: chunked;a=b",
    "quoted chunked": b'Transfer-Encoding: "chunked"',
    "vertical tab before chunked": b"Transfer-Encoding: \x0bchunked",
    "another coding before chunked": b"Transfer-Encoding: gzip, chunked",
    "another coding after chunked": b"Transfer-Encoding: chunked, gzip",
    "chunked twice in a list": b"Transfer-Encoding: chunked, chunked",
    "chunked after a comma": b"Transfer-Encoding: ,chunked",
    "chunked twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "identity, then chunked": b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "chunked, then identity": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "empty coding": b"Transfer-Encoding:",
    "space before the colon of a coding": b"Transfer-Encoding : chunked",
}

HOSTS = {
    "none": b"",
    "path": b"Host: a/b\r\n",
    "query": b"Host: a?b\r\n",
    "fragment": b"Host: a#b\r\n",
    "user": b"Host: a@b\r\n",
    "backslash": b"Host: a\\b\r\n",
    "space": b"Host: a b\r\n",
    "quote": b'Host: "a"\r\n',
    "Latin-1": b"Host: \xe9\r\n",
    "folded": b"Host:\r\n a\r\n",
}

CHUNKS = {
    "LF after the size": b"3\nabc\r\n0\r\n\r\n",
    "LF after the data": b"3\r\nabc\n0\r\n\r\n",
    "LF after the last size": b"3\r\nabc\r\n0\n\n",
    "LF at the end": b"3\r\nabc\r\n0\r\n\n",
    "CR for a line end": b"3\rabc\r0\r\r",
    "size with a plus": b"+3\r\nabc\r\n0\r\n\r\n",
    "size with a minus": b"-3\r\nabc\r\n0\r\n\r\n",
    "size with a prefix": b"0x3\r\nabc\r\n0\r\n\r\n",
    "size with an underscore": b"0_3\r\nabc\r\n0\r\n\r\n",
    "space before the size": b" 3\r\nabc\r\n0\r\n\r\n",
    "space after the size": b"3 \r\nabc\r\n0\r\n\r\n",
    "no size": b"\r\nabc\r\n0\r\n\r\n",
    "huge size": b"10000000000000000\r\nabc\r\n0\r\n\r\n",
    "LF in an extension": b"3;a\nb\r\nabc\r\n0\r\n\r\n",
    "NUL in an extension": b"3;\0\r\nabc\r\n0\r\n\r\n",
    "quote that does not end": b'3;a="b\r\nabc\r\n0\r\n\r\n',
    "data longer than its size": b"3\r\nabcd\r\n0\r\n\r\n",
    "data shorter than its size": b"4\r\nabc\r\n0\r\n\r\n",
    "no line end after the data": b"3\r\nabc0\r\n\r\n",
    "space before a trailer's colon": b"3\r\nabc\r\n0\r\nX-A : b\r\n\r\n",
    "folded trailer": b"3\r\nabc\r\n0\r\nX-A: b\r\n c\r\n\r\n",
    "length in the trailers": b"3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n",
    "coding in the trailers": b"3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n",
    "LF in the trailers": b"3\r\nabc\r\n0\r\nX-A: b\nX-B: c\r\n\r\n",
}


@pytest.fixture(params=[NativeProbe, AsgiProbe], ids=["exchange", "asgi"])
def probe(request: pytest.FixtureRequest) -> Probe:
    app: Probe = request.param()
    return app


@pytest.fixture(params=["at once", "in bytes"])
def size(request: pytest.FixtureRequest) -> int:
    return 1_000_000 if request.param == "at once" else 1


async def refused(probe: Probe, data: bytes, size: int, statuses: tuple[int, ...] = (400,)) -> None:
    wire = Wire(probe)
    await wire.send(*(data[at : at + size] for at in range(0, len(data), size)))
    answer = wire.answer()
    assert answer.status in statuses
    assert answer.headers["connection"] == "close"
    assert wire.is_over
    assert not wire.state.tasks
    assert "whole" not in probe.gates.outcomes


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
async def test_line(probe: Probe, size: int, line: bytes) -> None:
    await refused(probe, line + b"\r\nHost: a\r\n\r\n" + SMUGGLED, size)


@pytest.mark.parametrize("version", [b"HTTP/2.0", b"HTTP/0.9"])
async def test_version(probe: Probe, size: int, version: bytes) -> None:
    await refused(probe, b"GET / " + version + b"\r\nHost: a\r\n\r\n" + SMUGGLED, size, (505,))


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
async def test_header(probe: Probe, size: int, header: bytes) -> None:
    await refused(probe, b"POST / HTTP/1.1\r\nHost: a\r\n" + header + b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + SMUGGLED, size)


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
async def test_first_header(probe: Probe, size: int, header: bytes) -> None:
    await refused(probe, b"POST / HTTP/1.1\r\n" + header + b"\r\nHost: a\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + SMUGGLED, size)


@pytest.mark.parametrize("header", HOSTS.values(), ids=HOSTS.keys())
async def test_host(probe: Probe, size: int, header: bytes) -> None:
    await refused(probe, b"GET / HTTP/1.1\r\n" + header + b"\r\n" + SMUGGLED, size)


@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS.keys())
async def test_chunks(probe: Probe, size: int, chunks: bytes) -> None:
    await refused(probe, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + SMUGGLED, size)


async def test_chunks_in_http_1_0(probe: Probe, size: int) -> None:
    await refused(probe, b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + SMUGGLED, size)


@pytest.mark.parametrize("ends", [b"\n", b"\r"])
async def test_line_ends(probe: Probe, size: int, ends: bytes) -> None:
    await refused(probe, SMUGGLED.replace(b"\r\n", ends), size)


async def test_only_the_good_are_answered(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(b"GET /early HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost : a\r\n\r\n" + SMUGGLED)
    assert [answer.status for answer in wire.answers()] == [200, 400]
    assert wire.is_over


async def test_bad_chunks_after_the_answer_has_begun() -> None:
    """There is no way left to say it but to break off."""
    wire = Wire(AsgiProbe())
    await wire.send(b"POST /pieces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"x\r\n")
    assert wire.transport.aborted
    assert b"400" not in wire.transport.written


async def test_bad_chunks_look_to_the_application_as_if_the_client_had_gone(caplog: pytest.LogCaptureFixture) -> None:
    received: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        received.append((await receive())["type"])
        await answer(send, 200, b"too late")

    wire = Wire(app)
    await wire.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"x\r\n")
    assert received == ["http.disconnect"]
    assert wire.answer().status == 400
    assert caplog.messages == ["Invalid HTTP request received."]


async def test_message_says_what_was_wrong(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(b"nonsense\r\n\r\n")
    assert wire.answer().body == b"Invalid HTTP request received."


async def test_one_line_is_logged(probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire(probe)
    await wire.send(*[b"nonsense\r\n\r\n"] * 10)
    assert caplog.messages == ["Invalid HTTP request received."]
