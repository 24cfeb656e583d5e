"""What users hand to the document, as plain JSON: defaults, examples, extensions."""

from __future__ import annotations

import ipaddress
import pathlib
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, TypeAlias, cast

import msgspec

Json: TypeAlias = dict[str, Any]
"""An object of the document; its values are anything that JSON has."""

INEXPRESSIBLE: Final = object()
"""Stands for a value that JSON cannot carry."""

_TEXTS: Final = (
    pathlib.PurePath,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
)


def as_json(value: object) -> object:
    """The value as JSON has it, `INEXPRESSIBLE` where JSON has nothing for it.

    Example: `as_json(timedelta(days=1))` is `"P1D"`.
    """
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, (bytes, bytearray)):
        # As the bytes of a model travel: msgspec would write Base64.
        return value.decode("utf-8", "replace")
    try:
        return msgspec.to_builtins(value, str_keys=True, enc_hook=_unknown)
    except (TypeError, ValueError, NotImplementedError, RecursionError):
        return INEXPRESSIBLE


def merge_into(base: Json, additions: Mapping[str, Any]) -> None:
    """Merge as FastAPI does: objects key by key, arrays one behind the other, of anything else the addition holds."""
    for key, value in additions.items():
        known = base.get(key)
        if isinstance(known, dict) and isinstance(value, Mapping):
            merge_into(known, cast("Mapping[str, Any]", value))
        elif isinstance(known, list) and isinstance(value, list):
            base[key] = known + value
        else:
            # A copy: what is merged into it later must not reach what the user wrote.
            base[key] = deepcopy(value) if isinstance(value, (dict, list)) else value


def without_nulls(value: Any) -> Any:
    """The same without the keys whose value is `None`, however deep, for records in which `None` means that nothing is said."""
    if isinstance(value, Mapping):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [without_nulls(item) for item in value]
    return value


def _unknown(value: object) -> object:
    if isinstance(value, _TEXTS):
        return str(value)
    dump = getattr(value, "model_dump", None)
    if dump is not None:
        return dump(mode="json")
    if hasattr(type(value), "__get_pydantic_core_schema__"):
        from pydantic_core import to_jsonable_python

        return to_jsonable_python(value)
    raise NotImplementedError
