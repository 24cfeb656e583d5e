"""How a WebSocket ends whose handler raised: with the code, or the answer to the handshake, that the exception means."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, TypeAlias, final

from fasterapi.errors import HTTPException, WebSocketException, WebSocketRequestValidationError
from fasterapi.http.responses import JSONResponse, PlainTextResponse, Response
from fasterapi.routing.exception_handlers import ExceptionHandler, call_exception_handler, response_of_handler
from fasterapi.websocket import (
    INTERNAL_ERROR,
    MOST_REASON_BYTES,
    NORMAL_CLOSURE,
    POLICY_VIOLATION,
    WebSocket,
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)

_logger: Final = logging.getLogger("fasterapi")

_DEPARTURE: Final = (WebSocketDisconnect, WebSocketDisconnected)
_OPEN: Final = (WebSocketState.CONNECTING, WebSocketState.CONNECTED)

FindHandler: TypeAlias = Callable[[Exception], ExceptionHandler | None]
"""Gives the function that the application declared for an exception, `None` where it did not."""


@final
class WebSocketEnds:
    """Ends WebSockets by what their handlers raised.

    With middleware around the application it `hands_on` what nobody expected once the WebSocket is closed: the middleware is
    to see it on its way to the server, which logs it.
    """

    def __init__(self, handler_for: FindHandler, hands_on: bool) -> None:
        self._handler_for = handler_for
        self._hands_on = hands_on

    async def end(self, websocket: WebSocket[Any], error: Exception) -> None:
        """End a WebSocket as the application's own handler of the exception does, or as such exceptions say."""
        unexpected = error
        try:
            if await self._is_ended(websocket, error):
                return
        except Exception as failure:  # noqa: BLE001  # a mistake in what was declared for the exception
            unexpected = failure
        if not comes_of_departure(websocket, unexpected):
            await self._end_unexpectedly(websocket, unexpected)

    async def _is_ended(self, websocket: WebSocket[Any], error: Exception) -> bool:
        """End a WebSocket where it is known how."""
        handler = self._handler_for(error)
        if handler is not None:
            result = await call_exception_handler(handler, websocket, error)
            if result is not None:
                await refuse(websocket, response_of_handler(result), "")
            await close(websocket, NORMAL_CLOSURE, "")
        elif isinstance(error, HTTPException):
            detail = error.detail
            response = JSONResponse({"detail": detail}, error.status_code, error.headers)
            await refuse(websocket, response, detail if isinstance(detail, str) else "")
        elif isinstance(error, WebSocketException):
            await close(websocket, error.code, error.reason)
        elif isinstance(error, WebSocketRequestValidationError):
            await close(websocket, POLICY_VIOLATION, first_fault(error))
        else:
            return False
        return True

    async def _end_unexpectedly(self, websocket: WebSocket[Any], error: Exception) -> None:
        """The client learns nothing of a bug, the log learns everything, once."""
        if not self._hands_on:
            path = websocket.exchange.path
            _logger.error("WebSocket %s raised %s", ascii(path), type(error).__name__, exc_info=error)
            websocket.exchange.report(error)
        try:
            await refuse(websocket, PlainTextResponse("Internal Server Error", 500), "")
        except Exception:  # noqa: BLE001  # the server refuses even that, and ends the connection by itself
            _logger.debug("WebSocket %s could not be closed", ascii(websocket.exchange.path))
        if self._hands_on:
            raise error


async def close(websocket: WebSocket[Any], code: int, reason: str) -> None:
    """Close a WebSocket that is still open, with as much of the reason as a close carries; it may be gone by then."""
    if websocket.application_state in _OPEN and not websocket.client_left:
        try:
            await websocket.close(code, reason.encode("utf-8", "replace")[:MOST_REASON_BYTES].decode("utf-8", "ignore"))
        except WebSocketDisconnect:
            return


async def refuse(websocket: WebSocket[Any], response: Response, reason: str) -> None:
    """Answer the handshake with a response, where that can be done still; else close with the code that says the same."""
    if websocket.application_state is WebSocketState.CONNECTING and websocket.takes_denial_response:
        await websocket.send_denial_response(response)
    else:
        await close(websocket, POLICY_VIOLATION if response.status_code < 500 else INTERNAL_ERROR, reason)


def comes_of_departure(websocket: WebSocket[Any], error: BaseException) -> bool:
    """Whether an exception only says that the client has left, alone or as all that a group of tasks raised."""
    if not websocket.client_left:
        return False
    if isinstance(error, BaseExceptionGroup):
        return error.split(_DEPARTURE)[1] is None
    return isinstance(error, _DEPARTURE)


def first_fault(error: WebSocketRequestValidationError) -> str:
    """The first fault, for the reason of a close."""
    for item in error.errors():
        return f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
    return ""
