"""One request of an application that is spoken to in ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, Final, final

from fasterapi._compat import COROUTINE, Raw
from fasterapi.http.head import ResponseHead
from fasterapi.server.asgi_response import AsgiResponse
from fasterapi.server.body_framing import BodyFraming
from fasterapi.server.http_exchange import HttpExchange, end_of_head

_PLAIN_TEXT: Final = [(b"content-type", b"text/plain; charset=utf-8")]
_FAILURE: Final = ResponseHead(500, _PLAIN_TEXT)


@final
class AsgiCycle:
    """Runs the application over an exchange."""

    def __init__(self, exchange: HttpExchange) -> None:
        self._exchange = exchange
        self._response: AsgiResponse | None = None

    async def run(self) -> None:
        """Call the application and see to it that there is an answer. What it raises is logged, as uvicorn does."""
        context = self._exchange.connection.context
        try:
            waiting: Awaitable[object] = context.app(self._scope(), self._exchange.receive, self.send)
            result = await Raw(waiting) if isinstance(waiting, COROUTINE) else await waiting
        except Exception:
            context.logger.exception("Exception in ASGI application\n")
            self._fail()
            return
        exchange = self._exchange
        if result is not None:
            context.logger.error("ASGI callable should return None, but returned '%s'.", result)
        elif exchange.finished or exchange.gone:
            return
        elif exchange.begun:
            context.logger.error("ASGI callable returned without completing response.")
        else:
            context.logger.error("ASGI callable returned without starting response.")
        self._fail()

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take the head of the response or a piece of its body."""
        exchange = self._exchange
        await exchange.connection.writable()
        if exchange.gone:
            return
        kind = message["type"]
        if exchange.finished:
            raise RuntimeError(f"Unexpected ASGI message '{kind}' sent, after response already completed.")
        response = self._response
        if response is None:
            if kind != "http.response.start":
                raise RuntimeError(f"Expected ASGI message 'http.response.start', but got '{kind}'.")
            self._response = AsgiResponse(message, exchange.method, exchange.request.is_http_1_0)
        elif kind != "http.response.body":
            raise RuntimeError(f"Expected ASGI message 'http.response.body', but got '{kind}'.")
        else:
            self._send_piece(response, bytes(message.get("body", b"")), bool(message.get("more_body", False)))

    def _send_piece(self, response: AsgiResponse, piece: bytes, more: bool) -> None:
        """The head waits for the first piece, as ASGI asks, and is written together with it."""
        exchange = self._exchange
        framing = exchange.framing
        if framing is not None:
            encoded = _encoded(framing, piece, more)
            if encoded:
                exchange.connection.write(encoded)
        else:
            framing = response.framing(piece, more)
            encoded = _encoded(framing, piece, more)
            exchange.framing = framing
            if response.closes or framing.needs_close or (not more and not exchange.may_be_followed()):
                exchange.keep_alive = False
            exchange.begin(response.head, end_of_head(framing.line, not exchange.keep_alive), encoded)
        if not more:
            exchange.complete()

    def _fail(self) -> None:
        """An answer that has not begun is 500; one that has is broken off."""
        exchange = self._exchange
        if exchange.begun:
            exchange.break_off()
        else:
            exchange.keep_alive = False
            exchange.respond(_FAILURE, b"Internal Server Error")

    def _scope(self) -> dict[str, Any]:
        """What the transport says: proxies are the business of uvicorn's middleware around the application."""
        connection = self._exchange.connection
        return self._exchange.announced_scope(connection.peer, connection.scheme, connection.app_state.copy())


def _encoded(framing: BodyFraming, piece: bytes, more: bool) -> bytes:
    encoded = framing.encode(piece)
    return encoded if more else encoded + framing.end()
