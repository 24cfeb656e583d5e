"""The document as an application makes it and as it is served."""

from __future__ import annotations

from typing import Annotated, Any, Final

import pytest
from msgspec import Meta

from fasterapi import APIRouter, Body, Depends, Faster, GraphError, Path, Query, Request
from fasterapi.openapi.utils import get_openapi
from fasterapi.testing import TestClient

FIRST: Final[dict[str, Any]] = {"x-a": {"one": 1}}
SECOND: Final[dict[str, Any]] = {"x-a": {"two": 2}}


def app_with(*paths: str, **options: Any) -> Faster:
    app = Faster(**options)
    for path in paths:
        app.get(path)(read)
    return app


async def read() -> str:
    return "read"


def served(app: Any, **options: Any) -> Any:
    return TestClient(app, **options).get("/openapi.json").json()


def test_the_document_is_served() -> None:
    app = app_with("/a")
    answer = TestClient(app).get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, "application/json", app.openapi())


def test_the_document_speaks_of_neither_itself_nor_its_pages() -> None:
    assert list(served(app_with("/a", scalar_url="/scalar"))["paths"]) == ["/a"]


def test_without_a_url_there_is_neither_document_nor_page() -> None:
    client = TestClient(app_with("/a", openapi_url=None))
    assert [client.get(path).status_code for path in ("/openapi.json", "/docs", "/redoc")] == [404, 404, 404]


def test_the_document_is_made_once() -> None:
    app = app_with("/a")
    assert app.openapi() is app.openapi() is app.openapi_schema


def test_routes_that_are_added_later_are_in_the_document() -> None:
    app, router = app_with("/a"), APIRouter()
    app.include_router(router)
    assert list(served(app)["paths"]) == ["/a"]
    app.get("/b")(read)
    router.get("/c")(read)
    assert list(served(app)["paths"]) == ["/a", "/c", "/b"]
    app.webhooks.post("hook")(read)
    assert list(served(app)["webhooks"]) == ["hook"]


