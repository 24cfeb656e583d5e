"""How lists, sets and dicts leave."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from fasterapi.binding.markers import MISSING
from tests.binding.results_oracle import faults, sent


class Hashable(msgspec.Struct, frozen=True):
    name: str


@pytest.mark.parametrize("make", [list, tuple, iter, lambda pets: (pet for pet in pets), lambda pets: dict.fromkeys(pets).keys()])
def test_any_iterable_for_a_list(make: Any) -> None:
    pets = [msgspec.structs.replace(pet) for pet in (Hashable("tom"), Hashable("kit"))]
    assert sent(list[Hashable], make(pets)) == [{"name": "tom"}, {"name": "kit"}]


def test_generator_is_read_once() -> None:
    def numbers() -> Iterator[int]:
        yield from range(3)

    assert sent(Sequence[int] | list[int], numbers()) == [0, 1, 2]
    assert sent(MISSING, numbers()) == [0, 1, 2]


def test_keys_of_other_types_than_text() -> None:
    assert sent(dict[int, int], {1: 1, "2": 2}) == {"1": 1, "2": 2}
    assert sent(dict[bool, int], {True: 1}) == {"true": 1}
    assert sent(dict[tuple[int, int], int], {(1, 2): 3}) == {"1,2": 3}
    assert sent(dict[datetime.timedelta, int], {datetime.timedelta(1): 1}) == {"P1D": 1}


def test_fault_of_a_key() -> None:
    assert faults(dict[int, int], {"x": 1})[0]["loc"] == ("response", "x", "[key]")


def test_what_is_excluded_is_excluded_from_each_item_of_a_set() -> None:
    assert sent(frozenset[Hashable], {Hashable("tom")}, exclude={"name"}) == [{}]
