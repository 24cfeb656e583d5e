"""Bounds on values, as JSON Schema writes them."""

from __future__ import annotations

import datetime
from typing import Final

from fasterapi.binding.constraints import Constraints
from fasterapi.openapi.json_values import Json

_NUMBERS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "multiple_of": "multipleOf"}
_KEYWORDS: Final[dict[str, dict[str, str]]] = {
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "string": {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"},
    "array": {"min_length": "minItems", "max_length": "maxItems"},
    "object": {"min_length": "minProperties", "max_length": "maxProperties"},
}
_WITHOUT_KEYWORD: Final = (datetime.date, datetime.time, datetime.timedelta)


def write_bounds(schema: Json, constraints: Constraints) -> None:
    """Put the bounds into the schema: each where it applies, so that those of a union reach its members.

    Bounds on dates and times are left out, because JSON Schema has none for them.
    """
    if constraints.is_empty:
        return
    for member in schema.get("anyOf", ()):
        write_bounds(member, constraints)
    kind = schema.get("type")
    if isinstance(kind, str) and kind in _KEYWORDS:
        for name, keyword in _KEYWORDS[kind].items():
            value = constraints.written.get(name)
            if value is not None and not isinstance(value, _WITHOUT_KEYWORD):
                schema[keyword] = value
