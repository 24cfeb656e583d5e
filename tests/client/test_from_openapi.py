"""Documents become modules: mypy finds nothing in them, and what they declare reaches the service."""

from __future__ import annotations

import datetime
import importlib.util
import subprocess
import sys
import uuid
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, cast

import fastapi
import httpx
import msgspec
import pydantic
import pytest

from fasterapi import Body, Cookie, Faster, File, Form, Header, HTTPException, Query, UploadFile
from fasterapi.client import FastHTTP, FastHTTPBadStatusError, FastHTTPRequestError, FastHTTPValidationError, HttpxTransport
from fasterapi.client.from_openapi import DocumentError, generate_client
from tests.checkouts import CHECKOUT
from tests.client.sites import LOCAL, Answer, Site


class Category(msgspec.Struct):
    name: str
    parent: Category | None = None


class Item(msgspec.Struct):
    name: str
    price: float
    category: Category
    made: datetime.datetime
    tags: list[str] = []
    kind: Literal["new", "used"] = "new"
    note: str | None = None


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    name: str | None = None


def shop() -> Faster:
    app = Faster(title="Shop", version="2.1")

    @app.put("/items/{item_id}", tags=["items"])
    async def save_item(
        item_id: uuid.UUID,
        item: Item,
        since: datetime.date | None = None,
        page_size: Annotated[int, Query(alias="pageSize")] = 10,
        x_trace: Annotated[str, Header()] = "none",
        session: Annotated[str | None, Cookie()] = None,
    ) -> dict[str, Item]:
        item.note = f"{item_id} {since} {page_size} {x_trace} {session}"
        return {"saved": item}

    @app.get("/items")
    async def list_items(q: str, tag: Annotated[list[str] | None, Query()] = None) -> list[str]:
        return [q, *(tag or [])]

    @app.delete("/items/{item_id}", status_code=204)
    async def remove(item_id: int) -> None:
        if item_id > 7:
            raise HTTPException(404, "no such item")

    @app.post("/photos")
    async def upload(title: Annotated[str, Form()], photo: Annotated[UploadFile, File()]) -> dict[str, int]:
        return {title: len(await photo.read())}

    @app.post("/numbers")
    async def numbers(a: Annotated[int, Body()], b: Annotated[int, Body()]) -> int:
        return a + b

    return app


def load(source: str, folder: Path, name: str) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def assert_strict(*paths: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", str(CHECKOUT / "mypy.ini"), *map(str, paths)]
    answer = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


async def test_a_client_of_our_own(tmp_path: Path) -> None:
    service = shop()
    document = service.openapi()
    module = load(generate_client(msgspec.json.encode(document)), tmp_path, "generated_shop")
    app = FastHTTP(base_url="http://shop.example", transport=HttpxTransport(httpx.ASGITransport(service)))
    app.include_router(module.api)
    made = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC)
    item = module.Item(name="pen", price=1.5, category=module.Category(name="a", parent=module.Category(name="b")), made=made, kind="used")
    number = uuid.UUID(int=7)
    async with app:
        saved = (await app.call(module.save_item, item_id=number, body=item, since=made.date(), page_size=5, x_trace="t", session="s"))[
            "saved"
        ]
        assert (saved.category.parent.name, saved.made, saved.kind) == ("b", made, "used")
        assert saved.note == f"{number} 2026-01-02 5 t s"
        assert await app.call(module.list_items, q="a b", tag=["x", "y"]) == ["a b", "x", "y"]
        assert await app.call(module.remove, item_id=7) is None
        with pytest.raises(FastHTTPBadStatusError, match="404"):
            await app.call(module.remove, item_id=8)
        with pytest.raises(FastHTTPBadStatusError) as raised:
            await app.call(module.save_item, item_id="x", body=item)
        assert cast(Any, raised.value.model).detail[0].loc == ["path", "item_id"]
        assert await app.call(module.upload, title="t", photo=("p.png", b"12345")) == {"t": 5}
        with pytest.raises(FastHTTPRequestError, match="'q'"):
            await app.call(module.list_items)


def test_every_client_passes_strictly(tmp_path: Path) -> None:
    theirs = fastapi.FastAPI()

    @theirs.post("/pets/{pet-id}", responses={409: {"model": Cat}})
    def add(
        pet: Cat | Dog, pet_id: Annotated[int, fastapi.Path(alias="pet-id")], x_key: Annotated[str, fastapi.Header()]
    ) -> list[Cat | Dog]:
        return [pet]

    documents = {"ours": shop().openapi(), "theirs": theirs.openapi(), "odd": ODD}
    paths = []
    for name, document in documents.items():
        paths.append(tmp_path / f"{name}.py")
        paths[-1].write_text(generate_client(document))
    use = tmp_path / "use.py"
    use.write_text(USE)
    assert_strict(*paths, use)


USE = """
import theirs
from fasterapi.client import FastHTTP

app = FastHTTP()


async def main() -> list[theirs.Cat | theirs.Dog]:
    return await app.call(theirs.add, body=theirs.Dog(kind="dog"), pet_id=1, x_key="k")
"""


