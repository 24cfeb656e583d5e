"""The second pass over dates, times and durations, which JSON writes as text or as a number of seconds."""

from __future__ import annotations

import datetime
import math
from typing import Final, final

from typing_extensions import override

from fasterapi.binding.scalar_temporal import datetime_of_epoch
from fasterapi.binding.scalars import Converter
from fasterapi.binding.validate_scalars import TextValidator
from fasterapi.binding.validator import ALWAYS, FRACTION, LAX, Validator, Walk

_MICROSECOND: Final = 1_000_000
_DAY: Final = 86_400 * _MICROSECOND
_FLOAT_BITS: Final = 1023
_MIDNIGHT: Final = datetime.time()
_NOT_A_NUMBER: Final = "NaN values not permitted"
_DURATION_LIMIT: Final = "durations may not exceed 999,999,999 days"


def _as_number(value: object) -> int | float | None:
    """A number of seconds; one that no float could hold is none."""
    if isinstance(value, float):
        return value
    if isinstance(value, int) and value.bit_length() <= _FLOAT_BITS:
        return value
    return None


@final
class DatetimeValidator(TextValidator):
    """`datetime`, from text or from seconds (past a watershed milliseconds) since 1970."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.doubts = FRACTION

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        number = None if isinstance(value, bool) else _as_number(value)
        if number is None:
            return walk.refuse("datetime_type", "Input should be a valid datetime", value)
        walk.lower(LAX)
        found = datetime_of_epoch(number)
        if isinstance(found, str):
            return walk.refuse_with("datetime_parsing", f"Input should be a valid datetime, {found}", value, {"error": found})
        return found

    @override
    def label(self) -> str:
        return "datetime"


@final
class ZoneValidator(Validator):
    """A `datetime` or `time` that must have a zone, or must have none (`msgspec.Meta(tz=...)`)."""

    def __init__(self, inner: Validator, aware: bool) -> None:
        super().__init__()
        self.is_bounded = True
        self._inner = inner
        self._aware = aware

    @override
    def check(self, value: object, walk: Walk) -> object:
        converted = self._inner.check(value, walk)
        if not isinstance(converted, (datetime.datetime, datetime.time)) or (converted.tzinfo is not None) == self._aware:
            return converted
        if self._aware:
            return walk.refuse("timezone_aware", "Input should have timezone info", value)
        return walk.refuse("timezone_naive", "Input should not have timezone info", value)

    @override
    def label(self) -> str:
        return self._inner.label()

    @override
    def shape(self) -> int:
        return self._inner.shape()

    @override
    def children(self) -> list[Validator]:
        return [self._inner]


@final
class DateValidator(TextValidator):
    """`date`, from text or from the seconds of a midnight."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        number = None if isinstance(value, bool) else _as_number(value)
        if number is None:
            return walk.refuse("date_type", "Input should be a valid date", value)
        walk.lower(LAX)
        found = datetime_of_epoch(number)
        if isinstance(found, str):
            message = f"Input should be a valid date or datetime, {found}"
            return walk.refuse_with("date_from_datetime_parsing", message, value, {"error": found})
        if found.time() != _MIDNIGHT:
            message = "Datetimes provided to dates should have zero time - e.g. be exact dates"
            return walk.refuse("date_from_datetime_inexact", message, value)
        return found.date()

    @override
    def label(self) -> str:
        return "date"


@final
class TimeValidator(TextValidator):
    """`time`, from text or from seconds since midnight."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.doubts = FRACTION

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        number = None if isinstance(value, bool) else _as_number(value)
        if number is None:
            return walk.refuse("time_type", "Input should be a valid time", value)
        walk.lower(LAX)
        if isinstance(number, float) and math.isnan(number):
            return _refuse_time(_NOT_A_NUMBER, value, walk)
        if number < 0:
            return _refuse_time("time in seconds should be positive", value, walk)
        elapsed = _microseconds(number) if number < 100_000 else _DAY
        if elapsed >= _DAY:
            return _refuse_time("numeric times may not exceed 86,399 seconds", value, walk)
        moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(microseconds=elapsed)
        return moment.timetz()

    @override
    def label(self) -> str:
        return "time"


def _refuse_time(reason: str, value: object, walk: Walk) -> object:
    return walk.refuse_with("time_parsing", f"Input should be in a valid time format, {reason}", value, {"error": reason})


@final
class TimedeltaValidator(TextValidator):
    """`timedelta`, from text or from seconds. The decoder takes durations that FastAPI refuses."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.doubts = ALWAYS

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        walk.lower(LAX)
        number = _as_number(value)
        if number is None:
            return walk.refuse("time_delta_type", "Input should be a valid timedelta", value)
        if isinstance(number, float) and math.isnan(number):
            return _refuse_duration(_NOT_A_NUMBER, value, walk)
        if not -1e14 < number < 1e14:
            return _refuse_duration(_DURATION_LIMIT, value, walk)
        try:
            return datetime.timedelta(microseconds=_microseconds(number))
        except OverflowError:
            return _refuse_duration(_DURATION_LIMIT, value, walk)

    @override
    def label(self) -> str:
        return "timedelta"


def _refuse_duration(reason: str, value: object, walk: Walk) -> object:
    return walk.refuse_with("time_delta_parsing", f"Input should be a valid timedelta, {reason}", value, {"error": reason})


def _microseconds(seconds: int | float) -> int:  # noqa: PYI041 - integers stay exact
    """Rounded, half away from zero."""
    if isinstance(seconds, int):
        return seconds * _MICROSECOND
    whole = math.trunc(seconds)
    if abs(whole) < 1_000_000_000:
        return int(math.copysign(math.floor(abs(seconds) * _MICROSECOND + 0.5), seconds))
    return whole * _MICROSECOND + round((seconds - whole) * _MICROSECOND)
