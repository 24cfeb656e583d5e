from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

import fastapi
import fastapi.testclient
import pytest

import fasterapi.responses
from fasterapi import Depends, Faster, FasterRouter
from fasterapi.binding.markers import Dependency
from fasterapi.routing import APIRoute
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


def provide() -> None:
    return None


def clients(declare: Callable[[Any, Any, list[Any]], None]) -> tuple[Any, Any]:
    """FastAPI's and ours, of applications that were declared by the same function."""
    theirs, ours = fastapi.FastAPI(), Faster()
    declare(fastapi, theirs, [])
    declare(fasterapi, ours, [])
    return fastapi.testclient.TestClient(theirs), TestClient(ours)


def test_a_route_tells_what_was_said_of_it() -> None:
    app = Faster()

    @app.get(
        "/files/{path:path}",
        tags=["files"],
        summary="Read",
        response_description="The file",
        responses={404: {"description": "Missing"}},
        operation_id="read",
        openapi_extra={"x-a": 1},
        dependencies=[Depends(provide)],
        status_code=HTTPStatus.ACCEPTED,
    )
    async def read_file(path: str) -> str:
        """Read a file.

        \f
        For developers.
        """
        return path

    [route] = app.routes
    assert isinstance(route, APIRoute)
    assert (route.path, route.path_format, route.name, route.methods) == (
        "/files/{path:path}",
        "/files/{path}",
        "read_file",
        frozenset({"GET"}),
    )
    assert (route.endpoint, route.tags, route.operation_id) == (read_file, ["files"], "read")
    assert (len(route.dependencies), type(route.response.status_code), route.response.status_code) == (1, int, 202)
    said = route.documentation
    assert (said.summary, said.description, said.response_description) == ("Read", "Read a file.", "The file")
    assert (said.responses, said.openapi_extra) == ({404: {"description": "Missing"}}, {"x-a": 1})


def test_a_route_of_which_nothing_is_said_has_fastapis_defaults() -> None:
    app = Faster()
    app.post("/")(provide)
    [route] = app.routes
    assert isinstance(route, APIRoute)
    said = route.documentation
    assert (said.tags, said.summary, said.description, said.responses, said.deprecated) == ([], None, "", {}, None)
    assert (said.response_description, said.include_in_schema, said.operation_id) == ("Successful Response", True, None)


@pytest.mark.parametrize("declare", [lambda **options: Faster().api_route("/x", **options)(provide), FasterRouter])
def test_a_text_in_the_place_of_a_list_is_refused(declare: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match=r"Write tags=\['users'\]"):
        declare(tags="users")


def test_one_method_in_the_place_of_a_list_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Write methods=\['GET'\]"):
        Faster().add_api_route("/x", provide, methods="GET")


def test_names_of_routes_can_become_operation_ids() -> None:
    app, router = Faster(), FasterRouter()
    router.get("/a")(provide)
    app.include_router(router, prefix="/v1")
    for route in app.routes:
        if isinstance(route, APIRoute):
            route.operation_id = route.name
    assert app.openapi()["paths"]["/v1/a"]["get"]["operationId"] == "provide"


def test_routes_of_one_application_can_be_handed_to_another() -> None:
    router = FasterRouter(prefix="/a")

    @router.get("/b")
    async def answer() -> str:
        return "found"

    assert TestClient(Faster(routes=router.routes)).get("/a/b").json() == "found"
    app = Faster(routes=[APIRoute("/own", answer, methods=["post"], status_code=201)])
    assert TestClient(app).post("/own").status_code == 201


def test_what_cannot_be_called_is_no_handler() -> None:
    with pytest.raises(TypeError, match=r"/x: 'text' cannot be called"):
        Faster().add_api_route("/x", "text")  # type: ignore[arg-type]  # the mistake under test


@pytest.mark.parametrize(
    "declare",
    [
        lambda **options: Faster().get("/x", **options)(provide),
        lambda **options: Faster().websocket("/x", **options)(provide),
        lambda **options: Faster().include_router(FasterRouter(), **options),
        Faster,
        FasterRouter,
    ],
)
def test_dependencies_are_checked_where_they_are_declared(declare: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match=r"Write Depends\(your_function\)"):
        declare(dependencies=[provide])


def test_tags_and_dependencies_added_to_a_router_count_from_then_on() -> None:
    router = FasterRouter(tags=["a"])
    extra = cast("Dependency", Depends(provide))
    router.get("/early")(provide)
    router.tags.append("b")
    router.dependencies.append(extra)
    router.get("/late")(provide)
    early, late = router.declarations()
    assert (early.tags, len(early.dependencies)) == (["a"], 0)
    assert (late.tags, len(late.dependencies)) == (["a", "b"], 1)


