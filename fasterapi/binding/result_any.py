"""How values leave whose type nobody declared: by what they are."""

from __future__ import annotations

import collections.abc
import datetime
import decimal
import enum
import ipaddress
import pathlib
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast, final

import msgspec
from typing_extensions import override

from fasterapi.binding.result_containers import enter_key, plain_items
from fasterapi.binding.result_filter import EVERYTHING, Filter
from fasterapi.binding.result_formats import key_of
from fasterapi.binding.result_shape import Dump, Shape, is_faithful
from fasterapi.binding.result_values import (
    as_number,
    prepare_date,
    prepare_datetime,
    prepare_decimal,
    prepare_time,
    prepare_uuid,
    text_of,
    write_bytes,
    write_duration,
)
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validator import MAX_DEPTH, STRICT, Walk

_PLAIN: Final = {str, int, bool, type(None), msgspec.Raw}
_PYDANTIC: Final = {"pydantic", "pydantic_core", "pydantic_extra_types"}


def _write_text(value: Any, _walk: Walk) -> object:
    return str(value)


def _write_pattern(value: re.Pattern[str], _walk: Walk) -> object:
    return value.pattern


def _write_seconds(value: datetime.timedelta, _walk: Walk) -> object:
    return value.total_seconds()


def _write_iso(value: datetime.datetime | datetime.date | datetime.time, _walk: Walk) -> object:
    return value.isoformat()


def _write_decimal_number(value: decimal.Decimal, _walk: Walk) -> object:
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)


def _write_text_like(value: object, _walk: Walk) -> object:
    return text_of(value)


_DECLARED: Final[list[tuple[Any, Callable[[Any, Walk], object]]]] = [
    (str, _write_text_like),
    ((bytes, bytearray), write_bytes),
    ((int, float), as_number),
    (datetime.datetime, prepare_datetime),
    (datetime.date, prepare_date),
    (datetime.time, prepare_time),
    (datetime.timedelta, write_duration),
    (decimal.Decimal, prepare_decimal),
    (uuid.UUID, prepare_uuid),
    (pathlib.PurePath, _write_text),
    ((ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network), _write_text),
    (re.Pattern, _write_pattern),
]
"""How single values are written under a declared type, `Any` included."""

_UNDECLARED: Final[list[tuple[Any, Callable[[Any, Walk], object]]]] = [
    ((datetime.date, datetime.time), _write_iso),
    (datetime.timedelta, _write_seconds),
    (decimal.Decimal, _write_decimal_number),
    *_DECLARED,
]
"""How single values are written where the handler declares nothing."""


class ShapeBook:
    """Knows the shapes of classes."""

    def shape_of_class(self, cls: type[Any]) -> Shape | None:
        """The shape of a model class, `None` for any other class; raises `TypeError` for one with fields that cannot be sent."""
        raise NotImplementedError


