"""How single values leave: numbers, texts, dates, members of an `Enum`, `Literal`s.

A handler's result holds Python values where a request body held JSON, so that each type takes more than its validator
knows: bytes for a text, a `Decimal` for a number, a `date` for a `datetime`. These are brought into a form that the
validator knows, and it says the rest.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import operator
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, SupportsFloat, SupportsIndex, SupportsInt, cast, final

from typing_extensions import override

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.result_filter import Filter
from fasterapi.binding.result_formats import duration_text
from fasterapi.binding.result_shape import Dump, Shape
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validator import LAX, Validator, Walk

_MIDNIGHT: Final = datetime.time()
_ENCODED_VALUES: Final = {str, int, float, bool, type(None)}


@final
class ScalarShape(Shape):
    """A type of single values."""

    def __init__(
        self,
        kind: type[Any],
        validator: Validator,
        prepare: Callable[[object, Walk], object],
        write: Callable[[Any, Walk], object] | None,
    ) -> None:
        super().__init__()
        self.exact: type[Any] | None = kind
        self.faithful: bool = write is None
        self._validator = validator
        self._prepare = prepare
        self._write = write

    @override
    def fits(self, value: object, depth: int) -> bool:
        # The encoder writes an integer in the place of a float as the same number.
        return type(value) is self.exact or (self.exact is float and type(value) is int)

    @override
    def holds(self, value: object) -> bool:
        return self.fits(value, 0)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if type(value) is self.exact:
            return value
        prepared = self._prepare(value, walk)
        if prepared is FAIL or type(prepared) is self.exact:
            return prepared
        return self._validator.check(prepared, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        write = self._write
        return found if write is None or found is FAIL else write(found, dump.walk)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class TextShape(Shape):
    """A class whose instances are written as their text: a path or an internet address."""

    def __init__(self, kind: type[Any], validator: Validator) -> None:
        super().__init__()
        self.faithful = False
        self.convertible = False
        self._kind = kind
        self._validator = validator

    @override
    def fits(self, value: object, depth: int) -> bool:
        return isinstance(value, self._kind)

    @override
    def holds(self, value: object) -> bool:
        return isinstance(value, self._kind)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return value if isinstance(value, self._kind) else self._validator.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        return FAIL if found is FAIL else str(found)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class NoneShape(Shape):
    """`None`."""

    def __init__(self, validator: Validator) -> None:
        super().__init__()
        self.exact: type[Any] | None = type(None)
        self._validator = validator

    @override
    def fits(self, value: object, depth: int) -> bool:
        return value is None

    @override
    def holds(self, value: object) -> bool:
        return value is None

    @override
    def check(self, value: object, walk: Walk) -> object:
        return self._validator.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        return self.check(value, dump.walk)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class EnumShape(Shape):
    """A member, written as its value; `untyped` writes values of any kind."""

    def __init__(self, members: type[enum.Enum], validator: Validator, untyped: Shape) -> None:
        super().__init__()
        self.exact: type[Any] | None = members
        self.faithful: bool = has_encoded_values([member.value for member in members])
        self._members = members
        self._is_scalar = issubclass(members, (str, int, float))
        self._is_text = issubclass(members, str)
        self._validator = validator
        self._untyped = untyped

    @override
    def fits(self, value: object, depth: int) -> bool:
        return isinstance(value, self._members)

    @override
    def holds(self, value: object) -> bool:
        return isinstance(value, self._members)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, self._members):
            return value
        if isinstance(value, enum.Enum):
            value = str(value.value) if self._is_text else value.value
        if isinstance(value, bytes) and not self._is_scalar:
            return self._validator.check(value, walk)
        return self._validator.check(prepare_number(value, walk), walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        if found is FAIL or self.faithful:
            return found
        return self._untyped.plain(cast("enum.Enum", found).value, chosen, dump)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class LiteralShape(Shape):
    """One of the values written down; `untyped` writes values of any kind."""

    def __init__(self, values: Sequence[object], validator: Validator, untyped: Shape) -> None:
        super().__init__()
        self.faithful: bool = has_encoded_values(values)
        self._kinds: Final = {type(value) for value in values}
        self._values: Final = {(type(value), value) for value in values}
        self._validator = validator
        self._untyped = untyped

    @override
    def fits(self, value: object, depth: int) -> bool:
        return type(value) in self._kinds and (type(value), value) in self._values

    @override
    def holds(self, value: object) -> bool:
        return self.fits(value, 0)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return value if self.fits(value, 0) else self._validator.check(as_number(value, walk), walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        return found if found is FAIL or self.faithful else self._untyped.plain(found, chosen, dump)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class BoundedShape(Shape):
    """A type with bounds, or one that wants or forbids a time zone; `validator` knows them and asks `inner` first."""

    def __init__(self, inner: Shape, validator: Validator, constraints: Constraints, aware: bool | None) -> None:
        super().__init__()
        self._inner = inner
        self._validator = validator
        self._constraints = constraints
        self._aware = aware

    @override
    def fits(self, value: object, depth: int) -> bool:
        if not self._inner.fits(value, depth):
            return False
        if self._aware is not None and isinstance(value, (datetime.datetime, datetime.time)):
            return (value.tzinfo is not None) == self._aware
        return self._constraints.fault(value, value, ()) is None

    @override
    def holds(self, value: object) -> bool:
        return self._inner.holds(value)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return self._validator.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        return FAIL if found is FAIL else self._inner.plain(found, chosen, dump)

    @override
    def label(self) -> str:
        return self._validator.label()

    @override
    def children(self) -> list[Validator]:
        return [self._inner]


def has_encoded_values(values: Sequence[object]) -> bool:
    """Whether the encoder writes each of these values as FastAPI does."""
    return {type(value) for value in values} <= _ENCODED_VALUES


def text_of(value: object) -> object:
    """The text that a text-like value stands for, any other value as it is."""
    if isinstance(value, enum.Enum):
        return value.value if isinstance(value, (str, int, float)) else value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value


def as_number(value: object, walk: Walk) -> object:
    """The `int`, `float` or `bool` that a number-like value stands for, any other value as it is."""
    if isinstance(value, (str, bool)) or type(value) is int or type(value) is float:
        return value
    number = _number_of(value)
    if number is not value and not isinstance(value, (int, float)):
        walk.lower(LAX)
    return number


def _number_of(value: object) -> object:
    try:
        if hasattr(value, "__index__"):
            return operator.index(cast("SupportsIndex", value))
        if isinstance(value, float):
            return float(value)
        if hasattr(value, "__float__"):
            number = float(cast("SupportsFloat", value))
            # Not by way of the float, which would lose digits.
            return int(cast("SupportsInt", value)) if number % 1.0 == 0.0 and hasattr(value, "__int__") else number
    except (TypeError, ValueError, OverflowError):
        # Such as an array of more than one number.
        return value
    return value


def prepare_text(value: object, walk: Walk) -> object:
    """For `str`: also bytes and members of an `Enum`."""
    if isinstance(value, enum.Enum):
        walk.lower(LAX)
        return str(value.value)
    if isinstance(value, (bytes, bytearray)):
        walk.lower(LAX)
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return walk.refuse("string_unicode", "Input should be a valid string, unable to parse raw data as a unicode string", value)
    return text_of(value)


def prepare_number(value: object, walk: Walk) -> object:
    """For types that are written as a number, or as text that holds one."""
    return as_number(text_of(value), walk)


def prepare_integer(value: object, walk: Walk) -> object:
    """For `int`: also a member of any `Enum` of integers."""
    if isinstance(value, enum.Enum) and isinstance(value.value, int):
        walk.lower(LAX)
        return value.value
    return prepare_number(value, walk)


def prepare_decimal(value: object, walk: Walk) -> object:
    """For `Decimal`: also its subclasses."""
    if isinstance(value, decimal.Decimal):
        return decimal.Decimal(value)
    return value if isinstance(value, bytes) else prepare_number(value, walk)


def prepare_uuid(value: object, walk: Walk) -> object:
    """For `UUID`: also its 16 bytes, and its text as bytes."""
    if isinstance(value, uuid.UUID):
        return uuid.UUID(int=value.int)
    if isinstance(value, bytes):
        walk.lower(LAX)
        if len(value) == 16:
            return uuid.UUID(bytes=bytes(value))
        if len(value) < 32:
            message = f"Input should be a valid UUID, invalid length: expected 16 bytes, found {len(value)}"
            return walk.refuse_with("uuid_parsing", message, value, {"error": f"invalid length: expected 16 bytes, found {len(value)}"})
        return text_of(value)
    return value


def prepare_datetime(value: object, walk: Walk) -> object:
    """For `datetime`: also its subclasses, and a `date` as its midnight."""
    if isinstance(value, datetime.datetime):
        return datetime.datetime.combine(value.date(), value.timetz())
    if isinstance(value, datetime.date):
        walk.lower(LAX)
        return datetime.datetime.combine(value, _MIDNIGHT)
    return prepare_number(value, walk)


def prepare_date(value: object, walk: Walk) -> object:
    """For `date`: also its subclasses, and the `datetime` of a midnight."""
    if isinstance(value, datetime.datetime):
        if value.time() != _MIDNIGHT:
            message = "Datetimes provided to dates should have zero time - e.g. be exact dates"
            return walk.refuse("date_from_datetime_inexact", message, value)
        walk.lower(LAX)
        return value.date()
    if isinstance(value, datetime.date):
        return datetime.date(value.year, value.month, value.day)
    return prepare_number(value, walk)


def prepare_time(value: object, walk: Walk) -> object:
    """For `time`: also its subclasses."""
    if isinstance(value, datetime.time):
        return datetime.time(value.hour, value.minute, value.second, value.microsecond, value.tzinfo, fold=value.fold)
    return prepare_number(value, walk)


def prepare_timedelta(value: object, walk: Walk) -> object:
    """For `timedelta`: also its subclasses."""
    if isinstance(value, datetime.timedelta):
        return datetime.timedelta(value.days, value.seconds, value.microseconds)
    return prepare_number(value, walk)


def prepare_bytes(value: object, _walk: Walk) -> object:
    """For `bytes`: also a `bytearray`."""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return str.__str__(value) if isinstance(value, str) else value


def write_bytes(value: bytes, walk: Walk) -> object:
    """Bytes are sent as the text that they are the UTF-8 of."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return walk.refuse("bytes_invalid_encoding", "Data should be valid UTF-8", value)


def write_duration(value: datetime.timedelta, _walk: Walk) -> object:
    """Durations are sent in the units that FastAPI sends."""
    return duration_text(value)
