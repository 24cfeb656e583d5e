"""Middleware is told which route answers, by the names that FastAPI has for it."""

from __future__ import annotations

from typing import Any

from fasterapi import Faster, FasterRouter, PlainTextResponse, Request, WebSocket
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


def template_seen(app: Faster, path: str) -> object:
    """What the scope around an application says of the route behind the answer."""
    found: list[object] = []

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)
        found.append(getattr(scope.get("route"), "path", None))

    TestClient(asked).get(path)
    return found[0]


def items() -> Faster:
    app = Faster()

    @app.get("/items/{item_id}")
    async def read(item_id: int, request: Request) -> str:
        return str(request.scope["route"].path)

    return app


def test_scope_names_the_route_of_a_mounted_application_with_the_path_of_its_mount() -> None:
    inner, app = items(), Faster()
    app.mount("/v1/{tenant}", inner)
    assert template_seen(app, "/v1/ann/items/7") == "/v1/{tenant}/items/{item_id}"
    assert TestClient(app).get("/v1/ann/items/7").json() == "/items/{item_id}"


def test_scope_names_the_route_through_mounts_within_mounts() -> None:
    middle, app, router = Faster(), Faster(), FasterRouter()
    middle.mount("/inner", items())
    router.mount("/middle", middle)
    app.include_router(router, prefix="/outer")
    assert template_seen(app, "/outer/middle/inner/items/7") == "/outer/middle/inner/items/{item_id}"


def test_scope_names_the_mount_where_the_mounted_application_names_no_route() -> None:
    async def other(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("other")(scope, receive, send)

    app = Faster()
    app.mount("/other", other)
    app.mount("/ours", items())
    assert template_seen(app, "/other/a/b") == "/other/{path:path}"
    assert template_seen(app, "/ours/nowhere") == "/ours/{path:path}"


def test_scope_names_the_route_of_a_host_as_it_is() -> None:
    app = Faster()
    app.host("testserver", items())
    assert template_seen(app, "/items/7") == "/items/{item_id}"
    assert template_seen(app, "/nowhere") is None


def test_scope_names_the_route_of_a_mounted_application_for_websockets_too() -> None:
    inner, app = Faster(), Faster()

    @inner.websocket("/rooms/{room}")
    async def talk(websocket: WebSocket, room: str) -> None:
        await websocket.accept()

    app.mount("/chat", inner)
    found: list[object] = []

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)
        found.append(scope["route"].path)

    with TestClient(asked).websocket_connect("/chat/rooms/tea"):
        pass
    assert found == ["/chat/rooms/{room}"]
