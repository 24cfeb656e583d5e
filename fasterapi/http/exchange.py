"""The one internal interface between what carries a request and what answers it.

A door (an ASGI server, or the protocol of `fasterapi.server`) makes an `Exchange` of each request, an `ExchangeHandler` answers it.
"""

from __future__ import annotations

from typing import Final

from fasterapi.asgi import RawHeaders
from fasterapi.concurrency.cleanup import Cleanups
from fasterapi.errors import ErrorItem
from fasterapi.http.head import ResponseHead

BODY_COMPLETE: Final = 0
BODY_TOO_LARGE: Final = 1
BODY_CUT_OFF: Final = 2


class Exchange:
    """One request on its way in and its response on its way out.

    A door fills `method` and `path` (decoded once) and answers the questions of the second half of this class; matching
    and binding keep what they found here, so that nothing else has to be allocated for a request.
    """

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path = path
        self.path_values: list[str] = []
        self.query_text: str | None = None
        self.query_values: dict[str, list[str]] | None = None
        self.provided: list[object] | None = None
        self.errors: list[ErrorItem] | None = None
        self.body = b""
        self.body_value: object = None
        self.body_errors: list[ErrorItem] | None = None
        self.cleanups: Cleanups | None = None

    def add_error(self, error: ErrorItem) -> None:
        """Keep a fault of the request; one answer lists them all."""
        errors = self.errors
        if errors is None:
            self.errors = [error]
        else:
            errors.append(error)

    def error_count(self) -> int:
        """How many faults were found so far."""
        errors = self.errors
        return 0 if errors is None else len(errors)

    def query_string(self) -> bytes:
        """The query as it was sent, without the question mark."""
        raise NotImplementedError

    def headers(self) -> RawHeaders:
        """The request's headers, names in lower case."""
        raise NotImplementedError

    def header(self, name: bytes) -> bytes | None:
        """The first header of this lower-case name."""
        for key, value in self.headers():
            if key == name:
                return value
        return None

    async def read_body(self, limit: int) -> int:
        """Read the whole body into `body` and say how that went: one of the `BODY_…` numbers."""
        raise NotImplementedError

    def respond(self, head: ResponseHead, body: bytes) -> None:
        """Answer the request with a whole body. A second answer, and one to a client that has gone, is dropped."""
        raise NotImplementedError

    async def flush(self) -> None:
        """Bring the answer on its way now; a door does it by itself when the handling ends."""
        raise NotImplementedError

    def responded(self) -> bool:
        """Whether an answer was given."""
        raise NotImplementedError

    def report(self, error: Exception) -> None:
        """Tell the door of an exception that nobody handled, after it was logged."""


class ExchangeHandler:
    """What answers exchanges: the native counterpart of an ASGI application."""

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request; never raises an `Exception`."""
        raise NotImplementedError
