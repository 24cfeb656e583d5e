from __future__ import annotations

from decimal import Decimal
from typing import Any, Union

import msgspec
import pytest
from typing_extensions import TypeAliasType

from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate import validator_for
from fasterapi.binding.validator import ALWAYS, MAX_ERRORS, NOT_FINITE, Validator, Walk, doubts_within
from fasterapi.errors import ErrorItem


class First(msgspec.Struct):
    second: Second | None
    price: Decimal


class Second(msgspec.Struct):
    first: First | None


@pytest.mark.parametrize("annotation", [First, Second, list[First], dict[str, Second | None]])
def test_doubts_are_found_through_a_circle_of_models(annotation: Any) -> None:
    assert doubts_within(validator_for(annotation, NO_CONSTRAINTS)) == NOT_FINITE


Ledger = TypeAliasType("Ledger", "Union[list[Ledger], Decimal]")


def test_doubts_are_found_through_an_alias_of_itself() -> None:
    assert doubts_within(validator_for(Ledger, NO_CONSTRAINTS)) & NOT_FINITE


def test_most_types_leave_no_doubt() -> None:
    assert doubts_within(validator_for(list[dict[str, int | None]], NO_CONSTRAINTS)) == 0


def test_a_doubt_deep_inside_counts() -> None:
    assert doubts_within(validator_for(dict[str, list[tuple[int, bytes]]], NO_CONSTRAINTS)) & ALWAYS


class Endless(Validator):
    """Goes on until the interpreter's stack ends."""

    def check(self, value: object, walk: Walk) -> object:
        walk.path.append("x")
        return self.check(value, walk)


def test_the_end_of_the_stack_is_a_fault() -> None:
    if type(Validator.check).__name__ != "function":
        pytest.skip("compiled code has no such end")
    errors: list[ErrorItem] = []
    assert Endless().validate(1, ("body",), errors) is FAIL
    assert [(error["type"], error["loc"]) for error in errors] == [("recursion_depth_exceeded", ("body",))]


def test_a_quiet_walk_keeps_nothing() -> None:
    walk = Walk(("body",), [])
    walk.quiet = True
    walk.refuse("kind", "words", 1)
    walk.refuse_with("kind", "words", 1, {})
    assert walk.errors == []


def test_a_walk_gives_up_when_it_has_told_enough() -> None:
    walk = Walk(("body",), [])
    for _ in range(MAX_ERRORS):
        assert not walk.gives_up()
        walk.refuse("kind", "words", 1)
    assert walk.gives_up()
