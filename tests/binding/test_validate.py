from __future__ import annotations

import datetime
import enum
import json
from collections.abc import Collection, Iterable, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final, NamedTuple, NewType, Optional, TypeVar, Union

import annotated_types
import msgspec
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import TypeAliasType

from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints
from fasterapi.binding.markers import Query
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate import Validator, validator_for
from fasterapi.errors import ErrorItem
from tests.binding.body_oracle import our_answer, right_answer, twins

T = TypeVar("T")
Number = TypeVar("Number", int, float)
Whole = TypeVar("Whole", bound=int)
UserId = NewType("UserId", int)
Positive = TypeAliasType("Positive", Annotated[int, msgspec.Meta(ge=1)])
Pair = TypeAliasType("Pair", tuple[T, T], type_params=(T,))
Tree = TypeAliasType("Tree", "Union[dict[str, Tree], list[Tree], str, None]")


def validate(annotation: Any, value: object) -> object:
    """The value; there must be no fault."""
    errors: list[ErrorItem] = []
    found = validator_for(annotation, NO_CONSTRAINTS).validate(value, ("body",), errors)
    assert errors == []
    return found


def kinds(annotation: Any, value: object, constraints: Constraints = NO_CONSTRAINTS) -> list[str]:
    """The types of all faults."""
    errors: list[ErrorItem] = []
    assert validator_for(annotation, constraints).validate(value, ("body",), errors) is FAIL
    return [error["type"] for error in errors]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_type_and_any_body_are_answered_as_fastapi_answers(data: st.DataObject) -> None:
    twin = data.draw(twins())
    raw = json.dumps(data.draw(twin.values))
    assert our_answer(twin.ours, raw) == right_answer(twin.theirs, raw)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_both_passes_agree_on_what_fits_at_once(data: st.DataObject) -> None:
    twin = data.draw(twins())
    value = data.draw(twin.values)
    errors: list[ErrorItem] = []
    decoded = JsonBody(twin.ours, NO_CONSTRAINTS).decode(json.dumps(value).encode(), errors)
    if not errors:
        second = validator_for(twin.ours, NO_CONSTRAINTS).validate(value, ("body",), errors)
        assert errors == []
        assert repr(second) == repr(decoded)


def test_starts_at_the_given_location() -> None:
    errors: list[ErrorItem] = []
    validator_for(list[int], NO_CONSTRAINTS).validate(["x"], ("query", "ids"), errors)
    assert errors[0]["loc"] == ("query", "ids", 0)


@pytest.mark.parametrize(
    ("annotation", "value", "converted"),
    [
        (UserId, "7", 7),
        (Positive, "7", 7),
        (Pair[int], ["1", 2.0], (1, 2)),
        (Annotated[Annotated[int, "x"], "y"], "7", 7),
        (Final[int], "7", 7),
        (T, [1], [1]),
        (Whole, "7", 7),
        (Number, 1.5, 1.5),
        (Optional[int], None, None),
        (Union[int, msgspec.UnsetType], "7", 7),
        (Tree, {"a": ["b", {"c": None}]}, {"a": ["b", {"c": None}]}),
        (list, [1, "x"], [1, "x"]),
        (tuple, [1, "x"], (1, "x")),
        (tuple[()], [], ()),
        (set, [1, 1], {1}),
        (dict, {"a": 1}, {"a": 1}),
        (Sequence, [1], [1]),
        (Collection[int], ["1"], [1]),
        (Iterable[int], ["1"], [1]),
        (MutableSequence[int], ["1"], [1]),
        (AbstractSet[int], ["1"], {1}),
        (MutableSet[int], ["1"], {1}),
        (Mapping[str, int], {"a": "1"}, {"a": 1}),
        (MutableMapping[int, int], {"1": "1"}, {1: 1}),
    ],
)
def test_understands_annotations(annotation: Any, value: object, converted: object) -> None:
    found = validate(annotation, value)
    assert (found, type(found)) == (converted, type(converted))


def test_takes_bytes_that_are_there_already() -> None:
    assert validate(bytes, b"x") == b"x"


class Row(msgspec.Struct, array_like=True):
    below: Row | None


class Pile(NamedTuple):
    below: Pile | None


