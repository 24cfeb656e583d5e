"""Reads calendar dates, clock times and time zones, character by character, and keeps the reason where that fails.

The grammar is ISO 8601's extended form with the liberties of RFC 3339 (section 5.6). The reasons are pydantic's.
"""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Final, final

from mypy_extensions import i64, mypyc_attr

TOO_SHORT: Final = "input is too short"
EXTRA_CHARACTERS: Final = "unexpected extra characters at the end of the input"

_MINUS: Final = "\xe2\x88\x92"
"""The octets of a real minus (U+2212), which ISO 8601 wants before a negative offset where it can be had."""

_ZONES: Final[dict[int, timezone]] = {0: UTC}
"""The time zones met so far: at most one for each minute of two days."""


@final
@mypyc_attr(free_list_len=1)
class Scanner:
    """Reads through a text; the first fault becomes its `reason`, and what is read then is worth nothing."""

    def __init__(self, text: str, at: int) -> None:
        self.text: Final = text
        self.size: i64 = len(text)
        self.at: i64 = at
        self.reason: str = ""

    def fail(self, reason: str) -> i64:
        """Keep the first reason."""
        if not self.reason:
            self.reason = reason
        return 0

    def left(self) -> i64:
        """How many characters are left."""
        return self.size - self.at

    def peek(self) -> i64:
        """The code of the next character, -1 at the end."""
        return ord(self.text[self.at]) if self.at < self.size else -1

    def digits(self, count: i64, reason: str) -> i64:
        """A number of so many digits."""
        text = self.text
        end = self.at + count
        if end > self.size:
            return self.fail(reason)
        value: i64 = 0
        for index in range(self.at, end):
            digit: i64 = ord(text[index]) - 48
            if digit < 0 or digit > 9:
                return self.fail(reason)
            value = value * 10 + digit
        self.at = end
        return value

    def separator(self, code: i64, reason: str) -> None:
        """One certain character."""
        if self.peek() != code:
            self.fail(reason)
        self.at += 1

    def calendar_date(self) -> i64:
        """`YYYY-MM-DD` as a number of eight digits."""
        if self.left() < 10:
            return self.fail(TOO_SHORT)
        year = self.digits(4, "invalid character in year")
        self.separator(ord("-"), "invalid date separator, expected `-`")
        month = self.digits(2, "invalid character in month")
        self.separator(ord("-"), "invalid date separator, expected `-`")
        day = self.digits(2, "invalid character in day")
        if month < 1 or month > 12:
            return self.fail("month value is outside expected range of 1-12")
        if day < 1 or day > _days_of(year, month):
            return self.fail("day value is outside expected range")
        return year * 10_000 + month * 100 + day

    def clock(self) -> i64:
        """`HH:MM[:SS[.ffffff]]` as microseconds of the day."""
        if self.left() < 5:
            return self.fail(TOO_SHORT)
        hour = self.digits(2, "invalid character in hour")
        self.separator(ord(":"), "invalid time separator, expected `:`")
        minute = self.digits(2, "invalid character in minute")
        if hour > 23:
            return self.fail("hour value is outside expected range of 0-23")
        return hour * 3_600_000_000 + self.minute_and_rest(minute)

    def minute_and_rest(self, minute: i64) -> i64:
        """A minute that was read, and what follows it in a clock time, as microseconds."""
        if minute > 59:
            return self.fail("minute value is outside expected range of 0-59")
        if self.peek() != ord(":"):
            return minute * 60_000_000
        self.at += 1
        second = self.digits(2, "invalid character in second")
        if second > 59:
            return self.fail("second value is outside expected range of 0-59")
        return minute * 60_000_000 + second * 1_000_000 + self._second_fraction()

    def _second_fraction(self) -> i64:
        """The digits after a point or comma, of which the first six count."""
        if self.peek() not in (ord("."), ord(",")):
            return 0
        self.at += 1
        start = self.at
        fraction: i64 = 0
        while 48 <= self.peek() <= 57:
            if self.at - start < 6:
                fraction = fraction * 10 + self.peek() - 48
            self.at += 1
        if self.at == start:
            return self.fail("second fraction digits missing after `.`")
        for _ in range(self.at - start, 6):
            fraction *= 10
        return fraction

    def zone(self) -> timezone | None:
        """`Z` or an offset, and then the end of the text; no zone where that is reached already."""
        if self.at >= self.size:
            return None
        sign = self.peek()
        self.at += 1
        if sign == 0xE2 and self.text.startswith(_MINUS, self.at - 1):
            sign = ord("-")
            self.at += 2
        seconds: i64 = 0
        if sign in (ord("+"), ord("-")):
            seconds = self._offset()
        elif sign not in (ord("Z"), ord("z")):
            self.fail("invalid timezone sign")
        if self.at < self.size:
            self.fail(EXTRA_CHARACTERS)
        return _zone_of(-seconds if sign == ord("-") else seconds)

    def _offset(self) -> i64:
        """`HH:MM` or `HHMM` as seconds."""
        hours = self.digits(2, "invalid timezone hour")
        if self.peek() == ord(":"):
            self.at += 1
        minutes = self.digits(2, "invalid timezone minute")
        if minutes > 59:
            return self.fail("timezone minute value is outside expected range of 0-59")
        if hours > 23:
            return self.fail("timezone offset must be less than 24 hours")
        return hours * 3600 + minutes * 60


def _days_of(year: i64, month: i64) -> i64:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def _zone_of(seconds: int) -> timezone:
    zone = _ZONES.get(seconds)
    if zone is None:
        zone = _ZONES[seconds] = timezone(timedelta(seconds=seconds))
    return zone


def octets(text: str) -> str:
    """A text with one character for each octet of its UTF-8 form, which is what pydantic counts; ASCII stays as it is."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("latin-1")
