"""Applications in applications, asked like the same ones under FastAPI, and through real servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import starlette.applications
import starlette.responses
import starlette.routing

from fasterapi import Faster, FasterRouter, JSONResponse, PlainTextResponse, Request
from fasterapi.asgi import Receive, Scope, Send
from fasterapi.testing import TestClient
from tests.deadline import DEADLINE
from tests.server.servers import Serving
from tests.side_by_side import SideBySide


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    inner: Faster = framework.FastAPI()
    innermost: Faster = framework.FastAPI()

    async def show(request: Any) -> Any:
        return {
            "path": request.url.path,
            "root_path": request.scope["root_path"],
            "base_url": str(request.base_url),
            "path_params": request.path_params,
        }

    show.__annotations__["request"] = framework.Request
    for one in (app, inner, innermost):
        one.get("/show")(show)
        one.get("/items/{item_id}")(show)

    @inner.post("/echo")
    async def echo(items: list[int]) -> Any:
        return items

    @inner.get("/bug")
    async def bug() -> None:
        raise ValueError("a bug")

    inner.mount("/deep", innermost)
    app.mount("/inner", inner)
    app.mount("/tenants/{tenant}", inner)


@pytest.mark.parametrize(
    ("method", "url", "options"),
    [
        ("GET", "/show", {}),
        ("GET", "/inner/show", {}),
        ("GET", "/inner/items/5", {}),
        ("GET", "/inner/deep/show", {}),
        ("GET", "/inner/deep/items/7", {}),
        ("GET", "/tenants/blue/show", {}),
        ("GET", "/tenants/blue/deep/items/1", {}),
        ("GET", "/inner/nowhere", {}),
        ("GET", "/inner/", {}),
        ("POST", "/inner/show", {}),
        ("POST", "/inner/echo", {"json": [1, 2]}),
        ("POST", "/inner/echo", {"json": ["x"]}),
        ("GET", "/inner/bug", {}),
        ("GET", "/innershow", {}),
    ],
)
def test_it_answers_as_under_fastapi(method: str, url: str, options: dict[str, Any]) -> None:
    SideBySide(declare).compare(method, url, **options)


async def plain_asgi(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with what it was sent, in pieces, and with the path it sees."""
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 207, "headers": [(b"X-Root", scope["root_path"].encode())]})
    for piece in (scope["path"].encode(), b"|", body):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def outer_app() -> Faster:
    app = Faster()
    app.mount("/plain", plain_asgi, name="plain")

    @app.get("/own")
    async def own() -> str:
        return "own"

    foreign = starlette.applications.Starlette(
        routes=[starlette.routing.Route("/hello/{name}", _hello, name="hello")],
    )
    app.mount("/foreign", foreign, name="foreign")
    return app


def _hello(request: Any) -> Any:
    return starlette.responses.PlainTextResponse(f"hello {request.path_params['name']} at {request.scope['root_path']}")


@pytest.mark.parametrize("door", ["fasterapi.server:HttpProtocol", "h11"])
def test_any_asgi_application_is_served_through_both_doors(door: str) -> None:
    with Serving(outer_app(), http=door) as server:
        base_url = f"http://127.0.0.1:{server.listener.getsockname()[1]}"
        with httpx.Client(base_url=base_url, timeout=DEADLINE) as client:
            answers = [
                client.post("/plain/a/b", content=b"sent"),
                client.get("/foreign/hello/ada"),
                client.get("/own"),
                client.head("/plain/x"),
            ]
    assert [(answer.status_code, answer.text) for answer in answers] == [
        (207, "/plain/a/b|sent"),
        (200, "hello ada at /foreign"),
        (200, '"own"'),
        (207, ""),
    ]
    assert answers[0].headers["x-root"] == "/plain"


async def rude(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"].endswith("silent"):
        return
    if scope["path"].endswith("body-first"):
        await send({"type": "http.response.body", "body": b""})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"].endswith("twice"):
        await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"whole"})
    await send({"type": "http.response.body", "body": b"more"})


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("silent", "returned without an answer"),
        ("body-first", "Expected ASGI message 'http.response.start'"),
        ("twice", "Expected ASGI message 'http.response.body'"),
    ],
)
def test_an_application_that_breaks_the_protocol_is_a_500_that_says_how(
    path: str, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = Faster()
    app.mount("/", rude)
    assert TestClient(app, raise_server_exceptions=False).get(f"/{path}").status_code == 500
    assert complaint in caplog.text


def test_a_route_is_found_before_a_mount_at_the_root() -> None:
    app = Faster()
    app.mount("/", plain_asgi)

    @app.get("/own")
    async def own() -> str:
        return "own"

    client = TestClient(app)
    assert [client.get("/own").text, client.get("/other").text] == ['"own"', "/other|"]


def test_the_path_of_a_mount_without_its_slash_is_redirected() -> None:
    answer = TestClient(outer_app(), follow_redirects=False).get("/plain")
    assert (answer.status_code, answer.headers["location"]) == (307, "/plain/")


def test_a_mount_on_a_router_is_included_below_its_prefix() -> None:
    router = FasterRouter(prefix="/v1")
    router.mount("/plain", plain_asgi)
    app = Faster()
    app.include_router(router, prefix="/api")
    assert TestClient(app).get("/api/v1/plain/x").text == "/api/v1/plain/x|"


def test_hosts_lead_to_their_own_applications() -> None:
    app, admin, tenants = Faster(), Faster(), Faster()
    app.host("admin.example.org", admin)
    app.host("{tenant}.example.org", tenants)

    @app.get("/")
    async def main() -> str:
        return "main"

    @admin.get("/")
    async def administration() -> str:
        return "admin"

    @tenants.get("/")
    async def tenant_page(request: Request) -> str:
        return str(request.path_params["tenant"])

    client = TestClient(app)
    hosts = ["example.org", "admin.example.org", "ADMIN.example.org:8000", "blue.example.org", "a.b.example.org", "[::1]:80"]
    assert [client.get("/", headers={"host": host}).json() for host in hosts] == ["main", "admin", "admin", "blue", "a.b", "main"]


def test_the_lifespans_of_mounted_applications_run_and_their_state_reaches_their_requests() -> None:
    log: list[str] = []

    def living(name: str) -> Any:
        @asynccontextmanager
        async def lifespan(app: Faster) -> AsyncIterator[dict[str, str]]:
            log.append(f"start {name}")
            yield {"name": name}
            log.append(f"stop {name}")

        return lifespan

    async def name(request: Request) -> JSONResponse:
        return JSONResponse(request.state.name)

    app, inner = Faster(lifespan=living("outer")), Faster(lifespan=living("inner"))
    for one in (app, inner):
        one.get("/name")(name)
    app.mount("/inner", inner)
    app.mount("/plain", plain_asgi)
    with TestClient(app) as client:
        assert [client.get("/name").json(), client.get("/inner/name").json()] == ["outer", "inner"]
    assert log == ["start outer", "start inner", "stop inner", "stop outer"]


def test_a_mounted_application_that_cannot_start_keeps_the_outer_one_from_starting() -> None:
    @asynccontextmanager
    async def failing(app: Faster) -> AsyncIterator[None]:
        if app.title:
            raise ValueError("no database")
        yield

    app = Faster()
    app.mount("/inner", Faster(lifespan=failing))
    with pytest.raises(RuntimeError, match="no database"), TestClient(app):
        pass


def test_a_response_can_be_mounted() -> None:
    app = Faster()
    app.mount("/text", PlainTextResponse("text"))
    assert TestClient(app).get("/text/any").text == "text"
