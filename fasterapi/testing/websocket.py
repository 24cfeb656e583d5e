"""WebSocket sessions: what a test sends to the app and receives from it."""

# Interpreted: see `fasterapi.testing`.
# ruff: noqa: ASYNC109 - the async classes take what the others take

from __future__ import annotations

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from fasterapi.asgi import RawHeaders
from fasterapi.testing.conversation import Message
from fasterapi.testing.loop_thread import LoopThread
from fasterapi.testing.websocket_conversation import Accepted, WebSocketConversation
from fasterapi.websocket import ABNORMAL_CLOSURE, Mode, WebSocketDisconnect, check_close


class WebSocketDenialResponse(WebSocketDisconnect):
    """The app answered the handshake with an HTTP response instead of accepting the WebSocket."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(ABNORMAL_CLOSURE, response.reason_phrase)
        self.response = response

    @property
    def status_code(self) -> int:
        """The status of the response."""
        return self.response.status_code

    @property
    def headers(self) -> httpx.Headers:
        """The headers of the response."""
        return self.response.headers

    @property
    def content(self) -> bytes:
        """The body of the response."""
        return self.response.content

    @property
    def text(self) -> str:
        """The body of the response as text."""
        return self.response.text

    def json(self) -> Any:
        """The body of the response, decoded."""
        return self.response.json()


class AsyncWebSocketTestSession:
    """A WebSocket that the app has accepted, for async tests.

    Each `receive` waits `timeout` seconds at most, those of `websocket_connect` if it is given none, and raises
    `TimeoutError` then. What the app raised is raised by the first `receive` after its last message, or at the end.
    """

    def __init__(self, conversation: WebSocketConversation, accepted: Accepted, timeout: float | None) -> None:
        self._conversation = conversation
        self._timeout = timeout
        self._end: tuple[int, str] | None = None
        self.accepted_subprotocol: str | None = accepted.subprotocol
        self.extra_headers: RawHeaders = accepted.headers

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None) -> None:
        await self.close()

    @property
    def closed(self) -> bool:
        """Whether the client has closed its side."""
        return self._conversation.closed

    async def send(self, message: Mapping[str, Any]) -> None:
        """Send an ASGI message as it is: `websocket.receive` or `websocket.disconnect`."""
        if message["type"] == "websocket.disconnect":
            await self.close(message.get("code", 1000), message.get("reason"))
        elif message["type"] == "websocket.receive":
            self._deliver(dict(message))
        else:
            raise ValueError(f"a client sends 'websocket.receive' and 'websocket.disconnect', not {message['type']!r}")

    async def send_text(self, data: str) -> None:
        """Send a text message."""
        self._deliver({"type": "websocket.receive", "text": data})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        self._deliver({"type": "websocket.receive", "bytes": data})

    async def send_json(self, data: object, mode: Mode = "text") -> None:
        """Send a value as JSON; all that msgspec encodes, structs and dates among it."""
        encoded = msgspec.json.encode(data)
        if mode == "text":
            await self.send_text(encoded.decode())
        else:
            await self.send_bytes(encoded)

    async def receive(self, timeout: float | None = None) -> Message:
        """Wait for the next message of the app as it is: `websocket.send`, and `websocket.close` once."""
        message = await self._conversation.next_message(self._timeout if timeout is None else timeout)
        if message["type"] == "websocket.close":
            if self._end is not None:
                raise WebSocketDisconnect(*self._end)
            self._end = (message["code"], message["reason"])
        return message

    async def receive_text(self, timeout: float | None = None) -> str:
        """Wait for a text message; raises `WebSocketDisconnect` when the app closes."""
        message = await self._receive_content(timeout)
        text = message.get("text")
        if not isinstance(text, str):
            raise TypeError(f"the app sent a binary message where the test expects text: {message['bytes']!r:.80}")
        return text

    async def receive_bytes(self, timeout: float | None = None) -> bytes:
        """Wait for a binary message; raises `WebSocketDisconnect` when the app closes."""
        message = await self._receive_content(timeout)
        data = message.get("bytes")
        if not isinstance(data, bytes):
            raise TypeError(f"the app sent a text message where the test expects bytes: {message['text']!r:.80}")
        return data

    async def receive_json(self, mode: Mode = "text", timeout: float | None = None) -> Any:
        """Wait for a message and decode its JSON."""
        return json.loads(await (self.receive_text(timeout) if mode == "text" else self.receive_bytes(timeout)))

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the WebSocket and wait until the app has ended; what it sent before can still be received."""
        check_close(code, reason or "")
        if self._end is None:
            self._end = (code, reason or "")
        await self._conversation.leave(code, reason or "")

    def _deliver(self, message: Message) -> None:
        if self._end is not None:
            raise WebSocketDisconnect(*self._end)
        self._conversation.deliver(message)

    async def _receive_content(self, timeout: float | None) -> Message:
        message = await self.receive(timeout)
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message["code"], message["reason"])
        return message


class WebSocketTestSession:
    """A WebSocket that the app has accepted.

    Each `receive` waits `timeout` seconds at most, those of `websocket_connect` if it is given none, and raises
    `TimeoutError` then. What the app raised is raised by the first `receive` after its last message, or at the end.
    """

    def __init__(self, loop: LoopThread, session: AsyncWebSocketTestSession) -> None:
        self._loop = loop
        self._session = session
        self.accepted_subprotocol: str | None = session.accepted_subprotocol
        self.extra_headers: RawHeaders = session.extra_headers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether the client has closed its side."""
        return self._session.closed

    def send(self, message: Mapping[str, Any]) -> None:
        """Send an ASGI message as it is: `websocket.receive` or `websocket.disconnect`."""
        self._loop.call(self._session.send(message))

    def send_text(self, data: str) -> None:
        """Send a text message."""
        self._loop.call(self._session.send_text(data))

    def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        self._loop.call(self._session.send_bytes(data))

    def send_json(self, data: object, mode: Mode = "text") -> None:
        """Send a value as JSON; all that msgspec encodes, structs and dates among it."""
        self._loop.call(self._session.send_json(data, mode))

    def receive(self, timeout: float | None = None) -> Message:
        """Wait for the next message of the app as it is: `websocket.send`, and `websocket.close` once."""
        return self._loop.call(self._session.receive(timeout))

    def receive_text(self, timeout: float | None = None) -> str:
        """Wait for a text message; raises `WebSocketDisconnect` when the app closes."""
        return self._loop.call(self._session.receive_text(timeout))

    def receive_bytes(self, timeout: float | None = None) -> bytes:
        """Wait for a binary message; raises `WebSocketDisconnect` when the app closes."""
        return self._loop.call(self._session.receive_bytes(timeout))

    def receive_json(self, mode: Mode = "text", timeout: float | None = None) -> Any:
        """Wait for a message and decode its JSON."""
        return self._loop.call(self._session.receive_json(mode, timeout))

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the WebSocket and wait until the app has ended; what it sent before can still be received."""
        if not self.closed:
            self._loop.call(self._session.close(code, reason))