@pytest.mark.parametrize("annotation", [Row, Pile, Tree])
def test_arrays_within_arrays_end(annotation: Any) -> None:
    value: object = [1]
    for _ in range(300):
        value = [value]
    assert "recursion_depth_exceeded" in kinds(annotation, value)


def test_keeps_raw_json() -> None:
    found = validate(msgspec.Raw, {"a": [1]})
    assert isinstance(found, msgspec.Raw)
    assert bytes(found) == b'{"a":[1]}'


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (Annotated[int, msgspec.Meta(ge=1)], "greater_than_equal"),
        (Annotated[int, Constraints(ge=1)], "greater_than_equal"),
        (Annotated[int, Query(ge=1)], "greater_than_equal"),
        (Annotated[int, annotated_types.Ge(1)], "greater_than_equal"),
        (Annotated[int, msgspec.Meta(ge=-5), Constraints(ge=1)], "greater_than_equal"),
        (Annotated[Positive, msgspec.Meta(lt=5)], "greater_than_equal"),
        (Annotated[int | None, msgspec.Meta(ge=1)], "greater_than_equal"),
        (Annotated[int | float, msgspec.Meta(ge=1)], "greater_than_equal"),
        (list[Annotated[int, Constraints(ge=1)]], "greater_than_equal"),
    ],
)
def test_bounds_hold_wherever_they_are_written(annotation: Any, kind: str) -> None:
    is_list = str(annotation).startswith("list")
    errors: list[ErrorItem] = []
    JsonBody(annotation, NO_CONSTRAINTS).decode(b"[0]" if is_list else b"0", errors)
    assert [error["type"] for error in errors] == [kind]


def test_bounds_of_the_parameter_hold_too() -> None:
    assert kinds(Annotated[int, msgspec.Meta(ge=1)], 12, Constraints(le=10)) == ["less_than_equal"]


def test_a_tree_of_an_alias_is_checked() -> None:
    assert "string_type" in kinds(Tree, {"a": [1]})


@pytest.mark.parametrize(("kind", "text"), [(datetime.datetime, "2020-01-01T00:00:00"), (datetime.time, "00:00:00")])
@pytest.mark.parametrize(("aware", "fits", "breaks", "fault"), [(True, "Z", "", "timezone_aware"), (False, "", "Z", "timezone_naive")])
def test_a_zone_is_wanted_or_not(kind: Any, text: str, aware: bool, fits: str, breaks: str, fault: str) -> None:
    zoned: Any = Annotated[kind, msgspec.Meta(tz=aware)]
    validate(zoned, text + fits)
    assert kinds(zoned, text + breaks) == [fault]


def test_a_model_is_read_once() -> None:
    class Once(msgspec.Struct):
        x: int

    assert validator_for(Once, NO_CONSTRAINTS) is validator_for(Once, NO_CONSTRAINTS)


class Flavour(enum.Enum):
    SWEET = "sweet"


class InnerModel(pydantic.BaseModel):
    flavour: Flavour


class Broken(msgspec.Struct):
    x: complex


class Nothing(enum.Enum):
    pass


@pytest.mark.parametrize("annotation", [complex, list[complex], Broken, type, Sequence[object] | complex, [int], "int", Nothing])
def test_refuses_what_json_cannot_become(annotation: Any) -> None:
    for _ in range(2):  # a broken model must not be remembered half-read
        with pytest.raises(TypeError, match=r"cannot be read from JSON\. Use a msgspec\.Struct, dataclass"):
            validator_for(annotation, NO_CONSTRAINTS)


class Leading(msgspec.Struct):
    broken: Breaking


class Breaking(msgspec.Struct):
    leading: Leading | None
    x: complex


def test_nothing_that_leads_to_a_broken_model_is_remembered() -> None:
    for annotation in (Breaking, Leading):
        with pytest.raises(TypeError, match="cannot be read from JSON"):
            validator_for(annotation, NO_CONSTRAINTS)


def test_a_validator_is_one_of_many_kinds() -> None:
    assert isinstance(validator_for(int, NO_CONSTRAINTS), Validator)


class Inner(msgspec.Struct):
    flavour: Flavour


@pytest.mark.parametrize("raw", ['{"flavour":"sweet"}', '{"flavour":"sour"}', '{"flavour":1}', "{}"])
def test_resolves_string_annotations(raw: str) -> None:
    ours, theirs = our_answer(Inner, raw), right_answer(InnerModel, raw)
    assert ours[1] == theirs[1]
