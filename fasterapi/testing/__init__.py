"""Test clients for ASGI apps, of this framework or any other."""

# Interpreted, as all of this folder: subclasses httpx classes, and nothing here is hot.

from __future__ import annotations

try:
    import httpx as _httpx  # noqa: F401 - only to say what is missing
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError("fasterapi.testing needs httpx: pip install 'fasterapi-framework[test]'", name=_missing.name) from _missing

from fasterapi.testing.client import AsyncTestClient as AsyncTestClient
from fasterapi.testing.client import TestClient as TestClient
from fasterapi.testing.websocket import AsyncWebSocketTestSession as AsyncWebSocketTestSession
from fasterapi.testing.websocket import WebSocketDenialResponse as WebSocketDenialResponse
from fasterapi.testing.websocket import WebSocketTestSession as WebSocketTestSession
from fasterapi.websocket import WebSocketDisconnect as WebSocketDisconnect
