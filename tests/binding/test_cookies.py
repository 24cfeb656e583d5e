from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.binding.cookies import parse_cookies


@pytest.mark.parametrize(
    ("header", "cookies"),
    [
        (b"a=1; b=2", {"a": "1", "b": "2"}),
        (b"a=1;b=2", {"a": "1", "b": "2"}),
        (b"a=1; b[c]=2; session=abc", {"a": "1", "b[c]": "2", "session": "abc"}),
        (b"a=1; a=2", {"a": "2"}),
        (b"alone", {"": "alone"}),
        (b";; ;a=1;", {"a": "1"}),
        (b"a=b=c", {"a": "b=c"}),
        (b'a="quoted; is cut"', {"a": '"quoted', "": 'is cut"'}),
        (b'a="q u"', {"a": "q u"}),
        (b'a="x\\"y\\054z"', {"a": 'x"y,z'}),
        (b"a=", {"a": ""}),
        (b"", {}),
    ],
)
def test_one_odd_cookie_loses_no_other(header: bytes, cookies: dict[str, str]) -> None:
    assert parse_cookies([(b"host", b"x"), (b"cookie", header)]) == cookies


def test_cookies_of_several_headers_are_joined() -> None:
    assert parse_cookies([(b"cookie", b"a=1"), (b"cookie", b"b=2")]) == {"a": "1", "b": "2"}


@given(st.binary(max_size=60))
def test_no_header_is_refused(header: bytes) -> None:
    parse_cookies([(b"cookie", header)])
    assert parse_cookies([(b"cookie", header + b"; last=1")])["last"] == "1"
