from __future__ import annotations

import time
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.http.forms import read_form
from fasterapi.http.forms_data import FormData
from fasterapi.http.forms_limits import FormFault, FormLimits
from tests.http.requests import exchange

HEADERS = [(b"content-type", b"application/x-www-form-urlencoded")]


async def items(*pieces: bytes) -> list[tuple[str, object]]:
    form = await read_form(exchange(*pieces, headers=HEADERS), FormLimits())
    assert isinstance(form, FormData)
    return list(form.multi_items())


async def fault(limits: FormLimits, *pieces: bytes) -> tuple[int, str]:
    found = await read_form(exchange(*pieces, headers=HEADERS), limits)
    assert isinstance(found, FormFault)
    return found.status, found.message


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"a=1&b=2", [("a", "1"), ("b", "2")]),
        (b"a=1&a=2", [("a", "1"), ("a", "2")]),
        (b"a", [("a", "")]),
        (b"a=", [("a", "")]),
        (b"=1", [("", "1")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"&&a=1&", [("a", "1")]),
        (b"a=%20b+c", [("a", " b c")]),
        (b"%C3%A9=%E2%82%AC", [("é", "€")]),
        ("é=€".encode(), [("é", "€")]),
        (b"a=%", [("a", "%")]),
        (b"a=%zz%2", [("a", "%zz%2")]),
        (b"a=%2B", [("a", "+")]),
        (b"a=%ff", [("a", "\ufffd")]),
    ],
)
async def test_fields_are_split_and_decoded(body: bytes, fields: list[tuple[str, str]]) -> None:
    assert await items(body) == fields


async def test_only_the_ampersand_separates() -> None:
    assert await items(b"a=1;b=2") == [("a", "1;b=2")]


@given(st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text(max_size=5)), max_size=5), st.integers(1, 7))
async def test_a_form_comes_back_however_it_was_cut(fields: list[tuple[str, str]], size: int) -> None:
    body = urlencode(fields).encode()
    assert await items(*[body[start : start + size] for start in range(0, len(body), size)]) == fields


async def test_too_many_fields_are_refused() -> None:
    assert await fault(FormLimits(max_fields=2), b"a=1&a=2&a=3") == (400, "Too many fields. Maximum number of fields is 2.")
    assert await fault(FormLimits(), b"a&" * 1001) == (400, "Too many fields. Maximum number of fields is 1000.")


async def test_a_field_that_is_too_large_is_refused() -> None:
    refusal = (400, "Field exceeded maximum size of 1KB.")
    assert await fault(FormLimits(max_part_size=1024), b"a=", bytes(512), bytes(512)) == refusal
    assert await fault(FormLimits(max_part_size=1024), bytes(1025)) == refusal


async def test_no_limit_is_none() -> None:
    unlimited = FormLimits(float("inf"), float("inf"), float("inf"))
    form = await read_form(exchange(b"&".join([b"a=1"] * 5000), b"b" * 2_000_000, headers=HEADERS), unlimited)
    assert isinstance(form, FormData)
    assert len(form.multi_items()) == 5000


async def test_many_tiny_pieces_are_joined_once() -> None:
    started = time.process_time()
    assert await items(*[b"x"] * 50_000) == [("x" * 50_000, "")]
    assert time.process_time() - started < 2
