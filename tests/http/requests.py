"""Requests without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from fasterapi.asgi import Receive
from fasterapi.http.asgi_exchange import AsgiExchange

LEFT: dict[str, Any] = {"type": "http.disconnect"}


def scope(**more: Any) -> dict[str, Any]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/path",
        "query_string": b"",
        "headers": [(b"host", b"example.org")],
        "scheme": "http",
        "server": ("server.example", 8000),
        "client": ("203.0.113.7", 4711),
        "http_version": "1.1",
        "root_path": "",
        **more,
    }


def arriving(messages: Iterable[dict[str, Any]]) -> Receive:
    """A client that sends these messages and then leaves."""
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else LEFT

    return receive


def in_pieces(*pieces: bytes) -> list[dict[str, Any]]:
    """A whole body."""
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    return [*messages, {"type": "http.request"}]


async def staying() -> dict[str, Any]:
    """A client that has said everything and waits for its answer."""
    await asyncio.Event().wait()
    raise AssertionError


async def dropped(message: Any) -> None:
    """Nobody listens."""


def exchange(*pieces: bytes, headers: Iterable[tuple[bytes, bytes]] = (), **more: Any) -> AsgiExchange:
    """A request with this body."""
    return AsgiExchange(scope(headers=list(headers), **more), arriving(in_pieces(*pieces)), dropped)


def cut_off(*pieces: bytes, headers: Iterable[tuple[bytes, bytes]] = ()) -> AsgiExchange:
    """A request whose client leaves after these pieces of its body."""
    return AsgiExchange(scope(headers=list(headers)), arriving(in_pieces(*pieces)[:-1]), dropped)
