"""Declared requests as an OpenAPI document."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pydantic
from openapi_spec_validator import validate

from fasterapi.client import BearerAuth, Body, Depends, FastHTTP, File, FileValue, Form, Header, Query, Response, Router, WebSocket


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


@app.ws("/live")
async def live(ws: WebSocket) -> None: ...


@app.graphql("/graphql", query="{ a }")
async def ask(response: Response) -> None: ...


def test_the_document_is_one() -> None:
    validate(app.openapi())


def test_what_it_says() -> None:
    document = app.openapi()
    assert document["info"] == {"title": "Mine", "version": "2", "description": "All of it."}
    assert list(document["paths"]) == [
        "/v1/users/{user_id}",
        "/v1/users",
        "/v1/files/{name}",
        "/v1/files/{name}#3",
        "/v1/photos",
        "/users/1",
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
    assert set(document["components"]["schemas"]) == {"User"}
    assert document["paths"]["/v1/users"]["post"]["requestBody"]["content"]["application/json"]["example"] == {"name": "Ada"}
    assert document["paths"]["/v1/files/{name}"]["get"]["parameters"][0]["schema"] == {"default": "a"}
    assert "multipart/form-data" in document["paths"]["/v1/photos"]["post"]["requestBody"]["content"]
    assert document["paths"]["/users/1"]["get"]["servers"] == [{"url": "https://other.example.com"}]


def test_it_gives_no_secrets_away() -> None:
    assert "s3cret" not in str(app.openapi())
