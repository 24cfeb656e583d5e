from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.binding.json_text import read_json
from fasterapi.binding.scalars import FAIL
from fasterapi.errors import ErrorItem


def read(raw: bytes) -> object:
    """The value; there must be no fault."""
    errors: list[ErrorItem] = []
    value = read_json(raw, ("body",), errors)
    assert errors == []
    return value


def fault(raw: bytes) -> tuple[object, object]:
    """Position and reason of the one fault."""
    errors: list[ErrorItem] = []
    assert read_json(raw, ("body",), errors) is FAIL
    (item,) = errors
    *location, position = item["loc"]
    assert (item["type"], location, item["msg"], item["input"]) == ("json_invalid", ["body"], "JSON decode error", {})
    return position, item["ctx"]["error"]


@pytest.mark.parametrize("raw", [b"null", b'{"a": [1, 2.5, "x"]}', b' \t\r\n"\\u00e9" ', b"123456789012345678901234567890", b"-0.0"])
def test_reads_as_the_standard_library(raw: bytes) -> None:
    value = read(raw)
    assert (value, type(value)) == (json.loads(raw), type(json.loads(raw)))


def test_last_of_equal_keys_wins() -> None:
    assert read(b'{"a": 1, "a": 2}') == {"a": 2}


def test_reads_nan_and_infinities() -> None:
    values = read(b"[NaN, Infinity, -Infinity, 1e400]")
    assert isinstance(values, list)
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf, math.inf]


def test_skips_a_byte_order_mark() -> None:
    assert read(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@pytest.mark.parametrize("raw", [b"", b" ", b"{", b'{"a":}', b"[1,", b"nul", b'"abc', b'{"a":1}x', b"[1 2]", b'"\n"', b'"\\x"', b"{1:2}"])
def test_says_where_and_why_as_the_standard_library(raw: bytes) -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(raw)
    assert fault(raw) == (caught.value.pos, caught.value.msg)


def test_counts_positions_in_characters() -> None:
    assert fault('["é", x]'.encode()) == (6, "Expecting value")


@pytest.mark.parametrize("raw", [b'"\xff"', b'"\xed\xa0\x80"', b'{"\xff": 1}', "{}".encode("utf-16"), '"é"'.encode("latin-1")])
def test_refuses_what_is_no_utf_8(raw: bytes) -> None:
    position, reason = fault(raw)
    assert reason == "Invalid UTF-8"
    assert isinstance(position, int)
    assert raw[position] >= 0x80


@pytest.mark.parametrize("text", ["{}", "[1]"])
def test_refuses_utf_16_without_a_mark(text: str) -> None:
    assert fault(text.encode("utf-16-le"))[0] == 1


@pytest.mark.parametrize("raw", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_refuses_endless_nesting(raw: bytes) -> None:
    assert fault(raw) == (0, "Nested too deeply")


def test_refuses_endless_digits() -> None:
    assert fault(b"[" + b"9" * 5000 + b"]") == (0, "Number with too many digits")


@pytest.mark.parametrize(
    ("raw", "position"),
    [(b'"\\ud800"', 1), (b'["\\udc00"]', 2), (b'"\\uD83D\\uDE00\\uD83D"', 13), (b'"\\\\\\uDfff"', 3), (b'"\\ud800\\u0061"', 1)],
)
def test_refuses_half_a_surrogate_pair(raw: bytes, position: int) -> None:
    assert fault(raw) == (position, "Half a surrogate pair")


def test_an_escaped_backslash_starts_no_surrogate() -> None:
    # NaN keeps the fast reader out, so that the slow one has to tell the two apart.
    assert read(rb'["\\ud800", "\ud83d\ude00", "\u00e9", NaN]') != FAIL


def test_the_location_is_the_callers() -> None:
    errors: list[ErrorItem] = []
    read_json(b"x", ("body", "item"), errors)
    assert errors[0]["loc"] == ("body", "item", 0)


@given(st.binary(max_size=40) | st.text('{}[]",:0123456789.eE+-\\untrfalsNI é', max_size=40).map(str.encode))
def test_reads_or_refuses_whatever_comes(raw: bytes) -> None:
    errors: list[ErrorItem] = []
    assert (read_json(raw, ("body",), errors) is FAIL) == (len(errors) == 1)
