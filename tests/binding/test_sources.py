from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pydantic
import pytest

from fasterapi import Faster, Query
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


class TheirItem(pydantic.BaseModel):
    name: str
    price: float
    quantity: int = 1


class OurItem(msgspec.Struct):
    name: str
    price: float
    quantity: int = 1


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    item: Any = OurItem if framework.__name__ == "fasterapi" else TheirItem
    query, header, cookie, path, depends, body = (
        framework.Query,
        framework.Header,
        framework.Cookie,
        framework.Path,
        framework.Depends,
        framework.Body,
    )

    @app.get("/users/{user_id}")
    async def user(user_id: int, limit: int = 10, active: bool = True, q: str | None = None) -> Any:
        return [user_id, limit, active, q]

    @app.get("/required")
    async def required(a: int, b: str, c: float, d: bool) -> Any:
        return [a, b, c, d]

    @app.get("/bounds")
    async def bounds(page: Annotated[int, query(ge=1, le=9)], name: Annotated[str, query(min_length=2, max_length=3)] = "ab") -> Any:
        return [page, name]

    @app.get("/alias")
    async def alias(value: str = query("none", alias="the-value")) -> Any:
        return value

    @app.get("/headers")
    async def headers(
        user_agent: str = header(), x_count: int = header(3), plain_name: str = header("d", convert_underscores=False)
    ) -> Any:
        return [user_agent, x_count, plain_name]

    @app.get("/cookies")
    async def cookies(session: str = cookie(), theme: int = cookie(1)) -> Any:
        return [session, theme]

    @app.get("/mixed/{part}")
    async def mixed(c: int = cookie(), h: int = header(), q: int = query(), part: int = path(ge=5)) -> Any:
        return [c, h, q, part]

    @app.get("/mutable")
    async def mutable(values: Any = query(default_factory=lambda: "made")) -> Any:
        return values

    @app.post("/items")
    async def create(item: item) -> Any:
        return item

    @app.post("/items/{item_id}")
    async def update(item: item, item_id: int, dry: bool = False) -> Any:
        return [item, item_id, dry]

    @app.post("/optional")
    async def optional(item: item | None = None) -> Any:
        return item

    @app.post("/list")
    async def numbers(values: list[int]) -> Any:
        return values

    @app.post("/any")
    async def anything(value: Any = body()) -> Any:
        return value

    async def page(skip: int = 0, limit: int = 5) -> Any:
        return [skip, limit]

    async def needs(token: int = header()) -> Any:
        return token

    @app.get("/provided")
    async def provided(first: int, pages: Any = depends(page), token: Any = depends(needs)) -> Any:
        return [first, pages, token]


@pytest.fixture(scope="module")
def ask() -> Callable[..., Any]:
    return SideBySide(declare).compare


@pytest.mark.parametrize(
    "url",
    [
        "/users/42",
        "/users/42?limit=5&active=off&q=abc",
        "/users/42?limit=5&limit=6",
        "/users/42?limit=%205%20&q=",
        "/users/abc",
        "/users/abc?limit=x&active=maybe",
        "/users/4.0?limit=1e3",
        "/users/-1",
        "/required",
        "/required?a=1&b=&c=2&d=1",
        "/required?a=&c=nan&d=2",
        "/bounds",
        "/bounds?page=0&name=a",
        "/bounds?page=10&name=abcd",
        "/bounds?page=5",
        "/alias",
        "/alias?value=1",
        "/alias?the-value=1",
        "/mutable",
        "/provided",
        "/provided?first=x&skip=y&limit=z",
    ],
)
def test_paths_and_queries(ask: Callable[..., Any], url: str) -> None:
    ask("GET", url)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"user-agent": "x", "x-count": "4"},
        {"user-agent": "", "x-count": "four"},
        {"USER-AGENT": "x", "plain_name": "kept"},
        {"user-agent": "x", "plain-name": "not read"},
    ],
)
def test_headers(ask: Callable[..., Any], headers: dict[str, str]) -> None:
    ask("GET", "/headers", headers=headers)


@pytest.mark.parametrize("cookie", [None, "session=1", "session=1; theme=2", "theme=x", 'session="q u"; odd[x]=1; theme=3'])
def test_cookies(ask: Callable[..., Any], cookie: str | None) -> None:
    ask("GET", "/cookies", headers={} if cookie is None else {"cookie": cookie})


def test_errors_come_by_source_whatever_the_order_of_the_parameters(ask: Callable[..., Any]) -> None:
    ask("GET", "/mixed/1?q=x", headers={"h": "x", "cookie": "c=x"})


def test_errors_of_providers_come_first(ask: Callable[..., Any]) -> None:
    ask("GET", "/provided?first=x&limit=y", headers={"token": "z"})


@pytest.mark.parametrize(
    "body",
    [
        b'{"name":"pen","price":1.5}',
        b'{"name":"pen","price":"1.5","quantity":"2"}',
        b'{"name":1,"price":"x","quantity":null}',
        b"{}",
        b"[]",
        b"null",
        b'"text"',
        b"{",
        b'{"name": }',
        b"",
        b'{"name":"pen","price":1,"unknown":1}',
        b" \n",
    ],
)
@pytest.mark.parametrize("url", ["/items", "/items/3?dry=1", "/items/x?dry=y", "/optional"])
def test_bodies(ask: Callable[..., Any], url: str, body: bytes) -> None:
    ask("POST", url, content=body, headers={"content-type": "application/json"})


@pytest.mark.parametrize("body", [b"[1,2]", b'["1",2.0,true]', b'["x",1.5,null]', b"{}", b"1", b"[[]]"])
def test_lists(ask: Callable[..., Any], body: bytes) -> None:
    ask("POST", "/list", content=body, headers={"content-type": "application/json"})


@pytest.mark.parametrize("body", [b"1", b'{"a":[1,{"b":null}]}', b'"x"', b"null", b""])
def test_anything(ask: Callable[..., Any], body: bytes) -> None:
    ask("POST", "/any", content=body, headers={"content-type": "application/json"})


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/vnd.api+json",
        "text/plain",
        "text/json",
        "",
    ],
)
@pytest.mark.parametrize("url", ["/items", "/list", "/any"])
def test_only_json_is_read_as_json(ask: Callable[..., Any], url: str, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    ask("POST", url, content=b'{"name":"pen","price":1.5}', headers=headers)


def test_a_default_that_could_be_changed_is_fresh_at_each_request() -> None:
    app = Faster()

    @app.get("/")
    async def handler(values: Annotated[Any, Query()] = ["first"]) -> Any:  # noqa: B006  # what is tested
        values.append("again")
        return values

    client = TestClient(app)
    assert client.get("/").json() == client.get("/").json() == ["first", "again"]
