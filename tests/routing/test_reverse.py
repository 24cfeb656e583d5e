"""From names back to paths, as FastAPI gives them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import fastapi
import fastapi.testclient
import pytest
import starlette.routing

import fasterapi
from fasterapi import Faster, FasterRouter, JSONResponse, Request
from fasterapi.errors import NoMatchFound
from fasterapi.testing import TestClient


def declare(framework: Any) -> Any:
    app, inner, deep = framework.FastAPI(), framework.FastAPI(), framework.FastAPI()
    router = framework.APIRouter(prefix="/v1")

    async def handler() -> None:
        return None

    app.get("/users/{user_id}", name="user")(handler)
    app.get("/users/{user_id}/posts/{post_id}", name="user")(handler)
    app.get("/floats/{x:float}", name="float")(handler)
    app.get("/files/{rest:path}", name="file")(handler)
    app.get("/plain")(handler)
    router.get("/things/{thing}", name="thing")(handler)
    app.include_router(router, prefix="/api")
    inner.get("/items/{item}", name="item")(handler)
    deep.get("/leaf", name="leaf")(handler)
    inner.mount("/deep", deep, name="deep")
    app.mount("/inner", inner, name="inner")
    app.mount("/tenants/{tenant}", inner, name="tenant")
    app.mount("/nameless", deep)
    app.mount("/static", handler, name="static")
    return app


FOUND = [
    ("user", {"user_id": 5}),
    ("user", {"user_id": "a", "post_id": 7}),
    ("float", {"x": 1.5}),
    ("file", {"rest": "a/b c.txt"}),
    ("handler", {}),
    ("thing", {"thing": "x"}),
    ("inner:item", {"item": 1}),
    ("inner:deep:leaf", {}),
    ("tenant:item", {"tenant": "blue", "item": 1}),
    ("leaf", {}),
    ("static", {"path": "/css/main.css"}),
    ("static", {"path": "css/main.css"}),
]

NOT_FOUND: list[tuple[str, dict[str, Any]]] = [
    ("nobody", {}),
    ("user", {}),
    ("user", {"other": 1}),
    ("user", {"user_id": 1, "more": 2}),
    ("inner:nobody", {}),
    ("item", {"item": 1}),
    ("static", {}),
]


@pytest.mark.parametrize(("name", "params"), FOUND)
def test_paths_are_those_of_fastapi(name: str, params: dict[str, Any]) -> None:
    expected = str(declare(fastapi).url_path_for(name, **params))
    # Starlette leaves characters as they are that no path can carry (RFC 3986, 3.3).
    assert declare(fasterapi).url_path_for(name, **params) == expected.replace(" ", "%20")


@pytest.mark.parametrize(("name", "params"), NOT_FOUND)
def test_names_that_lead_nowhere_are_those_of_fastapi(name: str, params: dict[str, Any]) -> None:
    with pytest.raises(starlette.routing.NoMatchFound):
        declare(fastapi).url_path_for(name, **params)
    with pytest.raises(NoMatchFound, match=name):
        declare(fasterapi).url_path_for(name, **params)


def test_requests_know_whole_urls() -> None:
    app = Faster()

    @app.get("/users/{user_id}")
    async def read_user(request: Request, user_id: int) -> list[str]:
        return [str(request.url_for("read_user", user_id=7)), str(request.url_for("static", path="/a.css"))]

    app.mount("/static", JSONResponse(1), name="static")
    client = TestClient(app, base_url="https://example.org:8443", root_path="/api")
    assert client.get("/users/1").json() == ["https://example.org:8443/api/users/7", "https://example.org:8443/api/static/a.css"]


def test_names_in_a_mounted_application_are_those_of_the_outermost() -> None:
    app, inner = Faster(), Faster()

    @app.get("/outer")
    async def outer() -> None:
        return None

    @inner.get("/urls")
    async def urls(request: Request) -> list[str]:
        return [str(request.url_for("outer")), str(request.url_for("inner:urls"))]

    app.mount("/inner", inner, name="inner")
    assert TestClient(app).get("/inner/urls").json() == ["http://testserver/outer", "http://testserver/inner/urls"]


def test_a_route_behind_a_host_names_the_host() -> None:
    app, tenants = Faster(), Faster()

    @tenants.get("/page/{number}")
    async def page(number: int) -> None:
        return None

    app.host("{tenant}.example.org", tenants, name="tenants")
    path = app.url_path_for("tenants:page", tenant="blue", number=3)
    assert str(path.make_absolute_url("https://example.org/")) == "https://blue.example.org/page/3"


def test_a_websocket_route_has_a_websocket_url() -> None:
    app = Faster()

    @app.websocket("/feed/{topic}", name="feed")
    async def feed(topic: str) -> None:
        return None

    path = app.url_path_for("feed", topic="news")
    assert [str(path.make_absolute_url(base)) for base in ("http://a/", "https://a/x/")] == ["ws://a/feed/news", "wss://a/x/feed/news"]


def test_a_router_knows_the_paths_of_its_routes() -> None:
    router = FasterRouter(prefix="/v1")

    @router.get("/a/{b}")
    async def read(b: UUID) -> None:
        return None

    assert router.url_path_for("read", b="x") == "/v1/a/x"


def test_a_path_never_names_a_host() -> None:
    app = Faster()

    @app.get("/{rest:path}", name="rest")
    async def rest() -> None:
        return None

    assert app.url_path_for("rest", rest="/evil.example/") == "/%2Fevil.example/"
