"""Reads a request's body and turns it into the handler's value, before any provider runs."""

from __future__ import annotations

from typing import Final, final

from fasterapi.binding.body import JsonBody
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.sources import Fallback
from fasterapi.errors import ErrorItem, Location
from fasterapi.http.exchange import Exchange

_BODY: Final[Location] = ("body",)


@final
class BodyReader:
    """The JSON body of a handler or of one of its providers."""

    def __init__(self, body: JsonBody, fallback: Fallback) -> None:
        self._body = body
        self._fallback = fallback

    def decode(self, exchange: Exchange) -> bool:
        """Keep the body's value, or its faults, on the exchange; `False` when it is no JSON at all, which ends the request.

        JSON under another content type is not parsed: browsers send such requests to any site without asking it
        first, so parsing them would let a foreign page act for its visitor.
        """
        raw = exchange.body
        if not raw:
            exchange.body_value = self._fallback.value_at(_BODY, exchange)
            exchange.body_errors = exchange.errors
            exchange.errors = None
            return True
        errors: list[ErrorItem] = []
        content_type = exchange.header(b"content-type")
        if content_type is not None and is_json(content_type):
            exchange.body_value = self._body.decode(raw, errors)
        else:
            exchange.body_value = self._body.refuse(raw, errors)
        if errors:
            if errors[0]["type"] == "json_invalid":
                exchange.errors = errors
                return False
            exchange.body_value = FAIL
            exchange.body_errors = errors
        return True


def is_json(content_type: bytes) -> bool:
    """Whether a content type is `application/json` or another `application/…+json`, whatever its parameters."""
    end = content_type.find(b";")
    media_type = (content_type if end < 0 else content_type[:end]).strip().lower()
    return media_type == b"application/json" or (media_type.startswith(b"application/") and media_type.endswith(b"+json"))
