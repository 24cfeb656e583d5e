"""The scopes that a server would make of a client's requests."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

from typing import Any, Final, TypeAlias
from urllib.parse import unquote

import httpx

from fasterapi.asgi import State

DEFAULT_PORTS: Final = {"http": 80, "ws": 80, "https": 443, "wss": 443}

Address: TypeAlias = tuple[str, int]


def http_scope(request: httpx.Request, root_path: str, client: Address, state: State) -> dict[str, Any]:
    """The scope of an HTTP request."""
    return {
        "type": "http",
        "method": request.method,
        **_connection(request, root_path, client, state),
        # 2.3 as uvicorn: what is sent after the client left is dropped, it does not raise.
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "extensions": {"http.response.trailers": {}, "http.response.debug": {}},
    }


def websocket_scope(request: httpx.Request, root_path: str, client: Address, state: State) -> dict[str, Any]:
    """The scope of a WebSocket handshake."""
    offered = request.headers.get_list("sec-websocket-protocol", split_commas=True)
    return {
        "type": "websocket",
        "subprotocols": [subprotocol.strip() for subprotocol in offered],
        **_connection(request, root_path, client, state),
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "extensions": {"websocket.http.response": {}},
    }


def _connection(request: httpx.Request, root_path: str, client: Address, state: State) -> dict[str, Any]:
    url = request.url
    # Decoded from the raw path, because `url.path` is decoded already: a %25 must not be decoded twice.
    raw_path = url.raw_path.partition(b"?")[0]
    return {
        "http_version": "1.1",
        "scheme": url.scheme,
        "server": (url.raw_host.decode("ascii"), url.port or DEFAULT_PORTS[url.scheme]),
        "client": client,
        "root_path": root_path,
        "path": unquote(raw_path.decode("ascii")),
        "raw_path": raw_path,
        "query_string": url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        # The server hands every request a copy of its own (ASGI specification, "Lifespan State").
        "state": state.copy(),
    }
