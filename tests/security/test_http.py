from typing import Any, Final

import fastapi.security.http
import pytest

from fasterapi.security import HTTPAuthorizationCredentials, HTTPBase, HTTPBasic, HTTPBasicCredentials, HTTPBearer, HTTPDigest
from tests.security.both import Both


def base(security: Any) -> Any:
    return (HTTPBase if security.__name__.startswith("fasterapi") else fastapi.security.http.HTTPBase)(scheme="hmac")


BOTH: Final = Both(
    base=base,
    realm=lambda security: security.HTTPBasic(realm="back office"),
    quoted_realm=lambda security: security.HTTPBasic(realm='the "back" \\ office'),
    latin_realm=lambda security: security.HTTPBasic(realm="büro"),
)


@pytest.mark.parametrize("value", [b"", b"HMAC abc", b"hmac abc", b"Hmac", b"Hmac a=b, c=d"])
def test_base_as_fastapi(value: bytes) -> None:
    assert BOTH.ours("/base", [("authorization", value)]) == BOTH.theirs("/base", [("authorization", value)])


def test_base_refuses_another_scheme_than_its_own() -> None:
    assert BOTH.ours("/base", [("authorization", b"Bearer abc")]) == (401, {"detail": "Not authenticated"}, b"Hmac")


@pytest.mark.parametrize("path", ["/realm", "/latin_realm"])
def test_realm_as_fastapi(path: str) -> None:
    assert BOTH.ours(path) == BOTH.theirs(path)


def test_quotes_and_backslashes_in_a_realm_are_escaped() -> None:
    assert BOTH.ours("/quoted_realm").challenge == rb'Basic realm="the \"back\" \\ office"'


def test_a_realm_that_no_header_can_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="'WWW-Authenticate' has control characters"):
        HTTPBasic(realm="office\r\nset-cookie: a=b")


@pytest.mark.parametrize(
    ("scheme", "model"),
    [
        (HTTPBase(scheme="hmac"), {"type": "http", "scheme": "hmac"}),
        (HTTPBasic(realm="office"), {"type": "http", "scheme": "basic"}),
        (HTTPBearer(), {"type": "http", "scheme": "bearer"}),
        (HTTPBearer(bearerFormat="JWT"), {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        (HTTPDigest(description="Old"), {"type": "http", "scheme": "digest", "description": "Old"}),
    ],
)
def test_model(scheme: HTTPBase | HTTPBasic | HTTPBearer | HTTPDigest, model: dict[str, str]) -> None:
    assert scheme.model == model


@pytest.mark.parametrize(
    "credentials", [HTTPBasicCredentials("user", "s3cret"), HTTPAuthorizationCredentials(scheme="Bearer", credentials="s3cret")]
)
def test_credentials_do_not_show_in_logs(credentials: object) -> None:
    assert "s3cret" not in repr(credentials)
