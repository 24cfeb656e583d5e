"""Text to dates, times of day and moments, by the rules of pydantic's lax mode: ISO 8601, or a number that counts from 1970.

A parser gives the value or, as a `str`, the reason why there is none.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, final

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalar_converter import FAIL, OTHERS, Converter
from fasterapi.binding.scalar_limits import TemporalLimits, faults_of
from fasterapi.binding.scalar_numbers import NOT_SHORT, is_plain_number, short_int
from fasterapi.binding.scalar_scanner import EXTRA_CHARACTERS, Scanner, octets
from fasterapi.errors import ErrorItem, Location

_YEAR_ZERO: Final = "year 0 is out of range"
_NOT_MIDNIGHT: Final = "not a date: its time of day is not zero"
_TOO_EARLY: Final = "dates before 0000 are not supported as unix timestamps"
_TOO_LATE: Final = "dates after 9999 are not supported as unix timestamps"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM: Final = 20_000_000_000
"""Epoch numbers beyond this, on either side of zero, count milliseconds."""
_YEAR_0: Final = -62_167_219_200
_YEAR_1: Final = -62_135_596_800
_YEAR_9999_END: Final = 253_402_300_799
_SMALLEST_64: Final = -(1 << 63)
_LARGEST_64: Final = (1 << 63) - 1

_date_of_iso: Final = date.fromisoformat


def parse_date(text: str) -> date | str:
    """A date, a moment at midnight, or an epoch number that is one; or the reason why there is none."""
    scanner = Scanner(text, 0)
    day = scanner.calendar_date()
    if scanner.size == 10 and not scanner.reason:
        return _YEAR_ZERO if day < 10_000 else _date_of_iso(text)
    moment = _parse_moment(text)
    if isinstance(moment, str):
        return moment
    if moment.hour or moment.minute or moment.second or moment.microsecond:
        return _NOT_MIDNIGHT
    return moment.date()


def parse_datetime(text: str) -> datetime | str:
    """A moment, a date for its midnight, or an epoch number; or the reason why there is none."""
    moment = _parse_moment(text)
    if not isinstance(moment, str) or moment == _YEAR_ZERO:
        return moment
    if _is_integer(text):
        return moment
    # What is no moment may be a date, and what is neither gets the reason why it is no date.
    scanner = Scanner(text, 0)
    day = scanner.calendar_date()
    if scanner.reason:
        return scanner.reason
    if scanner.size > 10:
        return EXTRA_CHARACTERS
    return _YEAR_ZERO if day < 10_000 else datetime(day // 10_000, day // 100 % 100, day % 100)  # noqa: DTZ001 - none was given


def _parse_moment(text: str) -> datetime | str:
    """A moment with its clock time, or an epoch number."""
    scanner = Scanner(text, 0)
    day = scanner.calendar_date()
    if not scanner.reason and scanner.peek() not in (ord("T"), ord("t"), ord(" "), ord("_")):
        scanner.fail("invalid datetime separator, expected `T`, `t`, `_` or space")
    scanner.at += 1
    clock = scanner.clock()
    zone = scanner.zone()
    if scanner.reason:
        number = _epoch_number(text)
        return scanner.reason if number is None else datetime_of_epoch(number)
    if day < 10_000:
        return _YEAR_ZERO
    second = clock // 1_000_000
    return datetime(day // 10_000, day // 100 % 100, day % 100, second // 3600, second // 60 % 60, second % 60, clock % 1_000_000, zone)


def parse_time(text: str) -> time | str:
    """A time of day; or the reason why there is none."""
    scanner = Scanner(text, 0)
    clock = scanner.clock()
    zone = scanner.zone()
    if scanner.reason:
        return scanner.reason
    second = clock // 1_000_000
    return time(second // 3600, second // 60 % 60, second % 60, clock % 1_000_000, zone)


def _is_integer(text: str) -> bool:
    return "." not in text and "e" not in text and "E" not in text and is_plain_number(text)


def _epoch_number(text: str) -> int | float | None:
    """The number that counts from 1970: whole and of 64 bits, or with a point."""
    short = short_int(text)
    if short != NOT_SHORT:
        return int(short)
    if "." in text:
        return float(text) if is_plain_number(text) else None
    digits = text.lstrip("+-0")
    if not _is_integer(text) or len(digits) > 19:
        return None
    number = int(digits or "0")
    if text.startswith("-"):
        number = -number
    return number if _SMALLEST_64 <= number <= _LARGEST_64 else None


def datetime_of_epoch(number: int | float) -> datetime | str:  # noqa: PYI041 - floats would lose the end of large numbers
    """The moment so many seconds, or milliseconds where they are many, after 1970 began; or the reason why there is none."""
    if isinstance(number, float):
        return _datetime_of_float(number)
    if abs(number) > _MILLISECONDS_FROM:
        return _since_epoch(number // 1000, number % 1000 * 1000)
    return _since_epoch(number, 0)


def _datetime_of_float(number: float) -> datetime | str:
    if math.isnan(number):
        return "NaN values not permitted"
    if math.isinf(number):
        return _TOO_LATE if number > 0 else _TOO_EARLY
    if abs(number) > _MILLISECONDS_FROM:
        return _since_epoch(math.floor(number / 1000), math.floor(number % 1000 * 1000 + 0.5))
    seconds = math.floor(number)
    return _since_epoch(seconds, math.floor((number - seconds) * 1_000_000 + 0.5))


def _since_epoch(seconds: int, microseconds: int) -> datetime | str:
    if seconds < _YEAR_0:
        return _TOO_EARLY
    if seconds > _YEAR_9999_END or (seconds == _YEAR_9999_END and microseconds == 1_000_000):
        return _TOO_LATE
    if seconds < _YEAR_1:
        return _YEAR_ZERO
    return _EPOCH + timedelta(0, seconds, microseconds)


class TemporalConverter(Converter):
    """What converters of dates, times and durations have in common: they parse, and explain by the parser's reason."""

    def __init__(self, kind: type, constraints: Constraints) -> None:
        super().__init__(kind.__name__, False, OTHERS)
        self._limits: TemporalLimits | None = None if constraints.is_empty else TemporalLimits(kind, constraints.written)

    def parse(self, text: str) -> object:
        """The value, or the reason why there is none."""
        raise NotImplementedError

    def refusal(self, reason: str, text: str, location: Location) -> ErrorItem:
        """The error item of text that is no value at all."""
        raise NotImplementedError

    @final
    def convert(self, text: str) -> object:
        """The value, or `FAIL`."""
        value = self._parse_any(text)
        if isinstance(value, str) or (self._limits is not None and not self._limits.admits(value)):
            return FAIL
        return value

    @final
    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        value = self._parse_any(text)
        if isinstance(value, str):
            return [self.refusal(value, text, location)]
        # FastAPI shows a duration that breaks a constraint as the number of its seconds.
        given: object = value.total_seconds() if isinstance(value, timedelta) else text
        return faults_of(self._limits, value, given, location)

    @final
    def _parse_any(self, text: str) -> object:
        value = self.parse(text)
        if isinstance(value, str) and not text.isascii():
            return self.parse(octets(text))
        return value


