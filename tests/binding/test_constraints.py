from __future__ import annotations

import datetime
import enum
from decimal import Decimal
from typing import Annotated, Any, NewType, TypeVar

import annotated_types
import msgspec
import pydantic
import pytest
from typing_extensions import TypeAliasType

from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints, constraints_of, constraints_of_meta, unwrap

HERE = ("body", "x")


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


def fault_of(value: object, **bounds: Any) -> tuple[str, str, object] | None:
    fault = Constraints(**bounds).fault(value, "given", HERE)
    return None if fault is None else (fault["type"], fault["msg"], fault.get("ctx"))


def test_nothing_asked_is_empty() -> None:
    assert NO_CONSTRAINTS.is_empty
    assert not Constraints(ge=0).is_empty


def test_a_bound_of_zero_is_asked() -> None:
    assert Constraints(min_length=0, ge=0).written == {"ge": 0, "min_length": 0}


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ({"ge": 1}, {"ge": 3}, {"ge": 3}),
        ({"gt": 3}, {"gt": 1}, {"gt": 3}),
        ({"le": 1}, {"le": 3}, {"le": 1}),
        ({"lt": 3}, {"lt": 1}, {"lt": 1}),
        ({"min_length": 1}, {"min_length": 3}, {"min_length": 3}),
        ({"max_length": 1}, {"max_length": 3}, {"max_length": 1}),
        ({"ge": 1}, {"le": 3}, {"ge": 1, "le": 3}),
        ({"ge": 1}, {"gt": 3}, {"gt": 3, "ge": 1}),
        ({"pattern": "a"}, {}, {"pattern": "a"}),
        ({"pattern": "a"}, {"pattern": "a"}, {"pattern": "a"}),
        ({"multiple_of": 2}, {"multiple_of": 2.0}, {"multiple_of": 2.0}),
        ({"tz": True}, {"ge": 1}, {"ge": 1, "tz": True}),
        ({}, {}, {}),
    ],
)
def test_merged_constraints_all_hold(one: dict[str, Any], other: dict[str, Any], both: dict[str, Any]) -> None:
    assert Constraints(**one).merged(Constraints(**other)).written == both


