from __future__ import annotations

import dataclasses
import datetime
import enum
import ipaddress
import re
import uuid
from collections import deque
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import attrs
import fastapi.encoders
import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.encoders import jsonable_encoder


class Color(enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    LARGE = 3


@dataclasses.dataclass
class Point:
    x: int
    y: int | None = None
    _sa_state: str = "kept out"


class Pair(NamedTuple):
    first: int
    second: str


class Model(pydantic.BaseModel):
    id: int
    name: str = pydantic.Field("n", alias="Name")
    inner: dict[str, int | None] = {"a": None}


@attrs.define
class Attributes:
    x: int = 1


class Plain:
    def __init__(self) -> None:
        self.when = datetime.date(2026, 1, 2)
        self._sa_state = "kept out"


class Item(msgspec.Struct):
    id: int
    name: str = msgspec.field(default="n", name="Name")
    note: str | None = None


class Dog(msgspec.Struct, tag="dog", tag_field="kind"):
    toys: list[str] = msgspec.field(default_factory=list)


class Row(msgspec.Struct, array_like=True):
    a: int
    b: datetime.date


class Unset(msgspec.Struct):
    a: int | msgspec.UnsetType = msgspec.UNSET


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.text(max_size=5).map(str.encode)
    | st.decimals(allow_nan=False, allow_infinity=False, places=2)
    | st.decimals(allow_nan=False, allow_infinity=False, places=0)
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.uuids()
    | st.ip_addresses()
    | st.sampled_from(
        [
            Color.RED,
            Size.LARGE,
            Path("/a/b"),
            re.compile("a+"),
            Point(1, 2),
            Point(1),
            Pair(1, "b"),
            Attributes(),
            Plain(),
            Model.model_validate({"id": 1}),
            Model.model_validate({"id": 1, "Name": "x"}),
            pydantic.RootModel([1, None]),
            pydantic.RootModel({"a": Model.model_validate({"id": 2})}),
            pydantic.SecretStr("hidden"),
            pydantic.AnyUrl("https://example.org/"),
            ipaddress.ip_network("10.0.0.0/8"),
            uuid.UUID(int=1),
        ]
    )
)
keys = st.sampled_from(["a", "b", "_sa_x", "x", "id", 1, None, Color.RED, uuid.UUID(int=2)])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, max_size=3).map(deque)
        | st.dictionaries(keys, inner, max_size=3)
        | st.frozensets(st.integers(), max_size=3)
    ),
    max_leaves=8,
)
options = st.fixed_dictionaries(
    {},
    optional={
        "include": st.sampled_from([{"a", "x", "id"}, ["b"], {"id": True}, set()]),
        "exclude": st.sampled_from([{"a"}, ["x", "name"], {"y"}]),
        "by_alias": st.booleans(),
        "exclude_unset": st.booleans(),
        "exclude_defaults": st.booleans(),
        "exclude_none": st.booleans(),
        "sqlalchemy_safe": st.booleans(),
        "custom_encoder": st.sampled_from([{Decimal: str}, {bytes: list}, {enum.Enum: lambda member: member.name}, {Plain: repr}]),
    },
)


@given(values, options)
def test_values_are_encoded_as_by_fastapi(value: Any, said: dict[str, Any]) -> None:
    assert jsonable_encoder(value, **said) == fastapi.encoders.jsonable_encoder(value, **said)


def test_generators_become_lists() -> None:
    assert jsonable_encoder(Color.RED for _ in range(2)) == ["red", "red"]


@pytest.mark.parametrize(
    ("value", "said", "expected"),
    [
        (Item(1), {}, {"id": 1, "Name": "n", "note": None}),
        (Item(1), {"by_alias": False}, {"id": 1, "name": "n", "note": None}),
        (Item(1), {"exclude_none": True}, {"id": 1, "Name": "n"}),
        (Item(1, "n", "x"), {"exclude_defaults": True}, {"id": 1, "note": "x"}),
        (Item(1), {"exclude_unset": True}, {"id": 1}),
        (Item(1), {"include": {"id", "name"}}, {"id": 1, "Name": "n"}),
        (Item(1), {"exclude": {"name"}}, {"id": 1, "note": None}),
        ({"items": [Item(1)]}, {"exclude_none": True}, {"items": [{"id": 1, "Name": "n"}]}),
        ([Item(1)], {"include": {"id"}}, [{"id": 1}]),
        (Dog(), {}, {"kind": "dog", "toys": []}),
        (Dog(), {"exclude_defaults": True}, {"kind": "dog"}),
        (Row(1, datetime.date(2026, 1, 2)), {}, [1, "2026-01-02"]),
        (Unset(), {}, {}),
    ],
)
def test_a_struct_is_encoded_as_the_model_that_it_is(value: object, said: dict[str, Any], expected: object) -> None:
    assert jsonable_encoder(value, **said) == expected


def test_what_has_no_fields_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Give custom_encoder=\{object: \.\.\.\}"):
        jsonable_encoder({"a": object()})


def test_what_is_nested_without_end_is_a_recursion_error() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        jsonable_encoder(endless)
