"""Declared results that can never fit their response model.

A response model takes more than its own type: dicts and ORM rows for a model, texts for a number. So only what no value at
all could bring about counts: a text where a model is asked for, an object where a list is, `None` where nothing is optional.
"""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import collections.abc
import dataclasses
import types
import typing
from collections import deque
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Final, Literal, NewType, cast, get_args, get_origin
from uuid import UUID

import msgspec
import typing_extensions

from fasterapi.binding.aliases import is_alias
from fasterapi.http.responses import Response

_MAX_DEPTH: Final = 8
"""How deep lists in lists are compared; recursive aliases have no end."""

_SCALARS: Final = (str, bytes, bytearray, int, float, complex, date, time, timedelta)
_OBJECT_SCALARS: Final = (Decimal, UUID, Enum)
_ARRAYS: Final = (list, tuple, set, frozenset, deque)
_ABSTRACT_ARRAYS: Final = (collections.abc.Sequence, collections.abc.MutableSequence, collections.abc.Set, collections.abc.MutableSet)
_MAPPINGS: Final = (dict, collections.abc.Mapping, collections.abc.MutableMapping)

_NULL: Final = "null"
_SCALAR: Final = "scalar"
_OBJECT_SCALAR: Final = "scalar with attributes"
"""What is sent as a scalar, and what a model reads its fields off, as off any object."""
_ARRAY: Final = "array"
_MAPPING: Final = "mapping"
_MODEL: Final = "model"
_OPEN: Final = "open"
"""What may turn out to be anything: `Any`, a Protocol, a class that nothing is known of."""

_TAKES: Final[dict[str, tuple[str, ...]]] = {
    _NULL: (_NULL,),
    _SCALAR: (_SCALAR, _OBJECT_SCALAR),
    _OBJECT_SCALAR: (_SCALAR, _OBJECT_SCALAR),
    _ARRAY: (_ARRAY,),
    _MAPPING: (_MAPPING, _MODEL),
    _MODEL: (_MAPPING, _MODEL, _OBJECT_SCALAR),
}
"""The shapes of results that can fit a response model of each shape."""


def can_fit(result: object, model: object, depth: int = 0) -> bool:
    """Whether any value of the declared result could be sent as the response model.

    Example: `can_fit(str, Item)` is false, `can_fit(dict[str, object], Item)` and `can_fit(Item | None, Item)` are true.
    """
    if depth > _MAX_DEPTH:
        return True
    return any(_member_fits(given, asked, depth) for given in _members(result) for asked in _members(model))


def _member_fits(result: object, model: object, depth: int) -> bool:
    given, asked = _shape(result), _shape(model)
    if _OPEN in (given, asked):
        return True
    if given not in _TAKES[asked]:
        return False
    if given == asked == _ARRAY:
        given_item, asked_item = _item(result), _item(model)
        return given_item is None or asked_item is None or can_fit(given_item, asked_item, depth + 1)
    return True


def _members(annotation: object) -> list[object]:
    """The alternatives of a union, each without what names or describes it."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif is_alias(annotation):
            annotation = cast(Any, annotation).__value__
        else:
            break
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return [inner for member in get_args(annotation) for inner in _members(member)]
    return [annotation]


def _shape(annotation: object) -> str:
    if annotation is None or annotation is types.NoneType:
        return _NULL
    origin = get_origin(annotation)
    if origin is Literal:
        return _NULL if get_args(annotation) == (None,) else _SCALAR
    cls = origin or annotation
    if not isinstance(cls, type) or issubclass(cls, Response):
        return _OPEN
    if issubclass(cls, _OBJECT_SCALARS):
        return _OBJECT_SCALAR
    if issubclass(cls, _SCALARS):
        return _SCALAR
    if cls in _MAPPINGS:
        return _MAPPING
    if _is_model(cls):
        return _MODEL
    if cls in _ARRAYS or cls in _ABSTRACT_ARRAYS:
        return _ARRAY
    return _OPEN


def _is_model(cls: type) -> bool:
    """Whether the instances of a class are sent as objects, which no array fits; those with items of their own may be anything."""
    if issubclass(cls, msgspec.Struct) and cls.__struct_config__.array_like:
        return False
    is_known = issubclass(cls, msgspec.Struct) or dataclasses.is_dataclass(cls) or hasattr(cls, "__attrs_attrs__")
    return typing_extensions.is_typeddict(cls) or (is_known and not hasattr(cls, "__iter__"))


def _item(annotation: object) -> object | None:
    """The one type of an array's items; `None` where it has no single one."""
    arguments = [argument for argument in get_args(annotation) if argument is not ...]
    return arguments[0] if len(arguments) == 1 else None
