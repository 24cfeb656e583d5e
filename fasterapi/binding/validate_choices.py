"""The second pass over closed sets of values: `Enum` and `Literal`."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, final

from typing_extensions import override

from fasterapi.binding.scalars import FAIL, Converter
from fasterapi.binding.validator import ALWAYS, INTEGER, LAX, TEXT, Validator, Walk


def listed(values: Sequence[object]) -> str:
    """The values as a sentence names them: `1, 2 or 'x'`."""
    words = [repr(value) for value in values]
    if len(words) < 2:
        return words[0]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _shape_of(kinds: set[type]) -> int:
    return (TEXT if str in kinds else 0) | (INTEGER if int in kinds else 0)


@final
class EnumValidator(Validator):
    """A member by its value; an `IntEnum` or float enum takes also what such a number takes."""

    def __init__(self, members: type[enum.Enum], number: Converter | None) -> None:
        super().__init__()
        self._members = members
        self._number = number
        self._by_value = members._value2member_map_
        self._asks_class = _has_own_lookup(members)
        self._expected: Final = listed([member.value for member in members])
        self._prefix: Final = _enum_prefix(members)
        kinds: set[type] = {type(member.value) for member in members}
        self._shape: Final = _shape_of(kinds)
        if kinds not in ({str}, {int}):
            self.doubts = ALWAYS

    @override
    def check(self, value: object, walk: Walk) -> object:
        walk.lower(LAX)
        member = self._member(value)
        if member is not None:
            return member
        if isinstance(value, str) and self._number is not None:
            member = self._member(self._number.convert(value))
            if member is not None:
                return member
        message = f"Input should be {self._expected}"
        return walk.refuse_with("enum", message, value, {"expected": self._expected})

    def _member(self, value: object) -> object:
        if isinstance(value, (str, int, float)):
            found = self._by_value.get(value)
            if found is not None:
                return found
        if not self._asks_class:
            return None
        try:
            return self._members(value)
        except ValueError:
            return None

    @override
    def label(self) -> str:
        return f"{self._prefix}[{self._members.__name__}]"

    @override
    def shape(self) -> int:
        return self._shape


def _has_own_lookup(members: type[enum.Enum]) -> bool:
    """Whether only the class can say what a value means: it has a `_missing_`, or values that no dict can hold."""
    for base in members.__mro__:
        if "_missing_" in base.__dict__:
            return base is not enum.Enum or len(members._value2member_map_) < len(members)
    return False


def _enum_prefix(members: type[enum.Enum]) -> str:
    if issubclass(members, int):
        return "int-enum"
    if issubclass(members, str):
        return "str-enum"
    if issubclass(members, float):
        return "float-enum"
    return "enum"


@final
class LiteralValidator(Validator):
    """One of the values written down, by type and value first, then by equality: `true` is also 1."""

    def __init__(self, values: Sequence[object]) -> None:
        super().__init__()
        self._exact: Final = {(type(value), value): value for value in values}
        self._equal: Final = {value: value for value in values}
        self._expected: Final = listed(values)
        self._label: Final = f"literal[{','.join(repr(value) for value in values)}]"
        kinds: set[type] = {type(value) for value in values}
        self._shape: Final = _shape_of(kinds)
        self.is_text: Final = kinds == {str}
        if not kinds <= {type(None), bool, int, str}:
            self.doubts = ALWAYS

    @override
    def check(self, value: object, walk: Walk) -> object:
        if value is None or isinstance(value, (str, int, float)):
            found = self._exact.get((type(value), value), FAIL)
            if found is FAIL:
                found = self._equal.get(value, FAIL)
            if found is not FAIL:
                return found
        message = f"Input should be {self._expected}"
        return walk.refuse_with("literal_error", message, value, {"expected": self._expected})

    @override
    def label(self) -> str:
        return self._label

    @override
    def shape(self) -> int:
        return self._shape
