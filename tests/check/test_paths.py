from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Literal, NewType, Optional
from uuid import UUID

import pytest

from fasterapi.check.paths import path_type

UserId = NewType("UserId", int)
AdminId = NewType("AdminId", UserId)
Amount = NewType("Amount", float)
Name = NewType("Name", str)


class Level(IntEnum):
    LOW = 1


class Mode(Enum):
    ON = "on"


class Positive(int): ...


@pytest.mark.parametrize(
    ("converter", "annotation", "expected"),
    [
        ("int", int, int),
        ("int", str, int),
        ("int", object, int),
        ("int", bool, int),
        ("int", UUID, int),
        ("int", int | None, int),
        ("int", Name, int),
        ("int", Mode, int),
        ("int", Literal["a"], int),
        ("float", float, float),
        ("float", int, float),
        ("float", UserId, float),
        ("uuid", UUID, UUID),
        ("uuid", str, UUID),
        ("uuid", Decimal, UUID),
    ],
)
def test_a_converter_gives_its_type(converter: str, annotation: object, expected: type) -> None:
    assert path_type(converter, annotation) is expected


@pytest.mark.parametrize(
    ("converter", "annotation"),
    [
        ("str", int),
        ("path", str),
        ("", UUID),
        ("int", UserId),
        ("int", AdminId),
        ("int", Amount),
        ("int", Level),
        ("int", Positive),
        ("int", Literal[1, 2]),
        ("int", Optional[UserId]),
        ("int", Annotated[UserId, "described"]),
        ("int", Decimal),
        ("int", datetime),
        ("int", timedelta),
        ("float", Amount),
        ("float", Decimal),
    ],
)
def test_the_annotation_decides_where_it_says_more(converter: str, annotation: object) -> None:
    assert path_type(converter, annotation) is None
