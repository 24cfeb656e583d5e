"""The responses, where FastAPI has them."""

from __future__ import annotations

from fasterapi.http.file_response import FileResponse
from fasterapi.http.responses import (
    HTMLResponse,
    JSONResponse,
    ORJSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    UJSONResponse,
)
from fasterapi.http.server_sent_events import EventSourceResponse
from fasterapi.http.streaming import StreamingResponse

__all__ = [
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "ORJSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "UJSONResponse",
]
