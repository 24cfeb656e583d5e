"""The names of `fastapi.websockets`."""

from __future__ import annotations

from fasterapi.websocket import WebSocket, WebSocketDisconnect, WebSocketDisconnected, WebSocketState

__all__ = ["WebSocket", "WebSocketDisconnect", "WebSocketDisconnected", "WebSocketState"]
