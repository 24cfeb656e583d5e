from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.http.ranges import (
    RANGE_IGNORED,
    RANGE_MALFORMED,
    RANGE_UNSATISFIABLE,
    Parts,
    multipart,
    one_part,
    select_ranges,
)

CONTENT = bytes(range(100))


def select(field: str, size: int = 100) -> list[tuple[int, int]] | int:
    return select_ranges(field, size, 100)


@pytest.mark.parametrize(
    ("field", "spans"),
    [
        ("bytes=0-0", [(0, 1)]),
        ("bytes=0-9", [(0, 10)]),
        ("bytes=90-", [(90, 100)]),
        ("bytes=-10", [(90, 100)]),
        ("bytes=-1000", [(0, 100)]),
        ("bytes=99-1000", [(99, 100)]),
        ("bytes=0-" + "9" * 10_000, [(0, 100)]),
        ("bytes=" + "0" * 10_000 + "5-9", [(5, 10)]),
        ("BYTES=0-1", [(0, 2)]),
        ("bytes =0-1", [(0, 2)]),
        ("bytes=0-1,\t4-5 , 8-9", [(0, 2), (4, 6), (8, 10)]),
        ("bytes=,0-1,,", [(0, 2)]),
    ],
)
def test_what_is_asked_for_is_selected(field: str, spans: list[tuple[int, int]]) -> None:
    assert select(field) == spans


def test_parts_keep_the_order_that_was_asked_for() -> None:
    assert select("bytes=50-59,0-9,-10") == [(50, 60), (0, 10), (90, 100)]


@pytest.mark.parametrize(
    ("field", "spans"),
    [
        ("bytes=0-9,5-14", [(0, 15)]),
        ("bytes=0-9,10-19", [(0, 20)]),
        ("bytes=0-,0-,0-", [(0, 100)]),
        ("bytes=0-99,10-19", [(0, 100)]),
        ("bytes=50-59,0-9,55-69", [(50, 70), (0, 10)]),
    ],
)
def test_parts_that_overlap_or_touch_are_one(field: str, spans: list[tuple[int, int]]) -> None:
    assert select(field) == spans


def test_parts_beyond_the_end_are_left_out() -> None:
    assert select("bytes=0-1,100-200") == [(0, 2)]


@pytest.mark.parametrize("field", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=" + "9" * 10_000 + "-"])
def test_nothing_of_what_is_asked_for_is_there(field: str) -> None:
    assert select(field) == RANGE_UNSATISFIABLE


def test_an_empty_file_has_no_part() -> None:
    assert select("bytes=0-", size=0) == RANGE_UNSATISFIABLE
    assert select("bytes=-0", size=0) == RANGE_UNSATISFIABLE


def test_the_last_bytes_of_an_empty_file_are_all_of_it() -> None:
    assert select("bytes=-5", size=0) == RANGE_IGNORED


@pytest.mark.parametrize(
    "field",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=--5",
        "bytes=5",
        "bytes=9-0",
        "bytes=a-b",
        "bytes=0-b",
        "bytes=+1-2",
        "bytes=1_0-20",
        "bytes=0x1-2",
        "bytes=1.0-2",
        "bytes=1-2-3",
        "bytes=0 -1",
        "bytes=\u0660-\u0669",
        "bytes=0-1,x",
        "bytes=0-1;2-3",
    ],
)
def test_what_means_nothing_is_malformed(field: str) -> None:
    assert select(field) == RANGE_MALFORMED


def test_other_units_are_ignored() -> None:
    assert select("items=0-1") == RANGE_IGNORED


def test_a_hundred_parts_are_served_and_more_are_not() -> None:
    parts = [f"{2 * number}-{2 * number}" for number in range(101)]
    assert select("bytes=" + ",".join(parts[:100]), size=1000) == [(2 * number, 2 * number + 1) for number in range(100)]
    assert select("bytes=" + ",".join(parts), size=1000) == RANGE_IGNORED


