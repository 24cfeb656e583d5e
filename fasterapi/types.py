"""Types for annotations, where FastAPI has them."""

from __future__ import annotations

from fasterapi.binding.results import IncEx
from fasterapi.routing.verbs import Handler as DecoratedCallable

__all__ = ["DecoratedCallable", "IncEx"]
