"""A WebSocket and a mount that keep an application from starting."""

from __future__ import annotations

from fasterapi import Faster, WebSocket

app = Faster()


@app.websocket("/feed")
async def feed(websocket: WebSocket, item: list[dict[str, int]]) -> None: ...


app.mount("/files/{name", Faster())
