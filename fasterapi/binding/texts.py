"""The texts that a request carries by name: of its query, its headers, its cookies."""

from __future__ import annotations

from typing import Final

from fasterapi.binding.markers import COOKIE, QUERY
from fasterapi.binding.query import parse_query
from fasterapi.http.cookies import parse_cookies
from fasterapi.http.exchange import Exchange

_SEARCHED: Final = 512
"""Up to this length, searching a query for each name is cheaper than splitting it."""


def query_texts(exchange: Exchange) -> dict[str, list[str]]:
    """Every name of the query string with its values; split at the first need."""
    query = exchange.query_values
    if query is None:
        query = parse_query(exchange.query_string())
        exchange.query_values = query
    return query


def last_query_text(exchange: Exchange, name: str, may_search: bool) -> str | None:
    """The last value of a name in the query string, `None` without one.

    Most queries are short and have nothing to decode: there the name is searched for, if it has nothing in it that
    separates, and nothing is split. Wherever the name is found in another place than before a value, the whole query is
    split after all.
    """
    query = exchange.query_values
    if query is None and may_search:
        text = exchange.query_text
        if text is None:
            text = _plain_text(exchange.query_string())
            exchange.query_text = text
        if text:
            start = text.rfind(name)
            if start < 0:
                return None
            middle = start + len(name)
            if (start == 0 or text[start - 1] == "&") and middle < len(text) and text[middle] == "=":
                end = text.find("&", middle)
                return text[middle + 1 :] if end < 0 else text[middle + 1 : end]
    texts = query_texts(exchange).get(name)
    return None if texts is None else texts[-1]


def _plain_text(raw: bytes) -> str:
    """The query as text where it is short and needs no decoding, else an empty text."""
    if len(raw) > _SEARCHED or raw.find(b"%") >= 0 or raw.find(b"+") >= 0 or not raw.isascii():
        return ""
    return raw.decode("ascii")


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
