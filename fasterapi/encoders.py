"""`jsonable_encoder`: values of any kind as what JSON has, for those who store or send it themselves.

Interpreted: it calls itself for values within values, and what is nested without end must end as a `RecursionError`.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import PurePath
from types import GeneratorType
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from fasterapi.binding.result_filter import EVERYTHING, Filter, filter_of
from fasterapi.binding.results import IncEx

__all__ = ["jsonable_encoder"]


def _number_of(value: Decimal) -> int | float:
    """A whole number where the decimal is written as one."""
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)


_PYDANTIC: Final = {"pydantic", "pydantic_core", "pydantic_extra_types"}
_LISTS: Final = (list, set, frozenset, tuple, deque, GeneratorType)
_ENCODERS: Final[dict[type, Callable[[Any], Any]]] = {
    bytes: bytes.decode,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: datetime.timedelta.total_seconds,
    Decimal: _number_of,
    UUID: str,
    re.Pattern: lambda pattern: pattern.pattern,
    IPv4Address: str,
    IPv4Interface: str,
    IPv4Network: str,
    IPv6Address: str,
    IPv6Interface: str,
    IPv6Network: str,
}


def jsonable_encoder(
    obj: object,
    include: IncEx | Sequence[str] | None = None,
    exclude: IncEx | Sequence[str] | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: Mapping[type, Callable[[Any], Any]] | None = None,
    sqlalchemy_safe: bool = True,
) -> Any:
    """The value as dicts, lists, texts, numbers, booleans and `None`.

    Example: `jsonable_encoder(item, exclude_none=True)` is what `json.dumps` and databases of JSON take.

    A Struct does not know which of its fields were set: `exclude_unset` leaves out those that have their default.
    `sqlalchemy_safe` leaves out keys that begin with `_sa`. Raises `ValueError` for what has no fields at all.
    """
    said = {"by_alias": by_alias, "exclude_unset": exclude_unset, "exclude_defaults": exclude_defaults, "exclude_none": exclude_none}
    options = _Options(include, exclude, said, custom_encoder or {}, sqlalchemy_safe)
    return _encode(obj, filter_of(include, exclude), options)


class _Options(NamedTuple):
    include: object
    exclude: object
    said: dict[str, bool]
    custom_encoder: Mapping[type, Callable[[Any], Any]]
    sqlalchemy_safe: bool


def _encode(value: object, wanted: Filter, options: _Options) -> Any:
    custom = _encoder_of(value, options.custom_encoder)
    if custom is not None:
        return custom(value)
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dict):
        return _encode_items(value, wanted, options)
    if isinstance(value, _LISTS):
        return [_encode(item, wanted, options) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    known = _encoder_of(value, _ENCODERS)
    return _encode_object(value, wanted, options) if known is None else known(value)


def _encoder_of(value: object, encoders: Mapping[type, Callable[[Any], Any]]) -> Callable[[Any], Any] | None:
    """That of the value's own class, else the first of a class above it."""
    encoder = encoders.get(type(value))
    if encoder is not None:
        return encoder
    return next((encoder for cls, encoder in encoders.items() if isinstance(value, cls)), None)


def _encode_items(items: Mapping[Any, object], wanted: Filter, options: _Options) -> dict[Any, Any]:
    """What is wanted of a dictionary; within its values everything is."""
    return {
        _encode(key, EVERYTHING, options): _encode(value, EVERYTHING, options)
        for key, value in items.items()
        if wanted.of(key) is not None
        and (value is not None or not options.said["exclude_none"])
        and not (options.sqlalchemy_safe and isinstance(key, str) and key.startswith("_sa"))
    }


def _encode_object(value: object, wanted: Filter, options: _Options) -> Any:
    if isinstance(value, msgspec.Struct):
        return _encode_struct(value, wanted, options)
    if dataclasses.is_dataclass(value):
        return _encode_items({field.name: getattr(value, field.name) for field in dataclasses.fields(value)}, wanted, options)
    attributes = getattr(type(value), "__attrs_attrs__", None)
    if attributes is not None:
        return _encode_items({field.name: getattr(value, field.name) for field in attributes}, wanted, options)
    if hasattr(type(value), "model_dump"):
        return _encode(_dump_of(value, wanted, options), EVERYTHING, options)
    if type(value).__module__.partition(".")[0] in _PYDANTIC:
        return str(value)
    return _encode_items(_items_of(value), wanted, options)


def _dump_of(model: Any, wanted: Filter, options: _Options) -> object:
    """The fields of a pydantic model, or what it is the root of, without importing pydantic."""
    include, exclude = (None, None) if wanted is EVERYTHING else (options.include, options.exclude)
    dumped: object = model.model_dump(mode="json", include=include, exclude=exclude, **options.said)
    return dumped


def _encode_struct(value: msgspec.Struct, wanted: Filter, options: _Options) -> Any:
    config = value.__struct_config__
    leaves_out_defaults = options.said["exclude_defaults"] or options.said["exclude_unset"] or config.omit_defaults
    encoded: dict[str, Any] = {}
    if config.tag_field is not None:
        encoded[config.tag_field] = config.tag
    for field in msgspec.structs.fields(value):
        given = getattr(value, field.name)
        inner = wanted.of(field.name)
        if inner is None or given is msgspec.UNSET or (given is None and options.said["exclude_none"]):
            continue
        if leaves_out_defaults and not config.array_like and _is_default(field, given):
            continue
        encoded[field.encode_name if options.said["by_alias"] else field.name] = _encode(given, inner, options)
    return list(encoded.values()) if config.array_like else encoded


def _is_default(field: msgspec.structs.FieldInfo, given: object) -> bool:
    if field.default_factory is not msgspec.NODEFAULT:
        return bool(given == field.default_factory())
    return field.default is not msgspec.NODEFAULT and bool(given == field.default)


def _items_of(value: object) -> Mapping[Any, object]:
    """The fields of an object that is no model."""
    try:
        return dict(value)  # type: ignore[call-overload,no-any-return]  # what is no mapping and no pairs is refused
    except (TypeError, ValueError):
        try:
            return vars(value)
        except TypeError:
            hint = f"Give custom_encoder={{{type(value).__name__}: ...}}."
            raise ValueError(f"{value!r} has no fields, so JSON cannot have it. {hint}") from None
