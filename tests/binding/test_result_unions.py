"""How values of one type or another leave."""

from __future__ import annotations

import datetime
import pathlib
from typing import Any, Optional

import msgspec
import pytest
from typing_extensions import TypeAliasType

from tests.binding.results_oracle import faults, sent

LIST: Any = list


class Pet(msgspec.Struct):
    name: str
    age: int = 1


class Owner(msgspec.Struct):
    pet: Pet
    others: list[Pet] = []
    by_name: dict[str, Pet] = {}
    favourite: Pet | None = None


class Chip(msgspec.Struct, rename="camel"):
    chip_number: int
    made_by: str | None = None


class Files(msgspec.Struct):
    content: bytes
    kept: datetime.timedelta
    path: pathlib.PurePosixPath


Tree = TypeAliasType("Tree", "dict[str, Tree] | list[Tree] | int")


def test_union_prefers_what_the_value_is() -> None:
    assert sent(list[Optional[int | str]], ["1", 1, None]) == ["1", 1, None]
    assert sent(Pet | Owner, Owner(Pet("tom")))["pet"] == {"name": "tom", "age": 1}
    assert sent(list[Pet] | Pet, [Pet("tom")]) == [{"name": "tom", "age": 1}]


def test_union_of_lists_goes_by_their_items() -> None:
    assert sent(list[int] | list[Files], [Files(b"a", datetime.timedelta(), pathlib.PurePosixPath("/"))])[0]["content"] == "a"


def test_values_made_while_reading_are_not_mistaken_for_each_other() -> None:
    class Row:
        def __init__(self, number: int) -> None:
            self.number = number

        @property
        def value(self) -> object:
            return {"name": f"pet {self.number}"}

    model: Any = msgspec.defstruct("Holder", [("value", Pet | Chip)])
    assert [row["value"]["name"] for row in sent(LIST[model], (Row(number) for number in range(50)))] == [
        f"pet {number}" for number in range(50)
    ]


def test_recursive_alias() -> None:
    assert sent(Tree, {"a": [1, {"b": "2"}]}) == {"a": [1, {"b": 2}]}


def test_endless_value_of_a_recursive_alias() -> None:
    circle: list[Any] = []
    circle.append(circle)
    assert faults(Tree, circle)


class Holder(msgspec.Struct):
    value: int | Pet | list[int] | list[Pet]


class Partial(msgspec.Struct):
    count: int | msgspec.UnsetType = msgspec.UNSET


class Kitten(Pet):
    hidden: str = "HIDDEN"


Bytes = TypeAliasType("Bytes", "dict[str, Bytes] | list[Bytes] | bytes")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (Pet("tom"), {"name": "tom"}),
        (Kitten("tom"), {"name": "tom"}),
        ({"name": "tom"}, {"name": "tom"}),
        ([1, 2], [1, 2]),
        (["1", 2], [1, 2]),
        ([Kitten("tom")], [{"name": "tom"}]),
    ],
)
def test_union_in_an_instance(value: Any, expected: object) -> None:
    assert sent(Holder, Holder(value), exclude_defaults=True) == {"value": expected}


def test_union_in_an_instance_that_takes_nothing_of_the_value() -> None:
    assert {item["loc"][:2] for item in faults(Holder, Holder("x"))} == {("response", "value")}  # type: ignore[arg-type]  # on purpose


def test_subclass_of_two_choices_is_cut_to_the_first() -> None:
    class Tabby(Kitten):
        stripes: int = 5

    assert sent(Pet | Kitten, Tabby("tom"), exclude_defaults=True) == {"name": "tom"}


def test_unset_field_that_is_set() -> None:
    assert sent(Partial, Partial("5")) == {"count": 5}  # type: ignore[arg-type]  # on purpose
    assert sent(Partial, {"count": 5}, exclude_unset=True) == {"count": 5}
    assert sent(Partial, Partial(), exclude_unset=True) == {}


def test_recursive_alias_of_what_the_encoder_writes_otherwise() -> None:
    assert sent(Bytes, {"a": [b"x", {"b": b"y"}]}) == {"a": ["x", {"b": "y"}]}
