from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from http.cookies import SimpleCookie
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.http.cookies import encode_cookie, parse_cookies


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


def test_a_long_header_is_read_in_one_pass() -> None:
    assert len(parse_cookies([(b"cookie", b";".join(b'k%d="\\\\"' % number for number in range(20_000)))])) == 20_000


def test_a_cookie_is_for_the_whole_site_and_lax() -> None:
    assert encode_cookie("a", "1") == b"a=1; Path=/; SameSite=lax"


def test_a_cookie_has_all_attributes() -> None:
    assert encode_cookie("a", "1", 10, "Thu, 22 Jan 2037 12:00:10 GMT", "/p", "example.org", True, True, "none", True) == (
        b"a=1; Domain=example.org; expires=Thu, 22 Jan 2037 12:00:10 GMT; HttpOnly; Max-Age=10; Partitioned; Path=/p; SameSite=none; Secure"
    )


def test_attributes_can_be_left_out() -> None:
    assert encode_cookie("a", "1", path=None, samesite=None) == b"a=1"


def test_an_expiry_is_a_moment_of_any_zone() -> None:
    moment = datetime(2037, 1, 22, 14, 0, 10, tzinfo=timezone(timedelta(hours=2)))
    assert b"expires=Thu, 22 Jan 2037 12:00:10 GMT" in encode_cookie("a", expires=moment)


def test_an_expiry_is_a_number_of_seconds_from_now() -> None:
    written = encode_cookie("a", expires=3600).decode().partition("expires=")[2].partition(";")[0]
    moment = datetime.strptime(written, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert timedelta(minutes=59) < moment - datetime.now(UTC) <= timedelta(hours=1)


def test_an_expiry_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="does not say its time zone"):
        encode_cookie("a", expires=datetime(2037, 1, 22))  # noqa: DTZ001


@pytest.mark.parametrize("name", ["", " ", "a b", "a=b", "a;b", "a,b", "é", "a\r\nb", "a\0", '"a"'])
def test_the_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a cookie"):
        encode_cookie(name, "1")


@pytest.mark.parametrize("attribute", ["path", "domain", "expires"])
@pytest.mark.parametrize("text", ["/; Domain=evil.example", "/\r\nset-cookie: b=1", "/\0", "/\x7f", "/€"])
def test_attribute_injection_is_refused(attribute: str, text: str) -> None:
    given: dict[str, Any] = {attribute: text}
    with pytest.raises(ValueError, match=rf"{attribute}=.* of cookie 'a' has"):
        encode_cookie("a", "1", **given)


@pytest.mark.parametrize("text", ["a\r\nset-cookie: b=1", "a\0b", "\x1f", "\x7f"])
def test_a_value_with_control_characters_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="control characters"):
        encode_cookie("a", text)


def test_a_value_beyond_latin_1_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match="Percent-encode"):
        encode_cookie("a", "€")


def test_samesite_is_one_of_three() -> None:
    wrong: Any = "Lax; Domain=evil.example"
    with pytest.raises(ValueError, match="write 'lax', 'strict', 'none' or None"):
        encode_cookie("a", samesite=wrong)


VALUES = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=20)


@given(VALUES)
def test_a_value_comes_back_as_it_was_set(value: str) -> None:
    pair = encode_cookie("a", value).split(b"; ")[0] if ";" not in value else encode_cookie("a", value, path=None, samesite=None)
    assert pair.count(b";") == 0
    assert parse_cookies([(b"cookie", pair)]) == {"a": value}


@given(VALUES.filter(lambda value: not any("\x80" <= character < "\xa0" for character in value)))
def test_a_value_is_written_as_the_standard_library_writes_it(value: str) -> None:
    cookie: SimpleCookie = SimpleCookie()
    cookie["a"] = value
    assert encode_cookie("a", value, path=None, samesite=None).decode("latin-1") == cookie["a"].OutputString()
