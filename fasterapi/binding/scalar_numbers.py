"""Text to numbers and booleans, by the rules of pydantic's lax mode."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final, final

from mypy_extensions import i64

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalar_converter import FAIL, NUMBERS, Converter
from fasterapi.binding.scalar_limits import DecimalLimits, FloatLimits, IntLimits, faults_of
from fasterapi.errors import ErrorItem, Location

_WHITESPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""White space as Unicode defines it, which pydantic strips; `str.strip` alone would strip four control characters more."""

_MOST_DIGITS: Final = 4300
"""Longer numbers are refused, as in pydantic: converting them takes time that grows with the square of the length."""

NOT_SHORT: Final[i64] = -(1 << 62)
"""No number of `short_int`, which are all nearer to zero."""

_RARE_INT: Final = re.compile(r"([+-]?)(?:0[0_]*)?([1-9][0-9]*(?:_[0-9]+)*|(?<=0))(?:\.0+)?")
_RARE_FLOAT: Final = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)
_LONG_INT: Final = re.compile(rf"-?[1-9][0-9]{{{_MOST_DIGITS}}}")

_BOOLEANS: Final[dict[str, bool]] = {
    "true": True, "false": False, "1": True, "0": False, "on": True, "off": False,
    "yes": True, "no": False, "t": True, "f": False, "y": True, "n": False,
}  # fmt: skip


def short_int(text: str) -> i64:
    """The number that a sign and up to 18 digits make, as nearly all numbers are written; or `NOT_SHORT`."""
    size: i64 = len(text)
    start: i64 = 1 if size > 1 and ord(text[0]) == ord("-") else 0
    if size - start > 18 or size == 0:
        return NOT_SHORT
    value: i64 = 0
    for index in range(start, size):
        digit: i64 = ord(text[index]) - 48
        if digit < 0 or digit > 9:
            return NOT_SHORT
        value = value * 10 + digit
    return -value if start == 1 else value


def _rare_int(text: str) -> int | None:
    """The number in any other spelling that pydantic takes: ` 1 `, `+1`, `1_000`, `007`, `1.0`, or very long."""
    found = _RARE_INT.fullmatch(text.strip(_WHITESPACE))
    if found is None:
        return None
    digits = found[2].replace("_", "") or "0"
    if len(digits) > _MOST_DIGITS:
        return None
    try:
        return int(found[1] + digits)
    except ValueError:
        # The interpreter's own limit of digits, which may be set lower than pydantic's.
        return None


def parse_int(text: str) -> int | None:
    """The whole number that a text means, `None` where it means none."""
    short = short_int(text)
    return _rare_int(text) if short == NOT_SHORT else int(short)


def int_size_fault(given: object, location: Location) -> ErrorItem:
    """The error item of a whole number that is too long."""
    words = "Unable to parse input string as an integer, exceeded maximum size"
    return {"type": "int_parsing_size", "loc": location, "msg": words, "input": given}


def _int_fault(text: str, location: Location) -> ErrorItem:
    """The error item of text that is no whole number."""
    if _LONG_INT.match(text):
        return int_size_fault(text, location)
    words = "Input should be a valid integer, unable to parse string as an integer"
    return {"type": "int_parsing", "loc": location, "msg": words, "input": text}


