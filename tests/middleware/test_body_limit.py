from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route as StarletteRoute

from fasterapi import Faster, Request
from fasterapi.asgi import Receive, Send
from fasterapi.middleware.body_limit import BodySizeLimitMiddleware, RequestBodyLimitMiddleware
from fasterapi.testing import TestClient
from tests.middleware.asking import answering, ask

TOO_LARGE = {"detail": "Content Too Large"}


def announced(length: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"example.org"), (b"content-length", length)]


async def counting(scope: Any, receive: Receive, send: Send) -> None:
    """Answers with the messages that it received."""
    seen: list[Any] = []
    while True:
        message = await receive()
        seen.append(len(message.get("body", b"")) if message["type"] == "http.request" else "left")
        if not message.get("more_body", False):
            break
    await answering(json.dumps(seen).encode())(scope, receive, send)


@pytest.mark.parametrize("length", [b"11", b"00011", b"9" * 5000])
async def test_a_body_that_is_announced_as_too_large_is_not_read(length: bytes) -> None:
    """As in CVE-2026-34517: 413 before anything is kept."""
    called = False

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        nonlocal called
        called = True

    answer = await ask(BodySizeLimitMiddleware(app, 10), method="POST", headers=announced(length))
    assert (answer.status, json.loads(answer.body), called) == (413, TOO_LARGE, False)


async def test_a_body_within_the_limit_passes() -> None:
    answer = await ask(BodySizeLimitMiddleware(counting, 10), b"12345", b"67890", method="POST", headers=announced(b"10"))
    assert json.loads(answer.body) == [5, 5, 0]


async def test_a_body_that_turns_out_to_be_too_large_is_read_no_further() -> None:
    """As in CVE-2026-34517: the length of chunks is counted as they come."""
    seen: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        seen.extend([(await receive())["type"] for _ in range(4)])
        await answering(b"never seen")(scope, receive, send)

    answer = await ask(BodySizeLimitMiddleware(app, 10), b"x" * 8, b"x" * 8, b"x" * 8, method="POST")
    assert (answer.status, json.loads(answer.body)) == (413, TOO_LARGE)
    assert seen == ["http.request", "http.disconnect", "http.disconnect", "http.disconnect"]


async def test_an_answer_that_has_begun_is_left_to_the_application() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] == "http.request":
            await send({"type": "http.response.body", "body": b"+", "more_body": True})
        await send({"type": "http.response.body", "body": b"cut off"})

    answer = await ask(BodySizeLimitMiddleware(app, 10), b"x" * 8, b"x" * 8, method="POST")
    assert (answer.status, answer.body) == (200, b"+cut off")


async def test_what_the_application_raises_passes() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ask(BodySizeLimitMiddleware(app, 10))


def test_a_handler_of_ours_is_behind_the_limit() -> None:
    app = Faster()

    @app.post("/")
    async def read(request: Request) -> int:
        return len(await request.body())

    client = TestClient(BodySizeLimitMiddleware(app, 10))
    assert client.post("/", content=b"x" * 10).json() == 10
    for content in (b"x" * 11, iter([b"x" * 6, b"x" * 6])):
        answer = client.post("/", content=content)
        assert (answer.status_code, answer.json()) == (413, TOO_LARGE)


def test_an_application_of_starlette_is_behind_the_limit() -> None:
    async def read(request: StarletteRequest) -> StarletteResponse:
        return StarletteResponse(await request.body())

    client = TestClient(BodySizeLimitMiddleware(Starlette(routes=[StarletteRoute("/", read, methods=["POST"])]), 10))
    assert client.post("/", content=b"x" * 10).content == b"x" * 10
    answer = client.post("/", content=iter([b"x" * 6, b"x" * 6]))
    assert (answer.status_code, answer.json()) == (413, TOO_LARGE)


def test_a_limit_is_no_negative_number() -> None:
    with pytest.raises(ValueError, match="number of bytes"):
        BodySizeLimitMiddleware(answering(), -1)


def test_starlettes_name_is_there() -> None:
    assert RequestBodyLimitMiddleware is BodySizeLimitMiddleware
