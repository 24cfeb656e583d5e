"""Typed clients of services that describe themselves: an OpenAPI 3 document becomes a Python module."""

from __future__ import annotations

from fasterapi.client.from_openapi.document import DocumentError as DocumentError
from fasterapi.client.from_openapi.module import generate_client as generate_client

__all__ = ["DocumentError", "generate_client"]
