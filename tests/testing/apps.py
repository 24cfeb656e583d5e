"""Small hand-written ASGI apps that the clients are tried on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


async def respond(
    send: Send, body: bytes = b"", status: int = 200, headers: Iterable[tuple[bytes, bytes]] = (), *, more_body: bool = False
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body, "more_body": more_body})


async def read_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message["body"])
        if not message.get("more_body", False):
            return body


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, b"hello", headers=[(b"content-type", b"text/plain")])


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the body of the request."""
    await respond(send, await read_body(receive))


async def echo_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends back every message until the client leaves."""
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})


async def accept(receive: Receive, send: Send, **fields: Any) -> None:
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept", **fields})


def accepts_and_sends(*messages: Message) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        for message in messages:
            await send(message)

    return app


async def run_lifespan(receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "lifespan.startup"
    await send({"type": "lifespan.startup.complete"})
    assert (await receive())["type"] == "lifespan.shutdown"
    await send({"type": "lifespan.shutdown.complete"})


class Recorder:
    """An app that keeps its scopes and what it received; answers each request with an empty 200."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.messages: list[Message] = []
        self.loops: list[asyncio.AbstractEventLoop] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        self.loops.append(asyncio.get_running_loop())
        if scope["type"] == "lifespan":
            await run_lifespan(receive, send)
        elif scope["type"] == "websocket":
            await accept(receive, send)
            await receive()
        else:
            self.messages.append(await receive())
            while self.messages[-1].get("more_body", False):
                self.messages.append(await receive())
            await respond(send)

    @property
    def scope(self) -> Scope:
        return self.scopes[-1]
