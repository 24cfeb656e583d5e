from typing import Final

import pytest

from fasterapi.security import APIKeyHeader
from tests.security.both import Both, Headers

REFUSED: Final = (401, {"detail": "Not authenticated"}, b"APIKey")

BOTH: Final = Both(
    header=lambda security: security.APIKeyHeader(name="X-API-Key"),
    optional_header=lambda security: security.APIKeyHeader(name="X-API-Key", auto_error=False),
    query=lambda security: security.APIKeyQuery(name="key"),
    optional_query=lambda security: security.APIKeyQuery(name="key", auto_error=False),
    cookie=lambda security: security.APIKeyCookie(name="session"),
    optional_cookie=lambda security: security.APIKeyCookie(name="session", auto_error=False),
)

HEADERS: Final[dict[str, Headers]] = {
    "missing": [],
    "empty": [("x-api-key", b"")],
    "sent": [("x-api-key", b"secret")],
    "upper case": [("X-API-KEY", b"secret")],
    "beyond ascii": [("x-api-key", b"s\xe9cret")],
    "several": [("x-api-key", b"first"), ("x-api-key", b"second")],
    "first empty": [("x-api-key", b""), ("x-api-key", b"second")],
}
COOKIES: Final[dict[str, Headers]] = {
    "missing": [],
    "empty": [("cookie", b"session=")],
    "sent": [("cookie", b"other=1; session=secret")],
    "quoted": [("cookie", b'session="a b"')],
    "twice": [("cookie", b"session=first; session=second")],
    "other case": [("cookie", b"Session=secret")],
    "odd neighbour": [("cookie", b"{]; session=secret")],
}
QUERIES: Final = [
    "",
    "?",
    "?key",
    "?key=",
    "?key=secret",
    "?KEY=secret",
    "?key=a%20b+c",
    "?key=1&key=2",
    "?key=1&key=",
    "?other=1",
    "?key=%ff",
]


@pytest.mark.parametrize("case", HEADERS)
@pytest.mark.parametrize("path", ["/header", "/optional_header"])
def test_header_as_fastapi(path: str, case: str) -> None:
    assert BOTH.ours(path, HEADERS[case]) == BOTH.theirs(path, HEADERS[case])


@pytest.mark.parametrize("case", COOKIES)
@pytest.mark.parametrize("path", ["/cookie", "/optional_cookie"])
def test_cookie_as_fastapi(path: str, case: str) -> None:
    assert BOTH.ours(path, COOKIES[case]) == BOTH.theirs(path, COOKIES[case])


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("path", ["/query", "/optional_query"])
def test_query_as_fastapi(path: str, query: str) -> None:
    assert BOTH.ours(path + query) == BOTH.theirs(path + query)


@pytest.mark.parametrize("path", ["/header", "/query", "/cookie"])
def test_without_a_key_the_request_is_refused(path: str) -> None:
    assert BOTH.ours(path) == REFUSED


@pytest.mark.parametrize("path", ["/optional_header", "/optional_query", "/optional_cookie"])
def test_without_auto_error_the_handler_gets_none(path: str) -> None:
    assert BOTH.ours(path) == (200, None, None)


def test_a_name_that_no_header_has_is_refused() -> None:
    with pytest.raises(ValueError, match="'API key' is not a header name"):
        APIKeyHeader(name="API key")


def test_model() -> None:
    scheme = APIKeyHeader(name="X-API-Key", description="Of the client")
    assert scheme.model == {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "Of the client"}
