"""The client for tests, where FastAPI has it."""

from __future__ import annotations

from fasterapi.testing import TestClient

__all__ = ["TestClient"]