ODD: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": 'Odd "API"', "version": "1"},
    "servers": [{"url": "https://{region}.example.com/v1", "variables": {"region": {"default": "eu"}}}],
    "paths": {
        "/x/{class}/{item-id}": {
            "parameters": [{"$ref": "#/components/parameters/Class"}, {"name": "item-id", "in": "path", "schema": {"type": "integer"}}],
            "get": {
                "operationId": "get",
                "parameters": [
                    {"name": "from", "in": "query", "required": True, "schema": {"type": "string", "format": "date-time"}},
                    {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/node"}}}},
                    {"name": "X-Rate", "in": "header", "schema": {"type": "number"}},
                    {"name": "Authorization", "in": "header", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Derived"}}}},
                    "404": {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/node"}}}},
                    "default": {"description": "anything"},
                },
            },
            "post": {
                "summary": 'Send "raw" \\ bytes',
                "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
                "responses": {"200": {"content": {"text/plain": {}}}},
            },
            "trace": {"responses": {"204": {"description": ""}}},
            "patch": {
                "requestBody": {
                    "required": True,
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "required": ["files"],
                                "properties": {
                                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                                    "the-title": {"type": "string"},
                                },
                            }
                        }
                    },
                },
                "responses": {"200": {"content": {"application/json": {}}}},
            },
        },
        "/get": {"get": {"operationId": "get", "responses": {"200": {"content": {"image/png": {}}}}}},
    },
    "components": {
        "parameters": {"Class": {"name": "class", "in": "path", "required": True, "schema": {"enum": ["a", "b"]}}},
        "schemas": {
            "node": {
                "type": "object",
                "required": ["class", "kind"],
                "properties": {
                    "class": {"type": "string"},
                    "kind": {"type": "string", "enum": ["x", "y", None], "nullable": True},
                    "next": {"$ref": "#/components/schemas/node"},
                    "camelCase": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "boolean"}}}},
                    "any": {},
                    "either": {"oneOf": [{"type": "integer"}, {"$ref": "#/components/schemas/Derived"}]},
                    "2nd": {"type": "object", "additionalProperties": {"type": "number"}},
                },
            },
            "Derived": {"allOf": [{"$ref": "#/components/schemas/node"}, {"required": ["extra"], "properties": {"extra": {"const": 1}}}]},
            "Alias": {"type": "array", "items": {"$ref": "#/components/schemas/Other"}},
            "Other": {"type": "string", "nullable": True},
            "Json": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Json"}}]},
            "list": {"type": "object", "properties": {"msgspec": {"type": "string"}}},
        },
    },
}


async def test_odd_documents_work_too(site: Site, tmp_path: Path) -> None:
    module = load(generate_client(ODD), tmp_path, "generated_odd")
    assert module.BASE_URL == "https://eu.example.com/v1"
    app = FastHTTP(base_url=site.url(), security=LOCAL)
    app.include_router(module.api)
    site.answer("/x/a/7", {"class": "c", "kind": None, "extra": 1, "camelCase": [{"a": True}], "either": 3, "2nd": {"x": 1.5}})
    moment = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    async with app:
        found = await app.call(module.get, class_="a", item_id=7, from_=moment, x_rate=1.5)
        assert (found.class_, found.kind, found.extra, found.camel_case[0].a, found.either, found.n2_nd) == (
            "c",
            None,
            1,
            True,
            3,
            {"x": 1.5},
        )
        assert found.next is msgspec.UNSET
        assert site.last.params() == [("from", "2026-01-02T00:00:00+00:00")]
        assert site.last.headers["x-rate"] == "1.5"
        site.answer("/x/b/7", {"class": 1}, 404)
        with pytest.raises(FastHTTPBadStatusError):
            await app.call(module.get, class_="b", item_id=7, from_=moment)
        site.answer("/x/a/7", {"class": "c"})
        with pytest.raises(FastHTTPValidationError, match="extra"):
            await app.call(module.get, class_="a", item_id=7, from_=moment)
        post, patched = (cast(Any, operation.route.handler) for operation in app.operations if operation.route.method in ("POST", "PATCH"))
        site.answers["/x/a/1"] = lambda asked: Answer("text" if asked.method == "POST" else {"ok": True})
        assert await app.call(post, class_="a", item_id=1, body=b"\x00\xff") == "text"
        assert (site.last.body, site.last.headers["content-type"]) == (b"\x00\xff", "application/octet-stream")
        assert await app.call(patched, class_="a", item_id=1, files=[("a.txt", b"1"), ("b.txt", b"2")], the_title="t") == {"ok": True}
        assert site.last.body.count(b'name="files"') == 2
        assert b'name="the-title"\r\n\r\nt\r\n' in site.last.body
        site.answer("/get", b"\x89PNG")
        assert await app.call(module.get_2) == b"\x89PNG"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"swagger": "2.0"}, "OpenAPI 3"),
        (b"openapi: 3.0.0", "not JSON"),
        ({"openapi": "3.1.0", "paths": {"/": {"$ref": "other.json#/x"}}}, "another document"),
        ({"openapi": "3.1.0", "paths": {"/": {"$ref": "#/nowhere"}}}, "not in the document"),
        ({"openapi": "3.1.0", "paths": {"/": {"$ref": "#/paths/~1"}}}, "leads to itself"),
    ],
)
def test_documents_that_cannot_be_read(document: Any, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        FastHTTP.from_openapi(document)


def test_descriptions_cannot_become_code(tmp_path: Path) -> None:
    evil = '"""\nraise SystemExit\n"""'
    document = {
        "openapi": "3.1.0",
        "info": {"title": evil, "version": evil},
        "servers": [{"url": f"https://x/{evil}"}],
        "paths": {
            "/x": {
                "get": {
                    "operationId": evil,
                    "summary": evil,
                    "tags": [evil],
                    "parameters": [{"name": evil, "in": "query", "schema": {"enum": [evil]}}],
                    "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/A"}}}}},
                }
            }
        },
        "components": {"schemas": {"A": {"description": evil, "properties": {"a": {"enum": [evil, "' | \"", "\\"]}}}}},
    }
    load(generate_client(document), tmp_path, "generated_evil")
    with pytest.raises(DocumentError, match="path"):
        generate_client({**document, "paths": {'/x")\nraise SystemExit': {"get": {}}}})
    with pytest.raises(DocumentError, match="property"):
        generate_client({**document, "components": {"schemas": {"A": {"properties": {evil: {}}}}}})
