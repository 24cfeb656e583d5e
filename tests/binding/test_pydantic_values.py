"""Single values of pydantic's types: FastAPI's answer is the expected one, and what it gives the handler."""

import uuid
from typing import Annotated, Any

import pydantic
import pytest
from pydantic import AfterValidator, EmailStr, Field, HttpUrl, StrictInt, StringConstraints

from fasterapi import Faster, Query
from tests.side_by_side import SideBySide


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    query, header, cookie, form = framework.Query, framework.Header, framework.Cookie, framework.Form

    @app.get("/query")
    async def of_query(
        link: HttpUrl,
        mail: EmailStr | None = None,
        upper: Annotated[str, AfterValidator(str.upper), query(max_length=3)] = "",
        strict: StrictInt | None = None,
        stripped: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = "x",
        past: pydantic.PastDate | None = None,
        bounded: Annotated[int, Field(gt=0)] = 1,
        sized: pydantic.conint(gt=3, lt=9) = 4,  # type: ignore[valid-type]  # as users write it
    ) -> None:
        log.append(repr((link, mail, upper, strict, stripped, past, bounded, sized)))

    @app.get("/path/{key}/{number}")
    async def of_path(key: pydantic.UUID4, number: pydantic.PositiveInt) -> None:
        log.append(repr((key, number)))

    @app.get("/header")
    async def of_header(x_link: Annotated[HttpUrl, header()], secret: Annotated[pydantic.SecretStr | None, cookie()] = None) -> None:
        log.append(repr((x_link, secret)))

    @app.get("/several")
    async def several(links: Annotated[list[HttpUrl], query()], mails: Annotated[set[EmailStr], query()] = set()) -> None:  # noqa: B006 - is not changed
        log.append(repr((links, sorted(mails))))

    @app.get("/json")
    async def json_text(numbers: Annotated[pydantic.Json[list[int]], query()]) -> None:
        log.append(repr(numbers))

    @app.post("/form")
    async def of_form(link: Annotated[HttpUrl, form()], links: Annotated[list[HttpUrl], form()] = []) -> None:  # noqa: B006 - is not changed
        log.append(repr((link, links)))

    @app.get("/field")
    async def field_beside(
        named: Annotated[int, Field(alias="a-b", le=3)],
        made: Annotated[list[str], query(), Field(default_factory=list)],
        own: Annotated[int, query(alias="mine"), Field(gt=3)] = 7,
    ) -> None:
        log.append(repr((named, made, own)))


@pytest.fixture(scope="module")
def apps() -> SideBySide:
    return SideBySide(declare)


@pytest.mark.parametrize(
    "url",
    [
        "/query",
        "/query?link=http://example.org&mail=a@example.org&upper=abc&stripped=%20a%20&past=2000-01-01&bounded=3&sized=8",
        "/query?link=x&mail=x&upper=abcd&strict=1&stripped=%20&past=2999-01-01&bounded=0&sized=3",
        f"/path/{uuid.UUID(int=4 << 76 | 2 << 62)}/1",
        f"/path/{uuid.UUID(int=1)}/0",
        "/path/x/y",
        "/several",
        "/several?links=http://a.b&links=http://c.d&mails=a@example.org",
        "/several?links=x&links=http://c.d&mails=x",
        "/json?numbers=[1,2]",
        "/json?numbers=[1,",
        "/json",
        "/field?named=1&a-b=2&made=x&own=1&mine=9",
        "/field?a-b=4&mine=1",
    ],
)
def test_a_value_of_a_url_is_read_as_fastapi_reads_it(apps: SideBySide, url: str) -> None:
    apps.get(url)


@pytest.mark.parametrize(
    "headers", [{}, {"x-link": "http://example.org", "cookie": "secret=s"}, {"x-link": "example", "cookie": "secret=s"}]
)
def test_a_header_or_cookie_is_read_as_fastapi_reads_it(apps: SideBySide, headers: dict[str, str]) -> None:
    apps.get("/header", headers=headers)


@pytest.mark.parametrize("fields", [{}, {"link": "http://a.b", "links": ["http://c.d", "x"]}, {"link": "x"}, {"link": "http://a.b"}])
def test_a_field_of_a_form_is_read_as_fastapi_reads_it(apps: SideBySide, fields: dict[str, str | list[str]]) -> None:
    apps.post("/form", data=fields)


def test_an_option_of_pydantic_in_a_marker_says_where_it_belongs() -> None:
    options: Any = {"strict": True}
    with pytest.raises(TypeError, match=r"Write pydantic's Field\(strict=\.\.\.\) beside it in Annotated"):
        Query(**options)
