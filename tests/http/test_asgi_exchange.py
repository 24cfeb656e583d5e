from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fasterapi.http.asgi_exchange import AsgiExchange
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, BODY_READ, BODY_TOO_LARGE
from fasterapi.routing.paths import parse_path
from fasterapi.routing.tree import PathTarget
from tests.http.requests import LEFT, arriving, cut_off, dropped, exchange, in_pieces, scope


def test_what_the_server_says_is_handed_on() -> None:
    made = exchange(root_path="/api", path="/api/x", http_version="2", scheme="https", headers=[(b"a", b"1")])
    assert (made.method, made.full_path(), made.root_path()) == ("POST", "/api/x", "/api")
    assert (made.http_version(), made.scheme(), made.headers()) == ("2", "https", [(b"a", b"1")])
    assert (made.client(), made.server()) == (("203.0.113.7", 4711), ("server.example", 8000))


def test_what_the_server_leaves_out_has_its_default() -> None:
    made = AsgiExchange({"type": "http", "method": "GET", "path": "/"}, arriving([]), dropped)
    assert (made.scheme(), made.root_path(), made.client(), made.server()) == ("http", "", None, None)
    assert (made.query_string(), made.headers(), made.state(), made.path_params()) == (b"", [], {}, {})


def test_addresses_may_be_any_sequence() -> None:
    made = exchange(client=["::1", 1], server=["/run/app.sock", None])
    assert (made.client(), made.server()) == (("::1", 1), ("/run/app.sock", None))


def test_ports_may_be_text() -> None:
    """Granian has them so, against the specification."""
    made = exchange(client=("::1", "1"), server=("server.example", "8000"))
    assert (made.client(), made.server()) == (("::1", 1), ("server.example", 8000))


def test_headers_may_be_any_sequence() -> None:
    made = AsgiExchange(scope(headers=((b"a", b"1"),)), arriving([]), dropped)
    assert made.headers() == [(b"a", b"1")]
    assert made.headers() is made.headers()


def test_the_state_is_the_scopes() -> None:
    announced = scope()
    made = AsgiExchange(announced, arriving([]), dropped)
    made.state()["a"] = 1
    assert (announced["state"], made.state()) == ({"a": 1}, {"a": 1})


def test_the_scope_has_what_the_application_knows() -> None:
    made = exchange(path_params={"tenant": "t"})
    made.app = "the app"
    made.matched = PathTarget(parse_path("/{number:int}"), frozenset())
    made.path_values = ["5"]
    assert (made.scope()["app"], made.scope()["path_params"]) == ("the app", {"tenant": "t", "number": 5})


def test_the_scope_stays_the_same() -> None:
    made = exchange()
    made.scope()["mine"] = 1
    assert made.scope()["mine"] == 1


async def test_a_body_is_read_whole() -> None:
    made = exchange(b"ab", b"", b"cd")
    assert (await made.read_body(4), made.body, made.body_state) == (BODY_COMPLETE, b"abcd", BODY_READ)


async def test_a_body_beyond_the_limit_is_not_read() -> None:
    assert await exchange(b"abc").read_body(2) == BODY_TOO_LARGE


@pytest.mark.parametrize("announced", [b"3", b"9" * 5000])
async def test_a_body_that_announces_too_much_is_not_waited_for(announced: bytes) -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError

    made = AsgiExchange(scope(headers=[(b"content-length", announced)]), receive, dropped)
    assert await made.read_body(2) == BODY_TOO_LARGE
    assert await made.read_piece(2) == BODY_TOO_LARGE


async def test_a_body_that_was_cut_off_is_none() -> None:
    assert await cut_off(b"abc").read_body(10) == BODY_CUT_OFF


async def test_pieces_come_as_they_were_sent() -> None:
    made = exchange(b"ab", b"", b"cd")
    assert [await made.read_piece(4) for _ in range(4)] == [b"ab", b"cd", b"", b""]


async def test_pieces_end_at_the_limit() -> None:
    made = exchange(b"ab", b"cd")
    assert [await made.read_piece(3), await made.read_piece(3)] == [b"ab", BODY_TOO_LARGE]


async def test_pieces_end_where_the_client_leaves() -> None:
    made = cut_off(b"ab")
    assert [await made.read_piece(3), await made.read_piece(3)] == [b"ab", BODY_CUT_OFF]


async def test_a_client_that_left_is_known() -> None:
    assert await AsgiExchange(scope(), arriving([LEFT]), dropped).is_disconnected()


async def test_a_client_that_says_nothing_is_there() -> None:
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    made = AsgiExchange(scope(), messages.get, dropped)
    assert not await made.is_disconnected()
    messages.put_nowait(LEFT)
    assert await made.is_disconnected()
    assert await made.is_disconnected()


async def test_a_client_that_left_after_its_request_is_known() -> None:
    made = AsgiExchange(scope(), arriving([{"type": "http.request", "body": b"ab"}, LEFT]), dropped)
    assert await made.is_disconnected()
    assert (await made.read_body(10), made.body) == (BODY_COMPLETE, b"ab")


async def test_a_server_says_once_that_the_client_left() -> None:
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    made = AsgiExchange(scope(), messages.get, dropped)
    messages.put_nowait(LEFT)
    assert [await made.is_disconnected(), await made.receive(), await made.receive()] == [True, LEFT, LEFT]


async def test_a_server_that_repeats_itself_is_asked_no_more() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"ab"}

    assert not await AsgiExchange(scope(), receive, dropped).is_disconnected()


async def test_asking_whether_the_client_left_takes_nothing_away() -> None:
    made = exchange(b"ab", b"cd")
    assert [await made.is_disconnected() for _ in range(3)] == [False] * 3
    assert (await made.read_body(10), made.body) == (BODY_COMPLETE, b"abcd")


async def test_a_cut_off_body_says_that_the_client_left() -> None:
    made = cut_off(b"ab")
    await made.read_body(10)
    assert await made.is_disconnected()


async def test_messages_can_be_received_one_by_one() -> None:
    made = exchange(b"ab")
    assert [await made.receive(), await made.receive(), await made.receive()] == [*in_pieces(b"ab"), LEFT]


async def test_a_failing_server_is_heard_of() -> None:
    async def receive() -> dict[str, Any]:
        raise OSError("broken")

    with pytest.raises(OSError, match="broken"):
        await AsgiExchange(scope(), receive, dropped).is_disconnected()