def test_cve_2025_62727_quadratic_range_merging() -> None:
    field = "bytes=" + ",".join(f"{number}-{number + 5}" for number in range(0, 100_000, 10))
    begin = time.thread_time()
    assert select_ranges(field, 1_000_000, 100) == RANGE_IGNORED
    assert select_ranges(field, 1_000_000, 1_000_000) == [(number, number + 6) for number in range(0, 100_000, 10)]
    # Of the processor, so that what else the machine does is no part of it. A quadratic merge takes seconds, this takes hundredths.
    assert time.thread_time() - begin < 1


def positions_asked_for(field: str, size: int) -> set[int] | None:
    """Each byte by itself, as the grammar of RFC 9110, 14.1.1 and 14.1.2 has it; `None` for what is not of it."""
    asked: set[int] = set()
    specifiers = [specifier.strip(" \t") for specifier in field.removeprefix("bytes=").split(",")]
    if not any(specifiers):
        return None
    for specifier in filter(None, specifiers):
        int_range = re.fullmatch(r"([0-9]+)-([0-9]*)", specifier)
        suffix = re.fullmatch(r"-([0-9]+)", specifier)
        if int_range is not None:
            first, last = int(int_range[1]), int(int_range[2] or size)
            if int_range[2] and last < first:
                return None
            asked.update(position for position in range(size) if first <= position <= last)
        elif suffix is not None:
            asked.update(position for position in range(size) if position >= size - int(suffix[1]))
        else:
            return None
    return asked


NUMBERS = st.integers(0, 40).map(str)
SPECIFIERS = st.one_of(
    st.builds("{}-{}".format, NUMBERS, NUMBERS),
    st.builds("{}-".format, NUMBERS),
    st.builds("-{}".format, NUMBERS),
    st.text("0123456789-,  \txa", max_size=4),
)


@given(st.lists(SPECIFIERS, max_size=6).map(",".join), st.integers(1, 30))
def test_as_every_byte_by_itself(specifiers: str, size: int) -> None:
    selected = select_ranges("bytes=" + specifiers, size, 100)
    asked = positions_asked_for("bytes=" + specifiers, size)
    if asked is None:
        assert selected == RANGE_MALFORMED
    elif not asked:
        assert selected == RANGE_UNSATISFIABLE
    else:
        assert isinstance(selected, list)
        sent = [position for start, stop in selected for position in range(start, stop)]
        assert sorted(sent) == sorted(asked)
        assert all(start < stop for start, stop in selected)
        # None touches another one: they would be one.
        assert not {stop for _, stop in selected} & {start for start, _ in selected}


@given(st.text())
def test_no_header_makes_the_reading_fail(field: str) -> None:
    select(field)
    select("bytes=" + field)


def body_of(parts: Parts) -> bytes:
    body = b""
    for (start, stop), before in zip(parts.spans, parts.before, strict=True):
        body += before + CONTENT[start:stop]
    return body + parts.end


def test_several_parts_in_one_body() -> None:
    parts = multipart([(0, 3), (90, 92)], 100, b"text/plain", b"BOUNDARY")
    assert body_of(parts) == (
        b"--BOUNDARY\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-2/100\r\n\r\n\x00\x01\x02\r\n"
        b"--BOUNDARY\r\nContent-Type: text/plain\r\nContent-Range: bytes 90-91/100\r\n\r\n\x5a\x5b\r\n"
        b"--BOUNDARY--\r\n"
    )


def test_parts_of_an_unknown_type_say_none() -> None:
    assert b"Content-Type" not in body_of(multipart([(0, 1), (2, 3)], 100, b"", b"B"))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 100)), min_size=1, max_size=5))
def test_the_length_of_a_body_is_known_beforehand(spans: list[tuple[int, int]]) -> None:
    parts = multipart(spans, 100, b"text/plain", b"B" * 32)
    assert parts.length == len(body_of(parts))
    assert one_part(*spans[0]).length == len(body_of(one_part(*spans[0])))
