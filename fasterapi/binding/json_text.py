"""Reads JSON text as FastAPI reads it, and says where and why it is none."""

from __future__ import annotations

import json
import re
from typing import Final

import msgspec

from fasterapi.binding.scalars import FAIL
from fasterapi.errors import ErrorItem, Location

_decode: Final = msgspec.json.Decoder().decode
# Alternatives in this order consume each escape whole, so that an escaped backslash before "ud800" is not taken for one.
_ESCAPE: Final = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(?P<half>u[dD][89a-fA-F]..)|.)", re.DOTALL)


def read_json(raw: bytes, location: Location, errors: list[ErrorItem]) -> object:
    """The plain value, or `FAIL` after one `json_invalid` item whose location ends in the position of the fault.

    `NaN` and `Infinity` are read, as FastAPI reads them; a byte order mark is skipped (RFC 8259, 8.1). Only UTF-8 is
    taken, where FastAPI guesses UTF-16 and UTF-32 too. Half a surrogate pair is refused: no answer could carry it.
    """
    try:
        return _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_slowly(raw, location, errors)


def _read_slowly(raw: bytes, location: Location, errors: list[ErrorItem]) -> object:
    """What only the standard library reads, and can say the position of a fault of."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _refuse(error.start, "Invalid UTF-8", location, errors)
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as error:
        return _refuse(error.pos, error.msg, location, errors)
    except RecursionError:
        return _refuse(0, "Nested too deeply", location, errors)
    except ValueError:
        # The interpreter's limit on the digits of an integer guards against quadratic parsing (CVE-2020-10735).
        return _refuse(0, "Number with too many digits", location, errors)
    half = _half_surrogate(text)
    if half >= 0:
        return _refuse(half, "Half a surrogate pair", location, errors)
    return value


def _half_surrogate(text: str) -> int:
    if text.find("\\ud") < 0 and text.find("\\uD") < 0:
        return -1
    for escape in _ESCAPE.finditer(text):
        if escape.group("half") is not None:
            return escape.start()
    return -1


def _refuse(position: int, reason: str, location: Location, errors: list[ErrorItem]) -> object:
    errors.append({"type": "json_invalid", "loc": (*location, position), "msg": "JSON decode error", "input": {}, "ctx": {"error": reason}})
    return FAIL
