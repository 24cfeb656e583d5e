"""The transports: what an httpx client sends through, and the app answers."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import httpx
from typing_extensions import override

from fasterapi.testing.http_conversation import HttpConversation
from fasterapi.testing.loop_thread import LoopThread
from fasterapi.testing.response_head import ResponseHead
from fasterapi.testing.server import InProcessServer
from fasterapi.testing.websocket_conversation import Accepted, Denied, Rejected, WebSocketConversation

WEBSOCKET: Final = "fasterapi.websocket"
"""The extension of a response to a handshake that says what became of it: `(conversation, answer)`."""


class InProcessTransport(httpx.BaseTransport):
    """Sends through an event loop in a thread of its own."""

    def __init__(self, server: InProcessServer, loop: LoopThread) -> None:
        self._server = server
        self._loop = loop

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Put a request or a handshake to the app and wait for the start of its answer."""
        if request.url.scheme in ("ws", "wss"):
            return _handshake_response(*self._loop.call(_shake_hands(self._server, request)))
        conversation, head = self._loop.call(_ask(self._server, request))
        return _response(head, conversation, ResponseStream(self._loop, conversation))

    def open(self) -> None:
        """Start the app's lifespan."""
        try:
            self._loop.call(self._server.start())
        except BaseException:
            if not self._server.started:
                self._loop.stop()
            raise

    @override
    def close(self) -> None:
        """Leave what is open, end the app's lifespan and stop the event loop."""
        try:
            if self._loop.running:
                self._loop.call(self._server.stop())
        finally:
            self._loop.stop()


class AsyncInProcessTransport(httpx.AsyncBaseTransport):
    """Sends through the event loop of the caller."""

    def __init__(self, server: InProcessServer) -> None:
        self._server = server

    @override
    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Put a request or a handshake to the app and wait for the start of its answer."""
        if request.url.scheme in ("ws", "wss"):
            return _handshake_response(*await _shake_hands(self._server, request))
        conversation, head = await _ask(self._server, request)
        return _response(head, conversation, AsyncResponseStream(conversation))

    async def open(self) -> None:
        """Start the app's lifespan."""
        await self._server.start()

    @override
    async def aclose(self) -> None:
        """Leave what is open and end the app's lifespan."""
        await self._server.stop()


class ResponseStream(httpx.SyncByteStream):
    """The body of a response, as the app sends it."""

    def __init__(self, loop: LoopThread, conversation: HttpConversation) -> None:
        # Given up with the stream: httpx's responses refer to themselves, and would keep the loop until they are collected.
        self._loop: LoopThread | None = loop
        self._conversation = conversation

    @override
    def __iter__(self) -> Iterator[bytes]:
        while chunks := self._more():
            yield from chunks

    @override
    def close(self) -> None:
        """Leave the app if it has not ended, and raise what it failed with if that was not raised yet."""
        loop, self._loop = self._loop, None
        if loop is not None and not self._conversation.closed:
            loop.call(self._conversation.close())

    def _more(self) -> list[bytes]:
        if self._loop is None or self._conversation.closed:
            raise httpx.StreamClosed
        if self._conversation.finished:
            # Most apps have ended when their response starts to be read: that saves the way into the other thread.
            return self._conversation.buffered_chunks()
        return self._loop.call(self._conversation.chunks())


class AsyncResponseStream(httpx.AsyncByteStream):
    """The body of a response, as the app sends it."""

    def __init__(self, conversation: HttpConversation) -> None:
        self._conversation = conversation

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunks := await self._conversation.chunks():
            for chunk in chunks:
                yield chunk

    @override
    async def aclose(self) -> None:
        """Leave the app if it has not ended, and raise what it failed with if that was not raised yet."""
        await self._conversation.close()


async def _ask(server: InProcessServer, request: httpx.Request) -> tuple[HttpConversation, ResponseHead]:
    conversation = server.request(request)
    return conversation, await conversation.head()


async def _shake_hands(server: InProcessServer, request: httpx.Request) -> tuple[WebSocketConversation, Accepted | Rejected | Denied]:
    conversation = server.connect(request)
    return conversation, await conversation.answer(request.extensions.get("timeout", {}).get("read"))


def _response(head: ResponseHead, conversation: HttpConversation, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> httpx.Response:
    response = httpx.Response(head.status, headers=head.headers, stream=stream)
    if conversation.trailers is not None:
        response.extensions["http.response.trailers"] = conversation.trailers
    if conversation.debug is not None:
        response.extensions["http.response.debug"] = conversation.debug
        # Starlette's templates tell by this message what they were rendered from, and tests read it here.
        for name in conversation.debug.keys() & {"template", "context"}:
            setattr(response, name, conversation.debug[name])
    return response


def _handshake_response(conversation: WebSocketConversation, answer: Accepted | Rejected | Denied) -> httpx.Response:
    extensions: dict[str, Any] = {WEBSOCKET: (conversation, answer)}
    match answer:
        case Accepted(headers=headers):
            return httpx.Response(101, headers=headers, extensions=extensions)
        case Rejected():
            return httpx.Response(403, extensions=extensions)
        case Denied(head=head, body=body):
            return httpx.Response(head.status, headers=head.headers, content=bytes(body), extensions=extensions)
