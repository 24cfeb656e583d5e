"""Text to one of several: members of an `Enum`, values of a `Literal`, types of a union."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, Final, cast, final

from fasterapi.binding.scalar_converter import FAIL, NUMBERS, OTHERS, TEXTS, Converter
from fasterapi.binding.scalar_limits import Limits, faults_of
from fasterapi.binding.scalar_numbers import int_size_fault, parse_float, parse_int
from fasterapi.errors import ErrorItem, Location

_LARGEST_INT: Final = (1 << 63) - 1


def _expected(values: Iterable[object]) -> str:
    """`'a', 'b' or 'c'`."""
    words = [repr(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _by_value(pairs: Iterable[tuple[object, object]]) -> dict[object, object]:
    """What stands for each value; one that cannot be hashed is equal to no text."""
    found: dict[object, object] = {}
    for value, meant in pairs:
        if type(value).__hash__ is not None:
            found.setdefault(value, meant)
    return found


@final
class EnumConverter(Converter):
    """Text to a member: by its value as it is, or as a number where the `Enum` is one of numbers (`IntEnum`)."""

    def __init__(self, kind: type[Enum]) -> None:
        members = list(kind.__members__.values())
        prefix, nature = "enum", OTHERS
        self._parse: Callable[[str], object] | None = None
        if issubclass(kind, int):
            prefix, nature, self._parse = "int-enum", NUMBERS, parse_int
        elif issubclass(kind, str):
            prefix, nature = "str-enum", TEXTS
        elif issubclass(kind, float):
            prefix, nature, self._parse = "float-enum", NUMBERS, parse_float
        super().__init__(f"{prefix}[{kind.__qualname__}]", False, nature)
        self._kind = kind
        self._members = _by_value([(member.value, member) for member in members])
        self._expected = _expected([member.value for member in members])
        self._has_missing = cast(Any, kind)._missing_.__func__ is not cast(Any, Enum)._missing_.__func__

    def convert(self, text: str) -> object:
        """The member, or `FAIL`."""
        value: object = text if self._parse is None else self._parse(text)
        member = self._members.get(value)
        if member is not None:
            return member
        return self._missing(text) if self._has_missing else FAIL

    def _missing(self, text: str) -> object:
        """What the class itself makes of a value that no member has (`_missing_`)."""
        try:
            return self._kind(text)
        except Exception:  # noqa: BLE001 - whatever the user's hook raises, to pydantic the text is refused
            return FAIL

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        if self.convert(text) is not FAIL:
            return []
        number = parse_int(text) if issubclass(self._kind, int) else None
        if number is not None and not -_LARGEST_INT - 1 <= number <= _LARGEST_INT:
            return [int_size_fault(number, location)]
        words = f"Input should be {self._expected}"
        return [{"type": "enum", "loc": location, "msg": words, "input": text, "ctx": {"expected": self._expected}}]


@final
class LiteralConverter(Converter):
    """Text to one of the texts in a `Literal`; values of other types are equal to no text, as in pydantic."""

    def __init__(self, values: tuple[object, ...]) -> None:
        super().__init__(f"literal[{','.join([repr(value) for value in values])}]", True, _nature_of(values))
        # Plain text goes before members of a `StrEnum` that are equal to it.
        plain = [value for value in values if type(value) is str]
        self._values = _by_value([(value, value) for value in (*plain, *values)])
        self._expected = _expected(values)

    def convert(self, text: str) -> object:
        """The value, or `FAIL`."""
        return self._values.get(text, FAIL)

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        if self.convert(text) is not FAIL:
            return []
        words = f"Input should be {self._expected}"
        return [{"type": "literal_error", "loc": location, "msg": words, "input": text, "ctx": {"expected": self._expected}}]


def _nature_of(values: tuple[object, ...]) -> int:
    for value in values:
        if not isinstance(value, str):
            return OTHERS
    return TEXTS


@final
class UnionConverter(Converter):
    """Text to the first type that takes it, but sooner to one that text needs no conversion for (pydantic's smart mode)."""

    def __init__(self, choices: list[Converter]) -> None:
        nature = choices[0].nature
        for choice in choices:
            if choice.nature != nature:
                nature = OTHERS
        is_exact = all([choice.is_exact for choice in choices])  # noqa: C419 - a generator is a list in compiled code
        super().__init__(f"union[{','.join([choice.label for choice in choices])}]", is_exact, nature)
        self._choices = choices
        self._by_exactness = [choice for choice in choices if choice.is_exact] + [choice for choice in choices if not choice.is_exact]

    def convert(self, text: str) -> object:
        """The value, or `FAIL`."""
        for choice in self._by_exactness:
            value = choice.convert(text)
            if value is not FAIL:
                return value
        return FAIL

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text: the faults that each type finds."""
        faults: list[ErrorItem] = []
        for choice in self._choices:
            found = choice.explain(text, (*location, choice.label))
            if not found:
                return []
            faults += found
        return faults


@final
class LimitedConverter(Converter):
    """Another converter, with constraints on the values it gives."""

    def __init__(self, inner: Converter, limits: Limits) -> None:
        super().__init__(inner.label, inner.is_exact, inner.nature)
        self._inner = inner
        self._limits = limits

    def convert(self, text: str) -> object:
        """The value, or `FAIL`."""
        value = self._inner.convert(text)
        return value if value is not FAIL and self._limits.admits(value) else FAIL

    def explain(self, text: str, location: Location) -> list[ErrorItem]:
        """Why `convert` refuses this text."""
        value = self._inner.convert(text)
        if value is FAIL:
            return self._inner.explain(text, location)
        return faults_of(self._limits, value, text, location)
