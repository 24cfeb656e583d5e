"""What is answered when a handler gave nothing to answer with: to errors, expected or not, and to requests that no route takes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final, final

from fasterapi.binding.body_reader import BodyReader, sent_body
from fasterapi.binding.faults import encode_faults
from fasterapi.errors import HTTPException, RequestValidationError
from fasterapi.http.exchange import Exchange
from fasterapi.http.head import json_head
from fasterapi.http.request import ClientDisconnect, shared_request
from fasterapi.http.responses import JSONResponse, PlainTextResponse, Response
from fasterapi.routing.debug_page import debug_response
from fasterapi.routing.exception_handlers import ExceptionHandler, ExceptionHandlers, call_exception_handler, response_of_handler

_logger: Final = logging.getLogger("fasterapi")

_UNPROCESSABLE: Final = json_head(422)


@final
class Answers:
    """The answers to errors.

    With middleware around the application it `hands_on` what nobody expected: the middleware is to see it on its way to
    the boundary, which answers it.
    """

    def __init__(self, declared: Mapping[Any, ExceptionHandler], *, debug: bool, hands_on: bool) -> None:
        self._declared = declared
        self._handlers = ExceptionHandlers(declared)
        self._debug = debug
        self._hands_on = hands_on

    def find(self, error: BaseException) -> ExceptionHandler | None:
        """The handler that the application declared for an exception."""
        return self._handlers.find(error)

    async def refuse(self, exchange: Exchange, status: int, detail: str, headers: Mapping[str, str] | None) -> None:
        """Answer a request that no handler saw, as if an `HTTPException` had been raised."""
        if self._declared:
            await self.answer(exchange, HTTPException(status, detail, headers))
        else:
            _respond(exchange, JSONResponse({"detail": detail}, status, headers))

    async def answer_faults(self, exchange: Exchange, reader: BodyReader | None) -> None:
        """Answer a request that lacks what its handler asks for."""
        if self._declared:
            await self.answer(exchange, RequestValidationError(exchange.errors or [], body=sent_body(exchange, reader)))
        else:
            exchange.respond(_UNPROCESSABLE, encode_faults(exchange))

    async def answer(self, exchange: Exchange, error: Exception) -> None:
        """Answer an exception that a handler raised, or hand it on."""
        # What was to follow the answer that this one takes the place of does not follow it.
        exchange.background = None
        handler = self._handlers.find(error)
        failure: Exception | None = None
        try:
            if handler is not None:
                await _respond_by(handler, exchange, error)
                return
            if isinstance(error, HTTPException):
                _respond(exchange, JSONResponse({"detail": error.detail}, error.status_code, error.headers))
                return
        except Exception as raised:  # noqa: BLE001  # a handler's own mistake is one of the application
            failure = raised
        if failure is not None:
            await self.answer_unexpected(exchange, failure)
        elif isinstance(error, RequestValidationError):
            exchange.errors = error.errors()
            exchange.respond(_UNPROCESSABLE, encode_faults(exchange))
        elif not isinstance(error, ClientDisconnect):
            await self.answer_unexpected(exchange, error)

    async def answer_unexpected(self, exchange: Exchange, error: Exception) -> None:
        """Log what nobody expected and answer it, unless that is for the boundary around the middleware."""
        if self._hands_on:
            raise error
        report(exchange, error)
        handler = self._handlers.for_unexpected()
        if handler is not None:
            try:
                await _respond_by(handler, exchange, error)
            except Exception as failure:  # noqa: BLE001  # nobody is left to handle it
                report(exchange, failure)
        if not exchange.responded():
            page = debug_response(exchange, error) if self._debug else None
            _respond(exchange, page or PlainTextResponse("Internal Server Error", 500))


def report(exchange: Exchange, error: BaseException) -> None:
    """The client learns nothing of a bug, the log learns everything, once."""
    _logger.error("%s %s raised %s", exchange.method, ascii(exchange.path), type(error).__name__, exc_info=error)
    if isinstance(error, Exception):
        exchange.report(error)


async def _respond_by(handler: ExceptionHandler, exchange: Exchange, error: Exception) -> None:
    response = response_of_handler(await call_exception_handler(handler, shared_request(exchange), error))
    if response.background is not None:
        exchange.background = response.background
        exchange.has_afterwork = True
    _respond(exchange, response)


def _respond(exchange: Exchange, response: Response) -> None:
    """Send a whole answer now, or have one in pieces sent behind the handling."""
    if response.is_streamed:
        exchange.streamed = response
        exchange.has_afterwork = True
    else:
        exchange.respond(response.head(), response.body)
