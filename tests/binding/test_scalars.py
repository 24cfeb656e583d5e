from __future__ import annotations

import datetime
import enum
import ipaddress
import pathlib
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, NewType, Optional, Union

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import TypeAliasType

from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints
from fasterapi.binding.scalar_temporal import datetime_of_epoch
from fasterapi.binding.scalars import DIFFERENCES, FAIL, Converter, converter_for
from fasterapi.errors import ErrorItem

HERE = ("query", "x")


class Plain(enum.Enum):
    A = "a"
    TWO = 2


class Number(enum.IntEnum):
    ONE = 1
    HUGE = 2**70


class Text(str, enum.Enum):
    A = "a"
    ABC = "abc"


class Broken(enum.Enum):
    A = "a"

    @classmethod
    def _missing_(cls, value: object) -> Broken:
        raise RuntimeError(value)


class Empty(enum.Enum):
    pass


class Item(msgspec.Struct):
    name: str


@dataclass
class Point:
    x: int


Whole = NewType("Whole", int)
Positive = TypeAliasType("Positive", Annotated[int, msgspec.Meta(gt=0)])
UTC = datetime.UTC
SCALARS: list[Any] = [
    int, float, bool, str, bytes, Decimal, uuid.UUID, datetime.date, datetime.datetime, datetime.time, datetime.timedelta,
    Plain, Number, Text, Literal["a", 1], Any, object, pathlib.Path, pathlib.PurePath, ipaddress.IPv4Address, ipaddress.IPv6Network,
    int | None, Optional[str], Union[int, str], int | Literal["a"] | None, Whole, Positive, Positive | None,
    Annotated[int, msgspec.Meta(ge=1)] | None, Annotated[int | None, msgspec.Meta(ge=1)],
]  # fmt: skip
NO_SCALARS: list[Any] = [
    list, list[int], set[str], tuple[int, ...], dict, dict[str, int], Item, Point, list[int] | None, int | list[int], Item | None,
    None, type(None), Empty, complex, "int", Annotated[list[int], msgspec.Meta(min_length=1)], Iterator[int],
]  # fmt: skip


def converter(annotation: Any, **bounds: Any) -> Converter:
    found = converter_for(annotation, Constraints(**bounds))
    assert found is not None
    return found


def faults(annotation: Any, text: str, **bounds: Any) -> list[ErrorItem]:
    return converter(annotation, **bounds).explain(text, HERE)


@pytest.mark.parametrize("annotation", SCALARS, ids=str)
def test_a_scalar_has_a_converter(annotation: Any) -> None:
    assert converter_for(annotation, NO_CONSTRAINTS) is not None


