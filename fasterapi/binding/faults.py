"""The body of a 422 answer."""

from __future__ import annotations

import json
from typing import Final

import msgspec

from fasterapi.errors import ErrorItem
from fasterapi.http.exchange import Exchange

_encode: Final = msgspec.json.Encoder().encode


def encode_faults(exchange: Exchange) -> bytes:
    """All faults of a request as JSON: `{"detail": [...]}`.

    Each shows the input it is about. What JSON cannot carry, such as half a surrogate pair or nesting deeper than the
    encoder goes, is escaped or left out: an answer about bad input never fails because of it.
    """
    errors: list[ErrorItem] = exchange.errors or []
    try:
        return _encode({"detail": errors})
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        return b'{"detail":[' + b",".join(_encode_one(error) for error in errors) + b"]}"


def _encode_one(error: ErrorItem) -> bytes:
    try:
        return json.dumps(error, default=str).encode("ascii")
    except (TypeError, ValueError, RecursionError):
        return json.dumps({"type": error["type"], "loc": error["loc"], "msg": error["msg"], "input": None}).encode("ascii")
