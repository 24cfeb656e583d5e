"""The texts that a request carries by name: of its query, its headers, its cookies."""

from __future__ import annotations

from fasterapi.binding.cookies import parse_cookies
from fasterapi.binding.markers import COOKIE, QUERY
from fasterapi.binding.query import parse_query
from fasterapi.http.exchange import Exchange


def query_texts(exchange: Exchange) -> dict[str, list[str]]:
    """Every name of the query string with its values; split at the first need."""
    query = exchange.query_values
    if query is None:
        query = parse_query(exchange.query_string())
        exchange.query_values = query
    return query


def header_texts(exchange: Exchange) -> dict[str, list[str]]:
    """Every header name, in lower case, with its values."""
    texts: dict[str, list[str]] = {}
    for name, value in exchange.headers():
        texts.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return texts


def cookie_texts(exchange: Exchange) -> dict[str, list[str]]:
    """Every cookie by name."""
    return {name: [value] for name, value in parse_cookies(exchange.headers()).items()}


def texts_of(source: str, exchange: Exchange) -> dict[str, list[str]]:
    """The texts of one of the three."""
    if source == QUERY:
        return query_texts(exchange)
    if source == COOKIE:
        return cookie_texts(exchange)
    return header_texts(exchange)
