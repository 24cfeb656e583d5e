from __future__ import annotations

import datetime

import pytest

from fasterapi import HTMLResponse, JSONResponse, PlainTextResponse, Response


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


def test_the_length_is_the_frameworks_to_say() -> None:
    assert Response("x", headers={"content-length": "99"}).raw_headers == []


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
