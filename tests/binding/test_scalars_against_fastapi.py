"""Generated texts: FastAPI and we must give the same value, or the same error items."""

from __future__ import annotations

import datetime
import enum
import inspect
import ipaddress
import pathlib
import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

import annotated_types
import fastapi
import fastapi.testclient
import msgspec
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalars import converter_for
from tests.binding.scalar_oracle import fastapis, ours, texts_near

NUMBERS = ["1", "123", "-5", " 1 ", "+1", "1_000", "007", "1.0", "-0_1", "9" * 18, "9" * 19, "9" * 20, "1.5", "1e5", "-.5"]
NUMBERS += ["nan", "inf", "-Infinity", "1_0.5", "  2.5 ", "1e-400", "1e400", "0.1", "12345678901234567890.5", "sNaN", "", "\x1c1"]
NUMBER_CHARACTERS = "0123456789+-._eE \t\u00a0\x1c\u0661nainfN"

EPOCHS = ["0", "86400", "-86400", "86401", "1577836800", "1577836800.0", "1577836800000", "1577836800123", "1577836800123.5"]
EPOCHS += ["-1577836800123", "20000000000", "20000000001", "20000044800000", "253402300799999", "253402300800000", "-62135596800000"]
EPOCHS += ["9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.5", "-1.5", ".5", "1e5", "1.5e3", "0.1234565", "0" * 30]
DATES = ["2020-01-01", "2020-02-29", "2019-02-29", "9999-12-31", "0001-01-01", "2020-13-01", *EPOCHS]
MOMENTS = ["2020-01-01T00:00", "2020-01-01 00:00:00.000+05:30", "2020-01-01T12:34:56.789012-23:59", "2020-01-01_12:34:56,5z"]
MOMENTS += ["2020-01-01T12:34:56.1234567\u221205:30", "2020-01-01t23:59:59+0530", *DATES]
TIMES = ["12:34", "12:34:56", "12:34:56.789", "12:34:56,789012345Z", "12:34-05:30", "12:34:56\u22120530", "00:00z", "86399", "1.5"]
TEMPORAL_CHARACTERS = "0123456789-:.,+TtZz _\u2212\u00e9e"

DURATIONS = ["P1Y2M3W4DT5H6M7.5S", "PT1H", "P1D", "P1.5D", "12:34:56", "100:00:00.5", "1 day, 12:34:56", "3 days", "2d", "-P1DT2H"]
DURATIONS += ["+PT5M", "P999999999D", "4294967295 days", "2400000000:00", "1 DAYS", "PT4294967295S", "P11767033Y", "PT", "P"]
DURATIONS += ["P0.123456789W"]
DURATION_CHARACTERS = "0123456789-:.,+PTYMWDHSdaysAYS \u00e9"

UUID = "01234567-89ab-cdef-0123-456789ABCDEF"
UUIDS = [UUID, f"{{{UUID}}}", f"urn:uuid:{UUID}", UUID.replace("-", ""), "{}", "urn:uuid:", f"{{{UUID[:30]}}}", "{" + "0" * 36 + "}"]
UUIDS += ["urn:uuid:" + "0" * 36, "urn:uuid:" + "0" * 23, "{" + "0" * 34 + "}", "0" * 36, UUID + "0" * 20]


class Plain(enum.Enum):
    A = "a"
    TWO = 2
    TEN = ("t",)


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


class Text(str, enum.Enum):
    A = "a"
    ABC = "abc"


class Fraction(float, enum.Enum):
    HALF = 0.5


class Bits(enum.IntFlag):
    ONE = 1
    TWO = 2


class Forgiving(enum.Enum):
    A = "a"

    @classmethod
    def _missing_(cls, value: object) -> Forgiving | None:
        return cls.A if value == "A" else None


CHOICES = ["a", "b", "1", "2", "0.5", "x", "abc", "A", "3", "2020-01-01", "12:30", "PT1H", "true", "no", UUID, "1.2.3.4", "::1"]
CHOICES += ["10.0.0.0/8", "99999999999999999999", "", " 1 ", "+2", "nan", "it's"]
CHOICE_CHARACTERS = "abA12.:-+ \u00e90"

# Differences that DIFFERENCES names: from "0-5" pydantic makes -5, and in the year 0 it looks at other faults first.
ZEROS_THEN_MINUS = re.compile(r"\s*\+?0[0_]*-[0-9_.]*\s*")
YEAR_ZERO = "year 0 is out of range"