@final
class DateConverter(TemporalConverter):
    """Text to `date`."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__(date, constraints)

    def parse(self, text: str) -> object:
        """The date, or the reason why there is none."""
        return parse_date(text)

    def refusal(self, reason: str, text: str, location: Location) -> ErrorItem:
        """The error item of text that is no date."""
        if reason == _NOT_MIDNIGHT:
            words = "Datetimes provided to dates should have zero time - e.g. be exact dates"
            return {"type": "date_from_datetime_inexact", "loc": location, "msg": words, "input": text}
        if reason == _YEAR_ZERO:
            return parsing_fault("date_parsing", "Input should be a valid date in the format YYYY-MM-DD, ", reason, text, location)
        return parsing_fault("date_from_datetime_parsing", "Input should be a valid date or datetime, ", reason, text, location)


@final
class DatetimeConverter(TemporalConverter):
    """Text to `datetime`."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__(datetime, constraints)

    def parse(self, text: str) -> object:
        """The moment, or the reason why there is none."""
        return parse_datetime(text)

    def refusal(self, reason: str, text: str, location: Location) -> ErrorItem:
        """The error item of text that is no moment."""
        if reason == _YEAR_ZERO:
            return parsing_fault("datetime_parsing", "Input should be a valid datetime, ", reason, text, location)
        return parsing_fault("datetime_from_date_parsing", "Input should be a valid datetime or date, ", reason, text, location)


@final
class TimeConverter(TemporalConverter):
    """Text to `time`."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__(time, constraints)

    def parse(self, text: str) -> object:
        """The time of day, or the reason why there is none."""
        return parse_time(text)

    def refusal(self, reason: str, text: str, location: Location) -> ErrorItem:
        """The error item of text that is no time of day."""
        return parsing_fault("time_parsing", "Input should be in a valid time format, ", reason, text, location)


def parsing_fault(kind: str, words: str, reason: str, text: str, location: Location) -> ErrorItem:
    """The error item of text that a parser gave a reason for."""
    return {"type": kind, "loc": location, "msg": words + reason, "input": text, "ctx": {"error": reason}}
