"""The exceptions, where FastAPI has them."""

from __future__ import annotations

from fasterapi.errors import (
    HTTPException,
    RequestValidationError,
    ResponseValidationError,
    WebSocketException,
    WebSocketRequestValidationError,
)

__all__ = [
    "HTTPException",
    "RequestValidationError",
    "ResponseValidationError",
    "WebSocketException",
    "WebSocketRequestValidationError",
]
