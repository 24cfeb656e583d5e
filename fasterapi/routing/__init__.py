"""Paths, the tree that matches them, routes and routers; and what FastAPI's users import from here."""

from __future__ import annotations

from fasterapi.routing.declaration import RouteDeclaration as APIRoute
from fasterapi.routing.router import FasterRouter as APIRouter
from fasterapi.routing.websocket_route import WebSocketDeclaration as APIWebSocketRoute

__all__ = ["APIRoute", "APIRouter", "APIWebSocketRoute"]
