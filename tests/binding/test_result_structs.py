"""How Structs leave."""

from __future__ import annotations

import types
from typing import Any, Generic, TypeVar

import msgspec

from tests.binding.results_oracle import faults, sent

T = TypeVar("T")


class Pet(msgspec.Struct):
    name: str
    age: int = 1


class Chip(msgspec.Struct, rename="camel"):
    chip_number: int
    made_by: str | None = None


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    tricks: list[str]


class Point(msgspec.Struct, array_like=True):
    x: int
    y: int = 0


class Page(msgspec.Struct, Generic[T]):
    items: list[T]


def test_default_of_another_type_than_its_field() -> None:
    model = msgspec.defstruct("Sloppy", [("a", int, None)])
    assert sent(model, {}) == {"a": None}
    assert sent(model, model()) == {"a": None}
    assert faults(model, {"a": None})[0]["loc"] == ("response", "a")


def test_forgotten_await_does_not_pass_for_a_model_of_defaults() -> None:
    model = msgspec.defstruct("AllDefault", [("a", int, 1)])

    async def load() -> None: ...

    coroutine = load()
    assert faults(model, coroutine)[0]["type"] == "model_attributes_type"
    coroutine.close()


def test_renamed_fields() -> None:
    expected = {"chipNumber": 5, "madeBy": "acme"}
    assert sent(Chip, Chip(5, "acme")) == expected
    assert sent(Chip, {"chipNumber": 5, "madeBy": "acme"}) == expected
    assert sent(Chip, {"chip_number": 5, "made_by": "acme"}) == expected
    assert sent(Chip, types.SimpleNamespace(chip_number=5, made_by="acme")) == expected


def test_by_alias_false_sends_the_names_of_the_attributes() -> None:
    assert sent(list[Chip], [Chip(5), {"chipNumber": 6}], by_alias=False) == [
        {"chip_number": 5, "made_by": None},
        {"chip_number": 6, "made_by": None},
    ]


def test_unset_fields_are_not_sent() -> None:
    model = msgspec.defstruct("Partial", [("a", int | msgspec.UnsetType, msgspec.UNSET), ("b", int, 2)])
    assert sent(model, model()) == {"b": 2}
    assert sent(model, model(), exclude_none=True) == {"b": 2}
    assert sent(model, {"a": 1}) == {"a": 1, "b": 2}


def test_tag_is_sent() -> None:
    assert sent(Cat, Cat(9)) == {"type": "cat", "lives": 9}
    assert sent(Cat, Cat(9), exclude_none=True) == {"type": "cat", "lives": 9}


def test_tagged_union() -> None:
    assert sent(list[Cat | Dog], [Dog(["sit"]), {"type": "cat", "lives": "9"}]) == [
        {"type": "dog", "tricks": ["sit"]},
        {"type": "cat", "lives": 9},
    ]


def test_struct_as_an_array() -> None:
    assert sent(list[Point], [Point(1, 2), (3,), {"x": "4"}]) == [[1, 2], [3, 0], [4, 0]]
    assert sent(Point, Point(1, 2), exclude={"y"}) == [1]


def test_omitted_defaults_stay_omitted() -> None:
    model = msgspec.defstruct("Short", [("a", int, 1), ("b", bytes, b"")], omit_defaults=True)
    assert sent(model, model(b=b"x")) == {"b": "x"}


def test_generic_model() -> None:
    assert sent(Page[Pet], {"items": [{"name": "tom"}]}) == {"items": [{"name": "tom", "age": 1}]}
    assert sent(Page[Pet], Page[Pet]([Pet("tom")])) == {"items": [{"name": "tom", "age": 1}]}


def test_checks_of_a_model_do_not_run_again_for_its_instances() -> None:
    model = msgspec.defstruct("Once", [("count", int)], namespace={"__post_init__": _count_up})
    instance = model(1)
    assert sent(model, instance) == {"count": 2}
    subclass = msgspec.defstruct("OnceMore", [("hidden", int, 0)], bases=(model,))
    assert sent(model, subclass(1)) == {"count": 2}


def _count_up(self: Any) -> None:
    self.count += 1