@pytest.mark.parametrize(("one", "other"), [({"pattern": "a"}, {"pattern": "b"}), ({"multiple_of": 2}, {"multiple_of": 3})])
def test_what_cannot_be_merged_is_refused(one: dict[str, Any], other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is written twice, as .* and as .*\. Write one that says both\."):
        Constraints(**one).merged(Constraints(**other))


def test_bounds_that_have_no_order_are_refused() -> None:
    with pytest.raises(TypeError, match=r"ge is written twice, as 1 and as 'a', which cannot be compared"):
        Constraints(ge=1).merged(Constraints(ge="a"))


def test_a_meta_gives_all_its_constraints() -> None:
    meta = msgspec.Meta(gt=1, lt=5, multiple_of=2, title="not a constraint")
    assert constraints_of_meta(meta).written == {"gt": 1, "lt": 5, "multiple_of": 2}
    assert constraints_of_meta(msgspec.Meta(min_length=1, max_length=2, pattern="a")).written == {
        "min_length": 1,
        "max_length": 2,
        "pattern": "a",
    }


@pytest.mark.parametrize(
    ("item", "written"),
    [
        (Constraints(ge=1), {"ge": 1}),
        (msgspec.Meta(ge=1), {"ge": 1}),
        (annotated_types.Ge(1), {"ge": 1}),
        (annotated_types.Interval(gt=1, le=3), {"gt": 1, "le": 3}),
        (annotated_types.Len(1, 2), {"min_length": 1, "max_length": 2}),
        (annotated_types.MultipleOf(3), {"multiple_of": 3}),
        (pydantic.Field(ge=1, le=3, description="both"), {"ge": 1, "le": 3}),
        (pydantic.Field(pattern="a", max_length=2), {"max_length": 2, "pattern": "a"}),
        (pydantic.StringConstraints(min_length=2), {"min_length": 2}),
        ("a note", {}),
        (int, {}),
    ],
    ids=lambda value: str(value).partition(" at 0x")[0],
)
def test_items_of_annotated_give_their_constraints(item: object, written: dict[str, object]) -> None:
    assert constraints_of(item).written == written


Whole = NewType("Whole", int)
Positive = TypeAliasType("Positive", Annotated[int, msgspec.Meta(gt=0)])
Small = TypeAliasType("Small", Annotated[Positive, msgspec.Meta(lt=10)])
T = TypeVar("T")
Bounded = TypeAliasType("Bounded", Annotated[T, msgspec.Meta(ge=1)], type_params=(T,))


@pytest.mark.parametrize(
    ("annotation", "inner", "written"),
    [
        (int, int, {}),
        (Annotated[int, "note", msgspec.Meta(ge=1)], int, {"ge": 1}),
        (Annotated[Annotated[int, msgspec.Meta(ge=1)], msgspec.Meta(ge=5)], int, {"ge": 5}),
        (Whole, int, {}),
        (NewType("Id", Whole), int, {}),
        (Positive, int, {"gt": 0}),
        (Small, int, {"gt": 0, "lt": 10}),
        (Bounded[int], int, {"ge": 1}),
        (list[Positive], list[Positive], {}),
        (Annotated[int | None, msgspec.Meta(ge=1)], int | None, {"ge": 1}),
    ],
    ids=str,
)
def test_wrappings_are_taken_off_and_their_constraints_kept(annotation: object, inner: object, written: dict[str, object]) -> None:
    found, constraints = unwrap(annotation, NO_CONSTRAINTS)
    assert found == inner
    assert constraints.written == written


def test_unwrapping_adds_to_the_constraints_that_are_there() -> None:
    assert unwrap(Positive, Constraints(le=9))[1].written == {"gt": 0, "le": 9}


@pytest.mark.parametrize(
    ("value", "bounds", "fault"),
    [
        (5, {"ge": 5, "le": 5}, None),
        (4, {"ge": 5}, ("greater_than_equal", "Input should be greater than or equal to 5", {"ge": 5})),
        (5, {"gt": 5.0}, ("greater_than", "Input should be greater than 5", {"gt": 5})),
        (10**30, {"lt": 5}, ("less_than", "Input should be less than 5", {"lt": 5})),
        (7, {"le": 5, "multiple_of": 2}, ("multiple_of", "Input should be a multiple of 2", {"multiple_of": 2})),
        (True, {"gt": 1}, ("greater_than", "Input should be greater than 1", {"gt": 1})),
        (Number.ONE, {"ge": 2}, ("greater_than_equal", "Input should be greater than or equal to 2", {"ge": 2})),
        (0.30000000005, {"multiple_of": 0.1}, None),
        (0.35, {"multiple_of": 0.1}, ("multiple_of", "Input should be a multiple of 0.1", {"multiple_of": 0.1})),
        (1.0, {"ge": 1e16}, ("greater_than_equal", "Input should be greater than or equal to 10000000000000000", {"ge": 1e16})),
        (1e-9, {"ge": 1e-7}, ("greater_than_equal", "Input should be greater than or equal to 0.0000001", {"ge": 1e-7})),
        (float("nan"), {"le": 1}, ("less_than_equal", "Input should be less than or equal to 1", {"le": 1.0})),
        (float("nan"), {"multiple_of": 3}, None),
        (float("inf"), {"multiple_of": 3}, None),
        (Decimal(1), {"ge": Decimal("1.50")}, ("greater_than_equal", "Input should be greater than or equal to 1.50", {"ge": 1.5})),
        (Decimal(1), {"ge": Decimal("1E+2")}, ("greater_than_equal", "Input should be greater than or equal to 1E+2", {"ge": 100})),
        (Decimal("0.3"), {"multiple_of": 0.1}, None),
        (Decimal("1E+999999"), {"multiple_of": 0.1}, ("multiple_of", "Input should be a multiple of 0.1", {"multiple_of": 0.1})),
        ("é", {"min_length": 2}, ("string_too_short", "String should have at least 2 characters", {"min_length": 2})),
        ("ab", {"max_length": 1}, ("string_too_long", "String should have at most 1 character", {"max_length": 1})),
        ("b", {"pattern": "^a"}, ("string_pattern_mismatch", "String should match pattern '^a'", {"pattern": "^a"})),
        (b"a", {"min_length": 2}, ("bytes_too_short", "Data should have at least 2 bytes", {"min_length": 2})),
        (b"ab", {"max_length": 1}, ("bytes_too_long", "Data should have at most 1 byte", {"max_length": 1})),
        ([1], {"min_length": 2}, None),
        (None, {"ge": 2}, None),
    ],
    ids=str,
)
def test_a_fault_has_fastapis_words(value: object, bounds: dict[str, Any], fault: object) -> None:
    assert fault_of(value, **bounds) == fault


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (datetime.timedelta(days=1, seconds=3, microseconds=4), "1 day and 3 seconds and 4 microseconds"),
        (datetime.timedelta(hours=30), "1 day and 6 hours"),
        (datetime.timedelta(minutes=61, seconds=1), "1 hour and 1 minute and 1 second"),
        (datetime.timedelta(0), "0 seconds"),
        (datetime.timedelta(days=-1), "-1 days"),
        (datetime.timedelta(seconds=-1), "-1 days and 23 hours and 59 minutes and 59 seconds"),
    ],
    ids=str,
)
def test_a_duration_stands_in_words(bound: datetime.timedelta, words: str) -> None:
    fault = fault_of(datetime.timedelta(999), le=bound)
    assert fault == ("less_than_equal", f"Input should be less than or equal to {words}", {"le": words})


@pytest.mark.parametrize(
    ("bound", "words"),
    [
        (datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), "2020-01-02T03:04:05Z"),
        (datetime.datetime(2020, 1, 2, 3, 4, 5, 6, datetime.timezone(-datetime.timedelta(hours=3))), "2020-01-02T03:04:05.000006-03:00"),
        (datetime.date(2020, 1, 2), "2020-01-02T00:00:00"),
    ],
    ids=str,
)
def test_a_moment_stands_in_iso_8601(bound: datetime.date, words: str) -> None:
    value = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    assert fault_of(value, le=bound) == ("less_than_equal", f"Input should be less than or equal to {words}", {"le": words})


def test_a_time_zone_can_be_asked_for() -> None:
    assert fault_of(datetime.time(12), tz=True) == ("timezone_aware", "Input should have timezone info", None)


def test_a_time_zone_can_be_refused() -> None:
    assert fault_of(datetime.time(12, tzinfo=datetime.UTC), tz=False) == ("timezone_naive", "Input should not have timezone info", None)


def test_a_fault_shows_what_was_given_and_where() -> None:
    fault = Constraints(ge=5).fault(4, "4", HERE)
    assert fault is not None
    assert (fault["input"], fault["loc"]) == ("4", HERE)


@pytest.mark.parametrize("text", ["a\n", "ab"])
def test_a_dollar_means_the_very_end(text: str) -> None:
    assert fault_of(text, pattern="^a$") is not None


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"\$", "$"), ("[$]", "$"), (r"[\]$]", "$"), ("[]$]", "$"), ("(?m)a$", "a\nb"), ("a|b$", "xb")]
)
def test_other_dollars_stay_as_they_are(pattern: str, text: str) -> None:
    assert fault_of(text, pattern=pattern) is None
