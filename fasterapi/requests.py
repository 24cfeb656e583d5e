"""The request, where FastAPI has it."""

from __future__ import annotations

from fasterapi.http.connection import HTTPConnection
from fasterapi.http.request import ClientDisconnect, Request

__all__ = ["ClientDisconnect", "HTTPConnection", "Request"]
