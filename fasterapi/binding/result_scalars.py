"""The shapes of single values: numbers, texts, dates, members of an `Enum`, `Literal`s."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Sequence
from typing import Any, Final, cast, final

from typing_extensions import override

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.result_filter import Filter
from fasterapi.binding.result_shape import Dump, Shape
from fasterapi.binding.result_values import as_number, prepare_number
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validator import Validator, Walk

_ENCODED_VALUES: Final = {str, int, float, bool, type(None)}


@final
class ScalarShape(Shape):
    """A type of single values."""

    def __init__(
        self,
        kind: type[Any],
        validator: Validator,
        prepare: Callable[[object, Walk], object],
        write: Callable[[Any, Walk], object] | None,
    ) -> None:
        super().__init__()
        self.exact: type[Any] | None = kind
        self.faithful: bool = write is None
        self._validator = validator
        self._prepare = prepare
        self._write = write

    @override
    def fits(self, value: object, depth: int) -> bool:
        # The encoder writes an integer in the place of a float as the same number.
        return type(value) is self.exact or (self.exact is float and type(value) is int)

    @override
    def holds(self, value: object) -> bool:
        return self.fits(value, 0)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if type(value) is self.exact:
            return value
        prepared = self._prepare(value, walk)
        if prepared is FAIL or type(prepared) is self.exact:
            return prepared
        return self._validator.check(prepared, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        write = self._write
        return found if write is None or found is FAIL else write(found, dump.walk)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class TextShape(Shape):
    """A class whose instances are written as their text: a path or an internet address."""

    def __init__(self, kind: type[Any], validator: Validator) -> None:
        super().__init__()
        self.faithful = False
        self.convertible = False
        self._kind = kind
        self._validator = validator

    @override
    def fits(self, value: object, depth: int) -> bool:
        return isinstance(value, self._kind)

    @override
    def holds(self, value: object) -> bool:
        return isinstance(value, self._kind)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return value if isinstance(value, self._kind) else self._validator.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        return FAIL if found is FAIL else str(found)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class NoneShape(Shape):
    """`None`."""

    def __init__(self, validator: Validator) -> None:
        super().__init__()
        self.exact: type[Any] | None = type(None)
        self._validator = validator

    @override
    def fits(self, value: object, depth: int) -> bool:
        return value is None

    @override
    def holds(self, value: object) -> bool:
        return value is None

    @override
    def check(self, value: object, walk: Walk) -> object:
        return self._validator.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        return self.check(value, dump.walk)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class EnumShape(Shape):
    """A member, written as its value; `untyped` writes values of any kind."""

    def __init__(self, members: type[enum.Enum], validator: Validator, untyped: Shape) -> None:
        super().__init__()
        self.exact: type[Any] | None = members
        self.faithful: bool = has_encoded_values([member.value for member in members])
        self._members = members
        self._is_scalar = issubclass(members, (str, int, float))
        self._is_text = issubclass(members, str)
        self._validator = validator
        self._untyped = untyped

    @override
    def fits(self, value: object, depth: int) -> bool:
        return isinstance(value, self._members)

    @override
    def holds(self, value: object) -> bool:
        return isinstance(value, self._members)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, self._members):
            return value
        if isinstance(value, enum.Enum):
            value = str(value.value) if self._is_text else value.value
        if isinstance(value, bytes) and not self._is_scalar:
            return self._validator.check(value, walk)
        return self._validator.check(prepare_number(value, walk), walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        if found is FAIL or self.faithful:
            return found
        return self._untyped.plain(cast("enum.Enum", found).value, chosen, dump)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class LiteralShape(Shape):
    """One of the values written down; `untyped` writes values of any kind."""

    def __init__(self, values: Sequence[object], validator: Validator, untyped: Shape) -> None:
        super().__init__()
        self.faithful: bool = has_encoded_values(values)
        self._kinds: Final = {type(value) for value in values}
        self._values: Final = {(type(value), value) for value in values}
        self._validator = validator
        self._untyped = untyped

    @override
    def fits(self, value: object, depth: int) -> bool:
        return type(value) in self._kinds and (type(value), value) in self._values

    @override
    def holds(self, value: object) -> bool:
        return self.fits(value, 0)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return value if self.fits(value, 0) else self._validator.check(as_number(value, walk), walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        return found if found is FAIL or self.faithful else self._untyped.plain(found, chosen, dump)

    @override
    def label(self) -> str:
        return self._validator.label()


@final
class BoundedShape(Shape):
    """A type with bounds, or one that wants or forbids a time zone; `validator` knows them and asks `inner` first."""

    def __init__(self, inner: Shape, validator: Validator, constraints: Constraints, aware: bool | None) -> None:
        super().__init__()
        self._inner = inner
        self._validator = validator
        self._constraints = constraints
        self._aware = aware

    @override
    def fits(self, value: object, depth: int) -> bool:
        if not self._inner.fits(value, depth):
            return False
        if self._aware is not None and isinstance(value, (datetime.datetime, datetime.time)):
            return (value.tzinfo is not None) == self._aware
        return self._constraints.fault(value, value, ()) is None

    @override
    def holds(self, value: object) -> bool:
        return self._inner.holds(value)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return self._validator.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = self.check(value, dump.walk)
        return FAIL if found is FAIL else self._inner.plain(found, chosen, dump)

    @override
    def label(self) -> str:
        return self._validator.label()

    @override
    def children(self) -> list[Validator]:
        return [self._inner]


def has_encoded_values(values: Sequence[object]) -> bool:
    """Whether the encoder writes each of these values as FastAPI does."""
    return {type(value) for value in values} <= _ENCODED_VALUES
