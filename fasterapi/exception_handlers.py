"""What answers exceptions where an application declares nothing else, for its own handlers to fall back on."""

from __future__ import annotations

from fasterapi.encoders import jsonable_encoder
from fasterapi.errors import HTTPException, RequestValidationError, WebSocketRequestValidationError
from fasterapi.http.head import allows_body
from fasterapi.http.request import Request
from fasterapi.http.responses import JSONResponse, Response
from fasterapi.routing.websocket_end import close, first_fault
from fasterapi.websocket import POLICY_VIOLATION, WebSocket

__all__ = ["http_exception_handler", "request_validation_exception_handler", "websocket_request_validation_exception_handler"]


async def http_exception_handler(request: Request, exc: HTTPException) -> Response:  # noqa: ARG001 - the signature of a handler
    """The status, detail and headers of the exception.

    Example: `return await http_exception_handler(request, exc)` at the end of a handler that logs.
    """
    if not allows_body(exc.status_code):
        return Response(status_code=exc.status_code, headers=exc.headers)
    return JSONResponse({"detail": exc.detail}, exc.status_code, exc.headers)


async def request_validation_exception_handler(
    request: Request,  # noqa: ARG001 - the signature of a handler
    exc: RequestValidationError,
) -> JSONResponse:
    """Status 422 with all faults of the request."""
    return JSONResponse({"detail": jsonable_encoder(exc.errors())}, 422)


async def websocket_request_validation_exception_handler(websocket: WebSocket, exc: WebSocketRequestValidationError) -> None:
    """Close the WebSocket, with the first fault of its handshake as the reason."""
    await close(websocket, POLICY_VIOLATION, first_fault(exc))
