"""The parser by itself: what the network cannot bring about, and where our view and llhttp's are made to differ."""

from __future__ import annotations

import asyncio

from fasterapi.server.incoming_body import IncomingBody
from fasterapi.server.request_parser import RequestParser

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"


def parser(data: bytes) -> RequestParser:
    made = RequestParser()
    made.receive(data)
    return made


def body(made: RequestParser) -> IncomingBody:
    head = made.read_head()
    assert head is not None
    incoming = IncomingBody(head.body_length(), head.expects_continue(), asyncio.get_running_loop())
    made.begin_body(incoming)
    return incoming


async def test_reads_no_further_than_the_request() -> None:
    made = parser(GET + b"rest")
    assert made.read_head() is not None
    assert made.is_request_whole
    assert made.leave() == b"rest"


async def test_reads_no_further_than_the_body() -> None:
    made = parser(POST + b"bodyrest")
    incoming = body(made)
    made.read_body()
    assert (made.is_request_whole, incoming.take(), made.leave()) == (True, b"body", b"rest")


async def test_reads_no_further_than_the_chunks() -> None:
    made = parser(CHUNKED + b"1\r\na\r\n0\r\n\r\nrest")
    incoming = body(made)
    made.read_body()
    assert (made.is_request_whole, incoming.take(), made.leave()) == (True, b"a", b"rest")


async def test_what_is_received_is_added_to_what_was_not_read() -> None:
    made = parser(GET + b"PO")
    made.read_head()
    made.receive(b"ST")
    assert made.leave() == b"POST"


async def test_head_that_does_not_end_where_it_seems_to() -> None:
    made = parser(GET)
    made.on_headers_complete()
    made.leave()
    made.receive(GET)
    assert made.read_head() is None
    assert made.fault == 400


async def test_body_that_ends_before_its_length() -> None:
    made = parser(POST + b"bo")
    body(made)
    made.on_message_complete()
    made.read_body()
    assert made.fault == 400


async def test_chunks_that_end_without_an_empty_line() -> None:
    made = parser(CHUNKED + b"4\r\nbo")
    body(made)
    made.on_message_complete()
    made.receive(b"4\r\nbo")
    made.read_body()
    assert made.fault == 400


async def test_nothing_is_read_after_leaving() -> None:
    made = parser(POST)
    body(made)
    made.leave()
    made.on_headers_complete()
    made.on_body(b"late")
    assert not made.has_more()
