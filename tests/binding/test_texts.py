from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fasterapi.binding.query import parse_query
from fasterapi.binding.texts import cookie_texts, header_texts, last_query_text, query_texts
from fasterapi.http.asgi_exchange import AsgiExchange


def exchange_with(query: bytes = b"", headers: list[tuple[bytes, bytes]] | None = None) -> AsgiExchange:
    async def unused(*args: Any) -> Any:
        raise AssertionError

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": query, "headers": headers or []}
    return AsgiExchange(scope, unused, unused)


NAMES = st.sampled_from(["a", "ab", "b", "a=", "&", "", "é"])
QUERIES = st.lists(st.sampled_from(["a", "b", "=", "&", "%61", "+", "1", "é", "a=1", "&ab="]), max_size=12).map("".join)


@given(QUERIES, st.lists(NAMES, min_size=1, max_size=3))
def test_searching_gives_what_splitting_gives(query: str, names: list[str]) -> None:
    exchange = exchange_with(query.encode())
    for name in names:
        texts = parse_query(query.encode()).get(name)
        assert last_query_text(exchange, name, not set("&=") & set(name)) == (None if texts is None else texts[-1])


def test_a_long_query_is_searched_too() -> None:
    exchange = exchange_with(b"x=" + b"1" * 5000 + b"&a=2")
    assert last_query_text(exchange, "a", True) == "2"


def test_a_query_that_was_split_is_not_split_again() -> None:
    exchange = exchange_with(b"a=1&a=2")
    assert query_texts(exchange) is query_texts(exchange)
    assert last_query_text(exchange, "a", True) == "2"


def test_headers_of_one_name_are_listed() -> None:
    exchange = exchange_with(headers=[(b"x-a", b"1"), (b"x-b", b"\xe9"), (b"x-a", b"2")])
    assert header_texts(exchange) == {"x-a": ["1", "2"], "x-b": ["é"]}


def test_cookies_have_one_text_each() -> None:
    assert cookie_texts(exchange_with(headers=[(b"cookie", b"a=1; b=2")])) == {"a": ["1"], "b": ["2"]}
