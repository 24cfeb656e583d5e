"""What is logged of requests: never a secret.

Interpreted: as base.py.
"""

from __future__ import annotations

import logging
from typing import Any, ClassVar, Final

from typing_extensions import override

from fasterapi.client.errors import FastHTTPError
from fasterapi.client.masking import mask_headers, mask_url
from fasterapi.client.middleware.base import BaseMiddleware, CallNext
from fasterapi.client.request import Request
from fasterapi.client.response import Response

LOGGER: Final = logging.getLogger("fasterapi.client")
_SHOWN: Final = 2000
"""How many characters of a body are logged."""


class LoggingMiddleware(BaseMiddleware):
    """Logs every response with its time; with `debug=True` headers, and with `bodies=True` bodies too. Secrets are masked."""

    __priority__: ClassVar[int] = 5

    def __init__(self, *, debug: bool = False, bodies: bool = False, logger: logging.Logger = LOGGER) -> None:
        self._debug = debug
        self._bodies = bodies
        self._logger = logger

    @override
    async def around(self, request: Request, call_next: CallNext) -> Response:
        """Log what is sent and what comes back."""
        if self._debug:
            self._logger.debug("> %s %s %s", request.method, mask_url(request.url), mask_headers(request.headers.items()))
            if self._bodies and isinstance(request.body.content, bytes):
                self._logger.debug("> %s", request.body.content[:_SHOWN].decode("utf-8", "replace"))
        response = await call_next(request)
        log_response(self._logger, response)
        if self._debug:
            self._logger.debug("< %s %s", response.status_code, mask_headers(response.headers.items()))
            if self._bodies:
                self._logger.debug("< %s", response.text[:_SHOWN])
        return response

    @override
    async def on_error(self, error: Exception, route: Any, config: Any) -> None:
        """Log a failure."""
        log_failure(self._logger, route.name, error)


def log_response(logger: logging.Logger, response: Response) -> None:
    """One line for a response."""
    mark = "✔" if response.ok else "✖"
    milliseconds = response.elapsed.total_seconds() * 1000
    logger.info("%s %s %s [%d] %.2fms", mark, response.method, mask_url(response.url), response.status_code, milliseconds)


def log_failure(logger: logging.Logger, name: str, error: Exception) -> None:
    """One line for a request that failed; with its traceback what is a fault of the program's own."""
    if isinstance(error, FastHTTPError):
        logger.error("✖ %s: %s: %s", name, type(error).__name__, error)
    else:
        logger.error("✖ %s: the handler failed", name, exc_info=error)


def prepare_logging(debug: bool) -> None:
    """Let a program that did not configure logging see what its client does."""
    if debug:
        LOGGER.setLevel(logging.DEBUG)
    elif LOGGER.level == logging.NOTSET:
        LOGGER.setLevel(logging.INFO)
    if LOGGER.hasHandlers():
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s.%(msecs)03d │ %(levelname)-8s │ %(message)s", datefmt="%H:%M:%S"))
    LOGGER.addHandler(handler)
