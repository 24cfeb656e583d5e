from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional
from uuid import UUID

import msgspec
import pydantic
import pytest

from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.errors import ErrorItem
from tests.binding.body_oracle import Colour, Level, Mixed, our_answer, right_answer

SCALAR_UNIONS: list[Any] = [
    int | float, float | int, int | str, bool | int, int | bool, float | str, float | bool, str | bytes, bytes | str, datetime | str,
    date | datetime, datetime | date, datetime | int, timedelta | int, Decimal | float, float | Decimal, Decimal | str, UUID | str,
    Level | int, int | Level, Colour | str, Literal["red"] | Colour, Literal[True] | int, Any | int, int | Any,
    float | int | None, list[int] | set[int], set[int] | list[int], tuple[int, ...] | list[int], list[str] | list[int],
    dict[str, int] | dict[str, str], dict[int, int] | dict[str, int], list[float] | list[int], Optional[list[int] | int],
    Annotated[int | str, "said"] | list[int], int | list[int | list[int]],
]  # fmt: skip


@pytest.mark.parametrize("annotation", SCALAR_UNIONS, ids=str)
@pytest.mark.parametrize(
    "raw",
    [
        "null",
        "true",
        "1",
        "0",
        "1.0",
        "1.5",
        '"1"',
        '"1.5"',
        '"true"',
        '"x"',
        '"red"',
        '"2020-01-01"',
        '"2020-01-01T00:00:01"',
        "86400",
        "[]",
        "[1]",
        '["1"]',
        "[1.0]",
        '[1,["1"]]',
        '["x"]',
        "{}",
        '{"1":1}',
        '{"a":"1"}',
        '"12345678123456781234567812345678"',
    ],
)
def test_the_best_choice_is_fastapis(annotation: Any, raw: str) -> None:
    assert our_answer(annotation, raw) == right_answer(annotation, raw)


@pytest.mark.parametrize(
    "annotation",
    [
        *[int, float, bool, str, bytes, Decimal, UUID, datetime, date, time, timedelta, Colour, Level, Mixed, Literal["a", 1]],
        *[list, list[int | None], set[str], frozenset[int], tuple[int, str], tuple[int, ...], dict[int, list[str]], list[int | str]],
        *[list[Annotated[datetime, msgspec.Meta(tz=True)]], list[list[Any]]],
    ],
    ids=str,
)
def test_a_fault_names_its_choice_as_fastapi(annotation: Any) -> None:
    raw = '{"zz":[[]]}'
    assert our_answer(annotation | list[None], raw) == right_answer(annotation | list[None], raw)


class A(msgspec.Struct):
    a: int
    b: str = "x"


class B(msgspec.Struct):
    a: int
    c: int = 1


class C(msgspec.Struct):
    a: float


class AModel(pydantic.BaseModel):
    a: int
    b: str = "x"


class BModel(pydantic.BaseModel):
    a: int
    c: int = 1


class CModel(pydantic.BaseModel):
    a: float


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (A | B, AModel | BModel),
        (C | A, CModel | AModel),
        (A | C, AModel | CModel),
        (A | dict[str, Any], AModel | dict[str, Any]),
        (dict[str, Any] | A, dict[str, Any] | AModel),
        (A | dict[str, int], AModel | dict[str, int]),
        (list[A] | list[B], list[AModel] | list[BModel]),
        (A | list[A], AModel | list[AModel]),
        (A | B | None, AModel | BModel | None),
        (dict[str, A | B] | int, dict[str, AModel | BModel] | int),
    ],
)
@pytest.mark.parametrize(
    "raw",
    [
        "{}",
        "1",
        "null",
        '{"a":1}',
        '{"a":"1"}',
        '{"a":1,"c":2}',
        '{"a":1,"b":"x","c":1}',
        '{"a":1.0}',
        '{"a":1.5}',
        '{"z":1}',
        "[]",
        '[{"a":1,"c":2}]',
        '[{"a":1},{"a":1,"c":2}]',
        '[{"a":"x"}]',
        '{"k":{"a":1,"c":2}}',
    ],
)
def test_the_best_model_is_fastapis(ours: Any, theirs: Any, raw: str) -> None:
    (found, found_faults), (right, right_faults) = our_answer(ours, raw), right_answer(theirs, raw)
    assert str(found) == str(right).replace("Model", "")
    assert str(found_faults) == str(right_faults).replace("Model", "")


class Cat(msgspec.Struct, tag="cat"):
    lives: int


class Dog(msgspec.Struct, tag="dog"):
    name: str


class CatModel(pydantic.BaseModel):
    type: Literal["cat"]
    lives: int


class DogModel(pydantic.BaseModel):
    type: Literal["dog"]
    name: str


PetModel = Annotated[CatModel | DogModel, pydantic.Field(discriminator="type")]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Cat | Dog, PetModel),
        (Cat | Dog | None, PetModel | None),
        (list[Cat | Dog], list[PetModel]),
        (Cat | Dog | int, PetModel | int),
        (Cat | Dog | list[Cat | Dog], PetModel | list[PetModel]),
    ],
)
@pytest.mark.parametrize(
    "raw",
    [
        '{"type":"cat"}',
        '{"type":"cat","lives":"x"}',
        '{"type":"cow"}',
        '{"type":1}',
        '{"type":[1]}',
        '{"type":null}',
        '{"type":true}',
        "{}",
        "[]",
        "1.5",
        "null",
        '[{"type":"dog"},{"type":"cat","lives":1},{}]',
    ],
)
def test_a_tag_tells_structs_apart_as_a_discriminator(ours: Any, theirs: Any, raw: str) -> None:
    assert str(our_answer(ours, raw)[1]) == str(right_answer(theirs, raw)[1]).replace("Model", "")


def decode(annotation: Any, raw: str) -> object:
    """The value; there must be no fault."""
    errors: list[ErrorItem] = []
    found = JsonBody(annotation, NO_CONSTRAINTS).decode(raw.encode(), errors)
    assert errors == []
    return found


def test_a_tagged_struct_is_converted() -> None:
    assert decode(Cat | Dog, '{"type":"cat","lives":"9"}') == Cat(9)


class First(msgspec.Struct, tag=1, tag_field="kind", array_like=True):
    x: int


class Second(msgspec.Struct, tag=2, tag_field="kind", array_like=True):
    y: int


def test_arrays_are_told_apart_by_their_first_item() -> None:
    assert decode(list[First | Second], '[[1,"5"],[2,"6"]]') == [First(5), Second(6)]


@pytest.mark.parametrize(
    ("raw", "kind"), [("{}", "list_type"), ("[]", "union_tag_not_found"), ("[3]", "union_tag_invalid"), ("[1]", "missing")]
)
def test_arrays_without_a_known_first_item_are_refused(raw: str, kind: str) -> None:
    errors: list[ErrorItem] = []
    JsonBody(First | Second, NO_CONSTRAINTS).decode(raw.encode(), errors)
    assert [error["type"] for error in errors] == [kind]
