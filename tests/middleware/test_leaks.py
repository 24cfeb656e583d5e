"""What a request needed in middleware goes when the request goes: without help of the garbage collector, and completely."""

from __future__ import annotations

import gc
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable

import itsdangerous
import pytest

from fasterapi import PlainTextResponse, Request, Response
from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.middleware import (
    BaseHTTPMiddleware,
    BodySizeLimitMiddleware,
    CORSMiddleware,
    GZipMiddleware,
    HTTPSRedirectMiddleware,
    SessionMiddleware,
    TrustedHostMiddleware,
)
from fasterapi.middleware.base import RequestResponseEndpoint
from tests.middleware.asking import answering, ask

ROUNDS = 5
REQUESTS = 100


async def failing(scope: Scope, receive: Receive, send: Send) -> None:
    raise ZeroDivisionError


async def mark(request: Request, call_next: RequestResponseEndpoint) -> Response:
    await request.body()
    response = await call_next(request)
    response.headers["x-mark"] = "1"
    return response


async def replace(request: Request, call_next: RequestResponseEndpoint) -> Response:
    await call_next(request)
    return PlainTextResponse("other")


async def rescue(request: Request, call_next: RequestResponseEndpoint) -> Response:
    try:
        return await call_next(request)
    except ZeroDivisionError:
        return PlainTextResponse("failed", 500)


# itsdangerous keeps the exception of a cookie that it does not believe, so this one is to be believed.
COOKIE = b"session=" + itsdangerous.TimestampSigner("key").sign(b64encode(b'{"a": 1}'))


def asking(app: ASGIApp) -> Callable[[], Awaitable[object]]:
    async def use() -> None:
        headers = [
            (b"host", b"example.org"),
            (b"origin", b"https://site.example"),
            (b"accept-encoding", b"gzip"),
            (b"cookie", COOKIE),
        ]
        await ask(app, b"body", headers=headers, method="POST")

    return use


STREAM = answering(b"one" * 300, b"two" * 300)

APPS: dict[str, ASGIApp] = {
    "dispatch": BaseHTTPMiddleware(BaseHTTPMiddleware(STREAM, dispatch=mark), dispatch=mark),
    "a replaced answer": BaseHTTPMiddleware(STREAM, dispatch=replace),
    "a failing application": BaseHTTPMiddleware(failing, dispatch=rescue),
    "cors": CORSMiddleware(STREAM, ["https://site.example"]),
    "gzip": GZipMiddleware(STREAM),
    "trusted hosts": TrustedHostMiddleware(STREAM, ["example.com"]),
    "https": HTTPSRedirectMiddleware(STREAM),
    "sessions": SessionMiddleware(STREAM, "key"),
    "body limit": BodySizeLimitMiddleware(STREAM, 2),
}


@pytest.mark.parametrize("name", APPS)
async def test_no_memory_is_left_behind(name: str) -> None:
    use = asking(APPS[name])
    blocks: list[int] = []
    for _ in range(ROUNDS):
        for _ in range(REQUESTS):
            await use()
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < REQUESTS, f"blocks of memory after each {REQUESTS} requests: {blocks}"


# An exception and its traceback know each other.
@pytest.mark.parametrize("name", [name for name in APPS if name not in {"a replaced answer", "a failing application"}])
async def test_nothing_waits_for_the_garbage_collector(name: str) -> None:
    use = asking(APPS[name])
    await use()
    gc.collect()
    gc.disable()
    try:
        for _ in range(REQUESTS):
            await use()
        assert gc.collect() < REQUESTS
    finally:
        gc.enable()