BOUNDS_OF_INT = [{}, {"ge": 3, "lt": 100}, {"gt": -10, "le": 5, "multiple_of": 3}]
BOUNDS_OF_FLOAT = [{}, {"gt": 1.5, "le": 1e6}, {"multiple_of": 0.1, "ge": -3}]
BOUNDS_OF_DECIMAL = [{}, {"gt": 1.5, "le": Decimal("100.50")}, {"multiple_of": 0.1, "ge": -3}]
BOUNDS_OF_DATE = [{}, {"ge": datetime.date(2020, 1, 1), "lt": datetime.date(2020, 2, 2)}]
NOON = datetime.datetime(2020, 1, 1, 12)  # noqa: DTZ001 - bounds without time zone are what is tested
BOUNDS_OF_MOMENT = [{}, {"ge": NOON, "lt": datetime.datetime(2020, 2, 2, tzinfo=datetime.UTC)}]
BOUNDS_OF_TIME = [{}, {"ge": datetime.time(12, 34, 56), "lt": datetime.time(22, tzinfo=datetime.UTC)}]
BOUNDS_OF_DURATION = [{}, {"gt": datetime.timedelta(hours=3), "le": datetime.timedelta(days=1, seconds=3)}]
BOUNDS_OF_STR = [{}, {"min_length": 2, "max_length": 4}, {"pattern": "^a?b$"}, {"min_length": 1, "pattern": "[$b]"}]
BOUNDS_OF_BYTES = [{}, {"min_length": 3, "max_length": 5}]


def agree(annotation: Any, text: str, bounds: Mapping[str, Any]) -> None:
    assume(not ZEROS_THEN_MINUS.fullmatch(text))
    theirs = fastapis(annotation, text, bounds)
    assume(theirs is not None)
    outcome = ours(annotation, text, bounds)
    assume(YEAR_ZERO not in str(outcome.items))
    assert outcome == theirs


@pytest.mark.parametrize("bounds", BOUNDS_OF_INT, ids=str)
@settings(max_examples=100, deadline=None)
@example("9" * 4300)
@example("9" * 4301)
@example("-" + "9" * 4301)
@example(" " + "9" * 4301)
@example("0" * 5000)
@given(texts_near(NUMBERS, NUMBER_CHARACTERS))
def test_ints_agree(bounds: dict[str, Any], text: str) -> None:
    agree(int, text, bounds)


@pytest.mark.parametrize("bounds", BOUNDS_OF_FLOAT, ids=str)
@settings(max_examples=100, deadline=None)
@example("9" * 5000)
@given(texts_near(NUMBERS, NUMBER_CHARACTERS))
def test_floats_agree(bounds: dict[str, Any], text: str) -> None:
    agree(float, text, bounds)


@pytest.mark.parametrize("bounds", BOUNDS_OF_DECIMAL, ids=str)
@settings(max_examples=100, deadline=None)
@example("1e999999")
@example("1e-999999")
@given(texts_near(NUMBERS, NUMBER_CHARACTERS))
def test_decimals_agree(bounds: dict[str, Any], text: str) -> None:
    agree(Decimal, text, bounds)


@settings(max_examples=100, deadline=None)
@example("\u017fe")
@given(texts_near(["true", "on", "off", "yes", "no", "1", "0", "f", "TRUE", "Y"], "trueonfyalsTRUE10 \u212a"))
def test_booleans_agree(text: str) -> None:
    agree(bool, text, {})


@pytest.mark.parametrize("bounds", BOUNDS_OF_STR, ids=str)
@settings(max_examples=50, deadline=None)
@example("b\n")
@example("\ud800")
@given(texts_near(["a", "abc", "", "b"], "ab\u00e9\n\U0001f600 0$"))
def test_texts_agree(bounds: dict[str, Any], text: str) -> None:
    agree(str, text, bounds)


@pytest.mark.parametrize("bounds", BOUNDS_OF_BYTES, ids=str)
@settings(max_examples=50, deadline=None)
@example("\ud800")
@given(texts_near(["a", "abc", "", "b"], "ab\u00e9\n\U0001f600 0"))
def test_bytes_agree(bounds: dict[str, Any], text: str) -> None:
    agree(bytes, text, bounds)


@settings(max_examples=200, deadline=None)
@given(texts_near(UUIDS, "0aF-{}gurn:id\u00e9"))
def test_uuids_agree(text: str) -> None:
    agree(uuid.UUID, text, {})


@pytest.mark.parametrize("bounds", BOUNDS_OF_DATE, ids=str)
@settings(max_examples=150, deadline=None)
@given(texts_near(MOMENTS, TEMPORAL_CHARACTERS))
def test_dates_agree(bounds: dict[str, Any], text: str) -> None:
    agree(datetime.date, text, bounds)


@pytest.mark.parametrize("bounds", BOUNDS_OF_MOMENT, ids=str)
@settings(max_examples=150, deadline=None)
@given(texts_near(MOMENTS, TEMPORAL_CHARACTERS))
def test_moments_agree(bounds: dict[str, Any], text: str) -> None:
    agree(datetime.datetime, text, bounds)


@settings(max_examples=100, deadline=None)
@given(st.floats(-1e12, 1e15) | st.floats(-1e10, 1e10) | st.integers(-(10**14), 3 * 10**14))
def test_epoch_numbers_agree(number: float) -> None:
    agree(datetime.datetime, str(number), {})


