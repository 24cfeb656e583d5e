from __future__ import annotations

import asyncio
import gzip
import os
import zlib
from typing import Any

import pytest

from fasterapi.asgi import ASGIApp
from fasterapi.middleware.gzip import GZipMiddleware
from tests.middleware.asking import Answer, Pairs, accepting, answering, ask, open_websocket

TEXT = b"all work and no play " * 100
ACCEPTING = [(b"accept-encoding", b"gzip")]


async def asked(app: ASGIApp, accepted: Pairs = ACCEPTING, *, method: str = "GET", **options: Any) -> Answer:
    return await ask(GZipMiddleware(app, **options), method=method, headers=accepted)


def is_as_it_was(answer: Answer, body: bytes = TEXT) -> bool:
    return answer.body == body and answer.value("content-encoding") is None


# Whole bodies.


async def test_a_body_is_compressed() -> None:
    answer = await asked(answering(TEXT, headers=[(b"content-length", b"%d" % len(TEXT)), (b"content-type", b"text/plain")]))
    assert gzip.decompress(answer.body) == TEXT
    assert answer.value("content-encoding") == "gzip"
    assert answer.value("content-length") == str(len(answer.body))
    assert answer.value("content-type") == "text/plain"
    assert answer.vary() == ["Accept-Encoding"]


@pytest.mark.parametrize("accepted", [[], [(b"accept-encoding", b"gzip;q=0")], [(b"accept-encoding", b"br, identity")]])
async def test_a_client_that_does_not_take_gzip_gets_none(accepted: Pairs) -> None:
    answer = await asked(answering(TEXT), accepted)
    assert is_as_it_was(answer)
    assert answer.vary() == ["Accept-Encoding"]


async def test_what_a_client_takes_may_stand_in_several_headers() -> None:
    answer = await asked(answering(TEXT), [(b"accept-encoding", b"br"), (b"accept-encoding", b"gzip")])
    assert answer.value("content-encoding") == "gzip"


@pytest.mark.parametrize(("size", "encoding"), [(499, None), (500, "gzip")])
async def test_a_small_body_is_not_worth_it(size: int, encoding: str | None) -> None:
    answer = await asked(answering(b"x" * size))
    assert answer.value("content-encoding") == encoding
    assert answer.vary() == (["Accept-Encoding"] if encoding else [])


async def test_a_body_that_would_grow_is_left_as_it_is() -> None:
    body = os.urandom(1000)
    answer = await asked(answering(body, headers=[(b"content-length", b"1000")]))
    assert is_as_it_was(answer, body)
    assert (answer.value("content-length"), answer.vary()) == ("1000", ["Accept-Encoding"])


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_is_left_as_it_is(status: int) -> None:
    answer = await asked(answering(status=status, headers=[(b"etag", b'"1"')]), minimum_size=0)
    assert (answer.status, answer.headers) == (status, [(b"etag", b'"1"')])


async def test_the_answer_to_head_says_what_it_says_of_the_body_uncompressed() -> None:
    answer = await asked(answering(b"", headers=[(b"content-length", b"2100")]), method="HEAD", minimum_size=0)
    assert (answer.body, answer.value("content-length"), answer.value("content-encoding")) == (b"", "2100", None)
    assert answer.vary() == ["Accept-Encoding"]


async def test_how_hard_to_try_can_be_told() -> None:
    words = b" ".join(b"%d" % (number * number) for number in range(2000))
    quick, small = [await asked(answering(words), compresslevel=level) for level in (1, 9)]
    assert len(small.body) < len(quick.body)


@pytest.mark.parametrize("size", [127 * 1024, 128 * 1024, 1024 * 1024])
async def test_large_bodies_are_compressed_elsewhere(size: int) -> None:
    """A loop that compresses answers nobody else."""
    body = os.urandom(1024) * (size // 1024)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.ensure_future(tick())
    answer = await asked(answering(body))
    ticking.cancel()
    assert gzip.decompress(answer.body) == body
    assert (ticks > 0) is (size >= 128 * 1024)


# What is to be left alone.


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-encoding", b"br")],
        [(b"Content-Encoding", b"identity")],
        [(b"content-range", b"bytes 0-9/20")],
        [(b"cache-control", b"public, No-Transform")],
        [(b"content-type", b"text/event-stream; charset=utf-8")],
        [(b"content-type", b"IMAGE/PNG")],
        [(b"content-type", b"video/mp4")],
        [(b"content-type", b"application/grpc+proto")],
        [(b"content-type", b"application/zip")],
    ],
)
async def test_what_is_not_to_be_compressed_is_not(headers: list[tuple[bytes, bytes]]) -> None:
    answer = await asked(answering(TEXT, TEXT, headers=headers))
    assert (answer.pieces, answer.headers) == ([TEXT, TEXT], headers)


async def test_a_range_is_not_compressed() -> None:
    assert is_as_it_was(await asked(answering(TEXT, status=206)))


