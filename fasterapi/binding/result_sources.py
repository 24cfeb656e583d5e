"""Where the fields of a model are read from when a handler returns something else: a mapping, an ORM row, any object."""

from __future__ import annotations

import collections.abc
import operator
from collections.abc import Callable, Sequence
from typing import Final, cast, final

import msgspec

from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import ModelField
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validator import Walk

_WITHOUT_FIELDS: Final = {"builtins", "datetime", "collections"}
"""The modules whose classes have attributes, but none that is meant as a field."""


@final
class AttributeReader:
    """Reads some attributes at once."""

    def __init__(self, names: Sequence[str]) -> None:
        self._values_of: Callable[[object], object] | None = operator.attrgetter(*names) if names else None
        self._reads_one = len(names) == 1

    def values(self, value: object) -> tuple[object, ...] | None:
        """Their values, `None` where one of them cannot be read."""
        values_of = self._values_of
        if values_of is None:
            return ()
        try:
            found = values_of(value)
        except Exception:  # noqa: BLE001 - whatever an attribute's own code raises
            return None
        return (found,) if self._reads_one else cast("tuple[object, ...]", found)


def fields_given(value: object, fields: Sequence[ModelField], walk: Walk) -> object:
    """The fields that a value gives, by their names in JSON; what has no fields comes back as it is.

    `FAIL` where reading an attribute raised. A field of a mapping may go by its name in JSON or in Python.
    """
    if isinstance(value, dict):
        return _renamed(value, fields)
    if isinstance(value, collections.abc.Mapping):
        return _renamed(dict(value), fields)
    if isinstance(value, type) or type(value).__module__ in _WITHOUT_FIELDS:
        return value
    return _attributes(value, fields, walk)


def _renamed(given: dict[object, object], fields: Sequence[ModelField]) -> dict[object, object]:
    keys: set[str] | None = None
    found = given
    for field in fields:
        if field.key == field.name or field.key in given or field.name not in given:
            continue
        if keys is None:
            keys = {other.key for other in fields}
        if field.name not in keys:
            if found is given:
                found = dict(given)
            found[field.key] = found.pop(field.name)
    return found


def _attributes(value: object, fields: Sequence[ModelField], walk: Walk) -> object:
    given: dict[str, object] = {}
    complete = True
    for field in fields:
        try:
            item = getattr(value, field.name, MISSING)
        except Exception as error:  # noqa: BLE001 - such as an ORM's, for a row that it can no longer load from
            walk.path.append(field.key)
            reason = f"{type(error).__name__}: {error}"
            walk.refuse_with("get_attribute_error", f"Error extracting attribute: {reason}", value, {"error": reason})
            walk.path.pop()
            complete = False
        else:
            if item is not MISSING and item is not msgspec.UNSET:
                given[field.key] = item
    return given if complete else FAIL
