"""Where an argument comes from: one small object for each parameter, asked at each request.

A source gives the value, or keeps the fault on the exchange and gives `FAIL`; it never raises for what a client sent.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Final, final

from typing_extensions import override

from fasterapi.binding.scalars import FAIL, Converter
from fasterapi.binding.texts import last_query_text
from fasterapi.errors import Location
from fasterapi.http.cookies import parse_cookies
from fasterapi.http.exchange import Exchange

_IMMUTABLE: Final = (type(None), bool, int, float, str, bytes, frozenset)


@final
class Fallback:
    """What stands in for a value that the request does not have."""

    def __init__(self, required: bool, value: object, factory: Callable[[], object] | None) -> None:
        self.required = required
        self.value = value
        self.factory = factory
        self._shared = isinstance(value, _IMMUTABLE)

    def value_at(self, location: Location, exchange: Exchange) -> object:
        """The default, fresh where it could be changed; a missing required value is a fault."""
        if self.required:
            exchange.add_error({"type": "missing", "loc": location, "msg": "Field required", "input": None})
            return FAIL
        if self.factory is not None:
            return self.factory()
        if self._shared:
            return self.value
        return deepcopy(self.value)


class Source:
    """Gives one argument of a call."""

    def value(self, exchange: Exchange) -> object:
        """The argument, or `FAIL` after the fault was kept on the exchange."""
        raise NotImplementedError


@final
class ProvidedSource(Source):
    """What a provider gave."""

    def __init__(self, index: int) -> None:
        self._index = index

    @override
    def value(self, exchange: Exchange) -> object:
        provided = exchange.provided
        assert provided is not None
        return provided[self._index]


@final
class PathSource(Source):
    """A part of the path."""

    def __init__(self, index: int, name: str, converter: Converter) -> None:
        self._index = index
        self._location: Location = ("path", name)
        self._converter = converter

    @override
    def value(self, exchange: Exchange) -> object:
        return converted(self._converter, exchange.path_values[self._index], self._location, exchange)


@final
class QuerySource(Source):
    """The last value of a name in the query string."""

    def __init__(self, name: str, converter: Converter, fallback: Fallback) -> None:
        self._name = name
        self._is_searched: bool = "&" not in name and "=" not in name
        self._location: Location = ("query", name)
        self._converter = converter
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        text = last_query_text(exchange, self._name, self._is_searched)
        if text is None:
            return self._fallback.value_at(self._location, exchange)
        return converted(self._converter, text, self._location, exchange)


@final
class HeaderSource(Source):
    """The first header of a name."""

    def __init__(self, name: str, converter: Converter, fallback: Fallback) -> None:
        self._name = name.lower().encode("latin-1")
        self._location: Location = ("header", name)
        self._converter = converter
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        text = exchange.header(self._name)
        if text is None:
            return self._fallback.value_at(self._location, exchange)
        return converted(self._converter, text.decode("latin-1"), self._location, exchange)


@final
class CookieSource(Source):
    """A cookie."""

    def __init__(self, name: str, converter: Converter, fallback: Fallback) -> None:
        self._name = name
        self._location: Location = ("cookie", name)
        self._converter = converter
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        text = parse_cookies(exchange.headers()).get(self._name)
        if text is None:
            return self._fallback.value_at(self._location, exchange)
        return converted(self._converter, text, self._location, exchange)


@final
class ExchangeSource(Source):
    """The exchange itself, for the framework's own providers."""

    @override
    def value(self, exchange: Exchange) -> object:
        return exchange


@final
class MadeSource(Source):
    """Something that start-up knows how to make, new for each request."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    @override
    def value(self, exchange: Exchange) -> object:
        return self._make()


def converted(converter: Converter, text: str, location: Location, exchange: Exchange) -> object:
    """The text as the declared type; refused text is a fault that says why."""
    value = converter.convert(text)
    if value is FAIL:
        for error in converter.explain(text, location):
            exchange.add_error(error)
    return value
