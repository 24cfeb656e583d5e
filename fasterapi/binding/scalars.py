"""Text from path, query, header, cookie and form becomes the scalar that the handler declared.

What is taken and what is refused, and the words for it, are those of FastAPI, which runs pydantic's lax mode on such text.
`DIFFERENCES` names where we part from it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID

from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints, unwrap
from fasterapi.binding.scalar_choices import EnumConverter, LimitedConverter, LiteralConverter, UnionConverter
from fasterapi.binding.scalar_converter import FAIL, NUMBERS, TEXTS, Converter
from fasterapi.binding.scalar_duration import TimedeltaConverter
from fasterapi.binding.scalar_limits import AnyNumberLimits, Limits, TextLimits
from fasterapi.binding.scalar_numbers import BoolConverter, DecimalConverter, FloatConverter, IntConverter
from fasterapi.binding.scalar_temporal import DateConverter, DatetimeConverter, TimeConverter
from fasterapi.binding.scalar_text import AnyConverter, BytesConverter, ClassConverter, StrConverter, UuidConverter

__all__ = ["DIFFERENCES", "FAIL", "Converter", "converter_for"]

DIFFERENCES: Final = ()

_WITH_OWN_LIMITS: Final[dict[object, Callable[[Constraints], Converter]]] = {
    str: StrConverter,
    int: IntConverter,
    float: FloatConverter,
    Decimal: DecimalConverter,
    bytes: BytesConverter,
    datetime: DatetimeConverter,
    date: DateConverter,
    time: TimeConverter,
    timedelta: TimedeltaConverter,
}


def converter_for(annotation: object, constraints: Constraints) -> Converter | None:
    """The converter of a scalar annotation, `None` where it is no scalar (a list, a model …).

    Raises `TypeError` or `ValueError` where the constraints cannot be held against the values of the type.

    Example: `converter_for(int, Constraints(ge=1)).convert("7")` gives 7.
    """
    kind, constraints = unwrap(annotation, constraints)
    origin = get_origin(kind)
    if origin is Union or origin is UnionType:
        return _union_converter(kind, constraints)
    make = _WITH_OWN_LIMITS.get(kind) if isinstance(kind, type) else None
    if make is not None:
        return make(constraints)
    converter = _plain_converter(kind, origin)
    if converter is None or constraints.is_empty:
        return converter
    return LimitedConverter(converter, _limits(converter, kind, constraints))


def _union_converter(union: object, constraints: Constraints) -> Converter | None:
    # Text is never `None`: in an `Optional` only the other type counts.
    members = [member for member in get_args(union) if member is not NoneType]
    if len(members) == 1:
        return converter_for(members[0], constraints)
    choices: list[Converter] = []
    for member in members:
        choice = converter_for(member, NO_CONSTRAINTS)
        if choice is None:
            return None
        choices.append(choice)
    converter = UnionConverter(choices)
    return converter if constraints.is_empty else LimitedConverter(converter, _limits(converter, union, constraints))


def _plain_converter(kind: object, origin: object) -> Converter | None:
    """The converter of a type whose values take no constraint, or only a general one."""
    if kind is Any or kind is object:
        return AnyConverter()
    if origin is Literal:
        return LiteralConverter(get_args(kind))
    if kind is bool:
        return BoolConverter()
    if kind is UUID:
        return UuidConverter()
    if not isinstance(kind, type):
        return None
    if issubclass(kind, Enum):
        return EnumConverter(kind) if kind.__members__ else None
    return ClassConverter(kind) if ClassConverter.suits(kind) else None


def _limits(converter: Converter, kind: object, constraints: Constraints) -> Limits:
    """Constraints on what a converter gives, where it does not look at them itself."""
    name = kind.__name__ if isinstance(kind, type) else str(kind)
    if converter.nature == NUMBERS:
        return AnyNumberLimits(name, constraints.written)
    if converter.nature == TEXTS:
        return TextLimits(object, name, constraints.written)
    asked = ", ".join([f"{constraint}={value!r}" for constraint, value in constraints.written.items()])
    raise TypeError(f"{asked} does not apply to {name}. Write it only on the type that it is meant for: Annotated[type, Meta(...)].")
