"""An answer in pieces, handed to an ASGI server."""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections.abc import Mapping
from typing import final

from fasterapi._compat import COROUTINE, Raw
from fasterapi.asgi import Send
from fasterapi.http.body_length import BodyLength
from fasterapi.http.exchange import UNKNOWN_LENGTH
from fasterapi.http.head import ResponseHead


def start_message(head: ResponseHead, length: int) -> dict[str, object]:
    """The message that begins an answer of this length, or of `UNKNOWN_LENGTH`."""
    message = head.start_message.copy()
    # A list of its own: middleware may add to it, and the head's is shared by many answers.
    message["headers"] = head.headers_with_length(length) if head.allows_body and length != UNKNOWN_LENGTH else head.headers.copy()
    return message


async def hand_over(send: Send, message: Mapping[str, object]) -> None:
    """Send a message by the cheapest way to await it."""
    waiting = send(message)
    if isinstance(waiting, COROUTINE):
        await Raw(waiting)
    else:
        await waiting


@final
class AsgiStream:
    """Sends the messages of one answer; its head may be sent by one task while another waits to send a piece."""

    def __init__(self, send: Send, head: ResponseHead, length: int, carries_body: bool) -> None:
        self._send = send
        self._head = head
        self._announced = length
        self._length: BodyLength | None = None if length == UNKNOWN_LENGTH or not carries_body else BodyLength(length)
        self._opening: Future[None] | None = None
        self._fault: Exception | None = None
        self._is_head_out = False
        self.carries_body = carries_body
        self.is_open: bool = False
        self.is_over: bool = False

    async def open(self, early: bool) -> None:
        """Send the head, or wait until it was sent; `early` is before there is a piece, and servers keep the head until the first."""
        opening = self._opening
        if self.is_open:
            if opening is not None:
                await opening
            if self._fault is not None:
                raise self._fault
            return
        self.is_open = True
        opening = get_running_loop().create_future()
        self._opening = opening
        try:
            await hand_over(self._send, start_message(self._head, self._announced))
            if early and self.carries_body:
                await hand_over(self._send, {"type": "http.response.body", "body": b"", "more_body": True})
            self._is_head_out = True
        except Exception as error:
            self._fault = error
            raise
        finally:
            self._opening = None
            if not opening.done():
                opening.set_result(None)

    async def write(self, piece: bytes) -> None:
        """Send a piece of the body."""
        if self._length is not None:
            self._length.take(len(piece))
        if not self._is_head_out:
            await self.open(False)
        await hand_over(self._send, {"type": "http.response.body", "body": piece, "more_body": True})

    async def finish(self) -> None:
        """Send the end of the body."""
        if self._length is not None:
            self._length.end()
        await self.open(False)
        self.is_over = True
        await hand_over(self._send, {"type": "http.response.body", "body": b""})
