"""Text to durations, by the rules of pydantic's lax mode: `P1DT2H30M`, `02:30:00`, `1 day, 02:30:00`."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Final, final

from mypy_extensions import i64

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalar_scanner import EXTRA_CHARACTERS, TOO_SHORT, Scanner
from fasterapi.binding.scalar_temporal import TemporalConverter, parsing_fault
from fasterapi.errors import ErrorItem, Location

_VALUE_TOO_LARGE: Final = "a numeric value in the duration is too large"
_HOURS_TOO_LARGE: Final = "durations may not exceed 999,999,999 hours"
_DAYS_TOO_LARGE: Final = "durations may not exceed 999,999,999 days"
_BAD_DAYS: Final = '"day" identifier in duration not correctly formatted'
_BAD_DIGIT: Final = "invalid digit in duration"

_LARGEST_VALUE: Final = (1 << 32) - 1
_LARGEST_HOUR: Final = 2_400_000_000
_MOST_DAYS: Final = 999_999_999
_DAY: Final = 86_400

_DATE_UNITS: Final[dict[str, int]] = {"Y": 365, "M": 30, "W": 7, "D": 1}
"""Days."""
_TIME_UNITS: Final[dict[str, int]] = {"H": 3600, "M": 60, "S": 1}
"""Seconds."""


def parse_duration(text: str) -> timedelta | str:
    """A duration; or the reason why there is none."""
    scanner = _DurationScanner(text)
    is_negative = text.startswith("-")
    if is_negative or text.startswith("+"):
        scanner.at = 1
    if scanner.peek() == ord("P"):
        scanner.designated()
    elif "d" in text or "D" in text or scanner.left() < 5:
        scanner.days_and_clock()
    else:
        scanner.only_clock()
    return scanner.reason or scanner.duration(is_negative)
