from __future__ import annotations

import pytest

from fasterapi.datastructures.header_fields import encode_header_name, encode_header_value


def test_a_name_is_written_in_lower_case() -> None:
    assert encode_header_name("X-Own_1") == b"x-own_1"


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "é", "€", "a\0", "a\tb", "(a)", "a/b"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="is not a header name"):
        encode_header_name(name)


@pytest.mark.parametrize(
    ("value", "encoded"), [("a b", b"a b"), (" a\t", b"a"), ("a\tb", b"a\tb"), ("é", b"\xe9"), ("\xa0", b"\xa0"), ("", b"")]
)
def test_a_value_is_latin_1_without_spaces_around_it(value: str, encoded: bytes) -> None:
    assert encode_header_value("x", value) == encoded


@pytest.mark.parametrize("code", [*range(9), *range(10, 32), 127])
def test_a_value_has_no_control_characters(code: int) -> None:
    with pytest.raises(ValueError, match="control characters"):
        encode_header_value("x", f"a{chr(code)}b")


def test_a_value_beyond_latin_1_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"'x-own' has characters beyond Latin-1: '€'\. Percent-encode them"):
        encode_header_value("x-own", "€")
