"""Bytes that are meant to be one request for us and two for somebody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.server.servers import Client

Connect = Callable[[], Client]

SMUGGLED = b"GET /page?smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def answers_to(client: Client, request: bytes) -> list[bytes]:
    """The status lines that come back until the connection closes."""
    client.send(request)
    client.socket.shutdown(1)
    return [line for line in client.rest().split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([b"POST /slow HTTP/1.1", b"Host: a", *headers, b"", body])


@pytest.mark.parametrize(
    "headers",
    [
        [b"Content-Length: 5", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Content-Length: 5", b"Content-Length: 5"],
        [b"Content-Length: +5"],
        [b"Content-Length: 0x5"],
        [b"Content-Length: 5,5"],
        ["Content-Length: \N{ARABIC-INDIC DIGIT FIVE}".encode()],
        [b"Transfer-Encoding: chunked, identity"],
        [b"Transfer-Encoding: identity, chunked"],
        [b"Transfer-Encoding: xchunked"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding : chunked"],
        [b"Transfer-Encoding:\r\n chunked"],
        [b"X: a\nContent-Length: 5"],
    ],
)
def test_a_body_of_doubtful_length_is_refused_with_all_that_follows(connect: Connect, headers: list[bytes]) -> None:
    statuses = answers_to(connect(), post(*headers, body=b"0\r\n\r\n" + SMUGGLED))
    assert [status[:12] for status in statuses] == [b"HTTP/1.1 400"]


@pytest.mark.parametrize(
    "chunk", [b"5\nhello\r\n0\r\n\r\n", b"5\r\nhelloX0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"-5\r\n", b"5 \r\nhello\r\n"]
)
def test_chunks_end_where_the_rfc_says(connect: Connect, chunk: bytes) -> None:
    statuses = answers_to(connect(), post(b"Transfer-Encoding: chunked", body=chunk + SMUGGLED))
    assert not any(status.startswith(b"HTTP/1.1 200") for status in statuses)


def test_the_body_of_an_upgrade_that_is_refused_is_no_request(connect: Connect) -> None:
    request = post(b"Upgrade: h2c", b"Connection: Upgrade", b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED)
    statuses = answers_to(connect(), request)
    assert [status[:12] for status in statuses] == [b"HTTP/1.1 200"]


def test_pipelined_requests_are_answered_in_order(connect: Connect) -> None:
    client = connect()
    client.send(b"".join(b"GET /url/%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(200)))
    assert [f"/url/{number}" in client.answer().body.decode() for number in range(200)] == [True] * 200


def test_trailers_are_limited(connect: Connect) -> None:
    trailers = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1000) for number in range(1000))
    assert not is_accepted(connect(), post(b"Transfer-Encoding: chunked", body=b"1\r\nx\r\n0\r\n" + trailers + b"\r\n"))


def test_a_head_without_end_is_cut_off(connect: Connect) -> None:
    assert not is_accepted(connect(), b"GET /page HTTP/1.1\r\nHost: a\r\n" + b"X-Y: z\r\n" * 100_000 + b"\r\n")


def is_accepted(client: Client, request: bytes) -> bool:
    """Whether a request is answered as one; a connection that is closed in its middle says no."""
    try:
        return any(status.startswith(b"HTTP/1.1 200") for status in answers_to(client, request))
    except ConnectionError:
        return False


@pytest.mark.parametrize(
    "name", [b"Sec-WebSocket-Protocol", b"Cookie", b"Accept", b"Origin", b"X-Forwarded-For", b"Content-Type", b"Range"]
)
@pytest.mark.parametrize("value", [b"\xff\xfe", "ünï".encode(), b'"', b";;;,,,===", b"," * 5000])
def test_no_header_value_stops_the_server(connect: Connect, name: bytes, value: bytes) -> None:
    client = connect()
    client.send(b"GET /cookie HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + name + b": " + value + b"\r\n\r\n")
    assert client.answer().status in (200, 400)


@pytest.mark.parametrize(
    ("cookie", "found"),
    [
        (b"a=1; evil; b=2", {"a": "1", "": "evil", "b": "2"}),
        (b"=nameless; a=1", {"": "nameless", "a": "1"}),
        (b'a="x; b=2', {"a": '"x', "b": "2"}),
    ],
)
def test_an_odd_cookie_hides_no_other(connect: Connect, cookie: bytes, found: dict[str, str]) -> None:
    client = connect()
    client.send(b"GET /cookie HTTP/1.1\r\nHost: a\r\nCookie: " + cookie + b"\r\n\r\n")
    body = client.answer().body.decode()
    assert all(f'"{name}":' in body for name in found if name)
