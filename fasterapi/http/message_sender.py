"""ASGI messages as an answer to an exchange: for applications that are mounted into one, whichever door the request came by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast, final

from fasterapi.asgi import RawHeaders
from fasterapi.http.exchange import UNKNOWN_LENGTH, Exchange
from fasterapi.http.head import ResponseHead


@final
class MessageSender:
    """Takes the messages of an application and checks their order, as the ASGI specification has it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._head: ResponseHead | None = None
        self._announced = UNKNOWN_LENGTH
        self._is_started = False
        self.is_complete: bool = False

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take the head of the answer or a piece of its body."""
        kind = message["type"]
        if self.is_complete:
            raise RuntimeError(f"Unexpected ASGI message '{kind}' sent, after response already completed.")
        if self._head is None:
            if kind != "http.response.start":
                raise RuntimeError(f"Expected ASGI message 'http.response.start', but got '{kind}'.")
            self._read_head(message)
        elif kind != "http.response.body":
            raise RuntimeError(f"Expected ASGI message 'http.response.body', but got '{kind}'.")
        else:
            await self._send_piece(self._head, bytes(message.get("body", b"")), bool(message.get("more_body", False)))

    def _read_head(self, message: Mapping[str, Any]) -> None:
        headers: RawHeaders = []
        for name, value in cast("Iterable[tuple[bytes, bytes]]", message.get("headers", ())):
            lowered = name.lower()
            if lowered == b"content-length":
                self._announced = int(value)
            elif lowered != b"transfer-encoding":
                headers.append((lowered, value))
        self._head = ResponseHead(int(message["status"]), headers)

    async def _send_piece(self, head: ResponseHead, piece: bytes, more: bool) -> None:
        """The head waits for the first piece, as ASGI asks: most answers are whole then and go out at once."""
        exchange = self._exchange
        if not self._is_started:
            self._is_started = True
            if not more and self._announced in (UNKNOWN_LENGTH, len(piece)):
                self.is_complete = True
                exchange.respond(head, piece)
                return
            await exchange.start(head, self._announced)
        if piece:
            await exchange.write(piece)
        if not more:
            self.is_complete = True
            await exchange.finish()
