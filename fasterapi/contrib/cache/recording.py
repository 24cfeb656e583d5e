"""An answer on its way to the client, of which a copy is made."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final, Protocol

from fasterapi.asgi import RawHeaders, Send
from fasterapi.middleware.messages import RESPONSE_BODY, RESPONSE_START, field, head_fields

MISS: Final = (b"cache-status", b"fasterapi; fwd=miss")
"""RFC 9211: the answer was made for this request."""


class Recorded(Protocol):
    """Who wants the copy."""

    def wants(self, status: int, headers: RawHeaders) -> RawHeaders | None:
        """The headers to send and to keep; None for an answer that is not to be kept."""
        ...

    def give_up(self) -> None:
        """Hear that there will be no copy."""
        ...

    async def replaces(self, status: int, headers: RawHeaders, body: bytes) -> bool:
        """Answer in the place of an answer in one piece, for a client that has it already; whether that was done."""
        ...

    async def take(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """Take the copy, once the answer is sent."""
        ...


class Recording:
    """Sends an answer on, and copies it up to a size.

    An answer in one piece waits for its body, so that its head can have an entity tag; streams go on piece by piece.
    """

    def __init__(self, send: Send, recorded: Recorded, max_bytes: int) -> None:
        self._send = send
        self._recorded = recorded
        self._max_bytes = max_bytes
        self._start: Mapping[str, Any] | None = None
        self._status = 0
        self._headers: RawHeaders | None = None
        self._pieces: list[bytes] = []
        self._size = 0

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send a message."""
        kind = message["type"]
        if kind == RESPONSE_START:
            await self._begin(message)
        elif kind == RESPONSE_BODY and self._headers is not None:
            await self._add(self._headers, message)
        else:
            if kind != RESPONSE_BODY:
                # A file that the server is to send, for one: what it holds is not seen here.
                self._give_up()
            await self._let_go([])
            await self._send(message)

    async def _begin(self, message: Mapping[str, Any]) -> None:
        self._start = message
        self._status = message["status"]
        self._headers = None if message.get("trailers", False) else self._recorded.wants(self._status, head_fields(message))
        if self._headers is None:
            self._recorded.give_up()
            await self._let_go([])

    async def _add(self, headers: RawHeaders, message: Mapping[str, Any]) -> None:
        self._size += len(message.get("body", b""))
        self._pieces.append(bytes(message.get("body", b"")))
        is_last = not message.get("more_body", False)
        announced = field(headers, b"content-length")
        if self._size > self._max_bytes or (is_last and announced is not None and announced != b"%d" % self._size):
            self._give_up()
        if not is_last or self._headers is None:
            await self._let_go(headers)
            await self._send(message)
            return
        body = b"".join(self._pieces)
        headers = _complete(self._status, headers, body)
        if self._start is None or not await self._recorded.replaces(self._status, headers, body):
            await self._let_go(headers)
            await self._send(message)
        await self._recorded.take(self._status, headers, body)

    async def _let_go(self, headers: RawHeaders) -> None:
        """Send the head, if it still waits."""
        start = self._start
        if start is not None:
            self._start = None
            await self._send({**start, "headers": [*(headers or head_fields(start)), MISS]})

    def _give_up(self) -> None:
        self._headers = None
        self._pieces = []
        self._recorded.give_up()


def _complete(status: int, headers: RawHeaders, body: bytes) -> RawHeaders:
    """The head of a body that is known as a whole."""
    if field(headers, b"content-length") is None:
        headers = [*headers, (b"content-length", b"%d" % len(body))]
    if status == 200 and field(headers, b"etag") is None:
        headers = [*headers, (b"etag", b'"%s"' % sha256(body).hexdigest()[:32].encode("ascii"))]
    return headers
