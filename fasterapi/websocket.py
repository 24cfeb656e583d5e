"""A WebSocket as handlers see it.

Interpreted: derives from a generic mapping, and iterates by asynchronous generators.
"""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Iterable, Mapping
from enum import Enum
from json import JSONDecodeError
from typing import Any, Final, Literal, TypeAlias, TypeVar, cast, overload

import msgspec

from fasterapi.asgi import RawHeaders, Receive, Scope, Send
from fasterapi.binding.body import JsonBody
from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.json_text import read_json
from fasterapi.binding.markers import MISSING
from fasterapi.binding.results import ResultOptions, encoder_for
from fasterapi.datastructures.header_fields import encode_header_name, encode_header_value
from fasterapi.errors import ErrorItem, ResponseValidationError, WebSocketException, WebSocketRequestValidationError
from fasterapi.http.connection import HTTPConnection, StateT, no_receive, no_send
from fasterapi.http.responses import Response

T = TypeVar("T")

Mode: TypeAlias = Literal["text", "binary"]
"""The kind of message that carries JSON."""

NORMAL_CLOSURE: Final = 1000
WRONG_KIND: Final = 1003
NO_CODE: Final = 1005
ABNORMAL_CLOSURE: Final = 1006
MALFORMED: Final = 1007
POLICY_VIOLATION: Final = 1008
INTERNAL_ERROR: Final = 1011
"""The codes of RFC 6455, 7.4.1, that are used here; 1005 and 1006 are never sent."""

MOST_REASON_BYTES: Final = 123
"""How long the reason of a close may be: a control frame has 125 bytes, and two are the code's (RFC 6455, 5.5)."""

_MESSAGE: Final = ("message",)

_encode: Final = msgspec.json.Encoder().encode
_encode_anything: Final = encoder_for(MISSING, ResultOptions()).encode


class WebSocketState(Enum):
    """How far one side of a WebSocket is."""

    CONNECTING = 0
    """The handshake was not answered yet."""
    CONNECTED = 1
    """Messages may be sent."""
    DISCONNECTED = 2
    """This side has closed, or is gone."""
    RESPONSE = 3
    """The handshake is being answered with an HTTP response."""


class WebSocketDisconnect(Exception):
    """The other side closed the WebSocket, or the connection is gone. A handler that lets it pass has simply ended."""

    def __init__(self, code: int = NORMAL_CLOSURE, reason: str | None = None) -> None:
        super().__init__(code, reason or "")
        self.code: int = code
        self.reason: str = reason or ""

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}" if self.reason else str(self.code)


class WebSocketDisconnected(RuntimeError):
    """A handler goes on to use a WebSocket that is closed."""


class MalformedJSONMessage(WebSocketException, JSONDecodeError):
    """A message that is no JSON: the WebSocket is closed with 1007 unless it is caught, as either of the two that it is."""

    def __init__(self, msg: str, doc: str, pos: int) -> None:
        JSONDecodeError.__init__(self, msg, doc, pos)
        self.code = MALFORMED
        self.reason: str = f"The message is not JSON: {msg} at position {pos}."