@pytest.mark.parametrize("bounds", BOUNDS_OF_TIME, ids=str)
@settings(max_examples=150, deadline=None)
@given(texts_near(TIMES, TEMPORAL_CHARACTERS))
def test_times_agree(bounds: dict[str, Any], text: str) -> None:
    agree(datetime.time, text, bounds)


@pytest.mark.parametrize("bounds", BOUNDS_OF_DURATION, ids=str)
@settings(max_examples=200, deadline=None)
@example("P0." + "1" * 400 + "D")
@example("PT0." + "9" * 30 + "S")
@given(texts_near(DURATIONS, DURATION_CHARACTERS))
def test_durations_agree(bounds: dict[str, Any], text: str) -> None:
    agree(datetime.timedelta, text, bounds)


@pytest.mark.parametrize(
    "annotation",
    [
        Plain, Number, Text, Fraction, Bits, Forgiving,
        Literal["a"], Literal["a", 1, None, Text.A], Literal[Text.A], Literal[1, True],
        Any, object, pathlib.Path, ipaddress.IPv4Address, ipaddress.IPv6Network, ipaddress.IPv4Interface,
        int | None, int | str, str | int, int | float, float | int, bool | int, int | bool | None,
        datetime.date | datetime.datetime, datetime.datetime | datetime.date, datetime.time | datetime.timedelta | int,
        uuid.UUID | int, Plain | Number | Text, int | Text, Forgiving | Fraction | bool, Literal["1"] | int, int | Literal["1"],
        bytes | int, int | bytes, Decimal | int | float, bytes | str, int | Any,
        Annotated[str, annotated_types.MinLen(2)] | int,
        Annotated[int, annotated_types.Ge(2)] | Annotated[float, annotated_types.Gt(2.5)] | None,
        Annotated[datetime.date, annotated_types.Ge(datetime.date(2020, 1, 1))] | Annotated[Decimal, annotated_types.Ge(2)],
        Annotated[int | float, "a note"] | bool,
    ],
    ids=str,
)  # fmt: skip
@settings(max_examples=60, deadline=None)
@given(texts_near(CHOICES, CHOICE_CHARACTERS))
def test_choices_agree(annotation: Any, text: str) -> None:
    agree(annotation, text, {})


@pytest.mark.parametrize(
    ("annotation", "bounds"),
    [
        (bool, {"ge": 1}),
        (Number, {"gt": 1}),
        (Fraction, {"lt": 0.5}),
        (Text, {"min_length": 2}),
        (Literal["a", "abc"], {"min_length": 2}),
        (Any, {"max_length": 1, "pattern": "a"}),
        (int | None, {"ge": 2}),
        (int | float, {"ge": 2, "multiple_of": 2}),
        (int | float | None, {"le": 2}),
        (int | Decimal, {"gt": 1.5}),
        (int | bool, {"gt": 0, "le": 1}),
    ],
    ids=str,
)
@settings(max_examples=60, deadline=None)
@given(texts_near(CHOICES, CHOICE_CHARACTERS))
def test_bounded_choices_agree(annotation: Any, bounds: dict[str, Any], text: str) -> None:
    agree(annotation, text, bounds)


def test_a_real_fastapi_app_sends_the_same_items() -> None:
    cases: dict[str, tuple[Any, dict[str, Any], str]] = {
        "a": (Decimal, {"ge": Decimal("1.50")}, "1"),
        "b": (Decimal, {"ge": Decimal("1E+2")}, "2"),
        "c": (datetime.timedelta, {"ge": datetime.timedelta(1)}, "PT1S"),
        "d": (str, {"pattern": "b"}, "x"),
        "e": (bytes, {"max_length": 1}, "zz"),
        "f": (Plain, {}, "q"),
        "g": (float, {"ge": 2}, "1"),
        "h": (datetime.date | int, {}, "x"),
        "i": (datetime.datetime, {"le": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)}, "2021-01-01T00:00"),
        "j": (Decimal, {"multiple_of": 0.3}, "1"),
        "k": (Number, {}, "9" * 20),
    }
    app = fastapi.FastAPI()

    def handler(**values: Any) -> None: ...

    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=fastapi.Query(**bounds), annotation=annotation)
        for name, (annotation, bounds, _) in cases.items()
    ]
    handler.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # inspect reads it, mypy does not know it
    app.get("/")(handler)
    with fastapi.testclient.TestClient(app) as client:
        sent = client.get("/", params={name: text for name, (_, _, text) in cases.items()}).json()["detail"]
    found: list[object] = []
    for name, (annotation, bounds, text) in cases.items():
        converter = converter_for(annotation, Constraints(**bounds))
        assert converter is not None
        found += converter.explain(text, ("query", name))
    assert msgspec.json.decode(msgspec.json.encode(found)) == sent
