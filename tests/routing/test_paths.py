from __future__ import annotations

import re
from enum import Enum
from typing import Final
from urllib.parse import unquote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.routing.paths import MAX_SEGMENTS, PathError, parse_path
from fasterapi.routing.tree import PathTarget, RouteTree

SOME_UUID: Final = "12345678-1234-1234-1234-123456789abc"


class Colour(Enum):
    RED = "red"


def test_static_path_has_no_parameters() -> None:
    pattern = parse_path("/users/me")
    assert (pattern.is_static, pattern.parameter_names, pattern.converters) == (True, (), {})


def test_parameters_are_named_in_their_order() -> None:
    assert parse_path("/users/{user_id}/files/{rest:path}").parameter_names == ("user_id", "rest")


def test_a_parameter_has_its_converter_or_str() -> None:
    assert parse_path("/users/{user_id}/files/{rest:path}").converters == {"user_id": "str", "rest": "path"}


def test_text_is_kept_as_written() -> None:
    assert parse_path("/users/{user_id:str}/").text == "/users/{user_id:str}/"


def test_shape_leaves_the_names_out() -> None:
    assert parse_path("/b/{user_id}/v{n:int}.{rest:path}").shape == parse_path("/b/{id:str}/v{m:int}.{x:path}").shape


def test_every_slash_begins_a_segment() -> None:
    assert [segment.shape for segment in parse_path("/a//{b}.{c:int}/").segments] == ["a", "", "{str}.{int}", ""]


def test_a_path_parameter_takes_all_that_follows_into_its_segment() -> None:
    assert [segment.shape for segment in parse_path("/f/v-{p:path}/info/{n}").segments] == ["f", "v-{path}/info/{str}"]


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("", "must start with '/': write '/'"),
        ("users", "must start with '/': write '/users'"),
        ("/users/{id", "the '{' before 'id' is never closed: write '{name}'"),
        ("/users/{a{b}}", "the '{' before 'a' is never closed"),
        ("/users/id}", "the '}' in '/users/id}' closes nothing: write '{name}'"),
        ("/users/{id}}", "the '}' in '}' closes nothing"),
        ("/users/{}", "'{}' needs a name"),
        ("/users/{:int}", "'{:int}' needs a name"),
        ("/users/{user-id}", "'{user-id}' needs a name of letters, digits and '_', as in '{user_id}'"),
        ("/users/{ id }", "'{ id }' needs a name"),
        ("/users/{id:integer}", "'integer' in '{id:integer}' is not a converter: write '{id}' or use one of uuid, int, float, str, path"),
        ("/users/{id:}", "'' in '{id:}' is not a converter"),
        ("/users/{id}/posts/{id:int}", "the parameter 'id' occurs twice: give each its own name"),
        ("/caf%C3%A9/{id}", "it is percent-encoded, but route paths are plain text: write '/café/{id}'"),
        ("/x" * (MAX_SEGMENTS + 1), f"more than {MAX_SEGMENTS} segments"),
    ],
)
def test_bad_path_is_refused_with_advice(path: str, advice: str) -> None:
    with pytest.raises(PathError, match=re.escape(advice)):
        parse_path(path)


def test_refusal_quotes_the_path() -> None:
    with pytest.raises(PathError, match=re.escape("route path '/users/{id': ")):
        parse_path("/users/{id")


def test_percent_sign_alone_is_plain_text() -> None:
    assert parse_path("/100%/%zz").is_static


def test_format_of_a_static_path_is_the_path() -> None:
    assert parse_path("/users/me").format({}) == "/users/me"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("/{x}", "Zoë", "/Zo%C3%AB"),
        ("/{x}", "a b?c#d%e", "/a%20b%3Fc%23d%25e"),
        ("/{x}", "a:b@c!$&'()*+,;=-._~", "/a:b@c!$&'()*+,;=-._~"),
        ("/{x}", 42, "/42"),
        ("/{x}", Colour.RED, "/red"),
        ("/{x:int}", 42, "/42"),
        ("/{x:float}", 1.5, "/1.5"),
        ("/{x:float}", 0.1, "/0.1"),
        ("/{x:float}", 1e-7, "/0.0000001"),
        ("/{x:float}", 1e22, "/10000000000000000000000"),
        ("/{x:uuid}", UUID(SOME_UUID), f"/{SOME_UUID}"),
        ("/f/{x:path}", "a/b c", "/f/a/b%20c"),
        ("/f/{x:path}", "", "/f/"),
        ("/v{x}.json", "1", "/v1.json"),
        ("/é ü/{x}", "1", "/%C3%A9%20%C3%BC/1"),
        ("/100%/{x}", "1", "/100%25/1"),
    ],
)
def test_format_fills_the_value_in(path: str, value: object, expected: str) -> None:
    assert parse_path(path).format({"x": value}) == expected


def test_format_never_names_a_host() -> None:
    assert parse_path("/{rest:path}").format({"rest": "/evil.example/x"}) == "/%2Fevil.example/x"


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("/{x}", "a/b", "'a/b' cannot be the path parameter 'x', which takes text without '/' and not empty; a '{name:path}'"),
        ("/{x}", "", "'' cannot be the path parameter 'x'"),
        ("/{x:int}", "4a", "'4a' cannot be the path parameter 'x', which takes digits only"),
        ("/{x:int}", -1, "'-1' cannot be"),
        ("/{x:int}", "٣", "'٣' cannot be"),
        ("/{x:float}", float("nan"), "'NaN' cannot be the path parameter 'x', which takes digits, with or without a fraction"),
        ("/{x:float}", -0.5, "'-0.5' cannot be"),
        ("/{x:float}", "1.", "'1.' cannot be"),
        ("/{x:float}", ".5", "'.5' cannot be"),
        ("/{x:uuid}", "1234", "'1234' cannot be the path parameter 'x', which takes a UUID"),
    ],
)
def test_format_refuses_a_value_that_would_not_be_read_back(path: str, value: object, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        parse_path(path).format({"x": value})


def test_format_names_all_missing_values() -> None:
    with pytest.raises(ValueError, match=re.escape("route path '/{a}/{b}/{c}' needs a value for 'a', 'c'")):
        parse_path("/{a}/{b}/{c}").format({"b": 1})


def test_format_names_all_unknown_values() -> None:
    with pytest.raises(ValueError, match=re.escape("route path '/{a}' has no parameter 'b', 'c'")):
        parse_path("/{a}").format({"a": 1, "b": 2, "c": 3})


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: "/" not in text), st.text(st.characters(codec="utf-8")))
def test_formatted_values_are_read_back(name: str, rest: str) -> None:
    pattern = parse_path("/a/{name}/{rest:path}")
    tree = RouteTree()
    target = PathTarget(pattern, frozenset({"GET"}))
    tree.add(target)
    values: list[str] = []
    assert tree.match("GET", unquote(pattern.format({"name": name, "rest": rest})), values) is target
    assert values == [name, rest]
