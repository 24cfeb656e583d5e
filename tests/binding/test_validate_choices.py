from __future__ import annotations

import enum
from typing import Any, Literal

import pytest

from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS
from tests.binding.body_oracle import Colour, Level, Mixed, our_answer, right_answer


class Half(float, enum.Enum):
    ONE = 0.5
    TWO = 1.0


class Single(enum.Enum):
    ONLY = "only"


class Lenient(enum.Enum):
    ONE = 1

    @classmethod
    def _missing_(cls, value: object) -> Lenient | None:
        if value == "broken":
            raise KeyError(value)
        return cls.ONE if value == "one" else None


class Unhashable(enum.Enum):
    ONE = [1]  # noqa: RUF012 - a value that no dict can hold
    PAIR = (1, 2)


class Bits(enum.Flag):
    A = 1
    B = 2


RAW = ["null", "true", "false", "0", "1", "2", "3", "0.5", "1.0", "1.5", '"1"', '"0.5"', '"red"', '"x"', '"only"', '"one"', '"a"', '""']


@pytest.mark.parametrize("annotation", [Colour, Level, Mixed, Half, Single, Lenient, Unhashable])
@pytest.mark.parametrize("raw", [*RAW, "[]", "[1]", "[1,2]", "{}"])
def test_an_enum_is_chosen_as_fastapi_chooses(annotation: Any, raw: str) -> None:
    assert our_answer(annotation, raw) == right_answer(annotation, raw)


def test_flags_combine() -> None:
    assert JsonBody(Bits, NO_CONSTRAINTS).decode(b"3", []) == Bits.A | Bits.B


def test_a_bug_in_an_enum_comes_through() -> None:
    with pytest.raises(KeyError, match="broken"):
        JsonBody(Lenient, NO_CONSTRAINTS).decode(b'"broken"', [])


@pytest.mark.parametrize(
    "annotation",
    [
        *[Literal["a"], Literal["a", "b", 1], Literal[1, 2], Literal[True], Literal[0, False], Literal[None, "x"]],
        *[Literal[Colour.RED], Literal[Single.ONLY], Literal[b"a"], Literal["1"]],
    ],
    ids=str,
)
@pytest.mark.parametrize("raw", [*RAW, "[]", "{}"])
def test_a_literal_is_chosen_as_fastapi_chooses(annotation: Any, raw: str) -> None:
    assert our_answer(annotation, raw) == right_answer(annotation, raw)
