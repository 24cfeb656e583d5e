"""The second pass over what stands alone in JSON: numbers, text, and the types that are written as one of them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final, final

import msgspec
from typing_extensions import override

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalars import FAIL, Converter
from fasterapi.binding.validator import ALWAYS, INTEGER, LAX, LINE_END, NOT_FINITE, STRICT, TEXT, Validator, Walk

_INTEGER_LIMIT: Final = 2.0**63


@final
class AnyValidator(Validator):
    """Takes every value as it is."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        walk.lower(STRICT)
        return value

    @override
    def label(self) -> str:
        return "any"


@final
class NoneValidator(Validator):
    """Takes `null` only."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if value is None:
            return None
        return walk.refuse("none_required", "Input should be None", value)

    @override
    def label(self) -> str:
        return "none"


class TextValidator(Validator):
    """A type that is also written as text, for which its converter is asked."""

    def __init__(self, converter: Converter) -> None:
        super().__init__()
        self.converter = converter

    def check_text(self, text: str, walk: Walk) -> object:
        """The value of a text, or `FAIL` after the converter's faults were kept."""
        walk.lower(LAX)
        converted = self.converter.convert(text)
        if converted is FAIL and not walk.quiet:
            walk.errors.extend(self.converter.explain(text, walk.location()))
        return converted

    @override
    def shape(self) -> int:
        return TEXT


@final
class IntValidator(TextValidator):
    """`int`, also from text, from `true` and `false` and from a number without a fraction."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        if isinstance(value, bool):
            walk.lower(LAX)
            return 1 if value else 0
        if isinstance(value, int):
            return value
        if isinstance(value, float):
            return _integer_of(value, walk)
        return walk.refuse("int_type", "Input should be a valid integer", value)

    @override
    def label(self) -> str:
        return "int"

    @override
    def shape(self) -> int:
        return INTEGER


def _integer_of(number: float, walk: Walk) -> object:
    walk.lower(LAX)
    if number - number != 0.0:
        return walk.refuse("finite_number", "Input should be a finite number", number)
    if number % 1.0 != 0.0:
        return walk.refuse("int_from_float", "Input should be a valid integer, got a number with a fractional part", number)
    if not -_INTEGER_LIMIT < number < _INTEGER_LIMIT:
        return walk.refuse("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size", number)
    return int(number)


@final
class FloatValidator(TextValidator):
    """`float`, also from text, integers, `true` and `false`."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, float):
            return value
        if isinstance(value, str):
            return self.check_text(value, walk)
        if isinstance(value, int):
            walk.lower(LAX if isinstance(value, bool) else STRICT)
            try:
                return float(value)
            except OverflowError:
                return walk.refuse("float_type", "Input should be a valid number", value)
        return walk.refuse("float_type", "Input should be a valid number", value)

    @override
    def label(self) -> str:
        return "float"

    @override
    def shape(self) -> int:
        return 0


@final
class BoolValidator(TextValidator):
    """`bool`, also from its words in text and from 0 and 1."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self.check_text(value, walk)
        walk.lower(LAX)
        if value == 1:
            return True
        if value == 0:
            return False
        if _is_short_integer(value):
            return walk.refuse("bool_parsing", "Input should be a valid boolean, unable to interpret input", value)
        return walk.refuse("bool_type", "Input should be a valid boolean", value)

    @override
    def label(self) -> str:
        return "bool"

    @override
    def shape(self) -> int:
        return 0


def _is_short_integer(value: object) -> bool:
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, float) and value % 1.0 == 0.0 and -_INTEGER_LIMIT < value < _INTEGER_LIMIT


@final
class StrValidator(Validator):
    """`str`, from nothing else."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return value
        return walk.refuse("string_type", "Input should be a valid string", value)

    @override
    def label(self) -> str:
        return "str"

    @override
    def shape(self) -> int:
        return TEXT


@final
class BytesValidator(TextValidator):
    """`bytes`: the UTF-8 of a text, where the decoder would expect base64."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.doubts = ALWAYS

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        if isinstance(value, bytes):
            return value
        return walk.refuse("bytes_type", "Input should be a valid bytes", value)

    @override
    def label(self) -> str:
        return "bytes"


@final
class DecimalValidator(TextValidator):
    """`Decimal`, from text or a number; a number is taken by its shortest spelling."""

    def __init__(self, converter: Converter) -> None:
        super().__init__(converter)
        self.doubts = NOT_FINITE

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        walk.lower(LAX)
        if isinstance(value, float):
            if value - value != 0.0:
                return walk.refuse("finite_number", "Input should be a finite number", value)
            return Decimal(str(value))
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        return walk.refuse("decimal_type", "Decimal input should be an integer, float, string or Decimal object", value)

    @override
    def label(self) -> str:
        return "decimal"


@final
class UuidValidator(TextValidator):
    """`UUID`, from text only."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        return walk.refuse("uuid_type", "UUID input should be a string, bytes or UUID object", value)

    @override
    def label(self) -> str:
        return "uuid"


@final
class NamedTextValidator(TextValidator):
    """A type that the decoder does not know: a path or an internet address."""

    def __init__(self, converter: Converter, name: str, kind: str, message: str, of_integer: Callable[[int], object] | None) -> None:
        super().__init__(converter)
        self.doubts = ALWAYS
        self._name = name
        self._kind = kind
        self._message = message
        self._of_integer = of_integer

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, str):
            return self.check_text(value, walk)
        walk.lower(LAX)
        if isinstance(value, int) and self._of_integer is not None:
            try:
                return self._of_integer(int(value))
            except ValueError:
                return walk.refuse(self._kind, self._message, value)
        return walk.refuse(self._kind, self._message, value)

    @override
    def label(self) -> str:
        return self._name


@final
class RawValidator(Validator):
    """`msgspec.Raw`: a value kept as JSON text."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        walk.lower(LAX)
        return msgspec.Raw(msgspec.json.encode(value))

    @override
    def label(self) -> str:
        return "any"


@final
class ConstrainedValidator(Validator):
    """A type with bounds, which hold for the converted value."""

    def __init__(self, inner: Validator, constraints: Constraints) -> None:
        super().__init__()
        self.is_bounded = True
        if not isinstance(inner, (IntValidator, FloatValidator, StrValidator)):
            # The decoder refuses such bounds, and it is better not asked for what it refuses.
            self.doubts = ALWAYS
        elif constraints.pattern is not None and "$" in constraints.pattern:
            self.doubts: int = LINE_END
        self._inner = inner
        self._constraints = constraints

    @override
    def check(self, value: object, walk: Walk) -> object:
        converted = self._inner.check(value, walk)
        if converted is FAIL:
            return FAIL
        fault = self._constraints.fault(converted, value, walk.location())
        if fault is None:
            return converted
        if not walk.quiet:
            walk.errors.append(fault)
        return FAIL

    @override
    def label(self) -> str:
        inner = self._inner.label()
        return f"constrained-{inner}" if inner in ("int", "float", "str", "bytes") else inner

    @override
    def shape(self) -> int:
        return self._inner.shape()

    @override
    def children(self) -> list[Validator]:
        return [self._inner]
