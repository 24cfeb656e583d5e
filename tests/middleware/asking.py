"""ASGI applications that answer as they are told, and a client that sees every message of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from fasterapi.asgi import ASGIApp, Receive, Send
from tests.http.requests import arriving, in_pieces, scope

Pairs = Iterable[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """What an application sent."""

    messages: list[dict[str, Any]]

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return list(self.messages[0]["headers"])

    @property
    def pieces(self) -> list[bytes]:
        return [message.get("body", b"") for message in self.messages[1:]]

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    def values(self, name: str) -> list[str]:
        return [value.decode("latin-1") for key, value in self.headers if key.lower() == name.encode()]

    def value(self, name: str) -> str | None:
        """The one value of this name."""
        values = self.values(name)
        assert len(values) < 2, f"{name} stands there {len(values)} times"
        return values[0] if values else None

    def vary(self) -> list[str]:
        return [part.strip() for value in self.values("vary") for part in value.split(",")]


def answering(*pieces: bytes, status: int = 200, headers: Pairs = ()) -> ASGIApp:
    """An application that answers everything so; a body of several pieces is a stream."""

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        for piece in pieces[:-1]:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": pieces[-1] if pieces else b""})

    return app


async def ask(app: ASGIApp, /, *body: bytes, method: str = "GET", headers: Pairs = ((b"host", b"example.org"),), **more: Any) -> Answer:
    """Put one request to an application."""
    messages: list[dict[str, Any]] = []

    async def send(message: Mapping[str, Any]) -> None:
        messages.append(dict(message))

    await app(scope(method=method, headers=list(headers), **more), arriving(in_pieces(*body)), send)
    return Answer(messages)


async def open_websocket(app: ASGIApp, /, headers: Pairs = ((b"host", b"example.org"),), **more: Any) -> list[dict[str, Any]]:
    """The messages that an application answers a WebSocket handshake with."""
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Mapping[str, Any]) -> None:
        messages.append(dict(message))

    announced = {"type": "websocket", "path": "/chat", "query_string": b"", "scheme": "ws", "headers": list(headers), "server": None}
    await app({**announced, **more}, receive, send)
    return messages


async def accepting(scope: Any, receive: Receive, send: Send) -> None:
    """Takes every WebSocket."""
    await send({"type": "websocket.accept"})
