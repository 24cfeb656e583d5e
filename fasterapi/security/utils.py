"""Helpers for schemes of one's own, where FastAPI has them."""

from __future__ import annotations

from fasterapi.security.authorization import get_authorization_scheme_param

__all__ = ["get_authorization_scheme_param"]
