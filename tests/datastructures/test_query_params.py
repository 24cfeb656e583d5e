from __future__ import annotations

import pytest
import starlette.datastructures as starlette
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.datastructures import QueryParams


@pytest.mark.parametrize(
    "made",
    [
        QueryParams("a=1&b=x%20y"),
        QueryParams(b"a=1&b=x+y"),
        QueryParams({"a": 1, "b": "x y"}),
        QueryParams([("a", 1), ("b", "x y")]),
        QueryParams("a=1", b="x y"),
        QueryParams(QueryParams("a=1&b=x y")),
    ],
)
def test_parameters_come_from_many_things(made: QueryParams) -> None:
    assert made.multi_items() == [("a", "1"), ("b", "x y")]


def test_they_write_themselves_as_a_query() -> None:
    assert str(QueryParams([("a", "1"), ("a", "é&=")])) == "a=1&a=%C3%A9%26%3D"


def test_they_show_what_is_in_them() -> None:
    assert repr(QueryParams("a=1&a=2")) == "QueryParams('a=1&a=2')"


def test_only_the_ampersand_separates() -> None:
    assert QueryParams("a=1;b=2").multi_items() == [("a", "1;b=2")]


@given(st.binary(max_size=60))
def test_any_query_reads_as_in_starlette(query: bytes) -> None:
    ours, theirs = QueryParams(query), starlette.QueryParams(query)
    assert (ours.multi_items(), dict(ours), str(ours)) == (theirs.multi_items(), dict(theirs), str(theirs))
