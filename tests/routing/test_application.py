from __future__ import annotations

import inspect
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import fastapi
import fastapi.testclient
import pytest
import starlette.middleware

import fasterapi
from fasterapi import (
    Faster,
    FasterRouter,
    Form,
    FormLimits,
    HTMLResponse,
    HTTPException,
    JSONResponse,
    PlainTextResponse,
    Request,
    Response,
    WebSocket,
)
from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.middleware import Middleware
from fasterapi.testing import TestClient

# FastAPI's own instrumentation, which this framework leaves to middleware.
LEFT_OUT = {"telemetry"}

# What FastAPI says of itself, and what stands for "nothing said" there.
OTHER_DEFAULTS = {"title", "default_response_class", "generate_unique_id_function"}

REFUSED_BY_ROUTERS = ["route_class", "default", "dependency_overrides_provider"]


class Marking:
    """A middleware that adds a header and its name to a log."""

    def __init__(self, app: ASGIApp, name: str, log: list[str] | None = None) -> None:
        self.app = app
        self.name = name
        self.log = [] if log is None else log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.log.append(f"{self.name} {scope['type']}")
        await self.app(scope, receive, send)


def test_the_constructor_takes_what_fastapis_takes() -> None:
    theirs = inspect.signature(fastapi.FastAPI.__init__).parameters
    ours = inspect.signature(Faster.__init__).parameters
    assert [name for name in theirs if name not in LEFT_OUT] == [name for name in ours if name in theirs]
    for name in theirs.keys() - LEFT_OUT - OTHER_DEFAULTS - {"self"}:
        assert (ours[name].default, ours[name].kind) == (theirs[name].default, theirs[name].kind), name


def test_a_router_takes_what_fastapis_takes() -> None:
    said = {"prefix": "/x", "redirect_slashes": False}
    keywords = [name for name in inspect.signature(fastapi.APIRouter.__init__).parameters if name != "self"]
    for name in keywords:
        if name not in REFUSED_BY_ROUTERS:
            FasterRouter(**{name: said.get(name)})  # type: ignore[arg-type]  # None is for most of them nothing said


@pytest.mark.parametrize("name", REFUSED_BY_ROUTERS)
def test_a_router_says_what_to_do_instead_of_what_it_does_not_take(name: str) -> None:
    with pytest.raises(TypeError, match=rf"A router does not take {name}\. {name}: .{{40}}"):
        FasterRouter(**{name: None})  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize("make", [Faster, FasterRouter])
def test_an_unknown_keyword_is_named(make: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match="titel"):
        make(titel="Shop")


def test_what_describes_the_application_can_be_read() -> None:
    app = Faster(title="Shop", version="2", summary="Sells", contact={"name": "Ann"}, servers=[{"url": "/v2"}], docs_url=None)
    assert (app.title, app.version, app.summary, app.contact, app.servers) == ("Shop", "2", "Sells", {"name": "Ann"}, [{"url": "/v2"}])
    assert (app.docs_url, app.redoc_url, app.openapi_url) == (None, "/redoc", "/openapi.json")


def test_an_application_without_a_title_has_no_document() -> None:
    with pytest.raises(ValueError, match="needs a title and a version"):
        Faster(title="")
    assert Faster(title="", openapi_url=None).title == ""


def test_an_application_takes_attributes_of_the_users_own() -> None:
    app: Any = Faster()
    app.pool = object()
    app.state.started = True
    assert app.pool is not None
    assert app.state.started


def test_an_application_can_be_referred_to_weakly() -> None:
    app = Faster()
    assert weakref.ref(app)() is app


def test_handlers_reach_the_applications_state() -> None:
    app = Faster()
    app.state.greeting = "hello"

    @app.get("/")
    async def greet(request: Request) -> str:
        return str(request.app.state.greeting)

    assert TestClient(app).get("/").json() == "hello"


def test_the_middleware_that_was_added_last_is_outermost() -> None:
    log: list[str] = []
    app = Faster(middleware=[Middleware(Marking, "second", log), Middleware(Marking, "third", log=log)])
    app.add_middleware(Marking, "first", log=log)

    @app.get("/")
    async def answer() -> None:
        log.append("handler")

    TestClient(app).get("/")
    assert log == ["first http", "second http", "third http", "handler"]


