"""A JSON body becomes the declared type: one decode, and a second pass only where that fails.

What is taken and what is refused, and the words for it, are those of FastAPI, which runs pydantic's lax mode on what the
standard library read. `DIFFERENCES` names where we part from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, final

import msgspec

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.json_text import read_json
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate import validator_for
from fasterapi.binding.validator import ALWAYS, FRACTION, LINE_END, NOT_FINITE, doubts_within
from fasterapi.errors import ErrorItem, Location

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("A body in UTF-16 or UTF-32", "is read", "status 422: only UTF-8 is (RFC 8259, 8.1)"),
    ("A body that is not UTF-8, is nested too deeply, or has a number of thousands of digits", "status 400", "status 422 `json_invalid`"),
    ("Half a surrogate pair in a text", "is taken; an answer with it is status 500", "status 422 `json_invalid`"),
    ("NaN or an infinity in the input of a fault", "status 500", "status 422, where the input is `null`"),
    ("More than 1,000 faults in one body", "all are told", "the first 1,000 are told"),
    ("Faults within unions of models more than three deep", "are told for each combination of choices", "are told eight times at most"),
    ("A number for a Decimal", "is rounded to a float first", "keeps every digit, however large it is"),
    ("An integer beyond 64 bits for an `Enum` or `Literal`", "`int_parsing_size`", "`enum` or `literal_error`"),
    ("`collections.abc.Set`", "is a frozenset", "is a set"),
    ("A `Sequence`, path or IP address in a union", "locations of faults have pydantic's inner schema", "they have a short name"),
    ("A dataclass whose base is generic: `class A(Box[int])`", "fields of the base take anything", "fields of the base take `int`"),
    ("A constraint on a union of containers, or that cannot apply to its type", "status 500 for some requests", "is refused at start-up"),
)
"""Where we part from FastAPI on purpose: the case, what FastAPI does, what we do."""

_BODY: Final[Location] = ("body",)
_BACKSLASH: Final = 92
_ZERO: Final = 48
_NINE: Final = 57


@final
class JsonBody:
    """Reads bodies of one declared type.

    Example: `JsonBody(list[int], NO_CONSTRAINTS).decode(b"[1, 2]", [])` is `[1, 2]`.
    """

    def __init__(self, annotation: object, constraints: Constraints, location: Location = _BODY) -> None:
        """Raises `TypeError` or `ValueError` for an annotation that no JSON value can become or bounds that make no sense for it."""
        self._location = location
        self._validator = validator_for(annotation, constraints)
        self._doubts = doubts_within(self._validator)
        self._decode: Callable[[bytes], object] | None = None
        if not self._doubts & ALWAYS:
            self._decode = _decoder_of(annotation, constraints)

    def decode(self, raw: bytes, errors: list[ErrorItem]) -> object:
        """The value, or `FAIL` after at least one item was appended to `errors`.

        Nothing that a client can send makes it raise; what a model's own code raises, other than `ValueError` and
        `AssertionError`, comes through.
        """
        decode = self._decode
        if decode is None or (self._doubts != 0 and _is_doubtful(raw, self._doubts)):
            return self._read(raw, errors)
        try:
            return decode(raw)
        except Exception:  # noqa: BLE001 - the second pass meets it again: it can tell it, or finds that FastAPI takes the value
            return self._read(raw, errors)

    def _read(self, raw: bytes, errors: list[ErrorItem]) -> object:
        if not raw:
            errors.append({"type": "missing", "loc": self._location, "msg": "Field required", "input": None})
            return FAIL
        value = read_json(raw, self._location, errors)
        if value is FAIL:
            return FAIL
        return self._validator.validate(value, self._location, errors)

    def move_to(self, location: Location) -> None:
        """Let faults be located below `location`."""
        self._location = location

    def check(self, value: object, errors: list[ErrorItem]) -> object:
        """The same for what a JSON parser made of the text already."""
        return self._validator.validate(value, self._location, errors)

    def refuse(self, raw: bytes, errors: list[ErrorItem]) -> object:
        """The value of a body that is not declared to be JSON: its text, which models and containers refuse."""
        return self._validator.validate(raw.decode("utf-8", "replace"), self._location, errors)


def _decoder_of(annotation: Any, constraints: Constraints) -> Callable[[bytes], object] | None:
    """The decoder's method, or `None` where it cannot express the type: such as a union of two models."""
    try:
        if constraints.is_empty:
            return msgspec.json.Decoder(annotation).decode
        return msgspec.json.Decoder(Annotated[annotation, _meta_of(constraints)]).decode
    except (TypeError, ValueError, NotImplementedError):
        return None


def _meta_of(constraints: Constraints) -> msgspec.Meta:
    options = {
        "gt": constraints.gt,
        "ge": constraints.ge,
        "lt": constraints.lt,
        "le": constraints.le,
        "multiple_of": constraints.multiple_of,
        "min_length": constraints.min_length,
        "max_length": constraints.max_length,
        "pattern": constraints.pattern,
    }
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    return msgspec.Meta(**given)


def _is_doubtful(raw: bytes, doubts: int) -> bool:
    """Whether a body has what the decoder reads otherwise than FastAPI, or an escape that may hide it."""
    # `92 in raw` looks for a byte; `b"\\" in raw` raises and drops an exception first, which takes ten times as long.
    if doubts & (LINE_END | NOT_FINITE) and _BACKSLASH in raw and (raw.find(b"\\u") >= 0 or raw.find(b"\\n") >= 0):
        return True
    if doubts & NOT_FINITE:
        lower = raw.lower()
        if lower.find(b"nan") >= 0 or lower.find(b"inf") >= 0:
            return True
    return doubts & FRACTION != 0 and _has_long_fraction(raw)


def _has_long_fraction(raw: bytes) -> bool:
    """Whether seconds with more than six decimals may be in a body: `:05.1234567`."""
    pieces = raw.split(b".")
    for index in range(1, len(pieces)):
        decimals = pieces[index]
        # Most have three or six, so that the seventh character already tells.
        if len(decimals) >= 7 and _ZERO <= decimals[6] <= _NINE and decimals[:6].isdigit() and pieces[index - 1][-3:-2] == b":":
            return True
    return False
