"""Models of pydantic whose fields are parameters each: FastAPI's answer is the expected one, and what it gives the handler."""

from typing import Annotated, Any, Literal

import pydantic
import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from fasterapi import Faster, Form, Header, UploadFile
from fasterapi.binding.graph import GraphError
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


class Filters(BaseModel):
    limit: int = Field(100, gt=0, le=100)
    order_by: Literal["made", "changed"] = "made"
    tags: list[str] = []
    link: pydantic.HttpUrl | None = None


class StrictFilters(Filters):
    model_config = ConfigDict(extra="forbid")


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    a: int = Field(validation_alias=AliasChoices("first", "second"))
    b: int = Field(1, alias="bb")


class Unaliased(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)

    a_b: int = Field(1, alias="other")


class Heads(BaseModel):
    x_token: str
    save_data: bool = False
    x_tag: list[str] = []
    number: int = Field(3, alias="X-Number")


class StrictHeads(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str
    x_token: str = ""


class Crumbs(BaseModel):
    model_config = ConfigDict(extra="forbid")

    session: str
    count: int | None = None


class Login(BaseModel):
    username: str
    password: pydantic.SecretStr
    roles: list[str] = []
    count: int = 3


class StrictLogin(Login):
    model_config = ConfigDict(extra="forbid")


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    query, header, cookie, form, depends = framework.Query, framework.Header, framework.Cookie, framework.Form, framework.Depends

    @app.get("/query")
    async def of_query(given: Annotated[Filters, query()]) -> None:
        log.append(repr(given))

    @app.get("/strict-query")
    async def of_strict_query(given: Annotated[StrictFilters, query()]) -> None:
        log.append(repr(given))

    @app.get("/optional-query")
    async def of_optional_query(given: Annotated[Filters | None, query()] = None) -> None:
        log.append(repr(given))

    @app.get("/aliased")
    async def aliased(given: Annotated[Aliased, query()]) -> None:
        log.append(repr(given))

    @app.get("/unaliased")
    async def unaliased(given: Annotated[Unaliased, query()]) -> None:
        log.append(repr(given))

    @app.get("/header")
    async def of_header(given: Annotated[Heads, header()]) -> None:
        log.append(repr(given))

    @app.get("/header-as-written")
    async def of_header_as_written(given: Annotated[Heads, header(convert_underscores=False)]) -> None:
        log.append(repr(given))

    @app.get("/strict-header")
    async def of_strict_header(given: Annotated[StrictHeads, header()]) -> None:
        log.append(repr(given))

    @app.get("/cookie")
    async def of_cookie(given: Annotated[Crumbs, cookie()]) -> None:
        log.append(repr(given))

    @app.post("/form")
    async def of_form(given: Annotated[Login, form()]) -> None:
        log.append(repr(given))

    @app.post("/strict-form")
    async def of_strict_form(given: Annotated[StrictLogin, form()]) -> None:
        log.append(repr(given))

    @app.post("/optional-form")
    async def of_optional_form(given: Annotated[Login | None, form()] = None) -> None:
        log.append(repr(given))

    @app.get("/provided")
    async def provided(given: Annotated[Filters, depends()]) -> None:
        log.append(repr(given))


@pytest.fixture(scope="module")
def apps() -> SideBySide:
    return SideBySide(declare)


@pytest.mark.parametrize("path", ["/query", "/strict-query", "/optional-query"])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "limit=4",
        "limit=3&limit=4&tags=a&tags=b",
        "limit=0&order_by=name&tags=a&link=x",
        "unknown=1&unknown=2",
        "limit=&link=http://a.b",
    ],
)
def test_a_query_is_read_as_fastapi_reads_it(apps: SideBySide, path: str, query: str) -> None:
    apps.get(f"{path}?{query}")


@pytest.mark.parametrize(
    "query", ["", "first=1", "second=x", "a=x&bb=y", "a=3&b=4", "second=1&first=2", "other=4", "a_b=4", "a_b=x&other=y"]
)
@pytest.mark.parametrize("path", ["/aliased", "/unaliased"])
def test_a_field_has_the_names_that_fastapi_gives_it(apps: SideBySide, path: str, query: str) -> None:
    apps.get(f"{path}?{query}")


@pytest.mark.parametrize("query", ["", "limit=5", "limit=0&order_by=name", "link=http://example.org"])
def test_a_model_that_is_a_provider_asks_for_its_fields(apps: SideBySide, query: str) -> None:
    apps.get(f"/provided?{query}")


@pytest.mark.parametrize("path", ["/header", "/header-as-written", "/strict-header"])
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-token", "a"), ("save-data", "x")],
        [("x_token", "a")],
        [("x-token", "a"), ("x-tag", "a"), ("x-tag", "b"), ("x-number", "4")],
        [("X-Token", "a"), ("X-Number", "x")],
    ],
)
def test_headers_are_read_as_fastapi_reads_them(apps: SideBySide, path: str, headers: list[tuple[str, str]]) -> None:
    # The two clients send other headers of their own.
    apps.get(path, headers=[("accept", "*/*"), ("accept-encoding", "gzip"), ("user-agent", "both"), ("connection", "close"), *headers])


@pytest.mark.parametrize("cookies", ["", "session=a", "session=a; count=x; more=1", "count=3"])
def test_cookies_are_read_as_fastapi_reads_them(apps: SideBySide, cookies: str) -> None:
    apps.get("/cookie", headers={"cookie": cookies})


@pytest.mark.parametrize("path", ["/form", "/strict-form", "/optional-form"])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"username": "a"},
        {"username": "a", "password": "", "count": "x", "more": ["1", "2"]},
        {"username": "a", "password": "b", "roles": ["x", "y"], "count": ""},
        {"more": "1"},
    ],
)
def test_a_form_is_read_as_fastapi_reads_it(apps: SideBySide, path: str, fields: dict[str, str | list[str]]) -> None:
    apps.post(path, data=fields)


class Upload(BaseModel):
    name: str
    document: UploadFile
    more: list[UploadFile] = []


app = Faster()


@app.post("/upload")
async def upload(given: Annotated[Upload, Form()]) -> str:
    return f"{given.name} {(await given.document.read()).decode()} {len(given.more)}"


def test_a_model_of_a_form_may_have_files() -> None:
    files = [("document", ("a.txt", b"text")), ("more", ("b.txt", b"")), ("more", ("c.txt", b"c"))]
    assert TestClient(app).post("/upload", data={"name": "a"}, files=files).json() == "a text 2"


def test_a_text_for_a_file_of_a_model_is_refused() -> None:
    answer = TestClient(app).post("/upload", data={"name": "a", "document": "text"})
    assert answer.json()["detail"] == [
        {
            "type": "value_error",
            "loc": ["body", "document"],
            "msg": "Value error, Expected UploadFile, received: <class 'str'>",
            "input": "text",
            "ctx": {"error": {}},
        }
    ]


def test_a_marker_as_a_field_of_a_model_is_refused_at_start_up() -> None:
    class Marked(BaseModel):
        token: str = Header(alias="x-token")

    marked = Faster()

    @marked.get("/")
    async def handler(given: Annotated[Marked, Header()]) -> None: ...

    with pytest.raises(GraphError, match=r"its field 'token' is written with a marker of a parameter.* Write Field\("):
        marked.compile()


def test_one_of_several_models_from_a_form_is_refused_at_start_up() -> None:
    several = Faster()

    @several.post("/")
    async def handler(given: Annotated[Login | Filters, Form()]) -> None: ...

    with pytest.raises(GraphError, match="which a form cannot give"):
        several.compile()
