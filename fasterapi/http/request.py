"""A request as handlers see it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Generator, Mapping
from json.decoder import JSONDecodeError
from types import TracebackType
from typing import Any, Final, NoReturn, cast, final

import msgspec
from mypy_extensions import mypyc_attr

from fasterapi.asgi import Receive, Scope, Send
from fasterapi.errors import HTTPException
from fasterapi.http.body_pieces import BodyPieces
from fasterapi.http.connection import HTTPConnection, StateT, no_receive, no_send
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, BODY_IN_PIECES, BODY_READ, Exchange
from fasterapi.http.forms import read_form
from fasterapi.http.forms_data import FormData
from fasterapi.http.forms_limits import FormFault, FormLimits

_UNREAD: Final = object()
_decode: Final = msgspec.json.Decoder().decode


@mypyc_attr(allow_interpreted_subclasses=True)
class ClientDisconnect(Exception):
    """The client left before its request was whole: there is nobody to answer."""


@mypyc_attr(native_class=False)
class MalformedJSON(HTTPException, JSONDecodeError):
    """A body that is no JSON: an answer with status 400 unless it is caught, as either of the two that it is."""

    def __init__(self, msg: str, doc: str, pos: int) -> None:
        JSONDecodeError.__init__(self, msg, doc, pos)
        self.status_code = 400
        self.detail: object = f"The body is not JSON: {msg} at position {pos}."
        self.headers: Mapping[str, str] | None = None


@mypyc_attr(allow_interpreted_subclasses=True)
class Request(HTTPConnection[StateT]):
    """A request.

    Example:
        @app.post("/hook")
        async def hook(request: Request) -> dict[str, str]:
            event = await request.json()
            return {"host": request.url.hostname, "event": event["id"]}

    The type of `request.state` can be told: `Request[MyState]`.
    """

    def __init__(self, scope: Scope | Exchange, receive: Receive = no_receive, send: Send = no_send) -> None:
        super().__init__(scope, receive, send)
        if not isinstance(scope, Exchange) and scope.get("type") != "http":
            raise ValueError(f"A Request is made of an http scope, not of a {scope.get('type')!r} one. For WebSockets there is WebSocket.")
        self._json: object = _UNREAD

    @property
    def method(self) -> str:
        """`GET`, `POST` and so on."""
        return self.exchange.method

    @property
    def receive(self) -> Receive:
        """Gives the next ASGI message of the client."""
        return self.exchange.receive

    async def body(self) -> bytes:
        """The whole body, which is kept: asking again gives it again.

        Raises `HTTPException(413)` for one beyond the application's limit, and `ClientDisconnect` where the client left.
        """
        exchange = self.exchange
        if exchange.body_state == BODY_IN_PIECES:
            raise RuntimeError("The body was read in pieces before, which were not kept. Call request.body() first, or keep the pieces.")
        if exchange.body_state != BODY_READ:
            exchange.body_state = BODY_IN_PIECES
            outcome = await exchange.read_body(exchange.body_limit)
            if outcome != BODY_COMPLETE:
                _raise_for(outcome)
        return exchange.body

    async def json(self) -> Any:
        """The body as JSON. One that is none raises an exception that is an `HTTPException(400)` and a `JSONDecodeError`."""
        value = self._json
        if value is _UNREAD:
            value = _read_json(await self.body())
            self._json = value
        return value

    def stream(self) -> BodyStream:
        """The body in pieces as they arrive, and an empty one at its end; they are not kept.

        Example: `async for piece in request.stream(): digest.update(piece)`.
        """
        return BodyStream(self.exchange)

    def form(self, *, max_files: float = 1000, max_fields: float = 1000, max_part_size: float = 1024 * 1024) -> FormReading:
        """The form in the body, empty where the body is something else; its files are closed when the request ends.

        Example: `form = await request.form()`, or `async with request.form() as form:` to close its files sooner.

        Raises `HTTPException(400)` for a malformed form or one beyond a limit; sizes are in bytes, files count into the
        limit of the whole body alone.
        """
        return FormReading(self.exchange, FormLimits(max_files, max_fields, max_part_size))

    async def close(self) -> None:
        """Close the files of the form, if one was read."""
        form = self.exchange.form
        if form is not None:
            await form.close()

    async def is_disconnected(self) -> bool:
        """Whether the client has gone."""
        return await self.exchange.is_disconnected()


def shared_request(exchange: Exchange) -> Request[Any]:
    """The one request that all who ask for it while it is handled share."""
    known = exchange.handler_request
    if known is not None:
        return cast("Request[Any]", known)
    made: Request[Any] = Request(exchange)
    exchange.handler_request = made
    # Request and exchange know each other: who ends the handling parts them.
    exchange.has_afterwork = True
    return made


@final
class BodyStream(AsyncIterator[bytes]):
    """The pieces of a body, for `async for`."""

    def __init__(self, exchange: Exchange) -> None:
        self._pieces = BodyPieces(exchange)
        self._ended = False

    def __aiter__(self) -> BodyStream:
        return self

    async def __anext__(self) -> bytes:
        if self._ended:
            raise StopAsyncIteration
        piece = await self._pieces.next()
        if not isinstance(piece, bytes):
            self._ended = True
            _raise_for(piece)
        if not piece:
            self._ended = True
        return piece

    async def aclose(self) -> None:
        """Stop reading."""
        self._ended = True


@final
class FormReading:
    """A form to be read: by `await`, or by `async with`, which closes its files."""

    def __init__(self, exchange: Exchange, limits: FormLimits) -> None:
        self._exchange = exchange
        self._limits = limits

    def __await__(self) -> Generator[Any, Any, FormData]:
        return self._read().__await__()

    async def __aenter__(self) -> FormData:
        return await self._read()

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        form = self._exchange.form
        if form is not None:
            await form.close()

    async def _read(self) -> FormData:
        form = await read_form(self._exchange, self._limits)
        if isinstance(form, FormFault):
            if form.client_left:
                raise ClientDisconnect
            raise HTTPException(form.status, form.message)
        return form


def _raise_for(outcome: int) -> NoReturn:
    """Raise what it means that a body could not be read."""
    if outcome == BODY_CUT_OFF:
        raise ClientDisconnect
    raise HTTPException(413, "Content Too Large")


def _read_json(raw: bytes) -> object:
    try:
        return _decode(raw)
    except Exception:  # noqa: BLE001 - the second reader says what is wrong, or takes what the first one is too strict for
        return _read_any_json(raw)


def _read_any_json(raw: bytes) -> object:
    """As `json.loads`, which knows `NaN` and single surrogates; only UTF-8 is taken (RFC 8259, 8.1)."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedJSON("Invalid UTF-8", raw.decode("utf-8", "replace"), error.start) from None
    try:
        value: object = json.loads(text)
    except JSONDecodeError as error:
        raise MalformedJSON(error.msg, text, error.pos) from None
    except RecursionError:
        raise MalformedJSON("Nested too deeply", text, 0) from None
    except ValueError:
        # The interpreter's limit on the digits of an integer guards against quadratic parsing (CVE-2020-10735).
        raise MalformedJSON("Number with too many digits", text, 0) from None
    return value