def test_a_response_class_chooses_the_status_where_nothing_else_does() -> None:
    def declare(framework: Any, app: Faster, log: list[Any]) -> None:
        @app.get("/default", response_class=framework.responses.RedirectResponse)
        def redirect() -> str:
            return "/target"

        @app.get("/said", response_class=framework.responses.RedirectResponse, status_code=303)
        def redirect_otherwise() -> str:
            return "/target"

        def redirect_for_good(response: Any) -> str:
            response.status_code = 308
            return "/target"

        def redirect_with_header(response: Any) -> str:
            response.headers["x-own"] = "1"
            return "/target"

        redirect_for_good.__annotations__["response"] = framework.Response
        redirect_with_header.__annotations__["response"] = framework.Response
        app.get("/headed", response_class=framework.responses.RedirectResponse, status_code=303)(redirect_with_header)
        app.get("/drafted", response_class=framework.responses.RedirectResponse)(redirect_for_good)

    theirs, ours = clients(declare)
    for path in ("/default", "/said", "/drafted", "/headed"):
        expected, answer = (client.get(path, follow_redirects=False) for client in (theirs, ours))
        assert (answer.status_code, answer.headers["location"]) == (expected.status_code, expected.headers["location"])
        assert answer.headers.get("x-own") == expected.headers.get("x-own")


def test_handlers_that_take_the_request_alone_answer_as_starlettes() -> None:
    def declare(framework: Any, app: Faster, log: list[Any]) -> None:
        router = framework.APIRouter(prefix="/prefix", dependencies=[framework.Depends(lambda: log.append("dependency"))])

        @router.route("/plain/{name}", methods=["GET", "POST"])
        async def plain(anything):  # type: ignore[no-untyped-def]  # as it is written for Starlette
            return framework.responses.JSONResponse([anything.method, anything.path_params["name"]])

        def blocking(request):  # type: ignore[no-untyped-def]  # as it is written for Starlette
            return framework.responses.JSONResponse("from a thread")

        app.add_route("/blocking", blocking)
        app.include_router(router, prefix="/included")

    both = SideBySide(declare)
    for method, path in [
        ("GET", "/included/plain/a"),
        ("POST", "/included/plain/a"),
        ("GET", "/included/prefix/plain/a"),
        ("GET", "/blocking"),
    ]:
        both.compare(method, path)


def test_websocket_handlers_that_take_the_websocket_alone_stand_beside_the_router() -> None:
    app, router = Faster(), FasterRouter(prefix="/prefix", dependencies=[Depends(provide)])

    @router.websocket_route("/plain", name="plain")
    async def speak(anything: Any) -> None:
        await anything.accept()
        await anything.send_text("hello")
        await anything.close()

    @router.websocket("/own", name="own")
    async def speak_here(websocket: fasterapi.WebSocket) -> None:
        await speak(websocket)

    app.include_router(router, prefix="/included")
    client = TestClient(app)
    for name, path in [("plain", "/included/plain"), ("own", "/included/prefix/own")]:
        assert app.url_path_for(name) == path
        with client.websocket_connect(path) as session:
            assert session.receive_text() == "hello"


def test_an_unknown_option_of_a_websocket_is_refused() -> None:
    with pytest.raises(TypeError, match="A WebSocket does not take origins"):
        Faster().websocket("/", origins=[])(provide)  # type: ignore[call-arg]  # the mistake under test


def test_every_form_of_declaring_a_route_declares_it() -> None:
    def declare(framework: Any, app: Faster, log: list[Any]) -> None:
        def handler(name: str) -> Any:
            def answer() -> str:
                return name

            return answer

        router = framework.APIRouter(prefix="/r")
        for target in (app, router):
            for verb in ("get", "put", "post", "delete", "options", "patch", "trace"):
                getattr(target, verb)("/" + verb, name=verb)(handler(verb))
            target.api_route("/api_route", methods=["GET", "PUT"])(handler("api_route"))
            target.add_api_route(
                "/add_api_route", handler("add_api_route"), methods={"POST"}, response_class=framework.responses.HTMLResponse
            )
        app.include_router(router)

    both = SideBySide(declare)
    for prefix in ("", "/r"):
        for verb in ("get", "put", "post", "delete", "options", "patch", "trace"):
            both.compare(verb.upper(), f"{prefix}/{verb}")
        both.compare("GET", f"{prefix}/api_route")
        both.compare("PUT", f"{prefix}/api_route")
        expected, answer = (client.post(f"{prefix}/add_api_route") for client in clients(declare))
        assert (answer.text, answer.headers["content-type"]) == (expected.text, expected.headers["content-type"])
