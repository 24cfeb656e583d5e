"""The outermost layer of an application with middleware: what comes through all of it is answered here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, final

from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.http.asgi_exchange import AsgiExchange, send_response
from fasterapi.http.responses import Response
from fasterapi.routing.answers import Answers


@final
class ErrorBoundary:
    """An ASGI application that answers what the one inside raises, as long as nothing was answered."""

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self._app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _WatchedSend(send)
        failure: Exception | None = None
        try:
            await self._app(scope, receive, watched.send)
        except Exception as error:
            if watched.is_started:
                # Only a broken connection tells the client that the answer is not whole; the server logs why.
                raise
            failure = error
        if failure is not None:
            await self._answer(AsgiExchange(cast("dict[str, Any]", scope), receive, send), failure)

    async def _answer(self, exchange: AsgiExchange, error: Exception) -> None:
        await self._answers.answer_unexpected(exchange, error)
        streamed = exchange.streamed
        if streamed is not None:
            await cast(Response, streamed).stream(exchange)
        await send_response(exchange)
        background = exchange.background
        if background is not None:
            await background.run()


@final
class _WatchedSend:
    def __init__(self, send: Send) -> None:
        self._send = send
        self.is_started: bool = False

    async def send(self, message: Mapping[str, Any]) -> None:
        """Remember that an answer began."""
        self.is_started = True
        await self._send(message)
