from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.binding.body_oracle import our_answer, right_answer

NUMBERS = ["0", "1", "-1", "1.5", "-0.5", "86399", "86400", "86400.0", "86400.5", "-86400", "1577934245", "1577934245.5", "20000000000"]
EDGES = [
    "20000000001",
    "-20000000001",
    "1577934245123",
    "1577934245123.5",
    "253402300799999",
    "253402300800000",
    "86399999999999",
    "86400000000000",
    "-86399999913600",
    "1e14",
    "1e20",
]
FRACTIONS = ["86399.9999994", "86399.9999996", "1.0000004", "1.0000005", "1.0000006", "0.1234565", "-1.0000005", "0.9999996"]
TEXTS = ['"2020-01-02"', '"2020-01-02T03:04:05.1234567Z"', '"03:04"', '"P1DT2H"', '"1 day, 01:00:00"', '"x"', '""', '"86400"', '"p1d"']
OTHERS = ["null", "true", "false", "NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400, "[]", "{}"]


@pytest.mark.parametrize("annotation", [datetime, date, time, timedelta])
@pytest.mark.parametrize("raw", [*NUMBERS, *EDGES, *FRACTIONS, *TEXTS, *OTHERS])
def test_a_type_takes_and_refuses_what_fastapi_does(annotation: Any, raw: str) -> None:
    assert our_answer(annotation, raw) == right_answer(annotation, raw)


@given(st.integers(-(10**16), 10**16) | st.floats(-1e6, 1e6).map(lambda number: round(number, 6)))
@pytest.mark.parametrize("annotation", [datetime, date, time, timedelta])
def test_any_number_of_seconds_is_taken_or_refused_as_fastapi_does(annotation: Any, seconds: float) -> None:
    assert our_answer(annotation, json.dumps(seconds)) == right_answer(annotation, json.dumps(seconds))
