"""Every scheme that reads the `Authorization` header, beside FastAPI's."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any, Final

import fastapi.security
import fastapi.security.utils
import pytest
import starlette.exceptions
import starlette.requests
from hypothesis import assume, given
from hypothesis import strategies as st

import fasterapi.security
from fasterapi import HTTPException
from fasterapi.http.connection import HTTPConnection
from fasterapi.security import get_authorization_scheme_param
from fasterapi.security.differences import DIFFERENCES
from tests.security.both import Both, Headers, shown

NAMES: Final = ["HTTPBasic", "HTTPBearer", "HTTPDigest", "OAuth2", "OAuth2PasswordBearer", "OAuth2AuthorizationCodeBearer", "OpenIdConnect"]


def make(security: Any, name: str, *, auto_error: bool) -> Any:
    arguments: dict[str, Any] = {
        "OAuth2PasswordBearer": {"tokenUrl": "token"},
        "OAuth2AuthorizationCodeBearer": {"authorizationUrl": "authorize", "tokenUrl": "token"},
        "OpenIdConnect": {"openIdConnectUrl": "https://login.example.com"},
    }
    return getattr(security, name)(**arguments.get(name, {}), auto_error=auto_error)


BOTH: Final = Both(
    **{name: lambda security, name=name: make(security, name, auto_error=True) for name in NAMES},
    **{f"optional_{name}": lambda security, name=name: make(security, name, auto_error=False) for name in NAMES},
)


def basic(text: bytes) -> bytes:
    return b"Basic " + b64encode(text)


VALUES: Final = {
    "empty": b"",
    "bearer": b"Bearer abc",
    "bearer, lower case": b"bearer abc",
    "bearer, upper case": b"BEARER abc",
    "bearer, several spaces": b"Bearer   abc  ",
    "bearer, space before": b" Bearer abc",
    "bearer, tab between": b"Bearer\tabc",
    "bearer, spaces in the token": b"Bearer a b",
    "bearer, beyond ascii": b"Bearer t\xe9k\xa0",
    "bearer, no token": b"Bearer",
    "bearer, empty token": b"Bearer ",
    "digest": b'Digest username="u", response="r"',
    "digest, lower case": b'digest username="u"',
    "digest, nothing more": b"Digest",
    "another scheme": b"Token abc",
    "basic": basic(b"user:password"),
    "basic, lower case": basic(b"user:password").replace(b"Basic", b"basic"),
    "basic, upper case": basic(b"user:password").replace(b"Basic", b"BASIC"),
    "basic, colons in the password": basic(b"user:pass:word:"),
    "basic, no colon": basic(b"user"),
    "basic, only a colon": basic(b":"),
    "basic, no password": basic(b"user:"),
    "basic, no username": basic(b":password"),
    "basic, nothing more": b"Basic",
    "basic, empty": b"Basic ",
    "basic, utf-8": basic("jürgen:pässword".encode()),
    "basic, latin-1": basic("jürgen:pässword".encode("latin-1")),
    "basic, no text": basic(b"\xff\xfe:\x80"),
    "basic, control characters": basic(b"us\x00er:pass\r\nword"),
    "basic, no base64": b"Basic !!!!",
    "basic, beyond ascii": b"Basic \xe9\xe9\xe9\xe9",
    "basic, padding missing": basic(b"u:pw").rstrip(b"="),
    "basic, junk in it": b"Basic dXNlcjpw!!!!YXNzd29yZA==",
    "basic, space in it": b"Basic dXNlcjpw YXNzd29yZA==",
}
JUNK: Final = ("basic, junk in it", "basic, space in it")
NO_TOKEN: Final = ("bearer, no token", "bearer, empty token")
DIFFERENT: Final = {
    *[("HTTPBasic", case) for case in JUNK],
    *[("OAuth2PasswordBearer", case) for case in NO_TOKEN],
    *[("OAuth2AuthorizationCodeBearer", case) for case in NO_TOKEN],
}
"""Scheme and value, where we part from FastAPI; each has a test of its own."""

REQUESTS: Final[dict[str, Headers]] = {
    "missing": [],
    **{case: [("authorization", value)] for case, value in VALUES.items()},
    "two headers": [("authorization", b"Bearer first"), ("authorization", basic(b"user:second"))],
    "two headers, basic first": [("authorization", basic(b"user:first")), ("authorization", b"Bearer second")],
}


SAME: Final = [(name, case) for name in NAMES for case in REQUESTS if (name, case) not in DIFFERENT]


@pytest.mark.parametrize(("name", "case"), SAME)
def test_as_fastapi(name: str, case: str) -> None:
    assert BOTH.ours(f"/{name}", REQUESTS[case]) == BOTH.theirs(f"/{name}", REQUESTS[case])


@pytest.mark.parametrize(("name", "case"), SAME)
def test_as_fastapi_without_auto_error(name: str, case: str) -> None:
    assert BOTH.ours(f"/optional_{name}", REQUESTS[case]) == BOTH.theirs(f"/optional_{name}", REQUESTS[case])


@pytest.mark.parametrize(("name", "case"), sorted(DIFFERENT))
def test_where_fastapi_takes_what_is_none_the_request_is_refused(name: str, case: str) -> None:
    assert BOTH.theirs(f"/{name}", REQUESTS[case]).status == 200
    assert BOTH.ours(f"/{name}", REQUESTS[case]).status == 401


@pytest.mark.parametrize("case", NO_TOKEN)
def test_a_bearer_without_a_token_is_none_without_auto_error(case: str) -> None:
    assert BOTH.ours("/optional_OAuth2PasswordBearer", REQUESTS[case]) == (200, None, None)


@pytest.mark.parametrize("case", JUNK)
def test_malformed_basic_credentials_are_refused_without_auto_error_too(case: str) -> None:
    assert BOTH.ours("/optional_HTTPBasic", REQUESTS[case]).status == 401


pieces = st.sampled_from(["Bearer", "bearer", "Basic", "Digest", " ", "  ", "\t", "", "abc", "dXNlcjpwYXNz", "é", "=", ":", ","])
headers = st.one_of(
    st.lists(pieces, max_size=6).map("".join),
    st.text(st.characters(max_codepoint=255), max_size=12).map(lambda text: f"Basic {b64encode(text.encode('latin-1')).decode()}"),
)


def is_base64(text: str) -> bool:
    try:
        b64decode(text, validate=True)
    except ValueError:
        return False
    return True


async def asked(scheme: Any, connection: Any) -> Any:
    try:
        return shown(await scheme(connection))
    except (HTTPException, starlette.exceptions.HTTPException) as refusal:
        return refusal.status_code, refusal.detail, refusal.headers


@given(st.sampled_from(NAMES), st.booleans(), headers)
async def test_any_header_as_fastapi(name: str, auto_error: bool, header: str) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [(b"authorization", header.encode("latin-1"))]}
    expected = await asked(make(fastapi.security, name, auto_error=auto_error), starlette.requests.HTTPConnection(scope))
    assume(expected != "" and (name != "HTTPBasic" or is_base64(header.partition(" ")[2].strip())))
    assert await asked(make(fasterapi.security, name, auto_error=auto_error), HTTPConnection(scope)) == expected


@given(st.none() | st.text(max_size=20))
def test_scheme_and_parameter_as_fastapi(value: str | None) -> None:
    assert get_authorization_scheme_param(value) == fastapi.security.utils.get_authorization_scheme_param(value)


def test_each_difference_says_what_both_do() -> None:
    assert all(all(row) and row[1] != row[2] for row in DIFFERENCES)
