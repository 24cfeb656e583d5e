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
from fasterapi.binding.pydantic_types import is_pydantics, is_scalar
from fasterapi.binding.pydantic_values import PydanticConverter
from fasterapi.binding.scalar_choices import EnumConverter, LimitedConverter, LiteralConverter, UnionConverter
from fasterapi.binding.scalar_converter import FAIL, NUMBERS, TEXTS, Converter
from fasterapi.binding.scalar_duration import TimedeltaConverter
from fasterapi.binding.scalar_limits import AnyNumberLimits, Limits, TextLimits
from fasterapi.binding.scalar_numbers import BoolConverter, DecimalConverter, FloatConverter, IntConverter
from fasterapi.binding.scalar_temporal import DateConverter, DatetimeConverter, TimeConverter
from fasterapi.binding.scalar_text import AnyConverter, BytesConverter, ClassConverter, StrConverter, UuidConverter

__all__ = ["DIFFERENCES", "FAIL", "Converter", "converter_for"]

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("`0-5` for an int", "is -5: what stands after leading zeros may be negative", "is refused"),
    ("Several bounds of one name: `Annotated[int, Meta(ge=3)] = Query(ge=1)`", "the last one holds", "all of them hold"),
    ("Two patterns, or two `multiple_of`, for one value", "the last one holds", "is refused at start-up, unless they are equal"),
    ("A constraint that cannot apply to its type: `min_length` of an int", "status 500 for each request", "is refused at start-up"),
    ("`pattern`", "is one of Rust's regex", "is one of Python's re, in which `$` means the very end, as in Rust"),
    ("`pattern` of an `Enum` of texts", "gives the plain text", "gives the member"),
    ("A date in the year 0 that breaks a bound too, or is no midnight", "the fault says so", "the fault is that of the year"),
    ("A negative timedelta of 999,999,999 days and some hours, too long for Python", "status 500", "status 422"),
    ("An exception in the `_missing_` of an `Enum`", "status 500", "status 422: the text is no member"),
    ("A value beyond 64 bits in an `IntEnum`", "is never found", "is found"),
    ("Half a surrogate pair in the text for a number, date or `Literal`", "`string_unicode`", "the fault of that type"),
    ("A path or IP address in a union", "locations of faults have pydantic's inner schema", "they have the name of the class"),
    ("A union with a constraint in a union", "locations of faults have a function's address", "they have the names of the types"),
)
"""Where we part from FastAPI on purpose: the case, what FastAPI does, what we do."""

_DEEPEST: Final = 50
"""More unions in unions than this are taken for a circle."""

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
    if is_pydantics(annotation):
        return PydanticConverter(annotation, constraints) if is_scalar(annotation) else None
    return _converter(annotation, constraints, 0)


def _converter(annotation: object, constraints: Constraints, depth: int) -> Converter | None:
    kind, constraints = unwrap(annotation, constraints)
    origin = get_origin(kind)
    if origin is Union or origin is UnionType:
        return _union_converter(kind, constraints, depth + 1)
    make = _WITH_OWN_LIMITS.get(kind) if isinstance(kind, type) else None
    if make is not None:
        return make(constraints)
    converter = _plain_converter(kind, origin)
    if converter is None or constraints.is_empty:
        return converter
    return LimitedConverter(converter, _limits(converter, kind, constraints))


def _union_converter(union: object, constraints: Constraints, depth: int) -> Converter | None:
    if depth > _DEEPEST:
        raise TypeError(f"{union} contains itself. Write the types that it stands for.")
    # Text is never `None`: in an `Optional` only the other type counts.
    members = [member for member in get_args(union) if member is not NoneType]
    if len(members) == 1:
        return _converter(members[0], constraints, depth)
    choices: list[Converter] = []
    for member in members:
        choice = _converter(member, NO_CONSTRAINTS, depth)
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
    raise TypeError(f"{asked} does not apply to {name}. Write it only on the type that is meant: Annotated[type, Meta(...)].")
