"""The HTTP protocol of our own for uvicorn."""

from __future__ import annotations

from fasterapi.server.protocol import HttpProtocol as HttpProtocol

__all__ = ["HttpProtocol"]
