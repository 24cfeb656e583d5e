"""Which function answers an exception: by the status of an `HTTPException`, else by the exception's class and those above it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast, final

from fasterapi.background import is_async
from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.datastructures.header_fields import encode_header_name, encode_header_value
from fasterapi.errors import HTTPException
from fasterapi.http.responses import Response

ExceptionHandler: TypeAlias = Callable[[Any, Any], Any]
"""Takes the request, or the WebSocket, and the exception; gives a `Response` or a `(status, body, headers)` tuple."""

ExceptionKey: TypeAlias = int | type[Exception]
"""What a handler is declared for: a status code, or a class of exceptions."""

_SERVER_ERROR: Final = 500


@final
class ExceptionHandlers:
    """The handlers of an application; what is declared later counts at once."""

    def __init__(self, declared: Mapping[Any, ExceptionHandler]) -> None:
        self._declared = declared

    def find(self, error: BaseException) -> ExceptionHandler | None:
        """The handler of an exception that was expected; those for `Exception` and for 500 are for what nobody expected."""
        declared = self._declared
        if not declared:
            return None
        if isinstance(error, HTTPException) and error.status_code != _SERVER_ERROR:
            handler = declared.get(error.status_code)
            if handler is not None:
                return handler
        for ancestor in type(error).__mro__:
            if ancestor is Exception:
                return None
            handler = declared.get(ancestor)
            if handler is not None:
                return handler
        return None

    def for_unexpected(self) -> ExceptionHandler | None:
        """The handler of what nobody expected."""
        return self._declared.get(_SERVER_ERROR) or self._declared.get(Exception)


async def call_exception_handler(handler: ExceptionHandler, connection: object, error: Exception) -> object:
    """The handler's result; one that is not `async def` runs in the thread pool."""
    if is_async(handler):
        return cast("object", await handler(connection, error))
    result: object = await run_in_threadpool(handler, connection, error)
    if inspect.isawaitable(result):
        return cast("object", await result)
    return result


def response_of_handler(result: object) -> Response:
    """What an exception handler gave, as a response."""
    if isinstance(result, Response):
        return result
    if isinstance(result, tuple) and len(result) == 3:
        status, body, headers = result
        response = Response(body, status)
        for name, value in cast("Sequence[tuple[str | bytes, str | bytes]]", headers):
            name_text = name.decode("latin-1") if isinstance(name, bytes) else name
            value_text = value.decode("latin-1") if isinstance(value, bytes) else value
            response.raw_headers.append((encode_header_name(name_text), encode_header_value(name_text, value_text)))
        return response
    raise TypeError(
        f"An exception handler gives a Response, not {type(result).__name__}. Write `return JSONResponse(...)`,"
        " or `return status, body, headers`."
    )
