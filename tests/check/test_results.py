"""What never fits must be what the encoder refuses, whatever value of the declared type it is given."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, NamedTuple, NewType, TypedDict

import msgspec
import pytest
from typing_extensions import TypeAliasType

from fasterapi import Response
from fasterapi.binding.results import ResultOptions, encoder_for
from fasterapi.check.results import can_fit
from fasterapi.errors import ResponseValidationError


class Item(msgspec.Struct):
    name: str = ""


@dataclass
class Data:
    name: str = ""


class Typed(TypedDict):
    name: str


class Point(NamedTuple):
    name: str = ""


class Row:
    name = ""


class Pair(msgspec.Struct, array_like=True):
    name: str = ""


Name = NewType("Name", str)
Names = TypeAliasType("Names", list[str])

SAMPLES: Final[list[tuple[Any, list[object]]]] = [
    (str, ["", "1", "name"]),
    (int, [0, 1]),
    (bool, [True]),
    (Decimal, [Decimal(1)]),
    (date, [date(2020, 1, 1)]),
    (Literal["a"], ["a"]),
    (None, [None]),
    (list[str], [["a"]]),
    (list[int], [[1]]),
    (list[Item], [[Item()]]),
    (set[str], [{"a"}]),
    (dict[str, str], [{"name": "a"}, {}]),
    (Item, [Item("a")]),
    (Data, [Data("a")]),
    (Typed, [Typed(name="a")]),
    (Point, [Point("a")]),
    (Row, [Row()]),
    (Item | None, [Item(), None]),
    (list[Item] | str, [[Item()], ""]),
]


def shown(value: object) -> str:
    """The value without the address that it happens to have."""
    return str(value).partition(" at 0x")[0]


@pytest.mark.parametrize(("result", "values"), SAMPLES, ids=shown)
@pytest.mark.parametrize("model", [annotation for annotation, _ in SAMPLES if annotation is not Row], ids=shown)
def test_what_never_fits_is_refused_by_the_encoder(model: object, result: object, values: list[object]) -> None:
    encoder = encoder_for(model, ResultOptions())
    if can_fit(result, model):
        return
    for value in values:
        with pytest.raises(ResponseValidationError):
            encoder.encode(value)


@pytest.mark.parametrize(
    ("result", "model"),
    [
        (str, Item),
        (Literal["a"], Item),
        (Name, Item),
        (Annotated[int, "described"], Item),
        (date, Data),
        (None, Item),
        (Item, str),
        (Item, list[Item]),
        (Typed, list[Item]),
        (list[Item], Item),
        (tuple[str, ...], Item),
        (Sequence[str], Item),
        (list[str], list[Item]),
        (list[list[str]], list[list[Item]]),
        (Names, list[Item]),
        (dict[str, str], list[str]),
        (dict[str, str], int),
        (str | None, Item),
        (str, Item | list[Item]),
    ],
)
def test_never_fits(result: object, model: object) -> None:
    assert not can_fit(result, model)


@pytest.mark.parametrize(
    ("result", "model"),
    [
        (Item, Item),
        (Row, Item),
        (dict[str, Any], Item),
        (Any, Item),
        (object, list[Item]),
        (Row, list[Item]),
        (Point, list[str]),
        (Pair, list[str]),
        (Response, Item),
        (str, int),
        (Item | None, Item),
        (list[str], list[Any]),
        (list, list[Item]),
        (tuple[str, int], list[Item]),
        (list[Row], list[Item]),
        (None, Item | None),
        (Item, dict[str, str]),
    ],
)
def test_may_fit(result: object, model: object) -> None:
    assert can_fit(result, model)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="only type statements make aliases without an end")
def test_an_alias_without_an_end_may_fit() -> None:
    namespace: dict[str, Any] = {}
    exec("type Endless = list[Endless]", namespace)
    assert can_fit(namespace["Endless"], namespace["Endless"])
