"""WebSockets leave nothing behind: compiled code counts its references itself, and a mistake there is a leak."""

import gc
import sys
import weakref
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from fasterapi import BackgroundTasks, Depends, Faster, HTTPConnection, HTTPException, WebSocket, WebSocketException

ROUNDS = 5
CONNECTIONS = 150

CONNECT: dict[str, Any] = {"type": "websocket.connect"}
LEAVE: dict[str, Any] = {"type": "websocket.disconnect", "code": 1001, "reason": ""}


class Item(msgspec.Struct):
    name: str


def make_app() -> Faster:
    app = Faster()

    async def resource() -> AsyncIterator[str]:
        yield "resource"

    @app.websocket("/rooms/{room}")
    async def rooms(websocket: WebSocket, tasks: BackgroundTasks, room: int, value: str = Depends(resource)) -> None:
        await websocket.accept()
        await websocket.send_json([room, value, await websocket.receive_text()])
        async for item in websocket.iter_json(type=Item):
            await websocket.send_json(item)

    @app.websocket("/policy")
    async def policy(websocket: WebSocket) -> None:
        raise WebSocketException(1008)

    @app.websocket("/denied", dependencies=[Depends(resource)])
    async def denied(websocket: WebSocket) -> None:
        raise HTTPException(401)

    @app.websocket("/origin", allowed_origins=["https://example.com"])
    async def origin(websocket: WebSocket) -> None: ...

    return app


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/rooms/5", ["hello", '{"name": "a"}', '{"name": "b"}']),
        ("/rooms/5", ["hello", '{"name": 1}']),
        ("/rooms/5", []),
        ("/rooms/x", []),
        ("/policy", []),
        ("/denied", []),
        ("/origin", []),
        ("/unknown", []),
    ],
)
async def test_websockets_leave_no_memory_behind(path: str, texts: list[str]) -> None:
    app = make_app()

    async def send(message: Any) -> None:
        return None

    blocks: list[int] = []
    for _ in range(ROUNDS):
        for _ in range(CONNECTIONS):
            incoming = [CONNECT, *({"type": "websocket.receive", "text": text} for text in texts), LEAVE]

            async def receive(incoming: list[dict[str, Any]] = incoming) -> dict[str, Any]:
                return incoming.pop(0)

            extensions: dict[str, Any] = {"websocket.http.response": {}}
            scope = {"type": "websocket", "path": path, "query_string": b"", "headers": [], "subprotocols": [], "extensions": extensions}
            await app(scope, receive, send)
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < CONNECTIONS, f"blocks of memory after each {CONNECTIONS} connections: {blocks}"


async def test_a_websocket_is_not_left_to_the_garbage_collector() -> None:
    app = Faster()
    seen: list[weakref.ref[WebSocket]] = []

    @app.websocket("/")
    async def handler(websocket: WebSocket, connection: HTTPConnection) -> None:
        seen.append(weakref.ref(websocket))
        await websocket.accept(headers=[(b"x-path", connection.url.path.encode())])

    async def receive() -> dict[str, Any]:
        return CONNECT

    async def send(message: Any) -> None:
        return None

    gc.disable()
    try:
        await app({"type": "websocket", "path": "/", "query_string": b"", "headers": [], "subprotocols": []}, receive, send)
        assert [reference() for reference in seen] == [None]
    finally:
        gc.enable()
