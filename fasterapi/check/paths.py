"""What the parts of a path give to those that ask for them."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import types
import typing
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Final, Literal, NewType, get_args, get_origin
from uuid import UUID

_TYPES: Final[dict[str, type]] = {"int": int, "float": float, "uuid": UUID}

_READ_FROM_NUMBERS: Final = (Decimal, datetime, timedelta)
"""What is made of a number that is written in digits, although no number is one."""


def path_type(converter: str, annotation: object) -> type | None:
    """The type that a converter gives, `None` where the annotation decides what the text becomes.

    It decides behind `{name}` and `{name:path}`, and where it says more exactly which numbers or identifiers are meant:
    `UserId = NewType("UserId", int)`, an `IntEnum`, a `Literal` and a subclass are all read from digits.
    """
    given = _TYPES.get(converter)
    return None if given is None or _narrows(annotation, given) else given


def _narrows(annotation: object, given: type) -> bool:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _narrows(get_args(annotation)[0], given)
    if origin in (typing.Union, types.UnionType):
        return any(_narrows(member, given) for member in get_args(annotation))
    if origin is Literal:
        return any(isinstance(value, given) for value in get_args(annotation))
    if isinstance(annotation, NewType):
        supertype: object = annotation.__supertype__
        return supertype is given or (supertype is float and given is int) or _narrows(supertype, given)
    if not isinstance(annotation, type) or annotation is bool:
        return False
    if issubclass(annotation, Enum):
        return any(isinstance(member.value, given) for member in annotation)
    if issubclass(annotation, _READ_FROM_NUMBERS):
        return given in (int, float)
    return issubclass(annotation, given) and annotation is not given
