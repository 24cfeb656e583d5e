"""One WebSocket between a test and the app, by the rules that a server would hold the app to."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from typing_extensions import override

from fasterapi.asgi import ASGIApp, RawHeaders
from fasterapi.testing.conversation import GRACE, ClientDisconnected, Conversation, Message
from fasterapi.testing.response_head import ResponseHead, checked_headers
from fasterapi.websocket import ABNORMAL_CLOSURE, check_close

MOST_UNREAD: Final = 1000
"""Messages that the app may be ahead of the test before `send` holds it back."""

GOING_AWAY: Final = 1001
"""The code of a client that leaves without having been told to (RFC 6455, 7.4.1)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The app took the WebSocket."""

    subprotocol: str | None
    headers: RawHeaders


@dataclass(frozen=True, slots=True)
class Rejected:
    """The app closed the WebSocket instead of accepting it."""

    code: int
    reason: str


@dataclass(slots=True)
class Denied:
    """The app answered the handshake with an HTTP response."""

    head: ResponseHead
    body: bytearray = field(default_factory=bytearray)
    complete: bool = False


class WebSocketConversation(Conversation):
    """A WebSocket handshake put to the app; `answer`, and after an `Accepted` messages in both directions."""

    def __init__(self, app: ASGIApp, scope: dict[str, Any], *, raise_failures: bool) -> None:
        super().__init__(app, scope, raise_failures=raise_failures)
        self._offered: list[str] = scope["subprotocols"]
        self._to_app: deque[Message] = deque([{"type": "websocket.connect"}])
        self._to_client: deque[Message] = deque()
        self._answer: Accepted | Rejected | Denied | None = None
        self._app_closed = False
        self._client_left = False

    # The client's side

    async def answer(self, seconds: float | None) -> Accepted | Rejected | Denied:
        """Wait for what the app makes of the handshake."""
        try:
            return await self._answer_of_app(seconds)
        except BaseException:
            self._leave(ABNORMAL_CLOSURE, "")
            self.abandon()
            raise

    async def _answer_of_app(self, seconds: float | None) -> Accepted | Rejected | Denied:
        if not await self._until(lambda: self._answered() or self.finished, seconds):
            raise TimeoutError(
                f"the app neither accepted nor refused the WebSocket for {seconds:g} s. If it may take longer, give timeout=... to "
                "websocket_connect"
            )
        if self._answer is not None and self._answered():
            if not isinstance(self._answer, Accepted):
                await self.wait_for_end(seconds)
                self.raise_failure()
            return self._answer
        self.raise_failure()
        if self._failure is None and self._raise_failures:
            raise RuntimeError("the app returned without accepting or closing the WebSocket")
        # A server's answer to an app that failed, which the caller wants to see instead of the failure.
        return Denied(ResponseHead(500, []))

    def deliver(self, message: Message) -> None:
        """Hand the app a message of the client."""
        self._to_app.append(message)
        self._notify()

    async def next_message(self, seconds: float | None) -> Message:
        """Wait for a message of the app, which is `websocket.close` at last."""
        if not await self._until(lambda: bool(self._to_client) or self._app_closed or self.finished, seconds):
            raise TimeoutError(
                f"the app sent no WebSocket message for {seconds:g} s. If it may take longer, give timeout=... to receive or "
                "to websocket_connect"
            )
        message = self._to_client.popleft() if self._to_client else None
        self._notify()
        if message is None or message["type"] == "websocket.close":
            self.raise_failure()
        return message or {"type": "websocket.close", "code": ABNORMAL_CLOSURE, "reason": ""}

    async def leave(self, code: int, reason: str) -> None:
        """Say goodbye: the app sees `websocket.disconnect`, and is cancelled if it does not heed it."""
        if self.closed:
            return
        self._closed = True
        self._leave(code, reason)
        await self.wait_for_end(GRACE)
        self.raise_failure()

    @override
    async def close(self) -> None:
        await self.leave(GOING_AWAY, "")

    def _leave(self, code: int, reason: str) -> None:
        if not self._client_left and not self._app_closed:
            self.deliver({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._client_left = True
        self._notify()

    def _answered(self) -> bool:
        return self._answer.complete if isinstance(self._answer, Denied) else self._answer is not None

    # The app's side

    @override
    async def receive(self) -> Message:
        """The next message of the client; after `websocket.disconnect` there is none."""
        await self._until(lambda: bool(self._to_app), None)
        return self._to_app.popleft()

    @override
    async def send(self, message: Message) -> None:
        """Take the app's answer to the handshake, or a message once that was accepted."""
        if self._app_closed:
            raise RuntimeError(f"{message['type']!r} was sent after the WebSocket was closed")
        if self._client_left:
            raise ClientDisconnected(f"{message['type']!r} was sent, but the client has left")
        if self._answer is None:
            self._take_answer(message)
        elif isinstance(self._answer, Denied):
            self._take_denial_body(self._answer, message)
        else:
            self._take_message(message)
        self._notify()
        await self._until(lambda: len(self._to_client) < MOST_UNREAD or self._client_left, None)

    def _take_answer(self, message: Message) -> None:
        match message["type"]:
            case "websocket.accept":
                subprotocol = message.get("subprotocol")
                if subprotocol is not None and subprotocol not in self._offered:
                    # A client has to fail such a connection (RFC 6455, 4.1).
                    raise RuntimeError(f"the app accepted the subprotocol {subprotocol!r}, the client offered {self._offered}")
                self._answer = Accepted(subprotocol, checked_headers(message.get("headers") or ()))
            case "websocket.close":
                self._answer = Rejected(message.get("code", 1000), message.get("reason") or "")
                self._end(ABNORMAL_CLOSURE, "")
            case "websocket.http.response.start":
                self._answer = Denied(ResponseHead.of(message))
            case other:
                raise RuntimeError(
                    f"{other!r} was sent before the WebSocket was accepted: send 'websocket.accept', 'websocket.close' or "
                    "'websocket.http.response.start'"
                )

    def _take_denial_body(self, denial: Denied, message: Message) -> None:
        if message["type"] != "websocket.http.response.body":
            raise RuntimeError(f"{message['type']!r} was sent where only 'websocket.http.response.body' can follow")
        denial.body += message.get("body", b"")
        denial.complete = not message.get("more_body", False)
        if denial.complete:
            self._end(ABNORMAL_CLOSURE, "")

    def _take_message(self, message: Message) -> None:
        match message["type"]:
            case "websocket.send":
                _check_content(message)
            case "websocket.close":
                code, reason = message.get("code", 1000), message.get("reason") or ""
                check_close(code, reason)
                message = {"type": "websocket.close", "code": code, "reason": reason}
                self._end(code, reason)
            case other:
                raise RuntimeError(f"{other!r} was sent on an open WebSocket: send 'websocket.send' or 'websocket.close'")
        self._to_client.append(message)

    def _end(self, code: int, reason: str) -> None:
        self._app_closed = True
        self.deliver({"type": "websocket.disconnect", "code": code, "reason": reason})


def _check_content(message: Message) -> None:
    text, data = message.get("text"), message.get("bytes")
    if (text is None) == (data is None):
        raise RuntimeError("'websocket.send' needs one of text and bytes")
    if text is not None and not isinstance(text, str):
        raise TypeError(f"the text of 'websocket.send' is a str, not {type(text).__name__}")
    if data is not None and not isinstance(data, bytes):
        raise TypeError(f"the bytes of 'websocket.send' are bytes, not {type(data).__name__}")
