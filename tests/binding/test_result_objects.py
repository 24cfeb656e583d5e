"""How dataclasses, attrs classes, `TypedDict`s and `NamedTuple`s leave."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import attrs
import msgspec
from typing_extensions import TypedDict

from tests.binding.results_oracle import faults, sent


class Pet(msgspec.Struct):
    name: str
    age: int = 1


@dataclasses.dataclass
class Plain:
    name: str
    made: int = dataclasses.field(init=False, default=7)


@dataclasses.dataclass
class Tidy:
    name: str

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a name is needed")
        self.name = self.name.title()


@attrs.define(slots=False)
class Attrs:
    name: str
    _private: str = "private"


class Typed(TypedDict, total=False):
    name: str
    pet: Pet


class Pair(NamedTuple):
    left: int
    right: Pet = Pet("none")


def test_dataclass_with_a_field_that_init_does_not_take() -> None:
    assert sent(Plain, Plain("a")) == {"name": "a", "made": 7}
    assert sent(Plain, {"name": "a", "made": 9}) == {"name": "a", "made": 7}


def test_checks_of_a_model_run_for_what_becomes_one() -> None:
    assert sent(Tidy, {"name": "tom"}) == {"name": "Tom"}
    assert faults(Tidy, {"name": ""})[0]["msg"] == "Value error, a name is needed"


def test_attrs_class_keeps_what_is_private() -> None:
    instance = Attrs("tom")
    instance.extra = "extra"  # type: ignore[attr-defined]  # on purpose
    assert sent(Attrs, instance) == {"name": "tom"}


def test_typed_dict() -> None:
    assert sent(Typed, {"pet": {"name": "tom"}, "password": "x"}) == {"pet": {"name": "tom", "age": 1}}
    assert sent(Typed, {"name": "a"}) == {"name": "a"}


def test_named_tuple() -> None:
    assert sent(Pair, Pair(1)) == [1, {"name": "none", "age": 1}]
    assert sent(Pair, ("1", {"name": "tom"})) == [1, {"name": "tom", "age": 1}]
    assert sent(Pair, {"left": 1}) == [1, {"name": "none", "age": 1}]