@final
class IntConverter(Converter):
    """Text to `int`."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__("int" if constraints.is_empty else "constrained-int", False, NUMBERS)
        self._limits: IntLimits | None = None if constraints.is_empty else IntLimits(constraints.written)

    def convert(self, text: str) -> object:
        """The number, or `FAIL`."""
        short = short_int(text)
        if short == NOT_SHORT:
            value = _rare_int(text)
            if value is None or (self._limits is not None and not self._limits.admits_int(value)):
                return FAIL
            return value
        if self._limits is not None and not self._limits.admits_int(short):
            return FAIL
        return int(short)

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        value = parse_int(text)
        if value is None:
            return [_int_fault(text, location)]
        return faults_of(self._limits, value, text, location)


def is_plain_number(text: str) -> bool:
    """Whether a text is a decimal number: sign, digits with a point anywhere among them, exponent."""
    size: i64 = len(text)
    at: i64 = 1 if size > 0 and ord(text[0]) in (ord("-"), ord("+")) else 0
    digits: i64 = 0
    points: i64 = 0
    while at < size:
        code: i64 = ord(text[at])
        if 48 <= code <= 57:
            digits += 1
        elif code == ord(".") and points == 0:
            points = 1
        else:
            break
        at += 1
    if digits == 0:
        return False
    return at == size or _is_exponent(text, at)


def _is_exponent(text: str, at: i64) -> bool:
    size: i64 = len(text)
    if ord(text[at]) not in (ord("e"), ord("E")):
        return False
    at += 1
    if at < size and ord(text[at]) in (ord("-"), ord("+")):
        at += 1
    if at == size:
        return False
    while at < size:
        code: i64 = ord(text[at])
        if code < 48 or code > 57:
            return False
        at += 1
    return True


def parse_float(text: str) -> float | None:
    """The float that a text means, `None` where it means none."""
    if is_plain_number(text):
        return float(text)
    candidate = text.strip(_WHITESPACE)
    if not _RARE_FLOAT.fullmatch(candidate):
        # Underscores may stand between any two characters, but then there may be no white space.
        if "_" not in text or "__" in text or text[0] == "_" or text[-1] == "_":
            return None
        candidate = text.replace("_", "")
        if not _RARE_FLOAT.fullmatch(candidate):
            return None
    return float(candidate)


@final
class FloatConverter(Converter):
    """Text to `float`; `inf` and `nan` are floats."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__("float" if constraints.is_empty else "constrained-float", False, NUMBERS)
        self._limits: FloatLimits | None = None if constraints.is_empty else FloatLimits(constraints.written)

    def convert(self, text: str) -> object:
        """The float, or `FAIL`."""
        value = parse_float(text)
        if value is None or (self._limits is not None and not self._limits.admits(value)):
            return FAIL
        return value

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        value = parse_float(text)
        if value is None:
            words = "Input should be a valid number, unable to parse string as a number"
            return [{"type": "float_parsing", "loc": location, "msg": words, "input": text}]
        return faults_of(self._limits, value, text, location)


@final
class DecimalConverter(Converter):
    """Text to a finite `Decimal`, in every spelling that its constructor takes."""

    def __init__(self, constraints: Constraints) -> None:
        super().__init__("decimal", False, NUMBERS)
        self._limits: DecimalLimits | None = None if constraints.is_empty else DecimalLimits(constraints.written)

    def convert(self, text: str) -> object:
        """The decimal, or `FAIL`."""
        value = _parse_decimal(text)
        if value is None or not value.is_finite() or (self._limits is not None and not self._limits.admits(value)):
            return FAIL
        return value

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        value = _parse_decimal(text)
        if value is None:
            return [{"type": "decimal_parsing", "loc": location, "msg": "Input should be a valid decimal", "input": text}]
        if not value.is_finite():
            return [{"type": "finite_number", "loc": location, "msg": "Input should be a finite number", "input": text}]
        return faults_of(self._limits, value, text, location)


def _parse_decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@final
class BoolConverter(Converter):
    """Text to `bool`: `true`, `on`, `yes`, `y`, `t`, `1` and their opposites, in any case."""

    def __init__(self) -> None:
        super().__init__("bool", False, NUMBERS)

    def convert(self, text: str) -> object:
        """The boolean, or `FAIL`."""
        value = _BOOLEANS.get(text)
        if value is None:
            value = _BOOLEANS.get(text.lower())
        return FAIL if value is None else value

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        if self.convert(text) is not FAIL:
            return []
        words = "Input should be a valid boolean, unable to interpret input"
        return [{"type": "bool_parsing", "loc": location, "msg": words, "input": text}]
