"""Templates, by the name that users of FastAPI know."""

from __future__ import annotations

from fasterapi.contrib.jinja2 import Jinja2Templates

__all__ = ["Jinja2Templates"]