@pytest.mark.parametrize("annotation", NO_SCALARS, ids=str)
def test_what_one_text_cannot_give_has_none(annotation: Any) -> None:
    assert converter_for(annotation, NO_CONSTRAINTS) is None


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (int, "42", 42),
        (int, "-42", -42),
        (int, " +42\n", 42),
        (int, "1_000", 1000),
        (int, "007", 7),
        (int, "0_0", 0),
        (int, "-0", 0),
        (int, "1.00", 1),
        (int, "999999999999999999", 999999999999999999),
        (int, "9" * 40, 10**40 - 1),
        (float, "1.5", 1.5),
        (float, ".5", 0.5),
        (float, "1e400", float("inf")),
        (float, "-Infinity", float("-inf")),
        (float, "1_0", 10.0),
        (float, " 1.5 ", 1.5),
        (bool, "on", True),
        (bool, "YES", True),
        (bool, "0", False),
        (bool, "Off", False),
        (str, " a ", " a "),
        (bytes, "é", b"\xc3\xa9"),
        (Decimal, "1.50", Decimal("1.50")),
        (Decimal, "1__0", Decimal(10)),
        (uuid.UUID, "{01234567-89ab-cdef-0123-456789ABCDEF}", uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")),
        (uuid.UUID, "urn:uuid:01234567-89ab-cdef-0123-456789ABCDEF", uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")),
        (uuid.UUID, "0123456789abcdef0123456789ABCDEF", uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")),
        (datetime.date, "2020-02-29", datetime.date(2020, 2, 29)),
        (datetime.date, "2020-02-29T00:00Z", datetime.date(2020, 2, 29)),
        (datetime.date, "86400", datetime.date(1970, 1, 2)),
        (datetime.datetime, "2020-02-29", datetime.datetime(2020, 2, 29)),  # noqa: DTZ001 - the text has no time zone
        (datetime.datetime, "2020-02-29T12:34:56.789Z", datetime.datetime(2020, 2, 29, 12, 34, 56, 789000, UTC)),
        (datetime.datetime, "1577836800", datetime.datetime(2020, 1, 1, tzinfo=UTC)),
        (datetime.datetime, "1577836800123", datetime.datetime(2020, 1, 1, 0, 0, 0, 123000, UTC)),
        (datetime.time, "12:34", datetime.time(12, 34)),
        (datetime.time, "12:34:56,5-01:30", datetime.time(12, 34, 56, 500000, datetime.timezone(-datetime.timedelta(hours=1.5)))),
        (datetime.timedelta, "P1DT2H", datetime.timedelta(1, 7200)),
        (datetime.timedelta, "-01:00:00", -datetime.timedelta(hours=1)),
        (datetime.timedelta, "3 days, 01:00", datetime.timedelta(3, 3600)),
        (Plain, "a", Plain.A),
        (Number, " 1 ", Number.ONE),
        (Number, str(2**70), Number.HUGE),
        (Text, "abc", Text.ABC),
        (Literal["a", 1], "a", "a"),
        (Literal[Text.A], "a", Text.A),
        (Any, "x", "x"),
        (pathlib.Path, "a/b", pathlib.Path("a/b")),
        (ipaddress.IPv4Address, "127.0.0.1", ipaddress.IPv4Address("127.0.0.1")),
        (Whole, "1", 1),
        (Positive, "1", 1),
        (int | None, "1", 1),
        (int | str, "1", "1"),
        (int | float, "1.5", 1.5),
        (bool | int, "1", True),
        (int | Literal["1"], "1", "1"),
        (datetime.date | datetime.datetime, "2020-01-01T01:00", datetime.datetime(2020, 1, 1, 1)),  # noqa: DTZ001 - as above
    ],
    ids=str,
)
def test_text_becomes_the_value(annotation: Any, text: str, value: object) -> None:
    found = converter(annotation).convert(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize(
    ("annotation", "text", "kind", "message"),
    [
        (int, "", "int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
        (int, "1.5", "int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
        (int, "9" * 4301, "int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size"),
        (float, "1e", "float_parsing", "Input should be a valid number, unable to parse string as a number"),
        (bool, " on", "bool_parsing", "Input should be a valid boolean, unable to interpret input"),
        (bytes, "\ud800", "string_unicode", "Input should be a valid string, unable to parse raw data as a unicode string"),
        (Decimal, "1,5", "decimal_parsing", "Input should be a valid decimal"),
        (Decimal, "NaN", "finite_number", "Input should be a finite number"),
        (uuid.UUID, "x", "uuid_parsing", "Input should be a valid UUID, invalid character: found `x` at 0"),
        (datetime.date, "2020-1-1", "date_from_datetime_parsing", "Input should be a valid date or datetime, input is too short"),
        (datetime.date, "1", "date_from_datetime_inexact", "Datetimes provided to dates should have zero time - e.g. be exact dates"),
        (datetime.date, "0000-01-01", "date_parsing", "Input should be a valid date in the format YYYY-MM-DD, year 0 is out of range"),
        (datetime.datetime, "now", "datetime_from_date_parsing", "Input should be a valid datetime or date, input is too short"),
        (datetime.datetime, "0000-01-01", "datetime_parsing", "Input should be a valid datetime, year 0 is out of range"),
        (datetime.time, "24:00", "time_parsing", "Input should be in a valid time format, hour value is outside expected range of 0-23"),
        (datetime.timedelta, "P1H", "time_delta_parsing", "Input should be a valid timedelta, quantity invalid in date part of duration"),
        (Plain, "2", "enum", "Input should be 'a' or 2"),
        (Literal["a", 1, None], "1", "literal_error", "Input should be 'a', 1 or None"),
        (ipaddress.IPv6Address, "1.2.3.4", "ip_v6_address", "Input is not a valid IPv6 address"),
        (int | None, "null", "int_parsing", "Input should be a valid integer, unable to parse string as an integer"),
    ],
    ids=str,
)
def test_a_refusal_has_fastapis_words(annotation: Any, text: str, kind: str, message: str) -> None:
    assert converter(annotation).convert(text) is FAIL
    found = faults(annotation, text)
    assert [(item["type"], item["loc"], item["msg"], item["input"]) for item in found] == [(kind, HERE, message, text)]


@pytest.mark.parametrize(
    ("annotation", "text", "bounds", "kind"),
    [
        (int, "0", {"ge": 1}, "greater_than_equal"),
        (int, "9" * 30, {"le": 1}, "less_than_equal"),
        (float, "nan", {"ge": 1}, "greater_than_equal"),
        (Decimal, "1", {"multiple_of": 2}, "multiple_of"),
        (str, "abc", {"max_length": 2}, "string_too_long"),
        (bytes, "é", {"max_length": 1}, "bytes_too_long"),
        (datetime.date, "2020-01-01", {"gt": datetime.date(2020, 1, 1)}, "greater_than"),
        (datetime.datetime, "2020-01-01T00:00", {"tz": True}, "timezone_aware"),
        (datetime.timedelta, "PT1S", {"ge": datetime.timedelta(1)}, "greater_than_equal"),
        (bool, "0", {"ge": 1}, "greater_than_equal"),
        (Number, "1", {"ge": 2}, "greater_than_equal"),
        (Text, "a", {"min_length": 2}, "too_short"),
        (int | float, "1", {"ge": 2}, "greater_than_equal"),
        (int | None, "1", {"ge": 2}, "greater_than_equal"),
        (Positive, "0", {}, "greater_than"),
        (Positive, "1", {"ge": 2}, "greater_than_equal"),
        (Annotated[int, msgspec.Meta(ge=1)] | None, "0", {}, "greater_than_equal"),
    ],
    ids=str,
)
def test_constraints_hold_wherever_they_are_written(annotation: Any, text: str, bounds: dict[str, Any], kind: str) -> None:
    assert converter(annotation, **bounds).convert(text) is FAIL
    assert [(item["type"], item["loc"]) for item in faults(annotation, text, **bounds)] == [(kind, HERE)]


def test_a_union_tells_what_each_type_says() -> None:
    annotation = int | Annotated[float, msgspec.Meta(ge=1)] | Plain | Literal["b"] | None
    assert [(item["type"], item["loc"]) for item in faults(annotation, "x")] == [
        ("int_parsing", (*HERE, "int")),
        ("float_parsing", (*HERE, "constrained-float")),
        ("enum", (*HERE, "enum[Plain]")),
        ("literal_error", (*HERE, "literal['b']")),
    ]


def test_a_fault_of_a_duration_shows_its_seconds() -> None:
    assert faults(datetime.timedelta, "PT1.5S", ge=datetime.timedelta(1))[0]["input"] == 1.5


@pytest.mark.parametrize("annotation", SCALARS, ids=str)
@settings(max_examples=60, deadline=None)
@given(st.text(max_size=30) | st.text("0123456789-+:.TZPDHMS e_", max_size=30))
def test_no_text_makes_a_converter_raise(annotation: Any, text: str) -> None:
    found = converter(annotation)
    assert (found.convert(text) is FAIL) == bool(found.explain(text, HERE))


@pytest.mark.parametrize("annotation", SCALARS, ids=str)
@pytest.mark.parametrize("text", ["", "\x00", "\ud800", "0" * 100_000, "9" * 100_000, "_" * 100_000, "1e" + "9" * 1000, "P" + "1" * 10_000])
def test_hostile_texts_do_not_raise(annotation: Any, text: str) -> None:
    found = converter(annotation)
    assert (found.convert(text) is FAIL) == bool(found.explain(text, HERE))


def test_a_lower_limit_of_digits_in_the_interpreter_does_not_raise() -> None:
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert converter(int).convert("9" * 641) is FAIL
    finally:
        sys.set_int_max_str_digits(limit)


@pytest.mark.parametrize(
    ("annotation", "bounds", "message"),
    [
        (int, {"min_length": 2}, "min_length=2 does not apply to int, which takes multiple_of, le, lt, ge, gt."),
        (int, {"ge": 1.5}, "ge=1.5 does not fit an int: write a whole number."),
        (int, {"ge": "1"}, "ge='1' does not fit an int: write a whole number."),
        (int, {"multiple_of": 0}, "multiple_of=0 cannot be divided by: write a number above zero."),
        (float, {"multiple_of": float("inf")}, "multiple_of=inf cannot be divided by: write a number above zero."),
        (float, {"ge": "1"}, "ge='1' does not fit a float: write a number."),
        (Decimal, {"ge": float("nan")}, "ge=nan does not fit a Decimal: write a finite number."),
        (str, {"ge": 1}, "ge=1 does not apply to str, which takes min_length, max_length, pattern."),
        (str, {"min_length": -1}, "min_length=-1 is no length: write a whole number from zero up."),
        (str, {"pattern": "("}, "pattern='(' is no regular expression of Python's re: missing ), unterminated subpattern at position 0"),
        (bytes, {"pattern": "a"}, "pattern='a' does not apply to bytes, which takes min_length, max_length."),
        (datetime.date, {"ge": 1}, "ge=1 does not fit a date: write a date."),
        (datetime.date, {"tz": True}, "tz=True does not apply to date, which takes le, lt, ge, gt."),
        (bool, {"min_length": 1}, "min_length=1 does not apply to bool, which takes gt, ge, lt, le, multiple_of."),
        (bool, {"ge": "a"}, "ge='a' does not fit a number: write a number."),
        (uuid.UUID, {"ge": 1}, "ge=1 does not apply to UUID. Write it only on the type that is meant: Annotated[type, Meta(...)]."),
        (int | str, {"ge": 1}, "ge=1 does not apply to int | str. Write it only on the type that is meant: Annotated[type, Meta(...)]."),
    ],
    ids=str,
)
def test_a_constraint_that_cannot_apply_is_refused_at_start_up(annotation: Any, bounds: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as raised:
        converter_for(annotation, Constraints(**bounds))
    assert str(raised.value) == message


@pytest.mark.skipif(sys.version_info < (3, 12), reason="only the type statement makes aliases of themselves")
@pytest.mark.parametrize(
    ("code", "message"), [("type Circle = int | Circle", "contains itself"), ("type Circle = Circle", "an alias of itself")]
)
def test_a_type_inside_itself_is_refused(code: str, message: str) -> None:
    names: dict[str, Any] = {}
    exec(code, names)  # the syntax of newer versions
    with pytest.raises(TypeError, match=message):
        converter_for(names["Circle"], NO_CONSTRAINTS)


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (0, datetime.datetime(1970, 1, 1, tzinfo=UTC)),
        (-1.5, datetime.datetime(1969, 12, 31, 23, 59, 58, 500000, UTC)),
        (20_000_000_000, datetime.datetime(2603, 10, 11, 11, 33, 20, tzinfo=UTC)),
        (20_000_000_001, datetime.datetime(1970, 8, 20, 11, 33, 20, 1000, UTC)),
        (float("nan"), "NaN values not permitted"),
        (float("inf"), "dates after 9999 are not supported as unix timestamps"),
        (-(10**30), "dates before 0000 are not supported as unix timestamps"),
    ],
    ids=str,
)
def test_an_epoch_number_is_a_moment(number: float, moment: object) -> None:
    assert datetime_of_epoch(number) == moment


def test_a_minus_after_leading_zeros_is_refused() -> None:
    assert converter(int).convert("0-5") is FAIL


def test_a_duration_too_long_for_python_is_refused() -> None:
    assert faults(datetime.timedelta, "-999999999 days, 01:00")[0]["type"] == "time_delta_parsing"


def test_whatever_an_enum_raises_the_text_is_refused() -> None:
    assert converter(Broken).convert("x") is FAIL


def test_a_pattern_on_an_enum_leaves_the_member() -> None:
    assert converter(Text, pattern="b").convert("abc") is Text.ABC


def test_an_address_in_a_union_is_named_by_its_class() -> None:
    assert [item["loc"] for item in faults(int | ipaddress.IPv4Address, "x")] == [(*HERE, "int"), (*HERE, "IPv4Address")]


def test_each_difference_says_what_both_do() -> None:
    assert all(all(row) and row[1] != row[2] for row in DIFFERENCES)
