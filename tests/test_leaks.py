"""Requests leave nothing behind: compiled code counts its references itself, and a mistake there is a leak."""

from __future__ import annotations

import gc
import sys
from typing import Any

import msgspec
import pytest

from fasterapi import Depends, Faster, Header, HTTPException, Query

ROUNDS = 6
REQUESTS = 300


class Item(msgspec.Struct):
    name: str
    price: float


def make_app() -> Faster:
    app = Faster()

    @app.get("/static")
    async def static() -> dict[str, int]:
        return {"a": 1}

    @app.get("/users/{user_id}")
    async def user(user_id: int, limit: int = Query(10, le=100), q: str | None = None) -> list[Any]:
        return [user_id, limit, q]

    @app.post("/items")
    async def create(item: Item) -> Item:
        return item

    async def settings(x_name: str = Header("none")) -> str:
        return x_name

    async def repository(name: str = Depends(settings)) -> list[str]:
        return [name]

    @app.get("/provided")
    async def provided(names: list[str] = Depends(repository)) -> list[str]:
        return names

    @app.get("/refused")
    async def refused() -> None:
        raise HTTPException(403)

    return app


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("GET", "/static", b"", b""),
        ("GET", "/users/5", b"limit=5&q=a", b""),
        ("GET", "/users/x", b"limit=y", b""),
        ("POST", "/items", b"", b'{"name":"pen","price":1}'),
        ("POST", "/items", b"", b'{"name":1,"price":"x"}'),
        ("POST", "/items", b"", b"{"),
        ("GET", "/provided", b"", b""),
        ("GET", "/refused", b"", b""),
        ("GET", "/nowhere", b"", b""),
        ("PUT", "/static", b"", b""),
    ],
)
async def test_requests_leave_no_memory_behind(method: str, path: str, query: bytes, body: bytes) -> None:
    app = make_app()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        return None

    blocks: list[int] = []
    for _ in range(ROUNDS):
        for _ in range(REQUESTS):
            headers = [(b"content-type", b"application/json"), (b"x-name", b"n")]
            scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": headers}
            await app(scope, receive, send)
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < REQUESTS, f"blocks of memory after each {REQUESTS} requests: {blocks}"
