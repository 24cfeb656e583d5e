"""Reads API keys: texts that stand somewhere under a name."""

from __future__ import annotations

from mypy_extensions import mypyc_attr
from typing_extensions import override

from fasterapi.binding.texts import last_query_text
from fasterapi.datastructures.header_fields import encode_header_name
from fasterapi.http.cookies import parse_cookies
from fasterapi.http.exchange import Exchange
from fasterapi.security.models import KeyLocation
from fasterapi.security.scheme import SecurityScheme


@mypyc_attr(allow_interpreted_subclasses=True)
class KeyScheme(SecurityScheme):
    """A scheme whose credentials are a text in the query, in a header or in a cookie."""

    def __init__(self, location: KeyLocation, name: str, scheme_name: str | None, description: str | None, auto_error: bool) -> None:
        super().__init__({"type": "apiKey", "in": location, "name": name}, "APIKey", scheme_name, description, auto_error)
        self._location = location
        self._name = name
        self._header = encode_header_name(name) if location == "header" else b""

    @override
    def credentials(self, exchange: Exchange) -> object:
        key = self._key(exchange)
        return key or self.absent()

    def _key(self, exchange: Exchange) -> str | None:
        if self._location == "header":
            value = exchange.header(self._header)
            return None if value is None else value.decode("latin-1")
        if self._location == "query":
            return last_query_text(exchange, self._name, False)
        return parse_cookies(exchange.headers()).get(self._name)
