"""Middleware is told which route answers, by the names that FastAPI has for it."""

from __future__ import annotations

from typing import Any

from fasterapi import Faster, Request
from fasterapi.routing import APIRoute
from fasterapi.testing import TestClient


def test_scope_names_the_route_and_its_handler() -> None:
    app = Faster()
    scopes: list[Any] = []

    def noting(inner: Any) -> Any:
        async def middleware(scope: Any, receive: Any, send: Any) -> None:
            scopes.append(scope)
            await inner(scope, receive, send)

        return middleware

    app.add_middleware(noting)

    @app.get("/users/{user_id}")
    async def read_user(user_id: int, request: Request) -> str:
        return str(request.scope["route"].path)

    assert TestClient(app).get("/users/7").json() == "/users/{user_id}"
    assert isinstance(scopes[0]["route"], APIRoute)
    assert scopes[0]["endpoint"] is read_user


def test_scope_of_a_path_without_route_names_none() -> None:
    app = Faster()

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)
        assert "route" not in scope

    assert TestClient(asked).get("/nowhere").status_code == 404
