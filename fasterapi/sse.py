"""Server-sent events, where FastAPI has them."""

from __future__ import annotations

from fasterapi.http.server_sent_event import ServerSentEvent
from fasterapi.http.server_sent_events import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

__all__ = ["KEEPALIVE_COMMENT", "EventSourceResponse", "ServerSentEvent", "format_sse_event"]
