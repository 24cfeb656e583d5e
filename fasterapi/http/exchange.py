"""The one internal interface between what carries a request and what answers it.

A door (an ASGI server, or the protocol of `fasterapi.server`) makes an `Exchange` of each request, an `ExchangeHandler` answers it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from mypy_extensions import mypyc_attr

from fasterapi.asgi import RawHeaders
from fasterapi.background import BackgroundTask
from fasterapi.concurrency.cleanup import Cleanups
from fasterapi.errors import ErrorItem
from fasterapi.http.forms_data import FormData
from fasterapi.http.head import ResponseHead

BODY_COMPLETE: Final = 0
BODY_TOO_LARGE: Final = 1
BODY_CUT_OFF: Final = 2
"""How the reading of a body ended."""

BODY_UNREAD: Final = 0
BODY_IN_PIECES: Final = 1
BODY_READ: Final = 2
"""What became of a body so far: `BODY_READ` is one that `Exchange.body` holds, `BODY_IN_PIECES` one that nobody kept."""

NO_LIMIT: Final = 1 << 60
"""A limit that no body reaches."""

UNKNOWN_LENGTH: Final = -1
"""The length of an answer in pieces that nobody knows beforehand."""

FIRST_PIECE_SECONDS: Final = 0.05
"""How long a head waits for the first piece of the body: so long what was begun can still become another answer, a 500."""


class MatchedPath:
    """What a path led to, as far as the request has to know it."""

    def parameters(self, values: list[str]) -> dict[str, Any]:
        """The path's parameters by name, each as its converter reads it."""
        raise NotImplementedError

    def describe(self, scope: dict[str, Any]) -> None:
        """Say in a scope what answers the request, for middleware and for those who measure."""


