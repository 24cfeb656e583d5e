"""The messages of a client for the application inside a middleware, which may have read some of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast, final

from fasterapi.http.exchange import BODY_IN_PIECES, BODY_READ, NO_LIMIT, Exchange

_LEFT: Final[Mapping[str, Any]] = {"type": "http.disconnect"}
_NO_BODY: Final[Mapping[str, Any]] = {"type": "http.request", "body": b"", "more_body": False}

_UNDECIDED: Final = 0
_IN_PIECES: Final = 1
_AS_THEY_COME: Final = 2


@final
class Replay:
    """Gives the whole body where the middleware has kept it, what is left of it where it has not, and then what comes."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._way = _UNDECIDED
        self.has_taken_body: bool = False
        self.client_left: bool = False
        self.is_over: bool = False

    async def receive(self) -> Mapping[str, Any]:
        """The next message; `http.disconnect` once the middleware has answered."""
        if self.is_over:
            return _LEFT
        exchange = self._exchange
        if self._way == _UNDECIDED:
            if exchange.body_state == BODY_READ:
                self._way = _AS_THEY_COME
                return {"type": "http.request", "body": exchange.body, "more_body": False}
            self._way = _IN_PIECES if exchange.body_state == BODY_IN_PIECES else _AS_THEY_COME
        if self._way == _IN_PIECES:
            return await self._piece()
        message = await exchange.receive()
        if message["type"] == "http.disconnect":
            self.client_left = True
        elif message["type"] == "http.request" and exchange.body_state != BODY_READ:
            # The middleware can read it no more, and is to be told so rather than to wait for it.
            exchange.body_state = BODY_IN_PIECES
            if cast(bytes, message.get("body", b"")):
                self.has_taken_body = True
        return message

    def expect_nothing(self) -> None:
        """The body has been taken, and was empty."""
        self._exchange.body_state = BODY_READ

    async def _piece(self) -> Mapping[str, Any]:
        piece = await self._exchange.read_piece(NO_LIMIT)
        if not isinstance(piece, bytes):
            self.client_left = True
            return _LEFT
        if piece:
            return {"type": "http.request", "body": piece, "more_body": True}
        self._way = _AS_THEY_COME
        return _NO_BODY
