"""Single values of a result, brought into a form that validators know, or the encoder.

A handler's result holds Python values where a request body held JSON, so that each type takes more than its validator
knows: bytes for a text, a `Decimal` for a number, a `date` for a `datetime`. The validator says the rest.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import operator
import uuid
from typing import Final, SupportsFloat, SupportsIndex, SupportsInt, cast

from fasterapi.binding.result_formats import duration_text
from fasterapi.binding.validator import LAX, Walk

_MIDNIGHT: Final = datetime.time()


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