class Exchange:
    """One request on its way in and its response on its way out.

    A door fills `method` and `path` (decoded once) and answers the questions of the second half of this class; matching
    and binding keep what they found here, so that nothing else has to be allocated for a request.

    `handler_request` is the one `Request` that handlers and providers share, where anybody asked for it; who ends the
    handling sets it to `None`, because each knows the other. `form` is the form that was read; who ends the request closes
    it. `streamed` is the response that is sent in pieces once the handling is over; while it is, a door calls `on_departure`
    as soon as it knows that the client has gone, and `on_shutdown` if it learns that the server is to stop. `has_afterwork`
    says that there is something to do when the handling is over.
    """

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.path = path
        self.path_values: list[str] = []
        self.query_text: str | None = None
        self.query_values: dict[str, list[str]] | None = None
        self.provided: list[object] | None = None
        self.errors: list[ErrorItem] | None = None
        self.body: bytes = b""
        self.body_value: object = None
        self.body_errors: list[ErrorItem] | None = None
        self.body_state: int = BODY_UNREAD
        self.body_limit: int = NO_LIMIT
        self.form: FormData | None = None
        self.app: object = None
        self.matched: MatchedPath | None = None
        self.handler_request: object = None
        self._path_params: dict[str, Any] | None = None
        self._scope: dict[str, Any] | None = None
        self.cleanups: Cleanups | None = None
        self.drafts: object = None
        self.background: BackgroundTask | None = None
        self.streamed: object = None
        self.on_departure: Callable[[], None] | None = None
        self.on_shutdown: Callable[[], None] | None = None
        self.has_afterwork = False

    def tell_departure(self) -> None:
        """Let who streams the answer know that the client has gone; once."""
        on_departure = self.on_departure
        if on_departure is not None:
            self.on_departure = None
            on_departure()

    def tell_shutdown(self) -> None:
        """Let who streams the answer know that the server is to stop; once."""
        on_shutdown = self.on_shutdown
        if on_shutdown is not None:
            self.on_shutdown = None
            on_shutdown()

    def stream_is_over(self) -> None:
        """Nobody is to be told of anything any more."""
        self.on_departure = None
        self.on_shutdown = None

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

    def keep_body(self, body: bytes) -> None:
        """Keep the whole body, for all who ask for it."""
        self.body = body
        self.body_state = BODY_READ

    def path_params(self) -> dict[str, Any]:
        """The parameters in the path by name, with those of the paths that applications are mounted at."""
        params = self._path_params
        if params is None:
            params = self.mounted_params()
            matched = self.matched
            if matched is not None:
                params.update(matched.parameters(self.path_values))
            self._path_params = params
        return params

    def scope(self) -> dict[str, Any]:
        """The request as an ASGI scope, with what the application knows of it; made at the first need."""
        scope = self._scope
        if scope is None:
            scope = self.make_scope()
            if self.app is not None:
                scope["app"] = self.app
            scope["path_params"] = self.path_params()
            if self.matched is not None:
                self.matched.describe(scope)
            self._scope = scope
        return scope

    def carries_body(self, head: ResponseHead) -> bool:
        """Whether an answer with this head has a body: the one to HEAD has none (RFC 9110, 9.3.2)."""
        return head.allows_body and self.method != "HEAD"

    # What a door answers.

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

    def content_type(self) -> bytes | None:
        """The media type of the body, with its parameters."""
        return self.header(b"content-type")

    def full_path(self) -> str:
        """The whole path, decoded: what the application is mounted at is part of it."""
        raise NotImplementedError

    def root_path(self) -> str:
        """What the application is mounted at."""
        raise NotImplementedError

    def outermost_root_path(self) -> str:
        """The same for the outermost of our applications, where one is mounted in another."""
        return self.root_path()

    def mounted_params(self) -> dict[str, Any]:
        """The parameters in the path that the application is mounted at, in a dictionary that may be changed."""
        return {}

    def scheme(self) -> str:
        """`http` or `https`."""
        raise NotImplementedError

    def http_version(self) -> str:
        """The version of HTTP, as ASGI writes it: `1.1`."""
        raise NotImplementedError

    def client(self) -> tuple[str, int] | None:
        """Where the client is."""
        raise NotImplementedError

    def server(self) -> tuple[str, int | None] | None:
        """Where the server listens; a Unix socket is a path without a port."""
        raise NotImplementedError

    def state(self) -> dict[str, Any]:
        """The request's own copy of what the lifespan gave: the same dictionary whenever it is asked for."""
        raise NotImplementedError

    def make_scope(self) -> dict[str, Any]:
        """The request as an ASGI scope that may be changed; asked for once."""
        raise NotImplementedError

    async def read_body(self, limit: int) -> int:
        """Read the whole body, have it kept by `keep_body`, and say how it went: `BODY_COMPLETE` or what it ended with."""
        raise NotImplementedError

    async def read_piece(self, limit: int) -> bytes | int:
        """The next piece of a body that is not to be kept: empty at its end; or what it ended with instead.

        The limit is one on the whole body. Whether the body may be read is for `BodyPieces` to know, which calls this.
        """
        raise NotImplementedError

    async def receive(self) -> Mapping[str, Any]:
        """The next ASGI message of the client, for those who read the body by themselves."""
        raise NotImplementedError

    async def is_disconnected(self) -> bool:
        """Whether the client has gone by now; takes nothing away from the body."""
        raise NotImplementedError

    def respond(self, head: ResponseHead, body: bytes) -> None:
        """Answer the request with a whole body. A second answer, and one to a client that has gone, is dropped."""
        raise NotImplementedError

    async def start(self, head: ResponseHead, length: int) -> None:
        """Begin an answer in pieces, of a known length or of `UNKNOWN_LENGTH`; where another was begun it is dropped.

        The head goes out with the first piece, or before it when that lets the client wait for `FIRST_PIECE_SECONDS`.
        """
        raise NotImplementedError

    async def write(self, piece: bytes) -> bool:
        """Send a piece of the body, and wait as long as the client reads too slowly.

        False once there is nobody to send to: the client has gone, or the answer has no body. There is no more to do then.
        """
        raise NotImplementedError

    async def finish(self) -> None:
        """The body is complete. Raises `RuntimeError` if it is shorter than was announced; `write` does if it is longer."""
        raise NotImplementedError

    def break_off(self) -> None:
        """Take back what was started; a client that has a part of it already gets to see that it will not be whole."""
        raise NotImplementedError

    async def disconnected(self) -> None:
        """Wait until the client has gone, or has its whole answer; takes nothing away from the body."""
        raise NotImplementedError

    async def flush(self) -> None:
        """Bring the answer on its way now; a door does it by itself when the handling ends."""
        raise NotImplementedError

    def responded(self) -> bool:
        """Whether an answer was given."""
        raise NotImplementedError

    def report(self, error: Exception) -> None:
        """Tell the door of an exception that nobody handled, after it was logged."""


@mypyc_attr(allow_interpreted_subclasses=True)
class ExchangeHandler:
    """What answers exchanges: the native counterpart of an ASGI application."""

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request; never raises an `Exception`."""
        raise NotImplementedError
