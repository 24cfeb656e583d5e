"""Messages that are not what is asked for. Each mistake's line names the error that mypy and pyright give for it."""

from __future__ import annotations

import msgspec

from fasterapi import Faster, WebSocket

app = Faster()


class Item(msgspec.Struct):
    name: str


@app.websocket("/")
async def handler(websocket: WebSocket) -> None:
    number: int = await websocket.receive_text()  # mypy: assignment, pyright: reportAssignmentType
    item = await websocket.receive_json(type=Item)
    text: str = item  # mypy: assignment, pyright: reportAssignmentType
    await websocket.send_text({"a": number})  # mypy: arg-type, pyright: reportArgumentType
    await websocket.send_bytes(text)  # mypy: arg-type, pyright: reportArgumentType
    await websocket.send_json(1, mode="other")  # mypy: arg-type, pyright: reportArgumentType
    await websocket.accept(headers=[("x-own", "1")])  # mypy: list-item, pyright: reportArgumentType


app.websocket("/", allowed_origin=["https://example.com"])  # mypy: call-arg, pyright: reportCallIssue
