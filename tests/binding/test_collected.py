from typing import Annotated, Any, Literal

import msgspec
import pydantic
import pytest

from fasterapi import Faster
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


class TheirFilter(pydantic.BaseModel):
    limit: int = pydantic.Field(100, gt=0, le=100)
    offset: int = 0
    order_by: Literal["created_at", "updated_at"] = "created_at"
    tags: list[str] = []
    required: str


class OurFilter(msgspec.Struct, kw_only=True):
    limit: Annotated[int, msgspec.Meta(gt=0, le=100)] = 100
    offset: int = 0
    order_by: Literal["created_at", "updated_at"] = "created_at"
    tags: list[str] = []
    required: str


class TheirStrictFilter(pydantic.BaseModel, extra="forbid"):
    limit: int = 1


class OurStrictFilter(msgspec.Struct, forbid_unknown_fields=True):
    limit: int = 1


class TheirHeaders(pydantic.BaseModel):
    save_data: bool
    if_modified_since: str | None = None
    x_tag: list[int] = []


class OurHeaders(msgspec.Struct):
    save_data: bool
    if_modified_since: str | None = None
    x_tag: list[int] = []


class TheirCookies(pydantic.BaseModel):
    session_id: int
    tracker: str | None = None


class OurCookies(msgspec.Struct):
    session_id: int
    tracker: str | None = None


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    query, header, cookie = framework.Query, framework.Header, framework.Cookie
    is_ours = framework.__name__ == "fasterapi"
    filter_model: Any = OurFilter if is_ours else TheirFilter
    strict_model: Any = OurStrictFilter if is_ours else TheirStrictFilter
    headers_model: Any = OurHeaders if is_ours else TheirHeaders
    cookies_model: Any = OurCookies if is_ours else TheirCookies

    @app.get("/list")
    async def in_list(q: list[int] = query()) -> Any:
        return q

    @app.get("/list-default")
    async def in_list_default(q: list[str] = query(["a", "b"]), alias: list[int] | None = query(None, alias="the-alias")) -> Any:
        return [q, alias]

    @app.get("/set")
    async def in_set(q: Annotated[set[int], query()]) -> Any:
        return sorted(q)

    @app.get("/tuple")
    async def in_tuple(q: Annotated[tuple[int, ...], query(min_length=2, max_length=3)]) -> Any:
        return q

    @app.get("/frozenset")
    async def in_frozenset(q: Annotated[frozenset[str], query()] = frozenset()) -> Any:
        return sorted(q)

    @app.get("/headers")
    async def in_headers(x_token: list[str] | None = header(None)) -> Any:
        return x_token

    @app.get("/group")
    async def group(filters: Annotated[filter_model, query()], own: int = 0) -> Any:
        return [filters.limit, filters.offset, filters.order_by, filters.tags, filters.required, own]

    @app.get("/strict-group")
    async def strict_group(filters: Annotated[strict_model, query()]) -> Any:
        return filters.limit

    @app.get("/optional-group")
    async def optional_group(filters: Annotated[filter_model | None, query()] = None) -> Any:
        return filters is None or filters.required

    @app.get("/header-group")
    async def header_group(headers: Annotated[headers_model, header()]) -> Any:
        return [headers.save_data, headers.if_modified_since, headers.x_tag]

    @app.get("/cookie-group")
    async def cookie_group(cookies: Annotated[cookies_model, cookie()]) -> Any:
        return [cookies.session_id, cookies.tracker]


@pytest.fixture(scope="module")
def apps() -> SideBySide:
    return SideBySide(declare)


@pytest.mark.parametrize(
    "url",
    [
        "/list",
        "/list?q=1",
        "/list?q=1&q=2",
        "/list?q=1&q=x&q=y",
        "/list?q=",
        "/list-default",
        "/list-default?q=c&the-alias=1&the-alias=2",
        "/list-default?alias=1&the-alias=z",
        "/set?q=1&q=2&q=1",
        "/set?q=x",
        "/tuple?q=1",
        "/tuple?q=1&q=2",
        "/tuple?q=1&q=2&q=3&q=4",
        "/frozenset",
        "/frozenset?q=b&q=a",
        "/group",
        "/group?required=yes",
        "/group?required=yes&limit=5&offset=3&order_by=updated_at&tags=a&tags=b&own=7",
        "/group?required=yes&limit=0&offset=x&order_by=name&own=z",
        "/group?limit=101&unknown=1",
        "/strict-group?limit=2",
        "/strict-group?limit=x&unknown=1&unknown=2&other=3",
        "/optional-group",
        "/optional-group?unknown=1",
        "/optional-group?required=1",
        "/optional-group?limit=1",
    ],
)
def test_queries(apps: SideBySide, url: str) -> None:
    apps.get(url)


@pytest.mark.parametrize("headers", [[], [("x-token", "a")], [("x-token", "a"), ("X-Token", "b")]])
def test_repeated_headers(apps: SideBySide, headers: list[tuple[str, str]]) -> None:
    apps.get("/headers", headers=headers)


@pytest.mark.parametrize(
    "headers",
    [
        [("save-data", "1")],
        [("Save-Data", "on"), ("if-modified-since", "now"), ("x-tag", "1"), ("x-tag", "2")],
        [("save-data", "maybe"), ("x-tag", "1"), ("x-tag", "two")],
        [("save_data", "1")],
    ],
)
def test_header_groups(apps: SideBySide, headers: list[tuple[str, str]]) -> None:
    # The two clients may know other codings.
    apps.get("/header-group", headers=[("accept-encoding", "gzip"), *headers])


def test_a_group_of_headers_tells_what_is_missing_by_the_headers_name(apps: SideBySide) -> None:
    [error] = TestClient(apps.ours).get("/header-group").json()["detail"]
    assert (error["type"], error["loc"]) == ("missing", ["header", "save-data"])


@pytest.mark.parametrize("cookie", ["session_id=1", "session_id=1; tracker=t", "session_id=x", "tracker=t"])
def test_cookie_groups(apps: SideBySide, cookie: str) -> None:
    apps.get("/cookie-group", headers={"cookie": cookie})
