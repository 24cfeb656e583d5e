"""How values leave whose type nobody declared."""

from __future__ import annotations

from typing import Any

import msgspec
import pydantic
import pytest

from fasterapi.binding.markers import MISSING
from tests.binding.results_oracle import faults, sent


class Pet(msgspec.Struct):
    name: str
    age: int = 1


class Row:
    """As the rows of database drivers are."""

    def keys(self) -> list[str]:
        return ["name", "raw"]

    def __getitem__(self, key: str) -> object:
        return {"name": "tom", "raw": b"raw"}[key]


def test_row_where_nothing_is_declared() -> None:
    assert sent(MISSING, [Row()]) == [{"name": "tom", "raw": "raw"}]


@pytest.mark.parametrize("result", [range(2), {0: 0, 1: 1}.keys(), iter([0, 1]), (0, 1)])
def test_any_iterable_where_nothing_is_declared(result: object) -> None:
    assert sent(MISSING, result) == [0, 1]


@pytest.mark.parametrize("result", [object(), Pet, len, Row.keys, lambda: None])
def test_what_has_no_form_in_json_is_a_fault(result: object) -> None:
    assert faults(MISSING, {"a": [result]})[0]["loc"] == ("response", "a", 0)


def test_exclude_goes_by_the_names_of_a_pydantic_model_of_no_declared_type() -> None:
    model = pydantic.create_model("Aliased", secret=(str, pydantic.Field(serialization_alias="open")))
    assert sent(Any, {"a": model(secret="x")}, exclude={"a": {"secret"}}) == {"a": {}}
