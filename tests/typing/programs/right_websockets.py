"""What messages of a WebSocket are, for type checkers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from typing_extensions import assert_type

from fasterapi import Faster, WebSocket

app = Faster()


class Item(msgspec.Struct):
    name: str


class OwnState(dict[str, int]):
    pass


@app.websocket("/", name="own", allowed_origins=["https://example.com", None])
async def handler(websocket: WebSocket[OwnState]) -> None:
    await websocket.accept("v1", [(b"x-own", b"1")])
    assert_type(websocket.state, OwnState)
    assert_type(await websocket.receive(), Mapping[str, Any])
    assert_type(await websocket.receive_text(), str)
    assert_type(await websocket.receive_bytes(), bytes)
    assert_type(await websocket.receive_json(), Any)
    assert_type(await websocket.receive_json("binary"), Any)
    assert_type(await websocket.receive_json(type=Item), Item)
    assert_type(await websocket.receive_json("binary", type=list[Item]), list[Item])
    either: int | None = await websocket.receive_json(type=int | None)
    async for text in websocket.iter_text():
        assert_type(text, str)
    async for data in websocket.iter_bytes():
        assert_type(data, bytes)
    async for anything in websocket.iter_json():
        assert_type(anything, Any)
    async for item in websocket.iter_json(type=Item):
        assert_type(item, Item)
        await websocket.send_json([item, either], mode="binary")
