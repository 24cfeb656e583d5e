"""Where WebSockets part from FastAPI's on purpose."""

from __future__ import annotations

from typing import Final

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("A handler that returns without closing", "the connection breaks off: code 1006", "is closed with code 1000"),
    ("A handler that returns without an answer to the handshake", "the server says so", "`RuntimeError`, with what to write; status 500"),
    ("A handler that raises what nobody expected", "the connection breaks off: code 1006", "is logged once and closed with code 1011"),
    ("`HTTPException` behind `accept`", "the connection breaks off: code 1006", "is closed with code 1008, or 1011 for a server's error"),
    ("`WebSocketDisconnect` that nobody catches", "is logged with its traceback", "is the end of the handler"),
    ("A binary message where `receive_text` waits, or the reverse", "`KeyError`", "`WebSocketException`: closed with code 1003"),
    ("A message that is no JSON", "the connection breaks off: code 1006", "is closed with code 1007, unless `JSONDecodeError` is caught"),
    ("The reason of a close for a handshake that does not fit", "is a list, which no server can send", "is the first fault as text"),
    ("`close` behind a client that has left", "may raise `WebSocketDisconnect`", "does nothing"),
    ("A code or a reason that no close can carry", "breaks the connection off", "`ValueError` that says what can"),
    ("`send_text` of what is no text", "is dropped, or breaks the connection off", "`TypeError` that says what to write"),
    ("`NaN` in `send_json`", "is `NaN`, which is no JSON", "is `null`"),
    ("A `Response` that a handler or provider asks for", "its headers and cookies are dropped", "they go into the answer to the handshake"),
    ("`BackgroundTasks`", "never run", "run when the WebSocket is closed, unless the handler failed"),
    ("A body or a `Request` in a handler, and a handler that is no coroutine", "fail at each handshake", "are refused at start-up"),
)
"""Where we part from FastAPI on purpose: the case, what FastAPI does, what we do."""
