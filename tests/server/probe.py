"""An application that tells what it was asked, twice: for exchanges and in ASGI."""

from __future__ import annotations

import asyncio
import json
from contextvars import ContextVar
from typing import Any, cast

from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, BODY_TOO_LARGE, Exchange, ExchangeHandler
from fasterapi.http.head import ResponseHead
from fasterapi.server.http_exchange import HttpExchange

LIMIT = 1_000_000
OUTCOMES = {BODY_COMPLETE: "whole", BODY_TOO_LARGE: "too long", BODY_CUT_OFF: "cut off"}
TEXT = [(b"content-type", b"text/plain")]

seen: ContextVar[str] = ContextVar("seen", default="nothing")


class Gates:
    """What requests wait for until the test lets them pass."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.outcomes: list[str] = []
        self.begun = 0


class ProbeHandler(ExchangeHandler):
    """Answers exchanges."""

    def __init__(self, gates: Gates) -> None:
        self.gates = gates

    async def handle(self, exchange: Exchange) -> None:
        assert isinstance(exchange, HttpExchange)
        self.gates.begun += 1
        action = getattr(self, "on_" + exchange.path.strip("/").partition("/")[0], None)
        if action is None:
            await self.on_echo(exchange)
        else:
            await action(exchange)

    async def on_echo(self, exchange: HttpExchange) -> None:
        outcome = await exchange.read_body(LIMIT)
        self.gates.outcomes.append(OUTCOMES[outcome])
        if outcome == BODY_COMPLETE:
            exchange.respond(
                ResponseHead(200, TEXT), told(exchange.method, exchange.path, exchange.query_string(), exchange.headers(), exchange.body)
            )

    async def on_early(self, exchange: HttpExchange) -> None:
        exchange.respond(ResponseHead(200, TEXT), b"early")

    async def on_wait(self, exchange: HttpExchange) -> None:
        await self.gates.gate.wait()
        exchange.respond(ResponseHead(200, TEXT), b"waited " + exchange.query_string())

    async def on_limit(self, exchange: HttpExchange) -> None:
        outcome = await exchange.read_body(10)
        self.gates.outcomes.append(OUTCOMES[outcome])
        exchange.respond(ResponseHead(200 if outcome == BODY_COMPLETE else 413, TEXT), exchange.body)

    async def on_empty(self, exchange: HttpExchange) -> None:
        exchange.respond(ResponseHead(204, []), b"")

    async def on_twice(self, exchange: HttpExchange) -> None:
        exchange.respond(ResponseHead(200, TEXT), b"first")
        exchange.respond(ResponseHead(200, TEXT), b"second")

    async def on_close(self, exchange: HttpExchange) -> None:
        exchange.respond(ResponseHead(200, [(b"connection", b"close")]), b"bye")

    async def on_big(self, exchange: HttpExchange) -> None:
        exchange.respond(ResponseHead(200, TEXT), b"x" * 100_000)

    async def on_raise(self, exchange: HttpExchange) -> None:
        raise RuntimeError("a bug")

    async def on_silent(self, exchange: HttpExchange) -> None:
        pass

    async def on_cancel(self, exchange: HttpExchange) -> None:
        raise asyncio.CancelledError

    async def on_variable(self, exchange: HttpExchange) -> None:
        before = seen.get()
        seen.set(exchange.query_string().decode())
        await self.gates.gate.wait()
        exchange.respond(ResponseHead(200, TEXT), before.encode())

    async def on_task(self, exchange: HttpExchange) -> None:
        task = asyncio.current_task()
        exchange.respond(ResponseHead(200, TEXT), b"none" if task is None else b"in a task")

    async def on_client(self, exchange: HttpExchange) -> None:
        exchange.respond(ResponseHead(200, TEXT), repr((exchange.client(), exchange.scheme())).encode())


class NativeProbe:
    """The probe as an application that answers exchanges; in ASGI it answers nothing."""

    def __init__(self) -> None:
        self.gates = Gates()

    def exchange_handler(self) -> ExchangeHandler | None:
        return ProbeHandler(self.gates)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("asked in ASGI")


class AsgiProbe:
    """The probe as a plain ASGI application."""

    def __init__(self) -> None:
        self.gates = Gates()
        self.scopes: list[dict[str, Any]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.gates.begun += 1
        self.scopes.append(scope)
        action = getattr(self, "on_" + scope["path"].strip("/").partition("/")[0], None)
        if action is None:
            await self.on_echo(scope, receive, send)
        else:
            await action(scope, receive, send)

    async def on_echo(self, scope: Any, receive: Any, send: Any) -> None:
        body = await read_all(receive)
        self.gates.outcomes.append("cut off" if body is None else "whole")
        if body is not None:
            await answer(send, 200, told(scope["method"], scope["path"], scope["query_string"], scope["headers"], body))

    async def on_early(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, b"early")

    async def on_wait(self, scope: Any, receive: Any, send: Any) -> None:
        await self.gates.gate.wait()
        await answer(send, 200, b"waited " + scope["query_string"])

    async def on_empty(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def on_close(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, b"bye", [(b"connection", b"close")])

    async def on_big(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, b"x" * 100_000)

    async def on_raise(self, scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("a bug")

    async def on_silent(self, scope: Any, receive: Any, send: Any) -> None:
        pass

    async def on_cancel(self, scope: Any, receive: Any, send: Any) -> None:
        raise asyncio.CancelledError

    async def on_variable(self, scope: Any, receive: Any, send: Any) -> None:
        before = seen.get()
        seen.set(scope["query_string"].decode())
        await self.gates.gate.wait()
        await answer(send, 200, before.encode())

    async def on_task(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, b"none" if asyncio.current_task() is None else b"in a task")

    async def on_client(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, repr((scope["client"], scope["scheme"])).encode())

    async def on_pieces(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": TEXT})
        for piece in (b"one", b"", b"two"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await self.gates.gate.wait()
        await send({"type": "http.response.body", "body": b"three"})

    async def on_half(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": TEXT})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        if scope["query_string"] == b"raise":
            raise RuntimeError("a bug")


def told(method: str, path: str, query: bytes, headers: Any, body: bytes) -> bytes:
    """A request as text."""
    pairs = [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]
    return json.dumps([method, path, query.decode("latin-1"), pairs, body.decode("latin-1")]).encode()


async def answer(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]] = TEXT) -> None:
    """Send a whole response, its length known."""
    await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def read_all(receive: Any) -> bytes | None:
    """The whole body, or nothing if the client left before."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += cast(bytes, message["body"])
        if not message["more_body"]:
            return body
