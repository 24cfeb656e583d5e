"""A request's body piece by piece, whether it is on its way or was read before."""

from __future__ import annotations

from typing import final

from fasterapi.http.exchange import BODY_IN_PIECES, BODY_READ, Exchange


@final
class BodyPieces:
    """Gives the pieces in their order; none of them is kept, so there is one pass only."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._begun = False
        self._ended = False

    async def next(self) -> bytes | int:
        """The next piece, empty at the end of the body, or the `BODY_…` number that says why there is no more."""
        exchange = self._exchange
        if not self._begun:
            self._begun = True
            if exchange.body_state == BODY_READ:
                self._ended = True
                return exchange.body
            if exchange.body_state == BODY_IN_PIECES:
                raise RuntimeError(
                    "The body was read in pieces before, and they were not kept. Read it once: await request.body() keeps it."
                )
            exchange.body_state = BODY_IN_PIECES
        if self._ended:
            return b""
        piece = await exchange.read_piece(exchange.body_limit)
        self._ended = not isinstance(piece, bytes) or not piece
        return piece
