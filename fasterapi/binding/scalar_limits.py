"""Constraints made ready for the values of one type, and FastAPI's words for breaking them.

A constraint that can never apply to its type is refused here, at start-up, where FastAPI answers each request with status 500.
Patterns are those of Python's `re`, but `$` means the very end, as in pydantic.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sized
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, cast, final

from fasterapi.errors import ErrorItem, Location

_NUMBER_NAMES: Final = ("multiple_of", "le", "lt", "ge", "gt")
_TEMPORAL_NAMES: Final = ("le", "lt", "ge", "gt")
_TEXT_NAMES: Final = ("min_length", "max_length", "pattern")

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "gt": ("greater_than", "Input should be greater than "),
    "ge": ("greater_than_equal", "Input should be greater than or equal to "),
    "lt": ("less_than", "Input should be less than "),
    "le": ("less_than_equal", "Input should be less than or equal to "),
    "multiple_of": ("multiple_of", "Input should be a multiple of "),
}

_FLOAT_TOLERANCE: Final = 1e-9
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
        return not value % self.value

    def fault(self, given: object, location: Location) -> ErrorItem:
        """The error item of a value beyond this bound."""
        kind, words = _WORDS[self.name]
        return {"type": kind, "loc": location, "msg": words + self._text, "input": given, "ctx": {self.name: self._shown}}


class OrderLimits(Limits):
    """Bounds on values that have an order."""

    def __init__(self, bounds: list[Bound]) -> None:
        self._bounds = bounds

    def fault(self, value: object, given: object, location: Location) -> ErrorItem | None:
        """The first bound that a value breaks."""
        for bound in self._bounds:
            if not self.holds(bound, value):
                return bound.fault(given, location)
        return None

    def holds(self, bound: Bound, value: Any) -> bool:
        """Whether a value keeps to one of the bounds."""
        return bound.holds(value)


@final
class IntLimits(OrderLimits):
    """Bounds on whole numbers, of any size."""

    def __init__(self, written: dict[str, object]) -> None:
        super().__init__([_int_bound(name, bound) for name, bound in _asked("int", written, _NUMBER_NAMES)])
        self._lowest: int | None = None
        self._highest: int | None = None
        self._multiple: int = 1
        for bound in self._bounds:
            value = cast(int, bound.value)
            if bound.name in {"ge", "gt"}:
                lowest = value if bound.name == "ge" else value + 1
                self._lowest = lowest if self._lowest is None else max(lowest, self._lowest)
            elif bound.name in {"le", "lt"}:
                highest = value if bound.name == "le" else value - 1
                self._highest = highest if self._highest is None else min(highest, self._highest)
            else:
                self._multiple = value

    def admits_int(self, value: int) -> bool:
        """As `admits`, without a boxed value."""
        if self._lowest is not None and value < self._lowest:
            return False
        if self._highest is not None and value > self._highest:
            return False
        return self._multiple == 1 or value % self._multiple == 0


@final
class FloatLimits(OrderLimits):
    """Bounds on floats: `nan` keeps to no bound, and is a multiple of everything, as in pydantic."""

    def __init__(self, written: dict[str, object]) -> None:
        super().__init__([_float_bound(name, bound) for name, bound in _asked("float", written, _NUMBER_NAMES)])

    def holds(self, bound: Bound, value: Any) -> bool:
        """Whether a float keeps to one of the bounds."""
        return _is_float_multiple(value, bound.value) if bound.name == "multiple_of" else bound.holds(value)


@final
class DecimalLimits(OrderLimits):
    """Bounds on finite decimals."""

    def __init__(self, written: dict[str, object]) -> None:
        super().__init__([_decimal_bound(name, bound) for name, bound in _asked("Decimal", written, _NUMBER_NAMES)])

    def holds(self, bound: Bound, value: Any) -> bool:
        """Whether a decimal keeps to one of the bounds."""
        try:
            return (value / bound.value) % 1 == 0 if bound.name == "multiple_of" else bound.holds(value)
        except ArithmeticError:
            # NaN, or further from zero than the decimal context can divide: FastAPI says no as well.
            return False


@final
class TemporalLimits(OrderLimits):
    """Bounds on dates, times and durations; a value without time zone is taken to be in that of the bound, and the other way round.

    `tz` asks of moments and times that they have a time zone, or have none.
    """

    def __init__(self, kind: type, written: dict[str, object]) -> None:
        names = (*_TEMPORAL_NAMES, "tz") if kind is datetime or kind is time else _TEMPORAL_NAMES
        asked = _asked(kind.__name__, written, names)
        super().__init__([_temporal_bound(kind, name, bound) for name, bound in asked if name != "tz"])
        self._zoned = cast("bool | None", written.get("tz"))

    def fault(self, value: object, given: object, location: Location) -> ErrorItem | None:
        """The first bound that a value breaks, or else what is wrong with its time zone."""
        fault = super().fault(value, given, location)
        if fault is not None or self._zoned is None or (cast(Any, value).tzinfo is not None) == self._zoned:
            return fault
        if self._zoned:
            return {"type": "timezone_aware", "loc": location, "msg": "Input should have timezone info", "input": given}
        return {"type": "timezone_naive", "loc": location, "msg": "Input should not have timezone info", "input": given}

    def holds(self, bound: Bound, value: Any) -> bool:
        """Whether a value keeps to one of the bounds."""
        if isinstance(value, (datetime, time)) and (value.tzinfo is None) != (bound.value.tzinfo is None):
            value = value.replace(tzinfo=bound.value.tzinfo)
        return bound.holds(value)


@final
class AnyNumberLimits(OrderLimits):
    """Bounds on numbers whose type may be one of several, or a special one: `int | float`, `bool`, `IntEnum`."""

    def __init__(self, kind: str, written: dict[str, object]) -> None:
        super().__init__([_any_bound(name, bound) for name, bound in _asked(kind, written, ("gt", "ge", "lt", "le", "multiple_of"))])

    def holds(self, bound: Bound, value: Any) -> bool:
        """Whether a number keeps to one of the bounds."""
        try:
            return bound.holds(value)
        except (TypeError, ArithmeticError):
            return False


@final
class TextLimits(Limits):
    """Lengths and patterns of text, and lengths of bytes.

    `kind` is `str`, `bytes`, or `object` for any other type whose values are text, which FastAPI speaks of as "Value".
    """

    def __init__(self, kind: type, name: str, written: dict[str, object]) -> None:
        asked = dict(_asked(name, written, _TEXT_NAMES if kind is not bytes else ("min_length", "max_length")))
        self._kind = kind
        self._shortest = _length("min_length", asked.get("min_length", 0))
        self._longest = _length("max_length", asked["max_length"]) if "max_length" in asked else -1
        self._pattern = cast(str, asked.get("pattern", ""))
        self._search: Callable[[str], object] | None = compiled_pattern(self._pattern).search if "pattern" in asked else None

    def admits_text(self, value: str) -> bool:
        """As `admits`, for text alone."""
        size = len(value)
        if size < self._shortest or (size > self._longest and self._longest != -1):
            return False
        return self._search is None or self._search(value) is not None

    def fault(self, value: object, given: object, location: Location) -> ErrorItem | None:
        """The first that a text or bytes value breaks: shortest length, longest length, pattern."""
        size = len(cast(Sized, value))
        if size < self._shortest:
            return self._length_fault("min_length", "least", "short", self._shortest, size, given, location)
        if size > self._longest and self._longest != -1:
            return self._length_fault("max_length", "most", "long", self._longest, size, given, location)
        if self._search is None or self._search(cast(Any, value)) is not None:
            return None
        words = f"String should match pattern '{self._pattern}'"
        return {"type": "string_pattern_mismatch", "loc": location, "msg": words, "input": given, "ctx": {"pattern": self._pattern}}

    def _length_fault(self, name: str, extreme: str, fault: str, limit: int, size: int, given: object, location: Location) -> ErrorItem:
        plural = "" if limit == 1 else "s"
        context: dict[str, object] = {name: limit}
        if self._kind is str:
            kind, words = f"string_too_{fault}", f"String should have at {extreme} {limit} character{plural}"
        elif self._kind is bytes:
            kind, words = f"bytes_too_{fault}", f"Data should have at {extreme} {limit} byte{plural}"
        else:
            kind, words = f"too_{fault}", f"Value should have at {extreme} {limit} item{plural} after validation, not {size}"
            context = {"field_type": "Value", name: limit, "actual_length": size}
        return {"type": kind, "loc": location, "msg": words, "input": given, "ctx": context}


@final
class NoLimits(Limits):
    """For values that no constraint speaks of."""

    def fault(self, value: object, given: object, location: Location) -> ErrorItem | None:  # noqa: ARG002 - any value is fine
        """No fault."""
        return None


def faults_of(limits: Limits | None, value: object, given: object, location: Location) -> list[ErrorItem]:
    """The fault of a value, where there are limits and it breaks one, as a list."""
    fault = None if limits is None else limits.fault(value, given, location)
    return [] if fault is None else [fault]


def limits_for(kind: type, written: dict[str, object]) -> Limits:
    """The limits for values of exactly this type."""
    if kind is int:
        return IntLimits(written)
    if kind is float:
        return FloatLimits(written)
    if kind is Decimal:
        return DecimalLimits(written)
    if kind is str or kind is bytes:
        return TextLimits(kind, kind.__name__, written)
    if kind in {date, datetime, time, timedelta}:
        return TemporalLimits(kind, written)
    if issubclass(kind, (int, float)):
        return AnyNumberLimits(kind.__name__, written)
    return TextLimits(object, kind.__name__, written) if issubclass(kind, str) else NoLimits()


def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """A pattern for `re`, in which `$` means the very end of the text, not also the place before a line break at the end."""
    try:
        compiled = re.compile(pattern)
        if "$" not in pattern or compiled.flags & re.MULTILINE:
            return compiled
        return re.compile(_DOLLAR.sub(_very_end, pattern))
    except re.error as error:
        raise ValueError(f"pattern={pattern!r} is no regular expression of Python's re: {error}") from None


_DOLLAR: Final = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)
"""What a `$` can hide in, a backslash or a set of characters, or a `$` that stands for itself."""


def _very_end(found: re.Match[str]) -> str:
    return r"\Z" if found[0] == "$" else found[0]


def _asked(kind: str, written: dict[str, object], allowed: tuple[str, ...]) -> list[tuple[str, object]]:
    """The constraints that are asked, in the order in which they are looked at."""
    for name, value in written.items():
        if name not in allowed:
            raise TypeError(f"{name}={value!r} does not apply to {kind}, which takes {', '.join(allowed)}.")
    return [(name, written[name]) for name in allowed if name in written]


def _length(name: str, value: object) -> int:
    if isinstance(value, int) and value >= 0:
        return value
    raise ValueError(f"{name}={value!r} is no length: write a whole number from zero up.")


def _positive(name: str, value: object, shown: object) -> None:
    if name == "multiple_of" and not (cast(Any, value) > 0 and math.isfinite(cast(Any, value))):
        raise ValueError(f"multiple_of={shown!r} cannot be divided by: write a number above zero.")


def _int_bound(name: str, bound: object) -> Bound:
    if not isinstance(bound, (int, float, Decimal)) or bound != bound // 1:
        raise TypeError(f"{name}={bound!r} does not fit an int: write a whole number.")
    value = int(bound)
    _positive(name, value, bound)
    return Bound(name, value, str(value), value)


def _float_bound(name: str, bound: object) -> Bound:
    if not isinstance(bound, (int, float, Decimal)):
        raise TypeError(f"{name}={bound!r} does not fit a float: write a number.")
    value = float(bound)
    _positive(name, value, bound)
    return Bound(name, value, _plain(value), value)


def _decimal_bound(name: str, bound: object) -> Bound:
    if not isinstance(bound, (int, float, Decimal)):
        raise TypeError(f"{name}={bound!r} does not fit a Decimal: write a number.")
    value = Decimal(str(bound)) if isinstance(bound, float) else Decimal(bound)
    if not value.is_finite():
        raise ValueError(f"{name}={bound!r} does not fit a Decimal: write a finite number.")
    _positive(name, value, bound)
    return Bound(name, value, str(value), _json_number(value))


def _any_bound(name: str, bound: object) -> Bound:
    if not isinstance(bound, (int, float, Decimal)):
        raise TypeError(f"{name}={bound!r} does not fit a number: write a number.")
    _positive(name, bound, bound)
    value = _json_number(bound) if isinstance(bound, Decimal) else bound
    return Bound(name, value, _plain(value) if isinstance(value, float) else str(value), value)


def _temporal_bound(kind: type, name: str, bound: object) -> Bound:
    if kind is datetime and isinstance(bound, date) and not isinstance(bound, datetime):
        bound = datetime(bound.year, bound.month, bound.day)  # noqa: DTZ001 - a bound without time zone, as the user wrote it
    if not isinstance(bound, kind) or (kind is date and isinstance(bound, datetime)):
        raise TypeError(f"{name}={bound!r} does not fit a {kind.__name__}: write a {kind.__name__}.")
    text = _in_words(bound) if isinstance(bound, timedelta) else cast(Any, bound).isoformat().replace("+00:00", "Z")
    return Bound(name, bound, text, text)


def _json_number(value: Decimal) -> int | float:
    """A decimal as FastAPI's encoder writes it into JSON."""
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)


def _plain(value: float) -> str:
    """A float without exponent, and without `.0`."""
    if not math.isfinite(value):
        return str(value)
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _in_words(duration: timedelta) -> str:
    """A duration as pydantic writes it: `1 day and 3 seconds`."""
    minutes, seconds = divmod(duration.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((duration.days, "day"), (hours, "hour"), (minutes, "minute"), (seconds, "second"), (duration.microseconds, "microsecond"))
    words = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count]
    return " and ".join(words) or "0 seconds"


def _is_float_multiple(value: float, multiple: float) -> bool:
    quotient = value / multiple
    if math.isfinite(quotient):
        quotient = math.copysign(math.floor(abs(quotient) + 0.5), quotient)
    return not abs(value - quotient * multiple) > _FLOAT_TOLERANCE
