"""Pairs of types, one for this package and one for pydantic, with JSON for both: FastAPI is asked what is right."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import math
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union

import msgspec
import pydantic
from fastapi.encoders import jsonable_encoder
from hypothesis import strategies as st
from typing_extensions import TypedDict

from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.errors import ErrorItem


@dataclasses.dataclass(frozen=True)
class Twin:
    """The same type for both, and values that both could take."""

    ours: Any
    theirs: Any
    values: st.SearchStrategy[object]


class Colour(str, enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    TEXT = "x"
    NUMBER = 1


JUNK = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        2,
        -1,
        1.0,
        1.5,
        -0.0,
        1e19,
        "",
        "x",
        "1",
        "1.5",
        "true",
        "on",
        "red",
        " 1 ",
        "nan",
        "2020-01-02",
        "2020-01-02T03:04:05Z",
        "03:04:05",
        "P1D",
        "12345678-1234-5678-1234-567812345678",
        [],
        [1],
        ["x"],
        [None],
        [[]],
        {},
        {"a": 1},
        {"a": "x"},
        {"b": 2},
        {"a": 1, "z": 2},
        [1, 2, 3],
    ]  # fmt: skip
)


def _same(annotation: Any, *values: object) -> Twin:
    return Twin(annotation, annotation, st.one_of(st.sampled_from(values), JUNK))


SCALARS: Sequence[Twin] = [
    _same(int, 0, 1, -5, 2**70, "7", 3.0),
    _same(float, 0, 1.25, -5.5, 2**70, "7.5"),
    _same(bool, True, False, "off", 1),
    _same(str, "abc", "é", ""),
    _same(bytes, "abc", "YWJj"),
    _same(Decimal, "1.50", 1.5, 3, "1e5", "NaN", "Infinity"),
    _same(uuid.UUID, "12345678-1234-5678-1234-567812345678", "{12345678-1234-5678-1234-567812345678}"),
    _same(datetime.datetime, "2020-01-02T03:04:05.1234567Z", "2020-01-02 03:04:05+01:00", 1577934245, 1577934245.5, "2020-01-02T03:04"),
    _same(datetime.date, "2020-01-02", 86400, 86401, "2020-01-02T00:00:00"),
    _same(datetime.time, "03:04:05.1234567", "03:04", 3600, 3600.5, 86400, -1),
    _same(datetime.timedelta, "P1DT2H", "01:00:00", 3600, 1.5, "p1d", 1e18),
    _same(Colour, "red", "blue", "green"),
    _same(Level, 1, 2, "1", 3, 1.0),
    _same(Mixed, 1, "x", 1.0, "1"),
    _same(Literal["a", 1], "a", 1, 1.0),
    _same(Literal[True, None], True, None, 1),
    _same(type(None), None),
    _same(Any, {"k": [1, 2.5]}, None),
    _same(Annotated[int, msgspec.Meta(ge=1, lt=10), pydantic.Field(ge=1, lt=10)], 1, 9, 10, 0, "10", 5.0),
    _same(Annotated[float, msgspec.Meta(gt=0), pydantic.Field(gt=0)], 1, 0, 0.5, "-1", "nan"),
    _same(Annotated[str, msgspec.Meta(min_length=2, max_length=3), pydantic.Field(min_length=2, max_length=3)], "a", "ab", "abcd"),
    _same(Annotated[str, msgspec.Meta(pattern="^a+$"), pydantic.Field(pattern="^a+$")], "a", "ab", "aa"),
    _same(Annotated[Decimal, msgspec.Meta(ge=1), pydantic.Field(ge=1)], "1.5", "0.5", 0, 2),
]


def _container(item: Twin) -> st.SearchStrategy[Twin]:
    arrays = st.one_of(st.lists(item.values, max_size=4), JUNK)
    objects = st.one_of(st.dictionaries(st.sampled_from(["a", "b", "1", "x"]), item.values, max_size=3), JUNK)
    bounds = (msgspec.Meta(min_length=1, max_length=2), pydantic.Field(min_length=1, max_length=2))
    o, t = item.ours, item.theirs
    return st.sampled_from(
        [
            Twin(list[o], list[t], arrays),
            Twin(set[o], set[t], arrays),
            Twin(frozenset[o], frozenset[t], arrays),
            Twin(tuple[o, ...], tuple[t, ...], arrays),
            Twin(tuple[o, int], tuple[t, int], arrays),
            Twin(dict[str, o], dict[str, t], objects),
            Twin(dict[int, o], dict[int, t], objects),
            Twin(Sequence[o], Sequence[t], arrays),
            Twin(Optional[o], Optional[t], st.one_of(st.none(), item.values)),
            Twin(Annotated[list[o], bounds[0]], Annotated[list[t], bounds[1]], arrays),
            Twin(Annotated[set[o], bounds[0]], Annotated[set[t], bounds[1]], arrays),
            Twin(Annotated[tuple[o, ...], bounds[0]], Annotated[tuple[t, ...], bounds[1]], arrays),
            Twin(Annotated[dict[str, o], bounds[0]], Annotated[dict[str, t], bounds[1]], objects),
        ]
    )


def _union(members: list[Twin]) -> Twin:
    ours, theirs = tuple(member.ours for member in members), tuple(member.theirs for member in members)
    return Twin(Union[ours], Union[theirs], st.one_of([member.values for member in members]))


@st.composite
def _model(draw: st.DrawFn, items: st.SearchStrategy[Twin]) -> Twin:
    names = draw(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4, unique=True))
    fields = {name: draw(items) for name in names}
    # Fields with a default come last, as classes want it.
    required = names[: draw(st.integers(0, len(names)))]
    kind = draw(st.sampled_from(["struct", "strict struct", "dataclass", "typed dict", "named tuple"]))
    values: st.SearchStrategy[object] = st.fixed_dictionaries(
        {name: fields[name].values for name in required},
        optional={**{name: twin.values for name, twin in fields.items() if name not in required}, "z": JUNK},
    )
    if kind == "named tuple":
        values = st.one_of(values, st.lists(JUNK, max_size=4), st.tuples(*(fields[name].values for name in names)).map(list))
    title = f"{kind.title().replace(' ', '')}{''.join(names)}{len(required)}"
    return Twin(
        _model_class(kind, title, {name: twin.ours for name, twin in fields.items()}, required),
        _model_class(kind + " of pydantic", title, {name: twin.theirs for name, twin in fields.items()}, required),
        st.one_of(values, values, values, JUNK),
    )


def _model_class(kind: str, title: str, fields: dict[str, Any], required: list[str]) -> Any:
    if kind in {"struct", "strict struct"}:
        members = [(name, hint) if name in required else (name, hint, None) for name, hint in fields.items()]
        return msgspec.defstruct(title, members, forbid_unknown_fields=kind.startswith("strict"))
    if kind in {"struct of pydantic", "strict struct of pydantic"}:
        config = pydantic.ConfigDict(extra="forbid" if kind.startswith("strict") else "ignore")
        options: dict[str, Any] = {name: (hint, ... if name in required else None) for name, hint in fields.items()}
        return pydantic.create_model(title, __config__=config, **options)
    if kind.startswith("dataclass"):
        return dataclasses.make_dataclass(
            title, [(name, hint) if name in required else (name, hint, None) for name, hint in fields.items()]
        )
    if kind.startswith("typed dict"):
        from typing_extensions import NotRequired

        return TypedDict(title, {name: hint if name in required else NotRequired[hint] for name, hint in fields.items()})  # type: ignore[operator]  # a dynamic class
    named = NamedTuple(title, list(fields.items()))  # type: ignore[misc]  # a dynamic class
    named.__new__.__defaults__ = tuple(None for name in fields if name not in required)
    named._field_defaults = {name: None for name in fields if name not in required}
    return named


_SCALAR = st.sampled_from(SCALARS)


def twins(depth: int = 2) -> st.SearchStrategy[Twin]:
    """Types up to a depth of nesting."""
    if depth == 0:
        return _SCALAR
    inner = twins(depth - 1)
    return st.one_of(
        _SCALAR,
        inner.flatmap(_container),
        st.lists(inner, min_size=2, max_size=3).map(_union),
        _model(inner),
        _model(inner),
    )


def answer(twin: Twin, value: object) -> tuple[object, list[Any]]:
    """What this package makes of a body: the value in normal form, or its faults as JSON."""
    errors: list[ErrorItem] = []
    found = JsonBody(twin.ours, NO_CONSTRAINTS).decode(json.dumps(value).encode(), errors)
    return (None, _as_json(errors)) if errors else (normal(found), [])


def right_answer(twin: Twin, value: object) -> tuple[object, list[Any]]:
    """What FastAPI makes of it."""
    try:
        found = pydantic.TypeAdapter(twin.theirs).validate_python(json.loads(json.dumps(value)), from_attributes=True)
    except pydantic.ValidationError as error:
        faults: list[Any] = error.errors(include_url=False)
        for fault in faults:
            fault["loc"] = ("body", *fault["loc"])
        return None, _as_json(faults)
    return normal(found), []


def _as_json(faults: Any) -> list[Any]:
    plain: list[Any] = jsonable_encoder(faults)
    return [json.loads(json.dumps(fault)) for fault in plain]


def normal(value: Any) -> object:
    """A value in a form that shows its type and can be compared."""
    if isinstance(value, pydantic.BaseModel):
        return type(value).__name__, {name: normal(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, msgspec.Struct):
        return type(value).__name__, {name: normal(getattr(value, name)) for name in value.__struct_fields__}
    if dataclasses.is_dataclass(value):
        return type(value).__name__, {field.name: normal(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return "dict", sorted(((normal(key), normal(item)) for key, item in value.items()), key=repr)
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [normal(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return type(value).__name__, sorted((normal(item) for item in value), key=repr)
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if isinstance(value, (datetime.datetime, datetime.time)):
        return type(value).__name__, value.replace(tzinfo=None), value.utcoffset()
    return type(value).__name__, value
