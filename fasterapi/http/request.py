"""A request as handlers see it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Coroutine, Generator, Mapping
from json.decoder import JSONDecodeError
from types import TracebackType
from typing import Any, Final, NoReturn, final

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
        self.detail = f"The body is not JSON: {msg} at position {pos}."
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
        if not isinstance(scope, Exchange) and scope["type"] != "http":
            raise ValueError(f"A Request is made of an http scope, not of a {scope['type']!r} one. For WebSockets there is WebSocket.")
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
class FormReading(Coroutine[Any, Any, FormData]):
    """placeholder"""


def request_of(exchange: Exchange) -> Request:
    """The one `Request` of an exchange, made at the first need."""
    known = exchange.request
    if isinstance(known, Request):
        return known
    request: Request = Request(exchange)
    exchange.request = request
    return request
