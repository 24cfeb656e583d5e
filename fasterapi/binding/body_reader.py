"""What a handler and its providers read from the JSON body: the whole of it, or a part for each parameter."""

from __future__ import annotations

from typing import Any, Final, cast, final

import msgspec
from typing_extensions import override

from fasterapi.binding.body import JsonBody
from fasterapi.binding.json_text import read_json
from fasterapi.binding.markers import MISSING
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.sources import Fallback, Source
from fasterapi.errors import ErrorItem, Location
from fasterapi.http.exchange import Exchange

_BODY: Final[Location] = ("body",)

_decode_parts: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class BodyReader:
    """Takes a body that was read, before any provider runs."""

    def __init__(self, is_form: bool) -> None:
        self.is_form = is_form
        self.needs_content_type: bool = True
        """Whether a body without a content type is no JSON."""

    def decode(self, exchange: Exchange) -> bool:
        """Keep what it finds on the exchange; `False` when the body is no JSON at all, which ends the request.

        JSON under another content type is not parsed: browsers send such requests to any site without asking it
        first, so parsing them would let a foreign page act for its visitor.
        """
        raise NotImplementedError


@final
class WholeBodyReader(BodyReader):
    """The body is the one value that is asked for."""

    def __init__(self, body: JsonBody, fallback: Fallback) -> None:
        super().__init__(False)
        self._body = body
        self._fallback = fallback

    @override
    def decode(self, exchange: Exchange) -> bool:
        raw = exchange.body
        if not raw:
            exchange.body_value = self._fallback.value_at(_BODY, exchange)
            exchange.body_errors = exchange.errors
            exchange.errors = None
            return True
        errors: list[ErrorItem] = []
        if has_json(exchange, self.needs_content_type):
            exchange.body_value = self._body.decode(raw, errors)
        else:
            exchange.body_value = self._body.refuse(raw, errors)
        if errors:
            # Of a text within the body, whose type is pydantic's `Json`, the same is said with the text as its input.
            if errors[0]["type"] == "json_invalid" and not isinstance(errors[0]["input"], str):
                exchange.errors = errors
                return False
            exchange.body_value = FAIL
            exchange.body_errors = errors
        return True


@final
class WholeBodySource(Source):
    """The decoded body; its faults take their place among the others only here."""

    @override
    def value(self, exchange: Exchange) -> object:
        errors = exchange.body_errors
        if errors is not None:
            for error in errors:
                exchange.add_error(error)
        return exchange.body_value


@final
class PartsReader(BodyReader):
    """The body is an object that holds a part for each parameter."""

    def __init__(self) -> None:
        super().__init__(False)

    @override
    def decode(self, exchange: Exchange) -> bool:
        exchange.body_value = None
        raw = exchange.body
        if not raw or not has_json(exchange, self.needs_content_type):
            return True
        try:
            exchange.body_value = _decode_parts(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._read(raw, exchange)
        return True

    def _read(self, raw: bytes, exchange: Exchange) -> bool:
        """The slow way, for what is no object, or for what only FastAPI's parser takes."""
        errors: list[ErrorItem] = []
        value = read_json(raw, _BODY, errors)
        if errors:
            exchange.errors = errors
            return False
        exchange.body_value = value if isinstance(value, dict) else FAIL
        return True


@final
class PartSource(Source):
    """One part of the body; a body that is no object lacks it, whatever its default."""

    def __init__(self, name: str, body: JsonBody, fallback: Fallback) -> None:
        self._name = name
        self._location: Location = ("body", name)
        body.move_to(self._location)
        self._body = body
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        parts = exchange.body_value
        if parts is None:
            return self._fallback.value_at(self._location, exchange)
        if parts is FAIL:
            exchange.add_error({"type": "missing", "loc": self._location, "msg": "Field required", "input": None})
            return FAIL
        part = cast("dict[str, Any]", parts).get(self._name, MISSING)
        if part is MISSING:
            return self._fallback.value_at(self._location, exchange)
        errors: list[ErrorItem] = []
        value = self._body.decode(bytes(part), errors) if isinstance(part, msgspec.Raw) else self._body.check(part, errors)
        for error in errors:
            exchange.add_error(error)
        return FAIL if errors else value


@final
class BodySlot(Source):
    """Stands for a body parameter until the whole graph is known, and with it whether the body has parts."""

    def __init__(self, name: str, annotation: object, body: JsonBody, fallback: Fallback, is_embedded: bool) -> None:
        self.name = name
        self.annotation = annotation
        self.is_embedded = is_embedded
        self._body = body
        self._fallback = fallback
        self._source: Source = self

    def read_whole(self) -> BodyReader:
        """Let the parameter be the whole body."""
        self._source = WholeBodySource()
        return WholeBodyReader(self._body, self._fallback)

    def read_part(self) -> None:
        """Let the parameter be a part of the body."""
        self._source = PartSource(self.name, self._body, self._fallback)

    @override
    def value(self, exchange: Exchange) -> object:
        return self._source.value(exchange)


def sent_body(exchange: Exchange, reader: BodyReader | None) -> object:
    """What came in the body, for those who are told of its faults: the form, the JSON value, or what should have been one."""
    raw = exchange.body
    if reader is None or (not raw and not reader.is_form):
        return None
    if reader.is_form:
        return exchange.form
    if not has_json(exchange, reader.needs_content_type):
        return raw
    value = read_json(raw, _BODY, [])
    return raw.decode("utf-8", "replace") if value is FAIL else value


def has_json(exchange: Exchange, needs_content_type: bool) -> bool:
    """Whether the content type is `application/json` or another `application/…+json`, whatever its parameters."""
    content_type = exchange.content_type()
    if content_type is None:
        return not needs_content_type
    if content_type == b"application/json":
        return True
    end = content_type.find(b";")
    media_type = (content_type if end < 0 else content_type[:end]).strip().lower()
    return media_type == b"application/json" or (media_type.startswith(b"application/") and media_type.endswith(b"+json"))