async def test_media_types_to_leave_alone_can_be_told() -> None:
    options: dict[str, Any] = {"exclude_content_types": ["application/own", "text/*"]}
    for media_type, encoding in ((b"application/own", None), (b"text/css", None), (b"image/png", "gzip"), (b"application/owner", "gzip")):
        assert (await asked(answering(TEXT, headers=[(b"content-type", media_type)]), **options)).value("content-encoding") == encoding


# The head.


async def test_a_strong_tag_becomes_weak() -> None:
    headers = [(b"etag", b'"1"'), (b"accept-ranges", b"bytes")]
    assert (await asked(answering(TEXT, headers=headers))).value("etag") == 'W/"1"'
    assert (await asked(answering(TEXT, headers=[(b"etag", b'W/"1"')]))).value("etag") == 'W/"1"'
    assert (await asked(answering(TEXT, headers=headers), [])).value("etag") == '"1"'


async def test_compressed_answers_have_no_ranges() -> None:
    assert (await asked(answering(TEXT, headers=[(b"accept-ranges", b"bytes")]))).values("accept-ranges") == []


@pytest.mark.parametrize(
    ("vary", "expected"), [(b"Cookie", ["Cookie", "Accept-Encoding"]), (b"accept-encoding", ["accept-encoding"]), (b"*", ["*"])]
)
async def test_vary_is_added_to(vary: bytes, expected: list[str]) -> None:
    assert (await asked(answering(TEXT, headers=[(b"vary", vary)]))).vary() == expected


# Streams.


async def test_each_piece_of_a_stream_can_be_read_when_it_comes() -> None:
    answer = await asked(answering(b"one", b"two", b"", b"three"))
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert [reader.decompress(piece) for piece in answer.pieces] == [b"one", b"two", b"", b"three"]
    assert reader.eof
    assert (answer.value("content-encoding"), answer.values("content-length")) == ("gzip", [])
    assert [message.get("more_body", False) for message in answer.messages[1:]] == [True, True, True, False]


async def test_a_piece_is_sent_before_the_next_is_made() -> None:
    sent: list[Any] = []
    made: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(3):
            await send({"type": "http.response.body", "body": b"x", "more_body": number < 2})
            made.append(len(sent))

    async def send(message: Any) -> None:
        sent.append(message)

    await GZipMiddleware(app)({"type": "http", "method": "GET", "headers": ACCEPTING}, answering, send)  # type: ignore[arg-type]  # not called
    assert made == [2, 3, 4]


async def test_a_stream_that_is_announced_as_small_is_not_worth_it() -> None:
    answer = await asked(answering(b"one", b"two", headers=[(b"content-length", b"6")]))
    assert (answer.pieces, answer.headers) == ([b"one", b"two"], [(b"content-length", b"6")])


async def test_a_stream_of_an_announced_length_is_compressed() -> None:
    answer = await asked(answering(TEXT, TEXT, headers=[(b"content-length", b"%d" % (2 * len(TEXT)))]))
    assert gzip.decompress(answer.body) == 2 * TEXT
    assert answer.values("content-length") == []


async def test_large_pieces_are_compressed_in_their_order() -> None:
    pieces = [bytes([number]) * size for number, size in enumerate([200_000, 10, 150_000, 0, 300_000])]
    answer = await asked(answering(*pieces))
    reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
    assert [reader.decompress(piece) for piece in answer.pieces] == pieces


# Other messages.


async def test_a_file_that_the_server_sends_is_left_to_it() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9999")]})
        await send({"type": "http.response.pathsend", "path": "/a"})

    answer = await asked(app)
    assert answer.messages == [
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9999")]},
        {"type": "http.response.pathsend", "path": "/a"},
    ]


async def test_trailers_follow_the_compressed_body() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [], "trailers": True})
        await send({"type": "http.response.body", "body": TEXT})
        await send({"type": "http.response.trailers", "headers": []})

    answer = await asked(app)
    assert gzip.decompress(answer.messages[1]["body"]) == TEXT
    assert (answer.values("content-length"), answer.messages[2]["type"]) == ([], "http.response.trailers")


async def test_a_failure_between_head_and_body_leaves_nothing_sent() -> None:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        await GZipMiddleware(app)({"type": "http", "method": "GET", "headers": ACCEPTING}, answering, send)  # type: ignore[arg-type]  # not called
    assert sent == []


async def test_websockets_pass() -> None:
    assert await open_websocket(GZipMiddleware(accepting), ACCEPTING) == [{"type": "websocket.accept"}]


@pytest.mark.parametrize("level", [-1, 10])
def test_a_level_that_there_is_not_is_refused(level: int) -> None:
    with pytest.raises(ValueError, match="write a number from 1"):
        GZipMiddleware(answering(), compresslevel=level)


def test_a_text_is_no_list() -> None:
    with pytest.raises(TypeError, match=r"write \['text/css'\]"):
        GZipMiddleware(answering(), exclude_content_types="text/css")