@final
class AnyShape(Shape):
    """`Any`, or with `declared=False` the result of a handler that declares none, of which FastAPI writes some types otherwise.

    Models leave as their own classes declare.
    """

    def __init__(self, book: ShapeBook, declared: bool) -> None:
        super().__init__()
        self._book = book
        self._declared = declared
        self._writers = _DECLARED if declared else _UNDECLARED
        self._faithful_models: dict[type[Any], Shape] = {}

    @override
    def fits(self, value: object, depth: int) -> bool:
        kind = type(value)
        if kind is str or kind is int or kind is bool or value is None:
            return True
        if depth >= MAX_DEPTH:
            return False
        if kind is dict:
            for key, item in cast("dict[object, object]", value).items():
                if type(key) is not str or (type(item) is not str and not self.fits(item, depth + 1)):
                    return False
            return True
        if kind is list:
            for item in cast("list[object]", value):
                if type(item) is not str and not self.fits(item, depth + 1):
                    return False
            return True
        model = self._faithful_models.get(kind)
        return self._fits_alone(value) if model is None else model.fits(value, depth)

    def _fits_alone(self, value: object) -> bool:
        kind = type(value)
        if kind is float:
            number = cast(float, value)
            return self._declared or number - number == 0.0
        if kind is datetime.datetime:
            return self._declared or cast("datetime.datetime", value).tzinfo is None
        if kind is decimal.Decimal:
            return self._declared
        return kind is datetime.date or kind is uuid.UUID or kind is msgspec.Raw

    @override
    def holds(self, value: object) -> bool:
        return True

    @override
    def check(self, value: object, walk: Walk) -> object:
        walk.lower(STRICT)
        return value

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        walk = dump.walk
        if not walk.enter(value):
            return FAIL
        found = self._plain(value, chosen, dump)
        walk.leave()
        return found

    @override
    def label(self) -> str:
        return "any"

    def _plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        kind = type(value)
        if kind in _PLAIN:
            return value
        if kind is float:
            return self._finite(cast(float, value), dump.walk)
        if isinstance(value, collections.abc.Mapping):
            return self._plain_entries(value, chosen, dump)
        if kind is list:
            return plain_items(cast("list[object]", value), [self], chosen, dump, True)
        if isinstance(value, enum.Enum):
            return self.plain(value.value, chosen, dump)
        for types, write in self._writers:
            if isinstance(value, types):
                written = write(value, dump.walk)
                return self._finite(written, dump.walk) if isinstance(written, float) else written
        return self._plain_model(value, chosen, dump)

    def _finite(self, number: float, walk: Walk) -> object:
        if self._declared or number - number == 0.0:
            return number
        message = "NaN and infinities have no form in JSON. Declare the result as float to send null in their place"
        return walk.refuse("finite_number", message, number)

    def _plain_entries(self, value: Mapping[object, object], chosen: Filter, dump: Dump) -> object:
        walk = dump.walk
        passed: dict[object, object] = {}
        complete = True
        for key, item in value.items():
            within = chosen.of(key)
            if within is None or (not self._declared and isinstance(key, str) and key.startswith("_sa_")):
                # What SQLAlchemy keeps in the `__dict__` of a row is about the row, not in it.
                continue
            enter_key(key, walk)
            plain_key = self.plain(key, EVERYTHING, dump)
            plain_item = self.plain(item, within, dump)
            walk.path.pop()
            if plain_key is not FAIL and plain_item is not FAIL:
                passed[key_of(plain_key)] = plain_item
            else:
                complete = False
                if walk.gives_up():
                    break
        return passed if complete else FAIL

    def _plain_model(self, value: object, chosen: Filter, dump: Dump) -> object:
        kind = type(value)
        try:
            model = self._book.shape_of_class(kind)
        except TypeError as error:
            return dump.walk.refuse("unserializable", str(error), value)
        if model is not None:
            if is_faithful(model):
                self._faithful_models[kind] = model
            found = model.check(value, dump.walk)
            return found if found is FAIL else model.plain(found, chosen, dump)
        if hasattr(kind, "__pydantic_serializer__"):
            return self.plain(_pydantic_dump(value, dump.by_alias and chosen.is_open, dump), chosen, dump)
        if kind.__module__.partition(".")[0] in _PYDANTIC:
            return str(value)
        return self._plain_object(value, chosen, dump)

    def _plain_object(self, value: object, chosen: Filter, dump: Dump) -> object:
        if hasattr(value, "keys") and hasattr(value, "__getitem__") and not isinstance(value, type):
            row = cast("Mapping[object, object]", value)
            return self._plain_entries({key: row[key] for key in row.keys()}, chosen, dump)  # noqa: SIM118 - rows iterate over values
        if isinstance(value, collections.abc.Iterable) and not isinstance(value, type):
            ordered = not isinstance(value, collections.abc.Set)
            return plain_items(list(cast("Iterable[object]", value)), [self], chosen, dump, ordered)
        number = as_number(value, dump.walk)
        if number is not value:
            return self._plain(number, chosen, dump)
        if not self._declared and hasattr(value, "__dict__") and not callable(value):
            public = {name: item for name, item in vars(value).items() if not name.startswith("_")}
            return self._plain_entries(cast("dict[object, object]", public), chosen, dump)
        name = type(value).__qualname__
        message = f"{name} objects cannot be sent as JSON. Return a model, a dict, a list, a single value or a Response"
        return dump.walk.refuse("unserializable", message, value)


def _pydantic_dump(value: Any, by_alias: bool, dump: Dump) -> object:
    """The fields of a pydantic model or dataclass, without importing pydantic; by their names where a filter goes by these."""
    found: object = type(value).__pydantic_serializer__.to_python(
        value,
        mode="json",
        by_alias=by_alias,
        exclude_unset=dump.exclude_unset,
        exclude_defaults=dump.exclude_defaults,
        exclude_none=dump.exclude_none,
    )
    return found
