"""Text to durations, by the rules of pydantic's lax mode: `P1DT2H30M`, `02:30:00`, `1 day, 02:30:00`."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final, final

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalar_scanner import EXTRA_CHARACTERS, TOO_SHORT, Scanner
from fasterapi.binding.scalar_temporal import TemporalConverter, parsing_fault
from fasterapi.errors import ErrorItem, Location

_VALUE_TOO_LARGE: Final = "a numeric value in the duration is too large"
_HOURS_TOO_LARGE: Final = "durations may not exceed 999,999,999 hours"
_DAYS_TOO_LARGE: Final = "durations may not exceed 999,999,999 days"
_BAD_DAYS: Final = '"day" identifier in duration not correctly formatted'

_LARGEST_VALUE: Final = (1 << 32) - 1
_LARGEST_HOUR: Final = 2_400_000_000
_MOST_DAYS: Final = 999_999_999

_DATE_UNITS: Final[dict[str, int]] = {"Y": 365, "M": 30, "W": 7, "D": 1}
"""Days in each unit before the `T`."""
_TIME_UNITS: Final[dict[str, int]] = {"H": 3600, "M": 60, "S": 1}
"""Seconds in each unit after the `T`."""


def parse_duration(text: str) -> timedelta | str:
    """A duration, or the reason why there is none."""
    is_negative = text.startswith("-")
    reader = _Reader(text, 1 if is_negative or text.startswith("+") else 0)
    if reader.scanner.peek() == ord("P"):
        reader.read_designated()
    elif "d" in text or "D" in text or reader.scanner.left() < 5:
        reader.read_days_and_clock()
    else:
        reader.read_clock()
    return reader.scanner.reason or reader.duration(is_negative)


@final
class _Reader:
    """Adds up what a text says of days, seconds and microseconds."""

    def __init__(self, text: str, at: int) -> None:
        self.scanner: Final = Scanner(text, at)
        self._days = 0
        self._seconds = 0
        self._microseconds = 0

    def duration(self, is_negative: bool) -> timedelta | str:
        """The sum, or why it is out of range."""
        seconds = self._seconds + self._microseconds // 1_000_000
        days = self._days + seconds // 86_400
        if days > _MOST_DAYS:
            return _DAYS_TOO_LARGE
        duration = timedelta(days, seconds % 86_400, self._microseconds % 1_000_000)
        if not is_negative:
            return duration
        # Python's durations reach nearly a day further into the future than into the past.
        return _DAYS_TOO_LARGE if duration > -timedelta.min else -duration

    def read_designated(self) -> None:
        """`P[n]Y[n]M[n]W[n]DT[n]H[n]M[n]S`, where the last quantity may have a fraction."""
        scanner = self.scanner
        scanner.at += 1
        if scanner.left() < 2 and scanner.peek() in (-1, ord("T")):
            scanner.fail(TOO_SHORT)
        is_time = False
        is_fraction = False
        while scanner.left() > 0 and not scanner.reason:
            if scanner.peek() == ord("T"):
                scanner.at += 1
                if is_time:
                    scanner.fail("`t` character repeated in duration")
                is_time = True
                continue
            value = self._number()
            fraction = self._fraction()
            if is_fraction:
                scanner.fail("quantity fraction invalid in duration")
            is_fraction = fraction >= 0.0
            self._add(value, fraction if is_fraction else 0.0, is_time)

    def _add(self, value: int, fraction: float, is_time: bool) -> None:
        """Add a quantity in the unit that follows it."""
        scanner = self.scanner
        letter = chr(scanner.peek()) if scanner.left() > 0 else ""
        scanner.at += 1
        unit = (_TIME_UNITS if is_time else _DATE_UNITS).get(letter)
        if unit is None:
            scanner.fail(f"quantity invalid in {'time' if is_time else 'date'} part of duration")
            return
        if is_time:
            self._seconds += value * unit
        else:
            self._days += value * unit
        if fraction > 0.0:
            self._add_fraction(fraction * unit, is_time)
        if self._days > _LARGEST_VALUE or self._seconds > _LARGEST_VALUE:
            scanner.fail(_VALUE_TOO_LARGE)

    def _add_fraction(self, amount: float, is_time: bool) -> None:
        """Add days or seconds that are not whole."""
        if not is_time:
            days = math.floor(amount)
            self._days += days
            amount = (amount - days) * 86_400.0
        seconds = math.floor(amount)
        self._seconds += seconds
        self._microseconds += math.floor((amount - seconds) * 1_000_000.0 + 0.5)

    def read_days_and_clock(self) -> None:
        """`[n] days, HH:MM:SS`, with `d` or `day` for `days`, and with or without comma, spaces and time."""
        scanner = self.scanner
        if scanner.left() == 0:
            scanner.fail(TOO_SHORT)
        self._days = self._number()
        if scanner.peek() == ord(" "):
            scanner.at += 1
        self._day_word()
        if scanner.peek() == ord(","):
            scanner.at += 1
        if scanner.peek() == ord(" "):
            scanner.at += 1
        if scanner.left() == 0:
            return
        if scanner.left() < 5:
            scanner.fail(TOO_SHORT)
        self.read_clock()
        if self._seconds >= 86_400:
            scanner.fail(_HOURS_TOO_LARGE)

    def _day_word(self) -> None:
        """`d`, `day` or `days`; what follows the `d` is all in small or all in capital letters."""
        scanner = self.scanner
        if scanner.peek() not in (ord("d"), ord("D")):
            scanner.fail(_BAD_DAYS)
        scanner.at += 1
        for rest in ("ays", "AYS"):
            if scanner.peek() == ord(rest[0]):
                if not scanner.text.startswith(rest[:2], scanner.at):
                    scanner.fail(_BAD_DAYS)
                scanner.at += 3 if scanner.text.startswith(rest, scanner.at) else 2
                return

    def read_clock(self) -> None:
        """`HH:MM[:SS[.ffffff]]` with any number of hours."""
        scanner = self.scanner
        width = scanner.text.find(":", scanner.at) - scanner.at
        if width < 0:
            scanner.fail("invalid character in hour")
        elif width > 10:
            scanner.fail(_HOURS_TOO_LARGE)
        hours = scanner.digits(width, "invalid character in hour")
        if hours > _LARGEST_HOUR:
            scanner.fail(_HOURS_TOO_LARGE)
        scanner.at += 1
        if scanner.left() < 2:
            scanner.fail(TOO_SHORT)
        clock = scanner.minute_and_rest(scanner.digits(2, "invalid character in minute"))
        if scanner.left() > 0:
            scanner.fail(EXTRA_CHARACTERS)
        self._seconds += hours * 3600 + clock // 1_000_000
        self._microseconds += clock % 1_000_000

    def _number(self) -> int:
        """A whole number of 32 bits."""
        scanner = self.scanner
        start = scanner.at
        value = 0
        while 48 <= scanner.peek() <= 57:
            value = value * 10 + scanner.peek() - 48
            scanner.at += 1
            if value > _LARGEST_VALUE:
                scanner.fail(_VALUE_TOO_LARGE)
                return 0
        if scanner.at == start:
            scanner.fail("invalid digit in duration")
        return value

    def _fraction(self) -> float:
        """What stands after a point or comma, -1 where neither is."""
        scanner = self.scanner
        if scanner.peek() not in (ord("."), ord(",")):
            return -1.0
        scanner.at += 1
        digits = 0.0
        scale = 1.0
        while 48 <= scanner.peek() <= 57:
            digits = digits * 10.0 + float(scanner.peek() - 48)
            scale *= 10.0
            scanner.at += 1
        # More digits than a float can count are worth nothing to pydantic, too.
        return digits / scale if math.isfinite(digits) else 0.0


@final
class TimedeltaConverter(TemporalConverter):
    """Text to `timedelta`."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__(timedelta, constraints)

    def parse(self, text: str) -> object:
        """The duration, or the reason why there is none."""
        return parse_duration(text)

    def refusal(self, reason: str, text: str, location: Location) -> ErrorItem:
        """The error item of text that is no duration."""
        return parsing_fault("time_delta_parsing", "Input should be a valid timedelta, ", reason, text, location)
