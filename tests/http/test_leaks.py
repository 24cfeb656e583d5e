"""What a request was read with goes when the request goes: without help of the garbage collector, and completely."""

from __future__ import annotations

import gc
import sys
from collections.abc import Awaitable, Callable

import pytest

from fasterapi.background import BackgroundTasks
from fasterapi.errors import HTTPException
from fasterapi.http.request import Request
from fasterapi.http.responses import RedirectResponse, Response
from tests.http.requests import arriving, in_pieces, scope

ROUNDS = 5
REQUESTS = 100

MULTIPART = b"multipart/form-data; boundary=B"
PARTS = (
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\ncontent\r\n--B--\r\n'
)


def request(content_type: bytes, *pieces: bytes) -> Request:
    headers = [(b"host", b"example.org"), (b"content-type", content_type), (b"cookie", b"a=1; b=2")]
    return Request(scope(headers=headers, query_string=b"a=1&b=2"), arriving(in_pieces(*pieces)))


async def head() -> None:
    made = request(b"text/plain")
    assert made.url.path == "/path"
    assert made.base_url.replace(path="/x").include_query_params(c=1).query == "c=1"
    assert (made.cookies["b"], made.query_params["b"], made.headers.mutablecopy()["host"]) == ("2", "2", "example.org")
    made.state.user = made.client
    assert made.path_params == {}


async def body() -> None:
    made = request(b"application/json", b'{"a":', b"1}")
    assert await made.is_disconnected() is False
    assert await made.json() == {"a": 1}


async def malformed_json() -> None:
    with pytest.raises(HTTPException):
        await request(b"application/json", b"{").json()


async def stream() -> None:
    assert b"".join([piece async for piece in request(b"text/plain", b"ab", b"cd").stream()]) == b"abcd"


async def urlencoded() -> None:
    assert (await request(b"application/x-www-form-urlencoded", b"a=1&b=%20").form())["b"] == " "


async def multipart() -> None:
    async with request(MULTIPART, PARTS).form() as form:
        assert form["a"] == "1"


async def refused_form() -> None:
    with pytest.raises(HTTPException):
        await request(MULTIPART, PARTS[:-6]).form()


async def response() -> None:
    made = Response("hi", headers={"x-a": "1"})
    made.headers["x-b"] = "2"
    made.set_cookie("a", "b c", expires=5)
    assert made.head().status == 200
    assert RedirectResponse("/é").headers["location"] == "/%C3%A9"


async def background() -> None:
    async def work() -> None:
        return None

    tasks = BackgroundTasks()
    tasks.add_task(work)
    assert await tasks.run() == []


USES = [head, body, malformed_json, stream, urlencoded, multipart, refused_form, response, background]


@pytest.mark.parametrize("use", USES)
async def test_no_memory_is_left_behind(use: Callable[[], Awaitable[None]]) -> None:
    blocks: list[int] = []
    for _ in range(ROUNDS):
        for _ in range(REQUESTS):
            await use()
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < REQUESTS, f"blocks of memory after each {REQUESTS} uses: {blocks}"


# An exception and its traceback know each other.
@pytest.mark.parametrize("use", [use for use in USES if use not in (malformed_json, refused_form)])
async def test_nothing_waits_for_the_garbage_collector(use: Callable[[], Awaitable[None]]) -> None:
    await use()
    gc.collect()
    gc.disable()
    try:
        for _ in range(REQUESTS):
            await use()
        assert gc.collect() < REQUESTS
    finally:
        gc.enable()
