"""Pairs of types, one for this package and one for pydantic, with JSON for both: FastAPI is asked what is right."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import json
import math
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional, Union, cast

import msgspec
import pydantic
from annotated_types import MaxLen, MinLen
from fastapi.encoders import jsonable_encoder
from hypothesis import strategies as st
from typing_extensions import NotRequired, TypedDict

from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.scalars import FAIL
from fasterapi.errors import ErrorItem


def our_answer(annotation: Any, raw: str) -> tuple[object, list[Any]]:
    """What this package makes of a body: the value in normal form, or its faults as JSON."""
    errors: list[ErrorItem] = []
    found = JsonBody(annotation, NO_CONSTRAINTS).decode(raw.encode(), errors)
    assert (found is FAIL) == bool(errors)
    return (None, as_json(errors)) if errors else (normal(found), [])


def right_answer(annotation: Any, raw: str) -> tuple[object, list[Any]]:
    """What FastAPI makes of it."""
    try:
        found = pydantic.TypeAdapter(annotation).validate_python(json.loads(raw), from_attributes=True)
    except pydantic.ValidationError as error:
        faults = error.errors(include_url=False)
        return None, as_json([{**fault, "loc": ("body", *fault["loc"])} for fault in faults])
    return normal(found), []


def as_json(faults: object) -> list[Any]:
    """Faults as a client reads them."""
    plain: list[Any] = jsonable_encoder(faults)
    return [json.loads(json.dumps(fault)) for fault in plain]


def normal(value: Any) -> object:
    """A value in a form that shows its type and can be compared."""
    if isinstance(value, (pydantic.BaseModel, msgspec.Struct)) or dataclasses.is_dataclass(value):
        return type(value).__name__, {name: normal(getattr(value, name)) for name in _field_names(value)}
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


def _field_names(value: Any) -> Sequence[str]:
    if isinstance(value, pydantic.BaseModel):
        return list(type(value).model_fields)
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    return [field.name for field in dataclasses.fields(value)]


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


_JUNK_SCALARS: Sequence[object] = [None, True, False, 0, 1, 2, -1, 1.0, 1.5, -0.0, 1e19]
_JUNK_TEXTS: Sequence[object] = ["", "x", "1", "1.5", "true", "on", "red", " 1 ", "nan", "2020-01-02", "2020-01-02T03:04:05Z"]
_JUNK_CONTAINERS: Sequence[object] = [[], [1], ["x"], [None], [[]], [1, 2, 3], {}, {"a": 1}, {"a": "x"}, {"b": 2}, {"a": 1, "z": 2}]
_UUID = "12345678-1234-5678-1234-567812345678"
JUNK = st.sampled_from([*_JUNK_SCALARS, *_JUNK_TEXTS, "03:04:05", "P1D", _UUID, *_JUNK_CONTAINERS])


def _of(kind: Any, *arguments: Any) -> Any:
    return kind[arguments if len(arguments) > 1 else arguments[0]]


def _same(annotation: Any, *values: object) -> Twin:
    return Twin(annotation, annotation, st.one_of(st.sampled_from(values), JUNK))


def _bounded(kind: type, bounds: Mapping[str, Any], *values: object) -> Twin:
    return _same(_of(Annotated, kind, msgspec.Meta(**bounds), pydantic.Field(**bounds)), *values)


SCALARS: Sequence[Twin] = [
    _same(int, 0, 1, -5, 2**70, "7", 3.0),
    _same(float, 0, 1.25, -5.5, 2**70, "7.5"),
    _same(bool, True, False, "off", 1),
    _same(str, "abc", "é", ""),
    _same(bytes, "abc", "YWJj"),
    _same(Decimal, "1.50", 1.5, 3, "1e5", "NaN", "Infinity"),
    _same(uuid.UUID, _UUID, f"{{{_UUID}}}"),
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
    _bounded(int, {"ge": 1, "lt": 10}, 1, 9, 10, 0, "10", 5.0),
    _bounded(float, {"gt": 0}, 1, 0, 0.5, "-1", "nan"),
    _bounded(str, {"min_length": 2, "max_length": 3}, "a", "ab", "abcd"),
    _bounded(str, {"pattern": "^a+$"}, "a", "ab", "aa"),
    _bounded(Decimal, {"ge": 1}, "1.5", "0.5", 0, 2),
]

_SCALAR = st.sampled_from(SCALARS)


def _container(item: Twin) -> st.SearchStrategy[Twin]:
    arrays = st.one_of(st.lists(item.values, max_size=4), JUNK)
    objects = st.one_of(st.dictionaries(st.sampled_from(["a", "b", "1", "x"]), item.values, max_size=3), JUNK)
    shapes: list[tuple[Callable[[Any], Any], st.SearchStrategy[object]]] = [
        (lambda kind: _of(list, kind), arrays),
        (lambda kind: _of(set, kind), arrays),
        (lambda kind: _of(frozenset, kind), arrays),
        (lambda kind: _of(tuple, kind, ...), arrays),
        (lambda kind: _of(tuple, kind, int), arrays),
        (lambda kind: _of(dict, str, kind), objects),
        (lambda kind: _of(dict, int, kind), objects),
        (lambda kind: _of(Optional, kind), st.one_of(st.none(), item.values)),
    ]
    plain = [Twin(make(item.ours), make(item.theirs), values) for make, values in shapes]
    # Unlike `pydantic.Field` these bounds are equal to themselves, so that a union of two such types is one type for both.
    bounded = [
        Twin(
            _of(Annotated, make(item.ours), msgspec.Meta(min_length=1, max_length=2)),
            _of(Annotated, make(item.theirs), MinLen(1), MaxLen(2)),
            values,
        )
        for make, values in (shapes[0], shapes[1], shapes[3], shapes[5])
    ]
    return st.sampled_from([*plain, *bounded])


def _sequence(item: Twin) -> Twin:
    return Twin(_of(Sequence, item.ours), _of(Sequence, item.theirs), st.one_of(st.lists(item.values, max_size=4), JUNK))


def _union(members: list[Twin]) -> Twin:
    ours, theirs = [member.ours for member in members], [member.theirs for member in members]
    return Twin(_of(Union, *ours), _of(Union, *theirs), st.one_of([member.values for member in members]))


@st.composite
def _model(draw: st.DrawFn, items: st.SearchStrategy[Twin]) -> Twin:
    names = draw(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4, unique=True))
    kind = draw(st.sampled_from(["struct", "strict struct", "dataclass", "typed dict", "named tuple"]))
    # pydantic hands "forbid extra" down to dataclasses and typed dicts within, msgspec does not.
    fields = {name: draw(_SCALAR if kind == "strict struct" else items) for name in names}
    # Fields with a default come last, as classes want it.
    required = names[: draw(st.integers(0, len(names)))]
    values: st.SearchStrategy[object] = st.fixed_dictionaries(
        {name: fields[name].values for name in required},
        optional={**{name: twin.values for name, twin in fields.items() if name not in required}, "z": JUNK},
    )
    if kind == "named tuple":
        values = st.one_of(values, st.lists(JUNK, max_size=4), st.tuples(*(fields[name].values for name in names)).map(list))
    title = f"{kind.title().replace(' ', '')}{''.join(names)}{len(required)}"
    return Twin(
        _model_class(kind, title, {name: twin.ours for name, twin in fields.items()}, required),
        _model_class(f"{kind} of pydantic", title, {name: twin.theirs for name, twin in fields.items()}, required),
        st.one_of(values, values, values, JUNK),
    )


_make_typed_dict = cast("Callable[[str, dict[str, Any]], Any]", TypedDict)


def _model_class(kind: str, title: str, fields: dict[str, Any], required: list[str]) -> Any:
    members: Any = [(name, hint) if name in required else (name, hint, None) for name, hint in fields.items()]
    if kind in {"struct", "strict struct"}:
        return msgspec.defstruct(title, members, forbid_unknown_fields=kind == "strict struct")
    if kind in {"struct of pydantic", "strict struct of pydantic"}:
        config = pydantic.ConfigDict(extra="forbid" if kind.startswith("strict") else "ignore")
        options: dict[str, Any] = {name: (hint, ... if name in required else None) for name, hint in fields.items()}
        return pydantic.create_model(title, __config__=config, **options)
    if kind.startswith("dataclass"):
        return dataclasses.make_dataclass(title, members)
    if kind.startswith("typed dict"):
        return _make_typed_dict(title, {name: hint if name in required else _of(NotRequired, hint) for name, hint in fields.items()})
    named: Any = collections.namedtuple(title, fields, defaults=[None] * (len(fields) - len(required)))  # type: ignore[misc]  # noqa: PYI024 - a class made at run time
    named.__annotations__ = fields
    return named


def twins(depth: int = 2) -> st.SearchStrategy[Twin]:
    """Types up to a depth of nesting.

    A `Sequence` is never part of a union: FastAPI's locations would have pydantic's inner workings as its name there.
    """
    return _SCALAR if depth == 0 else st.one_of(_twins(depth), _twins(depth - 1).map(_sequence))


def _twins(depth: int) -> st.SearchStrategy[Twin]:
    if depth == 0:
        return _SCALAR
    inner = _twins(depth - 1)
    return st.one_of(_SCALAR, inner.flatmap(_container), st.lists(inner, min_size=2, max_size=3).map(_union), _model(inner), _model(inner))
