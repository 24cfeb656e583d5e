"""Arguments of several texts: every value of one name, and models whose fields are parameters each."""

from __future__ import annotations

import types
import typing
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Final, final, get_args, get_origin

from typing_extensions import override

from fasterapi.binding.markers import HEADER
from fasterapi.binding.models import Model, ModelField
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.sources import Fallback, Source
from fasterapi.binding.texts import texts_of
from fasterapi.binding.validator import Validator
from fasterapi.errors import ErrorItem, Location
from fasterapi.http.exchange import Exchange

_SEQUENCES: Final = (list, set, frozenset, tuple, deque, Sequence, AbstractSet, Collection, Iterable)


@final
class SequenceSource(Source):
    """All values of a name."""

    def __init__(self, source: str, name: str, validator: Validator, fallback: Fallback) -> None:
        self._source = source
        self._name = name.lower() if source == HEADER else name
        self._location: Location = (source, name)
        self._validator = validator
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        texts = texts_of(self._source, exchange).get(self._name)
        if texts is None:
            return self._fallback.value_at(self._location, exchange)
        return validated(self._validator, texts, self._location, exchange)


@final
class GroupSource(Source):
    """A model, each field of which is a parameter of its own."""

    def __init__(self, source: str, fields: list[GroupField], validator: Validator, fallback: Fallback, is_optional: bool) -> None:
        self._source = source
        self._fields = fields
        self._names = frozenset([field.name for field in fields])
        # A header is not read by the field's own spelling, which proxies may drop or let a client forge.
        self._taken = self._names.union([field.key.lower() for field in fields] if source == HEADER else ())
        self._validator = validator
        self._fallback = fallback
        self._is_optional = is_optional

    @override
    def value(self, exchange: Exchange) -> object:
        texts = texts_of(self._source, exchange)
        location: Location = (self._source,)
        if self._is_optional and self._names.isdisjoint(texts):
            return self._fallback.value_at(location, exchange)
        known = exchange.error_count()
        value = validated(self._validator, self._collect(texts), location, exchange)
        if value is FAIL and self._source == HEADER:
            self._tell_names(exchange, known)
        return value

    def _tell_names(self, exchange: Exchange, known: int) -> None:
        """Faults name the header, not the field."""
        names: dict[str | int, str] = {field.key: field.name for field in self._fields}
        errors = exchange.errors
        assert errors is not None
        for error in errors[known:]:
            location = error["loc"]
            if len(location) > 1 and location[1] in names:
                error["loc"] = (location[0], names[location[1]], *location[2:])

    def _collect(self, texts: dict[str, list[str]]) -> dict[str, object]:
        """What was given for each field, and all that no field asked for, which a model may refuse."""
        given: dict[str, object] = {}
        for field in self._fields:
            values = texts.get(field.name)
            if values is not None:
                given[field.key] = values if field.is_sequence else values[0 if self._source == HEADER else -1]
        for name, values in texts.items():
            if name not in self._taken:
                given[name] = values[0] if len(values) == 1 else values
        return given


@final
class GroupField:
    """One field of a group: its key in the model, its name in the request."""

    def __init__(self, field: ModelField, source: str, convert_underscores: bool) -> None:
        self.key: str = field.key
        name = field.key.replace("_", "-").lower() if source == HEADER and convert_underscores else field.key
        self.name = name
        self.is_sequence: bool = is_sequence(field.annotation)


def group_fields(model: Model, source: str, convert_underscores: bool) -> list[GroupField]:
    """The fields of a model as parameters."""
    return [GroupField(field, source, convert_underscores) for field in model.fields]


def is_sequence(annotation: object) -> bool:
    """Whether a declared type takes several values: a list, a set, a tuple, or a union with one of them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return is_sequence(get_args(annotation)[0])
    if origin is typing.Union or origin is types.UnionType:
        return any(is_sequence(member) for member in get_args(annotation))
    kind = annotation if origin is None else origin
    return isinstance(kind, type) and kind in _SEQUENCES


def validated(validator: Validator, value: object, location: Location, exchange: Exchange) -> object:
    """The value as the declared type; its faults are kept on the exchange."""
    errors: list[ErrorItem] = []
    result = validator.validate(value, location, errors)
    for error in errors:
        exchange.add_error(error)
    return result
