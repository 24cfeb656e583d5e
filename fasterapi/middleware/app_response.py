"""What the application inside a middleware answers."""

from __future__ import annotations

from collections.abc import AsyncIterable, Mapping
from typing import Any, ClassVar, cast, final

from mypy_extensions import mypyc_attr

from fasterapi.asgi import Receive, Scope, Send
from fasterapi.http.exchange import UNKNOWN_LENGTH, Exchange
from fasterapi.http.responses import Response
from fasterapi.middleware.messages import RESPONSE_BODY, head_fields, pass_on
from fasterapi.middleware.relay import Relay


@mypyc_attr(allow_interpreted_subclasses=True)
class AppResponse(Response):
    """The application's answer in the hands of a middleware: its head can be read and changed, its body is on its way.

    To see the body, read it and return another answer; to change it as it passes, put another iterator in its place.

    Example:
        body = b"".join([piece async for piece in response.body_iterator])
        return Response(body.upper(), response.status_code, response.headers)
    """

    is_streamed: ClassVar[bool] = True

    def __init__(self, relay: Relay, head: Mapping[str, Any]) -> None:
        super().__init__(None, int(head["status"]), None, None, None)
        self.raw_headers.extend([(name.lower(), value) for name, value in head_fields(head)])
        self._relay = relay
        self._start = head
        self._replacement: AsyncIterable[bytes | str] | None = None

    @property
    def body_iterator(self) -> AsyncIterable[bytes | str]:
        """The pieces of the body as they come. Setting another one drops `content-length`, as nobody knows it any more."""
        replacement = self._replacement
        return RelayedBody(self._relay) if replacement is None else replacement

    @body_iterator.setter
    def body_iterator(self, pieces: AsyncIterable[bytes | str]) -> None:
        if not hasattr(pieces, "__aiter__"):
            raise TypeError(f"body_iterator is an async iterator, not {type(pieces).__name__}. For a whole body return Response(body).")
        self._replacement = pieces
        if "content-length" in self.headers:
            del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # the arguments of ASGI
        """Send the answer."""
        replacement = self._replacement
        if replacement is not None:
            await pass_on(send, {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async for piece in replacement:
                await pass_on(send, {"type": RESPONSE_BODY, "body": _encoded(piece), "more_body": True})
            await pass_on(send, {"type": RESPONSE_BODY, "body": b"", "more_body": False})
        else:
            self._check_body()
            await pass_on(send, {**self._start, "status": self.status_code, "headers": self.raw_headers})
            await self._hand_over(send)
        if self.background is not None:
            await self.background.run()

    async def _hand_over(self, send: Send) -> None:
        relay = self._relay
        while True:
            message = await relay.next()
            if message is None:
                return
            try:
                await pass_on(send, message)
            except OSError as error:
                relay.turn_away(error)
                return

    async def stream(self, exchange: Exchange) -> None:
        """Send the answer through an exchange."""
        if self._replacement is None:
            self._check_body()
        await exchange.start(self.head(), UNKNOWN_LENGTH)
        async for piece in self.body_iterator:
            if not await exchange.write(_encoded(piece)):
                return
        await exchange.finish()

    def _check_body(self) -> None:
        if self._relay.is_body_begun:
            raise RuntimeError(
                "The body of this response was read by the middleware, and is gone. Return Response(body, response.status_code,"
                " response.headers), or set response.body_iterator."
            )


@final
class RelayedBody:
    """The pieces of an application's body, for `async for`."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._is_ended = False

    def __aiter__(self) -> RelayedBody:
        return self

    async def __anext__(self) -> bytes:
        while not self._is_ended:
            message = await self._relay.next()
            if message is None:
                break
            if message["type"] != RESPONSE_BODY:
                continue
            self._is_ended = not message.get("more_body", False)
            piece = bytes(cast(bytes, message.get("body", b"")))
            if piece:
                return piece
        self._is_ended = True
        raise StopAsyncIteration


def _encoded(piece: bytes | str) -> bytes:
    return piece.encode("utf-8") if isinstance(piece, str) else bytes(piece)
