from __future__ import annotations

import datetime
from typing import Any

import pytest

from fasterapi.background import BackgroundTask
from fasterapi.datastructures import URL
from fasterapi.http.responses import (
    HTMLResponse,
    JSONResponse,
    ORJSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    UJSONResponse,
)
from tests.http.requests import arriving, scope


def test_text_is_encoded_and_says_so() -> None:
    response = PlainTextResponse("é")
    assert (response.body, response.raw_headers) == ("é".encode(), [(b"content-type", b"text/plain; charset=utf-8")])


def test_a_page_is_html() -> None:
    assert HTMLResponse("<p>").raw_headers == [(b"content-type", b"text/html; charset=utf-8")]


def test_a_charset_that_was_given_is_left_alone() -> None:
    assert Response("x", media_type="text/csv; charset=latin-1").raw_headers == [(b"content-type", b"text/csv; charset=latin-1")]


@pytest.mark.parametrize("content", [b"x", bytearray(b"x"), memoryview(b"x")])
def test_bytes_are_sent_as_they_are(content: bytes | bytearray | memoryview) -> None:
    assert Response(content).body == b"x"


def test_nothing_is_an_empty_body() -> None:
    assert Response().body == b""


def test_other_content_is_refused_with_the_way_to_send_it() -> None:
    with pytest.raises(TypeError, match=r"not dict\. Return the value itself, or JSONResponse\(value\)"):
        Response({"a": 1})


def test_json_carries_what_msgspec_encodes() -> None:
    assert JSONResponse({"at": datetime.date(2026, 1, 2)}).body == b'{"at":"2026-01-02"}'


def test_json_that_is_encoded_already_is_sent_as_it_is() -> None:
    assert JSONResponse(b'{"a":1}').body == b'{"a":1}'


def test_a_content_type_among_the_headers_is_the_only_one() -> None:
    assert JSONResponse({}, headers={"Content-Type": "application/problem+json"}).raw_headers == [
        (b"content-type", b"application/problem+json")
    ]


def test_where_the_body_ends_is_the_servers_to_say() -> None:
    response = Response("x", headers={"Content-Length": "99", "a": "1", "transfer-encoding": "chunked"})
    assert response.head().headers == [(b"a", b"1")]
    response.headers["content-length"] = "98"
    assert response.head().headers == [(b"a", b"1")]


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b=1", "a\nb", "a\rb", "a\0b", "\x7f"])
def test_a_header_value_with_control_characters_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        Response(headers={"x-own": value})


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "é", "a\0"])
def test_what_is_no_header_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a header name"):
        Response(headers={name: "x"})


def test_a_header_value_beyond_latin_1_is_refused() -> None:
    with pytest.raises(ValueError, match="Percent-encode them"):
        Response(headers={"x-own": "€"})


def test_a_subclass_says_its_media_type_and_how_to_render() -> None:
    class Yaml(Response):
        media_type = "application/yaml"

        def render(self, content: object) -> bytes:
            return b"--- " + str(content).encode()

    response = Yaml(5)
    assert (response.body, response.raw_headers) == (b"--- 5", [(b"content-type", b"application/yaml")])


def test_headers_can_be_changed() -> None:
    response = Response("x", headers={"X-A": "1"})
    response.headers["x-b"] = "2"
    response.headers.append("x-a", "3")
    assert response.head().headers == [(b"x-a", b"1"), (b"x-b", b"2"), (b"x-a", b"3")]


@pytest.mark.parametrize("status", [204, 304, 101])
def test_an_answer_without_a_body_has_no_content_type(status: int) -> None:
    assert JSONResponse(None, status).head().headers == []


def test_the_names_of_other_json_responses_are_there() -> None:
    assert ORJSONResponse is UJSONResponse is JSONResponse


def test_each_cookie_has_a_header() -> None:
    response = Response()
    response.set_cookie("a", "1", max_age=10, secure=True, httponly=True, samesite="strict")
    response.set_cookie("b", "2", path="/b")
    assert response.head().headers == [
        (b"set-cookie", b"a=1; HttpOnly; Max-Age=10; Path=/; SameSite=strict; Secure"),
        (b"set-cookie", b"b=2; Path=/b; SameSite=lax"),
    ]


def test_a_cookie_is_deleted_by_one_that_has_expired() -> None:
    response = Response()
    response.delete_cookie("a", domain="example.org")
    [(_, cookie)] = response.raw_headers
    assert cookie.startswith(b'a=""; Domain=example.org; expires=')
    assert cookie.endswith(b"; Max-Age=0; Path=/; SameSite=lax")


def test_a_cookie_never_carries_another_header() -> None:
    response = Response()
    with pytest.raises(ValueError, match="control characters"):
        response.set_cookie("a", "1\r\nx-own: 1")
    assert response.raw_headers == []


def test_a_redirect_has_a_location() -> None:
    response = RedirectResponse("/items?a=1#b", 303, {"x-a": "1"})
    assert (response.status_code, response.raw_headers, response.body) == (303, [(b"x-a", b"1"), (b"location", b"/items?a=1#b")], b"")


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/ж", "/%D0%B6"),
        ("/a b", "/a%20b"),
        ("/a%20b", "/a%20b"),
        ("https://example.org:80/?a=[1]", "https://example.org:80/?a=[1]"),
        ("//other.example", "//other.example"),
        ('/"<>', "/%22%3C%3E"),
        (URL("http://a/é"), "http://a/%C3%A9"),
    ],
)
def test_a_location_is_quoted(url: str | URL, location: str) -> None:
    response = RedirectResponse(url)
    assert (response.status_code, response.headers["location"]) == (307, location)


@pytest.mark.parametrize("url", ["/a\r\nset-cookie: a=1", "/a\n", "/\0", "/\x7f", "java\tscript:"])
def test_a_location_with_control_characters_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        RedirectResponse(url)


async def sent_by(response: Response, **announced: Any) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(dict(message))

    await response(scope(**announced), arriving([]), send)
    return messages


async def test_a_response_is_an_asgi_application() -> None:
    assert await sent_by(PlainTextResponse("hi", 201)) == [
        {
            "type": "http.response.start",
            "status": 201,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"2")],
        },
        {"type": "http.response.body", "body": b"hi"},
    ]


async def test_an_answer_to_head_has_no_body() -> None:
    start, body = await sent_by(Response("hi"), method="HEAD")
    assert (start["headers"], body["body"]) == ([(b"content-length", b"2")], b"")


async def test_a_response_denies_a_websocket() -> None:
    announced = {"type": "websocket", "path": "/", "headers": []}
    messages: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        messages.append(dict(message))

    await Response("no", 403)(announced, arriving([]), send)
    assert [message["type"] for message in messages] == ["websocket.http.response.start", "websocket.http.response.body"]


async def test_the_background_follows_the_answer() -> None:
    order: list[str] = []

    async def send(message: Any) -> None:
        order.append(message["type"])

    response = Response("hi", background=BackgroundTask(order.append, "background"))
    await response(scope(), arriving([]), send)
    assert order == ["http.response.start", "http.response.body", "background"]


async def test_a_response_can_be_sent_by_send_alone() -> None:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await Response("hi").to_asgi(send)
    assert messages[1]["body"] == b"hi"