def test_a_client_that_has_the_document_is_told_so() -> None:
    app = app_with("/a")
    client = TestClient(app)
    tag = client.get("/openapi.json").headers["etag"]
    again = client.get("/openapi.json", headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    app.get("/b")(read)
    changed = client.get("/openapi.json", headers={"if-none-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_a_function_of_the_users_in_the_place_of_openapi() -> None:
    app = app_with("/a")

    def custom() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = get_openapi(title="Mine", version="7", routes=app.routes)
            app.openapi_schema["info"]["x-logo"] = {"url": "/logo.png"}
        return app.openapi_schema

    app.openapi = custom  # type: ignore[method-assign]  # as FastAPI's users do
    document = served(app)
    assert document["info"] == {"title": "Mine", "version": "7", "x-logo": {"url": "/logo.png"}}
    assert list(document["paths"]) == ["/a"]


def test_a_subclass_with_its_own_openapi() -> None:
    class Mine(Faster):
        def openapi(self) -> dict[str, Any]:
            return {**super().openapi(), "x-mine": True}

    assert served(Mine())["x-mine"] is True


def test_a_root_path_goes_before_the_servers() -> None:
    app = app_with("/a", servers=[{"url": "https://example.com"}])
    assert served(app, root_path="/v1")["servers"] == [{"url": "/v1"}, {"url": "https://example.com"}]
    assert served(app)["servers"] == [{"url": "https://example.com"}]


def test_a_root_path_that_is_a_server_already() -> None:
    assert served(app_with("/a", servers=[{"url": "/v1"}]), root_path="/v1/")["servers"] == [{"url": "/v1"}]


def test_a_root_path_may_be_kept_out() -> None:
    assert "servers" not in served(app_with("/a", root_path="/v1", root_path_in_servers=False))


def test_two_routes_with_one_operation_id_are_named() -> None:
    app = Faster()
    app.get("/a", operation_id="same")(read)
    app.get("/b", operation_id="same")(read)
    with pytest.warns(UserWarning, match=r"GET /b: read .*test_document\.py:\d+\) has the operation id 'same', which GET /a has too"):
        app.openapi()


def test_several_methods_of_one_route_with_an_operation_id() -> None:
    app = Faster()
    app.api_route("/a", methods=["GET", "PUT"], operation_id="same")(read)
    assert [found["operationId"] for found in app.openapi()["paths"]["/a"].values()] == ["same", "same_put"]


def test_what_the_user_wrote_stays_as_it_was() -> None:
    responses: dict[int | str, Any] = {404: {"description": "none", "content": {"application/json": {"example": {"a": None}}}}}
    extra = {"x-list": [1]}
    app = Faster()
    for path in ("/a", "/b"):
        app.get(path, responses=responses, openapi_extra=extra)(read)
    document = app.openapi()
    document["paths"]["/a"]["get"]["x-list"].append(2)
    document["paths"]["/a"]["get"]["responses"]["404"]["content"].clear()
    assert responses == {404: {"description": "none", "content": {"application/json": {"example": {"a": None}}}}}
    assert extra == {"x-list": [1]}
    assert document["paths"]["/b"]["get"]["x-list"] == [1]


def test_what_json_does_not_have_is_named() -> None:
    app = Faster()
    app.get("/a", openapi_extra={"x-thing": object()})(read)
    with pytest.raises(TypeError, match="in the OpenAPI document cannot be written as JSON"):
        app.openapi()


def test_handlers_of_plain_requests_are_not_in_the_document() -> None:
    app = app_with("/a")

    async def plain(request: Request) -> Any: ...

    app.add_route("/plain", plain)
    app.mount("/mounted", Faster())
    assert list(app.openapi()["paths"]) == ["/a"]


def test_a_provider_that_many_need_is_described_once() -> None:
    def shared(token: int = Query()) -> int:
        return token

    def one(shared: int = Depends(shared)) -> None: ...
    def other(shared: int = Depends(shared)) -> None: ...

    app = Faster()

    @app.get("/a")
    def handler(one: None = Depends(one), other: None = Depends(other)) -> None: ...

    (parameter,) = app.openapi()["paths"]["/a"]["get"]["parameters"]
    assert (parameter["name"], parameter["required"]) == ("token", True)


def test_examples_and_defaults_are_written_as_requests_have_them() -> None:
    app = Faster()

    @app.get("/a")
    def handler(
        data: bytes = b"data",
        span: Any = Query({"a": {1}}, examples=[b"more"]),
        impossible: Any = Query(object()),
    ) -> None: ...

    data, span, impossible = [parameter["schema"] for parameter in app.openapi()["paths"]["/a"]["get"]["parameters"]]
    assert (data["default"], span["default"], span["examples"]) == ("data", {"a": [1]}, ["more"])
    assert "default" not in impossible


def test_a_route_that_could_never_start_is_named() -> None:
    app = Faster()

    @app.get("/a")
    def handler(number: int = Path()) -> None: ...

    with pytest.raises(GraphError, match=r"GET /a: .*handler .*the path has no \{number\}"):
        app.openapi()


def test_what_several_say_of_one_type_does_not_change_what_each_said() -> None:
    app = Faster()

    @app.get("/a")
    def handler(number: Annotated[int, Meta(extra_json_schema=FIRST), Meta(extra_json_schema=SECOND)]) -> None: ...

    (parameter,) = app.openapi()["paths"]["/a"]["get"]["parameters"]
    assert parameter["schema"]["x-a"] == {"one": 1, "two": 2}
    assert (FIRST, SECOND) == ({"x-a": {"one": 1}}, {"x-a": {"two": 2}})


def test_an_operation_id_that_no_component_may_have() -> None:
    app = Faster()

    @app.post("/a", operation_id="make it")
    def handler(one: Annotated[int, Body()], two: Annotated[int, Body()]) -> None: ...

    document = app.openapi()
    schema = document["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Body_make_it"}
    assert document["components"]["schemas"]["Body_make_it"]["title"] == "Body_make it"
