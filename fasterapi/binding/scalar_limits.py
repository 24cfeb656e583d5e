"""Constraints made ready for the values of one type, and the words for breaking them.

What differs from FastAPI: patterns are those of Python's `re`; and a bound that can never apply to its type is refused at
start-up, where FastAPI answers each request with status 500.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, cast, final

from fasterapi.errors import ErrorItem, Location

_ORDER: Final = ("le", "lt", "ge", "gt")
_NUMBER: Final = ("multiple_of", *_ORDER)
_TEXT: Final = ("min_length", "max_length", "pattern")

_ORDER_WORDS: Final[dict[str, tuple[str, str]]] = {
    "gt": ("greater_than", "Input should be greater than "),
    "ge": ("greater_than_equal", "Input should be greater than or equal to "),
    "lt": ("less_than", "Input should be less than "),
    "le": ("less_than_equal", "Input should be less than or equal to "),
    "multiple_of": ("multiple_of", "Input should be a multiple of "),
}

_MULTIPLE_TOLERANCE: Final = 1e-9
"""How far a float may stand from a multiple, as in pydantic."""


class Limits:
    """Constraints made ready for the values of one type."""

    def admits(self, value: object) -> bool:
        """Whether a value keeps to all of them."""
        return self.fault(value, None, ()) is None

    def fault(self, value: object, given: object, location: Location) -> ErrorItem | None:
        """The first constraint that a value breaks, in the order in which FastAPI looks."""
        raise NotImplementedError


@final
class Bound:
    """One bound of an order; in the error item `text` stands in the message and `shown` in the context."""

    def __init__(self, name: str, value: object, text: str, shown: object) -> None:
        self.name = name
        self.value: Any = value
        self._text = text
        self._shown = shown

    def holds(self, value: Any) -> bool:
        """Whether a value keeps to this bound."""
        if self.name == "le":
            return bool(value <= self.value)
        if self.name == "lt":
            return bool(value < self.value)
        if self.name == "ge":
            return bool(value >= self.value)
        if self.name == "gt":
            return bool(value > self.value)
        return _is_multiple(value, self.value)

    def fault(self, given: object, location: Location) -> ErrorItem:
        """The error item of a value beyond this bound."""
        kind, words = _ORDER_WORDS[self.name]
        return {"type": kind, "loc": location, "msg": words + self._text, "input": given, "ctx": {self.name: self._shown}}