class WebSocket(HTTPConnection[StateT]):
    """A WebSocket: the handshake's head, and messages in both directions once it was accepted.

    Example:
        @app.websocket("/rooms/{room}")
        async def chat(websocket: WebSocket, room: str) -> None:
            await websocket.accept()
            async for text in websocket.iter_text():
                await websocket.send_json({"room": room, "text": text})

    The type of `websocket.state` can be told: `WebSocket[MyState]`.
    """

    def __init__(self, scope: Scope, receive: Receive = no_receive, send: Send = no_send) -> None:
        if scope.get("type") != "websocket":
            raise ValueError(
                f"A WebSocket is made of a websocket scope, not of a {scope.get('type')!r} one. For requests there is Request."
            )
        super().__init__(scope, receive, send)
        self._receive = receive
        self._send = send
        self._left: tuple[int, str] | None = None
        self.client_state: WebSocketState = WebSocketState.CONNECTING
        """How far the client is."""
        self.application_state: WebSocketState = WebSocketState.CONNECTING
        """How far the application is."""
        self.handshake_headers: RawHeaders = []
        """Headers for the answer to the handshake, beside those that `accept` is given."""

    @property
    def client_left(self) -> bool:
        """Whether the client is known to have closed, or to be gone, before the application closed."""
        return self._left is not None

    # Messages as they are.

    async def receive(self) -> Mapping[str, Any]:
        """The next ASGI message of the client: `websocket.connect`, then `websocket.receive`, `websocket.disconnect` at last."""
        if self.client_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnected(
                "Nothing can be received: the client has disconnected. End the loop when WebSocketDisconnect is raised."
            )
        message = await self._receive()
        kind = message["type"]
        if kind == "websocket.disconnect":
            self.client_state = WebSocketState.DISCONNECTED
            if self.application_state is not WebSocketState.DISCONNECTED:
                self._left = (message.get("code") or NO_CODE, message.get("reason") or "")
        elif self.client_state is WebSocketState.CONNECTING:
            _expect(kind, "websocket.connect")
            self.client_state = WebSocketState.CONNECTED
        else:
            _expect(kind, "websocket.receive", "websocket.disconnect")
        return message

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send an ASGI message: `websocket.accept`, `websocket.send`, `websocket.close`, or an HTTP response to the handshake."""
        following = self._state_after(message)
        if self._left is not None:
            self.application_state = WebSocketState.DISCONNECTED
            raise WebSocketDisconnect(*self._left)
        before, self.application_state = self.application_state, following
        try:
            await self._send(message)
        except OSError as error:
            self._left = (ABNORMAL_CLOSURE, "")
            self.client_state = self.application_state = WebSocketState.DISCONNECTED
            raise WebSocketDisconnect(ABNORMAL_CLOSURE) from error
        except BaseException:
            # Nothing was sent: the server refused the message, or the wait for a slow client was given up.
            if self.application_state is following:
                self.application_state = before
            raise

    def _state_after(self, message: Mapping[str, Any]) -> WebSocketState:
        """How far the application is once a message was sent; refuses one that cannot be sent now."""
        kind = message["type"]
        match self.application_state:
            case WebSocketState.CONNECTING:
                if kind == "websocket.send":
                    raise RuntimeError("Nothing can be sent before the WebSocket is accepted. Write `await websocket.accept()` first.")
                _expect(kind, *_AFTER_CONNECTING)
                return _AFTER_CONNECTING[kind]
            case WebSocketState.CONNECTED:
                if kind == "websocket.accept":
                    raise RuntimeError("The WebSocket was accepted before. Call accept() once.")
                _expect(kind, "websocket.send", "websocket.close")
                return WebSocketState.CONNECTED if kind == "websocket.send" else WebSocketState.DISCONNECTED
            case WebSocketState.RESPONSE:
                _expect(kind, "websocket.http.response.body")
                return WebSocketState.RESPONSE if message.get("more_body", False) else WebSocketState.DISCONNECTED
            case _:
                whose = "The WebSocket was closed before" if self._left is None else "The client has disconnected"
                raise WebSocketDisconnected(f"{whose}: {kind!r} cannot be sent any more.")

    # The handshake and the end.

    async def accept(self, subprotocol: str | None = None, headers: Iterable[tuple[bytes, bytes]] | None = None) -> None:
        """Accept the WebSocket, with one of the subprotocols that the client offers, and with headers for the answer.

        Example: `await websocket.accept(subprotocol="chat.v2", headers=[(b"x-server", b"7")])`.

        Raises `ValueError` for headers that no answer can carry.
        """
        checked = [_checked_header(name, value) for name, value in (*self.handshake_headers, *(headers or ()))]
        if subprotocol is not None:
            encode_header_value("sec-websocket-protocol", subprotocol)
        if self.client_state is WebSocketState.CONNECTING:
            self._raise_if_left(await self.receive())
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": checked})

    async def close(self, code: int = NORMAL_CLOSURE, reason: str | None = None) -> None:
        """Close the WebSocket; before `accept` the handshake is refused with status 403. Nothing happens where the client has left.

        Raises `ValueError` for a code that no close can carry, and for a reason of more than 123 bytes.
        """
        check_close(code, reason or "")
        if self._left is not None:
            self.application_state = WebSocketState.DISCONNECTED
            return
        await self.send({"type": "websocket.close", "code": code, "reason": reason or ""})

    @property
    def takes_denial_response(self) -> bool:
        """Whether the server can answer the handshake with an HTTP response."""
        return "websocket.http.response" in (self.scope.get("extensions") or {})

    async def send_denial_response(self, response: Response) -> None:
        """Refuse the handshake with an HTTP response: `await websocket.send_denial_response(PlainTextResponse("full", 503))`."""
        if not self.takes_denial_response:
            raise RuntimeError(
                "The server cannot answer a WebSocket handshake with an HTTP response. Write `await websocket.close()`, which it"
                " answers with status 403."
            )
        await response(self.scope, self.receive, self.send)

    # Messages received.

    async def receive_text(self) -> str:
        """Wait for a text message. Raises `WebSocketDisconnect` when the client has left, `WebSocketException` for a binary message."""
        text = (await self._next_message()).get("text")
        if text is None:
            raise WebSocketException(WRONG_KIND, "A text message is expected here, not a binary one.")
        return cast(str, text)

    async def receive_bytes(self) -> bytes:
        """Wait for a binary message. Raises `WebSocketDisconnect` when the client has left, `WebSocketException` for a text message."""
        data = (await self._next_message()).get("bytes")
        if data is None:
            raise WebSocketException(WRONG_KIND, "A binary message is expected here, not a text one.")
        return cast(bytes, data)

    @overload
    async def receive_json(self, mode: Mode = "text") -> Any: ...
    @overload
    async def receive_json(self, mode: Mode = "text", *, type: type[T]) -> T: ...
    @overload
    async def receive_json(self, mode: Mode = "text", *, type: object) -> Any: ...
    async def receive_json(self, mode: Mode = "text", *, type: object = MISSING) -> Any:  # noqa: A002 - as msgspec's decoders call it
        """Wait for a message and read its JSON; with `type`, by the rules that a request's body is read by.

        Example: `order = await websocket.receive_json(type=Order)`.

        Raises what `receive_text` raises, `WebSocketRequestValidationError` with all faults for a message that does not fit the
        type, and without a type one that is a `WebSocketException` and a `JSONDecodeError` for what is no JSON. Uncaught, they
        close the WebSocket with a code that tells why.
        """
        _check_mode(mode)
        raw = await self.receive_bytes() if mode == "binary" else (await self.receive_text()).encode("utf-8", "surrogatepass")
        if type is MISSING:
            return _read_any(raw)
        errors: list[ErrorItem] = []
        value = _reader_of(type).decode(raw, errors)
        if errors:
            raise WebSocketRequestValidationError(errors)
        return value

    async def iter_text(self) -> AsyncIterator[str]:
        """The text messages, until the client leaves: `async for text in websocket.iter_text(): ...`."""
        try:
            while True:
                yield await self.receive_text()
        except WebSocketDisconnect:
            return

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """The binary messages, until the client leaves."""
        try:
            while True:
                yield await self.receive_bytes()
        except WebSocketDisconnect:
            return

    @overload
    def iter_json(self, mode: Mode = "text") -> AsyncIterator[Any]: ...
    @overload
    def iter_json(self, mode: Mode = "text", *, type: type[T]) -> AsyncIterator[T]: ...
    @overload
    def iter_json(self, mode: Mode = "text", *, type: object) -> AsyncIterator[Any]: ...
    async def iter_json(self, mode: Mode = "text", *, type: object = MISSING) -> AsyncIterator[Any]:  # noqa: A002 - as receive_json
        """The JSON of the messages, until the client leaves: `async for order in websocket.iter_json(type=Order): ...`."""
        try:
            while True:
                yield await self.receive_json(mode, type=type)
        except WebSocketDisconnect:
            return

    # Messages sent.

    async def send_text(self, data: str) -> None:
        """Send a text message. Raises `WebSocketDisconnect` when the client is gone."""
        if not isinstance(data, str):
            raise TypeError(f"send_text() takes a str, not {type(data).__name__}. Write send_bytes() or send_json().")
        await self.send({"type": "websocket.send", "text": data})

    async def send_bytes(self, data: bytes | bytearray | memoryview) -> None:
        """Send a binary message. Raises `WebSocketDisconnect` when the client is gone."""
        if not isinstance(data, bytes):
            if not isinstance(data, (bytearray, memoryview)):
                raise TypeError(f"send_bytes() takes bytes, not {type(data).__name__}. Write send_text() or send_json().")
            data = bytes(data)
        await self.send({"type": "websocket.send", "bytes": data})

    async def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send a value as JSON: structs, dataclasses, dates, and whatever else a handler may return."""
        _check_mode(mode)
        encoded = _encode_json(data)
        await self.send(
            {"type": "websocket.send", "text": encoded.decode()} if mode == "text" else {"type": "websocket.send", "bytes": encoded}
        )

    async def _next_message(self) -> Mapping[str, Any]:
        if self.application_state is WebSocketState.CONNECTING:
            raise RuntimeError("Nothing can be received before the WebSocket is accepted. Write `await websocket.accept()` first.")
        if self.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnected("Nothing can be received: the WebSocket was closed before.")
        message = await self.receive()
        self._raise_if_left(message)
        return message

    def _raise_if_left(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(*(self._left or (NO_CODE, "")))


_AFTER_CONNECTING: Final = {
    "websocket.accept": WebSocketState.CONNECTED,
    "websocket.close": WebSocketState.DISCONNECTED,
    "websocket.http.response.start": WebSocketState.RESPONSE,
}


def check_close(code: int, reason: str) -> None:
    """Refuse what no close frame can carry (RFC 6455, 5.5 and 7.4)."""
    if not (1000 <= code <= 1014 and code not in (1004, 1005, 1006)) and not 3000 <= code <= 4999:
        raise ValueError(f"{code} is no code to close a WebSocket with: 1000 is a normal end, 3000 to 4999 are free for applications.")
    if len(reason.encode("utf-8", "replace")) > MOST_REASON_BYTES:
        raise ValueError(
            f"The reason to close a WebSocket may have {MOST_REASON_BYTES} bytes, this one has {len(reason.encode())}: shorten it."
        )


def _expect(kind: str, *expected: str) -> None:
    if kind not in expected:
        *others, last = [repr(name) for name in expected]
        raise RuntimeError(f"Expected ASGI message {', '.join(others)}{' or ' if others else ''}{last}, but got {kind!r}.")


def _check_mode(mode: str) -> None:
    if mode not in {"text", "binary"}:
        raise RuntimeError(f'The "mode" argument should be "text" or "binary", not {mode!r}.')


def _checked_header(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    text = name.decode("latin-1")
    return encode_header_name(text), encode_header_value(text, value.decode("latin-1"))


@functools.lru_cache(maxsize=4096)
def _reader_of(annotation: object) -> JsonBody:
    return JsonBody(annotation, NO_CONSTRAINTS, _MESSAGE)


def _read_any(raw: bytes) -> object:
    errors: list[ErrorItem] = []
    value = read_json(raw, _MESSAGE, errors)
    if errors:
        reason = str(errors[0].get("ctx", {})["error"])
        raise MalformedJSONMessage(reason, raw.decode("utf-8", "replace"), int(errors[0]["loc"][-1]))
    return value


def _encode_json(data: object) -> bytes:
    try:
        return _encode(data)
    except TypeError as refusal:
        try:
            return _encode_anything(data)
        except ResponseValidationError:
            raise TypeError(f"send_json() cannot encode this value: {refusal}.") from None
