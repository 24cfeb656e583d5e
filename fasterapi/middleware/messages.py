"""Handing calls and messages on, and the fields of heads on their way out.

Heads are never changed in place: applications share their lists of headers between answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from fasterapi._compat import COROUTINE, Raw
from fasterapi.asgi import ASGIApp, RawHeaders, Receive, Scope, Send

RESPONSE_START: Final = "http.response.start"
RESPONSE_BODY: Final = "http.response.body"

_POLICY_VIOLATION: Final = 1008
"""The code of a refused WebSocket (RFC 6455, 7.4.1); before it is accepted, servers make status 403 of it."""


async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Call an application, by the cheapest way to await it."""
    waiting = app(scope, receive, send)
    if isinstance(waiting, COROUTINE):
        await Raw(waiting)
    else:
        await waiting


async def pass_on(send: Send, message: Mapping[str, Any]) -> None:
    """Send a message, by the cheapest way to await it."""
    waiting = send(message)
    if isinstance(waiting, COROUTINE):
        await Raw(waiting)
    else:
        await waiting


async def take(receive: Receive) -> Mapping[str, Any]:
    """The next message, by the cheapest way to await it."""
    waiting = receive()
    if isinstance(waiting, COROUTINE):
        return cast("Mapping[str, Any]", await Raw(waiting))
    return await waiting


async def refuse(answer: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Give an answer in the application's place.

    A WebSocket is answered where the server can do so (the extension "WebSocket Denial Response"), and closed elsewhere.
    """
    if scope["type"] == "websocket" and "websocket.http.response" not in (scope.get("extensions") or {}):
        await take(receive)
        await pass_on(send, {"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": ""})
        return
    await call(answer, scope, receive, send)


def head_fields(message: Mapping[str, Any]) -> RawHeaders:
    """The headers of a head, in a list of their own."""
    headers: Iterable[Any] = message.get("headers") or ()
    return [(name, value) for name, value in headers]


def request_fields(scope: Scope) -> RawHeaders:
    """The headers of a request; ASGI lets each pair be of any kind, and some make lists of them."""
    headers: Any = scope["headers"]
    if isinstance(headers, list):
        for pair in headers:
            if not isinstance(pair, tuple):
                break
        else:
            return headers
    return [(name, value) for name, value in headers]


def field(headers: RawHeaders, name: bytes) -> bytes | None:
    """The first value of a lower-case name."""
    for key, value in headers:
        if key == name or key.lower() == name:
            return value
    return None


def joined_field(headers: RawHeaders, name: bytes) -> bytes | None:
    """All values of a lower-case name as one list (RFC 9110, 5.3)."""
    values = [value for key, value in headers if key == name or key.lower() == name]
    return b", ".join(values) if values else None


def without_field(headers: RawHeaders, name: bytes) -> RawHeaders:
    """The headers that do not have this lower-case name."""
    return [pair for pair in headers if pair[0].lower() != name]


def with_vary(headers: RawHeaders, name: bytes) -> RawHeaders:
    """The headers, which also say that the answer depends on this header of the request (RFC 9110, 12.5.5)."""
    varies_by = joined_field(headers, b"vary")
    if not varies_by:
        return [*without_field(headers, b"vary"), (b"vary", name)]
    known = [part.strip() for part in varies_by.lower().split(b",")]
    if b"*" in known or name.lower() in known:
        return headers
    return [*without_field(headers, b"vary"), (b"vary", varies_by + b", " + name)]
