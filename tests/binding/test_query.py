from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.binding.query import parse_query


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": ["1"], "b": ["2"]}),
        (b"a=1&a=2", {"a": ["1", "2"]}),
        (b"a", {"a": [""]}),
        (b"a=", {"a": [""]}),
        (b"=1", {"": ["1"]}),
        (b"a=b=c", {"a": ["b=c"]}),
        (b"&&a=1&", {"a": ["1"]}),
        (b"a=%20b+c", {"a": [" b c"]}),
        (b"%C3%A9=%E2%82%AC", {"é": ["€"]}),
        (b"a=%", {"a": ["%"]}),
        (b"a=%zz", {"a": ["%zz"]}),
        (b"a=1;b=2", {"a": ["1;b=2"]}),
    ],
)
def test_a_query_is_split_and_decoded(raw: bytes, values: dict[str, list[str]]) -> None:
    assert parse_query(raw) == values


@given(st.text(alphabet="ab=&%+;2Fé0 ", max_size=40))
def test_it_reads_what_the_standard_library_reads(text: str) -> None:
    expected: dict[str, list[str]] = {}
    for name, value in parse_qsl(text.encode().decode("latin-1"), keep_blank_values=True):
        expected.setdefault(name, []).append(value)
    assert parse_query(text.encode()) == expected


def test_a_hundred_thousand_pairs_are_read_in_one_pass() -> None:
    assert len(parse_query(b"&".join(b"k%d=v" % number for number in range(100_000)))) == 100_000
