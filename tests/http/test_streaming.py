from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest
import starlette.responses

from fasterapi import BackgroundTask, Request
from fasterapi.http.streaming import StreamingResponse
from tests.http.requests import LEFT, arriving, in_pieces, scope


async def answered(response: Any, **options: Any) -> tuple[int, list[tuple[bytes, bytes]], list[bytes]]:
    """Status, headers and pieces of a response that is called as an application, by a client that stays."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await response(scope(**{"method": "GET", **options}), receive, send)
    start, *bodies = sent
    assert [message["more_body"] for message in bodies[:-1]] == [True] * (len(bodies) - 1)
    assert not bodies[-1].get("more_body", False)
    return start["status"], start["headers"], [message["body"] for message in bodies if message["body"]]


async def two() -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"


@pytest.mark.parametrize(
    "content",
    [
        two,
        lambda: iter([b"one", b"two"]),
        lambda: (piece for piece in ["one", "two"]),
        lambda: ["one", b"two"],
        lambda: ("one", memoryview(b"two")),
        lambda: {"one": 1, "two": 2},
        lambda: io.BytesIO(b"one\ntwo"),
        lambda: io.StringIO("one\ntwo\n"),
    ],
)
async def test_what_can_be_iterated_is_sent_as_starlette_sends_it(content: Any) -> None:
    ours = await answered(StreamingResponse(content(), 201, {"X-A": "é"}, "text/plain"))
    theirs = await answered(starlette.responses.StreamingResponse(content(), 201, {"X-A": "é"}, "text/plain"))
    assert ours == theirs
    assert [bytes(piece) for piece in ours[2]] == [bytes(piece) for piece in theirs[2]]


async def test_a_bytearray_is_a_piece() -> None:
    assert (await answered(StreamingResponse([bytearray(b"one")])))[2] == [b"one"]


@pytest.mark.parametrize("content", ["whole", b"whole"])
async def test_a_whole_text_is_one_piece(content: Any) -> None:
    assert (await answered(StreamingResponse(content)))[2] == [b"whole"]


async def test_text_is_encoded_by_the_charset() -> None:
    class Latin(StreamingResponse):
        charset = "latin-1"

    _, headers, pieces = await answered(Latin(["é"], media_type="text/plain"))
    assert (headers, pieces) == ([(b"content-type", b"text/plain; charset=latin-1")], [b"\xe9"])


async def test_a_piece_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="pieces of bytes or str, not int"):
        await answered(StreamingResponse([1]))


async def test_what_cannot_be_iterated_is_refused() -> None:
    content: Any = 1
    with pytest.raises(TypeError, match="not iterable"):
        StreamingResponse(content)


async def test_a_plain_iterable_may_block() -> None:
    loop_thread = threading.get_ident()
    threads: list[int] = []

    def pieces() -> Iterator[bytes]:
        threads.append(threading.get_ident())
        yield b"one"
        threads.append(threading.get_ident())

    await answered(StreamingResponse(pieces()))
    assert len(threads) == 2
    assert loop_thread not in threads


async def test_the_iterator_may_be_exchanged() -> None:
    response = StreamingResponse(["one", "two"])

    async def louder(pieces: Any) -> AsyncIterator[str]:
        async for piece in pieces:
            yield piece.upper()

    response.body_iterator = louder(response.body_iterator)
    assert (await answered(response))[2] == [b"ONE", b"TWO"]


async def test_background_follows_the_last_piece() -> None:
    log: list[str] = []

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        log.append("last piece")

    await answered(StreamingResponse(pieces(), background=BackgroundTask(log.append, "background")))
    assert log == ["last piece", "background"]


class Closable:
    """An iterator that says when it is closed."""

    def __init__(self, *, fails: bool = False) -> None:
        self.closed = 0
        self._fails = fails
        self._given = False

    def __iter__(self) -> Closable:
        return self

    def __next__(self) -> bytes:
        if self._fails:
            raise ArithmeticError
        if self._given:
            raise StopIteration
        self._given = True
        return b"one"

    def close(self) -> None:
        self.closed += 1


async def test_what_can_be_closed_is_closed_at_the_end() -> None:
    content = Closable()
    await answered(StreamingResponse(content))
    assert content.closed == 1


async def test_what_fails_is_closed_and_its_error_raised() -> None:
    content = Closable(fails=True)
    with pytest.raises(ArithmeticError):
        await answered(StreamingResponse(content))
    assert content.closed == 1


@pytest.mark.parametrize("options", [{"method": "HEAD"}, {}])
async def test_what_is_not_sent_is_closed_without_being_asked(options: Any) -> None:
    content = Closable(fails=True)
    await answered(StreamingResponse(content, 200 if options else 204), **options)
    assert content.closed == 1


async def test_a_refused_websocket_gets_the_pieces() -> None:
    sent: list[str] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await StreamingResponse(["one"])({"type": "websocket", "path": "/"}, arriving([]), send)
    assert sent == ["websocket.http.response.start", "websocket.http.response.body", "websocket.http.response.body"]


async def test_a_server_that_says_by_an_error_that_the_client_has_gone() -> None:
    content = Closable()

    async def send(message: Any) -> None:
        raise OSError

    await StreamingResponse(content)(scope(), arriving([]), send)
    assert content.closed == 1


async def test_to_asgi_needs_no_receive() -> None:
    sent: list[dict[str, Any]] = []

    async def pieces() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.01)
        yield b"one"

    async def send(message: Any) -> None:
        sent.append(message)

    await StreamingResponse(pieces()).to_asgi(send)
    assert b"".join(message.get("body", b"") for message in sent) == b"one"


# What a producer reads of the request while it answers.


async def echoed(messages: Iterable[dict[str, Any]], *, waits: bool) -> bytes:
    """A response whose producer reads the request's body itself, after the client began to be watched."""
    sent: list[bytes] = []
    receive = arriving_slowly(messages)

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    request = Request(scope(), receive)
    exchange: Any = request.exchange
    exchange.send = send

    async def pieces() -> AsyncIterator[bytes]:
        if waits:
            await asyncio.sleep(0.01)
        async for piece in request.stream():
            yield piece.upper()

    await StreamingResponse(pieces()).stream(exchange)
    return b"".join(sent)


def arriving_slowly(messages: Iterable[dict[str, Any]]) -> Any:
    """A client that sends a message whenever it was waited for, and then stays."""
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return waiting.pop(0) if waiting else await asyncio.Future()

    return receive


@pytest.mark.parametrize("waits", [False, True])
async def test_the_body_is_left_to_who_reads_it(waits: bool) -> None:
    assert await echoed(in_pieces(b"one", b"two"), waits=waits) == b"ONETWO"


async def test_a_client_that_leaves_inside_its_body_ends_a_producer_that_reads_it() -> None:
    assert await echoed([*in_pieces(b"one")[:-1], LEFT], waits=True) == b"ONE"