def test_middleware_sees_the_lifespan_and_websockets() -> None:
    log: list[str] = []
    app = Faster()
    app.add_middleware(Marking, "m", log)

    @app.websocket("/ws")
    async def speak(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    with TestClient(app) as client, client.websocket_connect("/ws"):
        pass
    assert log == ["m lifespan", "m websocket"]


def test_middleware_of_starlette_is_taken() -> None:
    log: list[str] = []
    app = Faster(middleware=[starlette.middleware.Middleware(Marking, "theirs", log=log)])
    TestClient(app).get("/")
    assert log == ["theirs http"]


def test_a_function_can_be_middleware() -> None:
    app = Faster()

    @app.middleware("http")
    async def add_header(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers["x-path"] = request.url.path
        return response

    @app.get("/here")
    async def answer() -> None:
        return None

    assert TestClient(app).get("/here").headers["x-path"] == "/here"


def test_middleware_of_no_known_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="Write 'http'"):
        Faster().middleware("websocket")


def test_a_running_application_takes_no_more_middleware() -> None:
    app = Faster()
    TestClient(app).get("/")
    with pytest.raises(RuntimeError, match="before the first request"):
        app.add_middleware(Marking, "late")


def test_only_an_application_without_middleware_is_spoken_to_past_asgi() -> None:
    assert Faster().exchange_handler() is not None
    assert Faster(middleware=[Middleware(Marking, "m")]).exchange_handler() is None
    assert Faster(root_path="/api").exchange_handler() is None


class OutOfStock(Exception):
    """An exception of the application."""


def test_exceptions_are_handled_by_class_and_by_status() -> None:
    app = Faster(exception_handlers={OutOfStock: lambda request, error: PlainTextResponse("none left", 409)})

    @app.exception_handler(404)
    async def not_found(request: Request, error: HTTPException) -> Response:
        return JSONResponse({"path": request.url.path}, 404)

    def not_allowed(request: Request, error: HTTPException) -> Response:
        return PlainTextResponse("no", error.status_code)

    app.add_exception_handler(405, not_allowed)

    @app.get("/order")
    async def order() -> None:
        raise OutOfStock

    client = TestClient(app)
    assert (client.get("/order").status_code, client.get("/order").text) == (409, "none left")
    assert client.get("/nowhere").json() == {"path": "/nowhere"}
    assert client.post("/order").text == "no"


def test_the_root_path_of_the_application_is_that_of_its_requests() -> None:
    app = Faster(root_path="/api")

    @app.get("/where")
    async def where(request: Request) -> str:
        return str(request.scope["root_path"])

    client = TestClient(app)
    assert client.get("/where").json() == client.get("/api/where").json() == "/api"


def test_a_default_response_class_holds_where_nothing_nearer_is_said() -> None:
    app = Faster(default_response_class=HTMLResponse)
    router = FasterRouter(default_response_class=PlainTextResponse)

    @app.get("/app")
    @router.get("/router")
    async def answer() -> str:
        return "<p>"

    @router.get("/route", response_class=JSONResponse)
    async def answer_json() -> str:
        return "<p>"

    app.include_router(router)
    client = TestClient(app)
    assert client.get("/app").headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/router").headers["content-type"] == "text/plain; charset=utf-8"
    assert client.get("/route").headers["content-type"] == "application/json"


def test_a_route_has_a_limit_of_its_own_for_bodies() -> None:
    app = Faster(max_body_size=10)
    large, small = [1] * 100, [1]

    @app.post("/app")
    async def take(values: list[int]) -> int:
        return len(values)

    @app.post("/route", max_body_size=1000)
    async def take_more(values: list[int]) -> int:
        return len(values)

    client = TestClient(app)
    assert client.post("/app", json=small).json() == 1
    assert client.post("/app", json=large).status_code == 413
    assert client.post("/route", json=large).json() == 100


@pytest.mark.parametrize("is_strict", [True, False])
def test_whether_a_body_must_say_that_it_is_json_is_for_the_application_to_say(is_strict: bool) -> None:
    def declare(framework: Any, app: Faster) -> None:
        @app.post("/whole")
        def take(values: list[int]) -> int:
            return len(values)

        @app.post("/parts")
        def take_parts(first: list[int] = framework.Body(), second: int = framework.Body(2)) -> int:
            return len(first) + second

    theirs: Any = fastapi.FastAPI(strict_content_type=is_strict)
    ours = Faster(strict_content_type=is_strict)
    declare(fastapi, theirs)
    declare(fasterapi, ours)
    expecting, answering = fastapi.testclient.TestClient(theirs), TestClient(ours)
    for path, body in [("/whole", b"[1]"), ("/parts", b'{"first": [1]}')]:
        for headers in [{}, {"content-type": "text/plain"}, {"content-type": "application/json"}]:
            expected, answer = (client.post(path, content=body, headers=headers) for client in (expecting, answering))
            assert (answer.status_code, answer.json()) == (expected.status_code, expected.json())


def test_forerunners_keyword_for_bodies_in_pieces_is_taken() -> None:
    app = Faster(stream_request_body=True)

    @app.post("/", stream_request_body=True)
    async def count(request: Request) -> int:
        return sum([len(piece) async for piece in request.stream()])

    assert TestClient(app).post("/", content=b"x" * 1000).json() == 1000


def test_paths_are_found_by_the_names_of_routes() -> None:
    app, router = Faster(), FasterRouter(prefix="/users")

    @router.get("/{user_id}", name="user")
    async def read_user(user_id: int) -> None:
        return None

    app.include_router(router, prefix="/v1")
    assert app.url_path_for("user", user_id=7) == "/v1/users/7"
    assert router.url_path_for("user", user_id=7) == "/users/7"

    @router.get("/late")
    async def late() -> None:
        return None

    assert app.url_path_for("late") == "/v1/users/late"


def test_routes_added_to_an_included_router_are_found_while_the_application_runs() -> None:
    app, outer, inner = Faster(), FasterRouter(), FasterRouter()
    outer.include_router(inner, prefix="/inner")
    app.include_router(outer)
    client = TestClient(app)
    assert client.get("/inner/late").status_code == 404

    @inner.get("/late")
    async def late() -> str:
        return "found"

    assert client.get("/inner/late").json() == "found"


def test_the_limits_of_forms_are_the_applications() -> None:
    app = Faster(form_limits=FormLimits(max_fields=2))

    @app.post("/")
    async def take(a: list[str] = Form()) -> list[str]:
        return a

    client = TestClient(app)
    answers = [client.post("/", data={"a": ["1"] * count}) for count in (2, 3)]
    assert [answer.status_code for answer in answers] == [200, 400]
