"""How values of one type or another leave."""

from __future__ import annotations

import datetime
import pathlib
from typing import Any, Optional

import msgspec
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
