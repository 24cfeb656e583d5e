from __future__ import annotations

import ipaddress
import json
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.binding.body_oracle import our_answer, right_answer

TEXTS = [
    '""',
    '"x"',
    '"1"',
    '" 1 "',
    '"1.0"',
    '"1.5"',
    '"1_000"',
    '"1e3"',
    '"nan"',
    '"inf"',
    '"on"',
    '"no"',
    '"null"',
    '"1.2.3.4"',
    '"::1"',
]
NUMBERS = [
    "0",
    "1",
    "-1",
    "2",
    "0.0",
    "-0.0",
    "1.0",
    "2.0",
    "0.5",
    "1.5",
    "1e3",
    "1e18",
    "1e19",
    "-1e19",
    "1e400",
    "-1e400",
    "NaN",
    "Infinity",
]
LONG_NUMBERS = [
    "9223372036854774784.0",
    "9223372036854775807.0",
    "-9223372036854775808.0",
    "9223372036854775808",
    "1" + "0" * 400,
    "4294967296",
]
OTHERS = ["null", "true", "false", "[]", "[1]", "{}", '{"a":1}']


@pytest.mark.filterwarnings("ignore:__int__ returned non-int:DeprecationWarning")  # what pydantic hands to ipaddress
@pytest.mark.parametrize(
    "annotation",
    [
        *[int, float, bool, str, bytes, UUID, type(None), Any, object, Path, PurePosixPath],
        *[ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network],
        *[ipaddress.IPv4Interface, ipaddress.IPv6Interface],
    ],
    ids=str,
)
@pytest.mark.parametrize("raw", [*TEXTS, *NUMBERS, *LONG_NUMBERS, *OTHERS])
def test_a_type_takes_and_refuses_what_fastapi_does(annotation: Any, raw: str) -> None:
    assert our_answer(annotation, raw) == right_answer(annotation, raw)


# Of a number with more digits than a float holds we keep all, where FastAPI rounds first or takes it for infinite.
@pytest.mark.parametrize("raw", [*TEXTS, *NUMBERS, *OTHERS, "9223372036854775808", "4294967296"])
def test_a_decimal_is_taken_and_refused_as_fastapi_does(raw: str) -> None:
    if "e400" not in raw:
        assert our_answer(Decimal, raw) == right_answer(Decimal, raw)


BOUNDS: list[tuple[type, dict[str, Any]]] = [
    (int, {"ge": 1, "lt": 10}),
    (int, {"multiple_of": 2}),
    (float, {"gt": 0, "le": 1.5}),
    (float, {"multiple_of": 0.5}),
    (str, {"min_length": 2, "max_length": 3}),
    (str, {"pattern": "^1"}),
    (bytes, {"max_length": 2}),
    (Decimal, {"gt": 1}),
    (bool, {"ge": 1}),
]


@pytest.mark.parametrize(("kind", "bounds"), BOUNDS, ids=str)
@pytest.mark.parametrize("raw", [*TEXTS, *NUMBERS, *OTHERS])
def test_bounds_hold_for_converted_values(kind: type, bounds: dict[str, Any], raw: str) -> None:
    ours: Any = Annotated[kind, msgspec.Meta(**bounds)]
    theirs: Any = Annotated[kind, pydantic.Field(**bounds)]
    assert our_answer(ours, raw) == right_answer(theirs, raw)


@given(st.integers() | st.floats())
@pytest.mark.parametrize("annotation", [int, float, bool, Decimal])
def test_any_number_is_taken_or_refused_as_fastapi_does(annotation: Any, number: float) -> None:
    assert our_answer(annotation, json.dumps(number)) == right_answer(annotation, json.dumps(number))
