from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import starlette.datastructures as starlette
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.datastructures import URL

FULL = "https://user:pass@Example.org:8123/path/to?a=1&b=2#end"


def scope(path: str = "/path", query: bytes = b"", host: bytes | None = b"example.org", **more: Any) -> dict[str, Any]:
    headers = [] if host is None else [(b"host", host)]
    return {"scheme": "http", "server": ("server.example", 8000), "path": path, "query_string": query, "headers": headers, **more}


def test_a_url_has_parts() -> None:
    url = URL(FULL)
    assert (url.scheme, url.hostname, url.port, url.netloc) == ("https", "example.org", 8123, "user:pass@Example.org:8123")
    assert (url.username, url.password, url.path, url.query, url.fragment) == ("user", "pass", "/path/to", "a=1&b=2", "end")
    assert url.is_secure


def test_it_compares_with_text() -> None:
    assert URL(FULL) == FULL
    assert URL(FULL) == URL(FULL)
    assert URL(FULL) != URL("")
    assert {URL(FULL): 1}[URL(FULL)] == 1


def test_its_password_is_not_shown() -> None:
    assert repr(URL(FULL)) == "URL('https://user:********@Example.org:8123/path/to?a=1&b=2#end')"


def test_a_url_is_made_of_components() -> None:
    assert URL(scheme="https", hostname="example.org", path="/a", query="b=1") == "https://example.org/a?b=1"


def test_it_is_made_of_one_thing() -> None:
    with pytest.raises(TypeError, match="one of a text, scope= and components"):
        URL("/", scheme="http")


@pytest.mark.parametrize(
    "changes",
    [
        {"scheme": "http"},
        {"path": "/other"},
        {"query": ""},
        {"fragment": ""},
        {"netloc": "other.example"},
        {"hostname": "other.example"},
        {"hostname": "::1"},
        {"hostname": "[::1]"},
        {"port": None},
        {"port": 88},
        {"username": "ada"},
        {"password": "secret"},
        {"username": None},
        {"hostname": "other.example", "port": 1, "username": "a", "password": "b"},
    ],
)
@pytest.mark.parametrize("text", [FULL, "http://example.org", "http://[::1]:80/x", "/only/path?a=1"])
def test_parts_can_be_replaced_as_in_starlette(text: str, changes: dict[str, Any]) -> None:
    assert str(URL(text).replace(**changes)) == str(starlette.URL(text).replace(**changes))


def test_parameters_of_the_query_can_be_changed() -> None:
    url = URL("/path?a=1&b=2&a=3")
    assert url.include_query_params(a=5, c="x y") == "/path?b=2&a=5&c=x+y"
    assert url.replace_query_params(c=7) == "/path?c=7"
    assert url.remove_query_params("a") == "/path?b=2"
    assert url.remove_query_params(["a", "b"]) == "/path"


def test_a_blank_parameter_stays() -> None:
    assert URL("/path?a=").include_query_params(b=1) == "/path?a=&b=1"


def test_the_url_of_a_request_has_its_host_path_and_query() -> None:
    assert URL(scope=scope("/a b/é", b"x=%20&y")) == "http://example.org/a b/é?x=%20&y"


def test_a_request_without_a_host_is_for_the_server() -> None:
    assert URL(scope=scope(host=None)) == "http://server.example:8000/path"


def test_a_request_to_nobody_known_has_a_relative_url() -> None:
    assert URL(scope=scope(query=b"a=1", host=None, server=None)) == "/path?a=1"


def test_a_path_with_two_slashes_names_no_host() -> None:
    url = URL(scope=scope("//evil.example/x", host=None, server=None))
    assert (str(url), url.hostname) == ("/%2Fevil.example/x", None)


@pytest.mark.parametrize("path", ["//evil.example/x", "http://evil.example/x", "@evil.example", "*"])
def test_a_path_never_changes_the_host(path: str) -> None:
    url = URL(scope=scope(path))
    assert (url.hostname, urlsplit(str(url)).hostname) == ("example.org", "example.org")


@pytest.mark.parametrize("host", [b"evil.example/admin?", b"evil.example#", b"evil.example?", b"a@b", b"a\\b", b"a b", b"", b"a:b:c"])
def test_a_host_never_changes_the_path(host: bytes) -> None:
    url = URL(scope=scope("/public", host=host))
    assert (url.path, url.netloc) == ("/public", "server.example:8000")


def test_a_socket_file_is_no_host() -> None:
    assert URL(scope=scope(host=None, server=("/run/app.sock", None))) == "/path"


HOSTILE = st.text(alphabet="ab/?#@\\:%[] .\t\r\n\0;&=é", max_size=12)


@given(HOSTILE, HOSTILE, HOSTILE)
def test_whatever_is_sent_parts_stay_parts(host: str, path: str, query: str) -> None:
    made = URL(scope=scope("/" + path, query.encode("latin-1"), host.encode("latin-1")))
    parsed = URL(str(made))
    assert (made.netloc, made.path, made.query, made.fragment) == (parsed.netloc, parsed.path, parsed.query, "")
    assert unquote(made.path) == unquote("/" + path)
    assert str(made) == made.components.geturl()


def test_a_subclass_can_be_made() -> None:
    class Secure(URL):
        @property
        def is_secure(self) -> bool:
            return True

    assert Secure("http://a").is_secure
