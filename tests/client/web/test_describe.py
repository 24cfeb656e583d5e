"""Declared requests as an OpenAPI document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import pydantic
from openapi_spec_validator import validate

from fasterapi.client import BearerAuth, Body, Depends, FastHTTP, File, FileValue, Form, Header, Query, Response, Router, WebSocket
from tests.client.sites import LOCAL, Site
from tests.client.test_from_openapi import load


class User(msgspec.Struct):
    id: int
    name: str
    friends: list[User] = []


class Problem(pydantic.BaseModel):
    error: str


def get_token() -> str:
    return "token"


app = FastHTTP(base_url="https://api.example.com/v1", title="Mine", version="2", description="All of it.", auth=BearerAuth("s3cret"))
router = Router(prefix="https://other.example.com", tags=["other"])
app.include_router(router)


@app.put("/users/{user_id}", tags=["users"], responses={404: {"model": Problem}})
async def rename(
    user: User,
    user_id: int,
    changes: Annotated[User, Body()],
    page_size: Annotated[int, Query(alias="pageSize")] = 10,
    x_trace: str | None = Header(None),
    token: str = Depends(get_token),
) -> User:
    """Rename a user.

    For good.
    """
    return user


@app.post("/users", json={"name": "Ada"}, path_params={"unused": 1})
async def create(response: Response) -> None: ...


@app.get("/files/{name}", path_params={"name": "a"})
async def download(response: Response) -> None: ...


@router.get("/users/1")
async def elsewhere(response: Response) -> None: ...


@app.get("https://third.example.com/v1/files/{name}", path_params={"name": "a"})
async def same_path(response: Response) -> None: ...


@app.post("/photos")
async def upload(response: Response, title: Annotated[str, Form()], photo: Annotated[FileValue, File()]) -> None: ...


@app.ws("/live/{room}", tags=["talk"], subprotocols=["chat"])
async def live(ws: WebSocket, room: str) -> None:
    """What is said in a room."""


COUNTRY = "query Country($code: ID!, $short: Boolean) { country(code: $code) { name } }"


@app.graphql("/graphql", query=COUNTRY, operation_name="Country", tags=["world"])
async def country(user: User, code: str, short: bool = True, token: str = Depends(get_token)) -> None:
    """Ask for a country."""


@app.graphql("/graphql", response_model=Problem)
async def handmade(response: Response, limit: int = 3) -> str:
    return "{ a }"


@router.get("/users/2", tags=["again"])
async def create_(response: Response) -> None: ...


create_.__name__ = "create"


def test_the_document_is_one() -> None:
    validate(app.openapi())


def test_what_it_says() -> None:
    document = app.openapi()
    assert document["info"] == {"title": "Mine", "version": "2", "description": "All of it."}
    assert list(document["paths"]) == [
        "/v1/users/{user_id}",
        "/v1/users",
        "/v1/files/{name}",
        "/v1/files/{name}#same_path",
        "/v1/photos",
        "/v1/graphql",
        "/v1/graphql#handmade",
        "/users/1",
        "/users/2",
    ]
    put = document["paths"]["/v1/users/{user_id}"]["put"]
    assert (put["operationId"], put["summary"], put["description"]) == ("rename", "Rename a user.", "For good.")
    assert (put["tags"], put["servers"], put["security"]) == (["users"], [{"url": "https://api.example.com"}], [{"bearer": []}])
    described: list[Any] = [(one["name"], one["in"], one["required"], one["schema"].get("default")) for one in put["parameters"]]
    assert described == [("user_id", "path", True, None), ("pageSize", "query", False, 10), ("x-trace", "header", False, None)]
    user = {"$ref": "#/components/schemas/User"}
    assert put["requestBody"] == {"required": True, "content": {"application/json": {"schema": user}}}
    assert put["responses"]["200"]["content"]["application/json"]["schema"] == user
    assert put["responses"]["404"]["content"]["application/json"]["schema"]["properties"]["error"]["type"] == "string"
    assert set(document["components"]["schemas"]) == {"User", "GraphQLErrorItem"}
    assert document["paths"]["/v1/users"]["post"]["requestBody"]["content"]["application/json"]["example"] == {"name": "Ada"}
    assert document["paths"]["/v1/files/{name}"]["get"]["parameters"][0]["schema"] == {"default": "a"}
    assert "multipart/form-data" in document["paths"]["/v1/photos"]["post"]["requestBody"]["content"]
    assert document["paths"]["/users/1"]["get"]["servers"] == [{"url": "https://other.example.com"}]


def body_of(post: dict[str, Any]) -> Any:
    return post["requestBody"]["content"]["application/json"]["schema"]


def test_an_operation_of_graphql_is_a_post_of_its_query() -> None:
    post = app.openapi()["paths"]["/v1/graphql"]["post"]
    assert (post["operationId"], post["summary"], post["tags"]) == ("country", "Ask for a country.", ["world"])
    assert (post["requestBody"]["required"], post["security"]) == (True, [{"bearer": []}])
    assert body_of(post) == {
        "type": "object",
        "properties": {
            "query": {"type": "string", "const": COUNTRY, "default": COUNTRY},
            "operationName": {"type": "string", "const": "Country", "default": "Country"},
            "variables": {
                "type": "object",
                "properties": {"code": {"type": "string"}, "short": {"type": "boolean", "default": True}},
                "required": ["code"],
            },
        },
        "required": ["query", "variables"],
    }
    answer = post["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    assert answer["data"] == {"anyOf": [{"$ref": "#/components/schemas/User"}, {"type": "null"}]}
    assert answer["errors"]["items"] == {"$ref": "#/components/schemas/GraphQLErrorItem"}


def test_of_a_query_that_is_made_later_the_values_are_known() -> None:
    post = app.openapi()["paths"]["/v1/graphql#handmade"]["post"]
    assert list(body_of(post)["properties"]) == ["variables"]
    assert body_of(post)["properties"]["variables"]["properties"] == {"limit": {"type": "integer", "default": 3}}
    assert not post["requestBody"]["required"]
    data = post["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]
    assert data["anyOf"][0]["properties"]["error"]["type"] == "string"


def test_websockets_stand_beside_the_requests() -> None:
    assert app.openapi()["x-websockets"] == [
        {
            "url": "wss://api.example.com/v1/live/{room}",
            "operationId": "live",
            "summary": "What is said in a room.",
            "tags": ["talk"],
            "subprotocols": ["chat"],
        }
    ]


def test_methods_that_openapi_does_not_know_are_extensions() -> None:
    app = FastHTTP(base_url="https://api.example.com")

    @app.request("propfind", "/files")
    async def find(response: Response) -> None: ...

    document = app.openapi()
    assert document["paths"]["/files"]["x-propfind"]["operationId"] == "find"
    validate(document)


def test_handlers_of_one_name_are_told_apart() -> None:
    assert app.openapi()["paths"]["/users/2"]["get"]["operationId"] == "create_2"


def test_types_of_one_name_are_told_apart() -> None:
    app = FastHTTP(base_url="https://api.example.com")
    friend = msgspec.defstruct("Friend", [("since", int)])
    other = msgspec.defstruct("User", [("email", str), ("friends", list[friend])])  # type: ignore[valid-type] # made at run time

    async def first(user: User) -> None: ...
    async def second(user: list[Any]) -> None: ...
    async def third(user: User) -> None: ...

    app.get("/first")(first)
    app.get("/second", response_model=list[other])(second)  # type: ignore[valid-type] # made at run time
    app.get("/third")(third)
    document = app.openapi()
    schemas = document["components"]["schemas"]
    assert list(schemas) == ["User", "User_2", "Friend"]
    assert ("friends" in schemas["User"]["properties"], "email" in schemas["User_2"]["properties"]) == (True, True)
    answers = [
        document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        for path in ("/first", "/second", "/third")
    ]
    assert answers[1]["items"] == {"$ref": "#/components/schemas/User_2"}
    assert answers[0] == answers[2] == {"$ref": "#/components/schemas/User"}


async def test_a_client_of_an_operation_can_be_made_of_it(site: Site, tmp_path: Path) -> None:
    site.answer("/graphql", {"data": None, "errors": [{"message": "none"}]})
    app = FastHTTP(base_url=site.url())

    @app.graphql("/graphql", query="{ a }")
    async def first(user: User) -> None: ...

    @app.graphql("/graphql", query=COUNTRY)
    async def second(user: User, code: str) -> None: ...

    made: Any = load(FastHTTP.from_openapi(app.openapi()), tmp_path, "made_of_graphql")
    client = FastHTTP(base_url=made.BASE_URL, security=LOCAL)
    client.include_router(made.api)
    body = made.SecondBody(query=COUNTRY, variables=made.SecondBodyVariables(code="DE"))
    result = await client.call(made.second, body=body)
    assert (result.data, result.errors[0].message) == (None, "none")
    assert (site.last.path, site.last.json()) == ("/graphql", {"query": COUNTRY, "variables": {"code": "DE"}})


def test_it_gives_no_secrets_away() -> None:
    app = FastHTTP(base_url="https://me:s3cret@api.example.com", auth=BearerAuth("s3cret"))

    @app.get("https://me:s3cret@api.example.com?token=s3cret")
    async def ask(response: Response) -> None: ...

    @app.ws("wss://me:s3cret@api.example.com/live?token=s3cret")
    async def live(ws: WebSocket) -> None: ...

    document = app.openapi()
    assert document["paths"]["/"]["get"]["servers"] == [{"url": "https://api.example.com"}]
    assert document["x-websockets"][0]["url"] == "wss://api.example.com/live"
    assert "s3cret" not in str(document)
