from __future__ import annotations

import pytest

from fasterapi.http.asgi_exchange import AsgiExchange
from fasterapi.http.body_pieces import BodyPieces
from fasterapi.http.exchange import BODY_CUT_OFF, BODY_TOO_LARGE
from tests.http.requests import cut_off, exchange


async def pieces_of(made: AsgiExchange) -> list[bytes | int]:
    pieces = BodyPieces(made)
    found: list[bytes | int] = [await pieces.next()]
    while found[-1] and isinstance(found[-1], bytes):
        found.append(await pieces.next())
    return found


async def test_pieces_come_as_they_arrive() -> None:
    assert await pieces_of(exchange(b"ab", b"cd")) == [b"ab", b"cd", b""]


async def test_a_body_that_was_read_comes_in_one_piece() -> None:
    made = exchange(b"ab", b"cd")
    await made.read_body(10)
    assert await pieces_of(made) == [b"abcd", b""]
    assert await pieces_of(made) == [b"abcd", b""]


async def test_there_is_one_pass_over_a_body_that_is_not_kept() -> None:
    made = exchange(b"ab")
    await pieces_of(made)
    with pytest.raises(RuntimeError, match="read in pieces before"):
        await pieces_of(made)


async def test_they_end_at_the_limit_of_the_body() -> None:
    made = exchange(b"ab", b"cd")
    made.body_limit = 3
    assert await pieces_of(made) == [b"ab", BODY_TOO_LARGE]


async def test_they_end_where_the_client_leaves() -> None:
    assert await pieces_of(cut_off(b"ab")) == [b"ab", BODY_CUT_OFF]
