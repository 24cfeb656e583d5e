"""One HTTP request and its response, by the rules that a server would hold the app to."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import httpx
from typing_extensions import override

from fasterapi.asgi import ASGIApp, RawHeaders
from fasterapi.testing.conversation import GRACE, Conversation, Message
from fasterapi.testing.request_body import RequestBody
from fasterapi.testing.response_head import ResponseHead, checked_headers

BODILESS: Final = (204, 304)
"""Statuses whose responses end with their headers (RFC 9110, 6.4.1)."""


class HttpConversation(Conversation):
    """An HTTP request put to the app; `head`, then `chunks` until there are none, then `close`."""

    def __init__(self, app: ASGIApp, scope: dict[str, Any], request: httpx.Request, *, raise_failures: bool) -> None:
        super().__init__(app, scope, raise_failures=raise_failures)
        self._request = request
        self._request_body = RequestBody(request)
        self._request_failure: Exception | None = None
        self._seconds: float | None = request.extensions.get("timeout", {}).get("read")
        self._head: ResponseHead | None = None
        self._chunks: list[bytes] = []
        self._left_to_send: int | None = None
        self._body_ended = False
        self._trailers_announced = False
        self._complete = False
        self._client_left = False
        self.trailers: RawHeaders | None = None
        self.debug: dict[str, Any] | None = None

    # The client's side

    async def head(self) -> ResponseHead:
        """Wait for the start of the response."""
        try:
            await self._progress(lambda: self._head is not None)
            if self._head is not None:
                return self._head
            self._raise_failure_or("the app returned without sending a response")
        except BaseException:
            self._leave()
            self.abandon()
            raise
        # A server's answer to an app that failed, which the caller wants to see instead of the failure.
        return ResponseHead(500, [])

    async def chunks(self) -> list[bytes]:
        """Wait for more of the body; nothing when the app has ended."""
        if self.closed:
            raise httpx.StreamClosed
        await self._progress(lambda: bool(self._chunks))
        chunks = self.buffered_chunks()
        self._notify()
        return chunks

    def buffered_chunks(self) -> list[bytes]:
        """As `chunks`, but without waiting; once the app has ended there is nothing to wait for."""
        chunks, self._chunks = self._chunks, []
        if not chunks:
            self._raise_failure_or(
                "the app returned before its response was complete: a response ends with a body message that has no more_body=True"
            )
            if self._head is not None and not self._complete:
                raise httpx.RemoteProtocolError("the app ended before its response was complete", request=self._request)
        return chunks

    @override
    async def close(self) -> None:
        """Leave: an app that is not done sees `http.disconnect`, and is cancelled if it does not heed it."""
        if self.closed:
            return
        self._closed = True
        # What follows a complete response, a background task for one, may take as long as the response itself.
        patience = self._seconds if self._complete else self._patience()
        self._leave()
        await self.wait_for_end(patience)
        self.raise_failure()

    async def _progress(self, ready: Callable[[], bool]) -> None:
        """Wait until something is ready or nothing can come any more."""
        in_time = await self._until(lambda: ready() or self.finished or self._request_failure is not None, self._seconds)
        if in_time and self._request_failure is None:
            return
        self._closed = True
        self._leave()
        await self.wait_for_end(self._patience() if in_time else 0)
        if self._request_failure is not None:
            raise self._request_failure
        raise httpx.ReadTimeout(
            f"the app sent nothing for {self._seconds:g} s. If it may take longer, give timeout=... to the request or to the client; "
            "timeout=None waits for ever",
            request=self._request,
        )

    def _raise_failure_or(self, complaint: str) -> None:
        self.raise_failure()
        if self._failure is None and not self._complete and self._raise_failures:
            raise RuntimeError(complaint)

    def _patience(self) -> float:
        return GRACE if self._seconds is None else min(GRACE, self._seconds)

    def _leave(self) -> None:
        self._client_left = True
        self._notify()

    # The app's side

    @override
    async def receive(self) -> Message:
        """The next piece of the request's body, `http.disconnect` once the response is complete or the client has left."""
        if not self._request_body.exhausted and not self._complete and not self._client_left:
            try:
                return await self._request_body.read()
            except Exception as failure:  # noqa: BLE001 - the content is the test's own generator: whatever it raises is for the test
                self._request_failure = failure
                self._leave()
        await self._until(lambda: self._complete or self._client_left, None)
        # An app that does nothing else than receive must not keep the loop to itself.
        await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    @override
    async def send(self, message: Message) -> None:
        """Take a piece of the response, and hold the app back until the client has read it."""
        if self._client_left:
            # As servers do; but an app that does nothing else than send must not keep the loop to itself.
            await asyncio.sleep(0)
            return
        match message["type"]:
            case "http.response.start":
                self._take_head(message)
            case "http.response.body":
                self._take_body(message)
                self._notify()
                await self._until_read()
            case "http.response.trailers":
                self._take_trailers(message)
            case "http.response.debug":
                self.debug = message["info"]
            case other:
                raise RuntimeError(f"{other!r} is no message of an HTTP response: send 'http.response.start', then 'http.response.body'")
        self._notify()

    async def _until_read(self) -> None:
        if self._complete:
            return
        if not self._chunks:
            # Without a pause an endless response of which the client sees nothing would keep the loop to itself.
            await asyncio.sleep(0)
        await self._until(lambda: not self._chunks or self._client_left, None)

    def _take_head(self, message: Message) -> None:
        if self._head is not None:
            raise RuntimeError("'http.response.start' was sent twice: a request has one response")
        self._head = head = ResponseHead.of(message)
        if self._carries_body(head.status):
            self._left_to_send = head.content_length
        self._trailers_announced = bool(message.get("trailers", False))
        if self._trailers_announced:
            self.trailers = []

    def _carries_body(self, status: int) -> bool:
        return self._request.method != "HEAD" and status not in BODILESS

    def _take_body(self, message: Message) -> None:
        if self._head is None:
            raise RuntimeError("'http.response.body' was sent before 'http.response.start'")
        if self._body_ended:
            raise RuntimeError("'http.response.body' was sent after the end of the response: an earlier one had no more_body=True")
        body = message.get("body", b"")
        if not isinstance(body, bytes | bytearray | memoryview):
            raise TypeError(f"the body of a response is bytes, not {type(body).__name__}: {body!r:.80}")
        body = bytes(body)
        self._body_ended = not message.get("more_body", False)
        if self._left_to_send is not None:
            self._left_to_send -= len(body)
            if self._left_to_send < 0 or (self._body_ended and self._left_to_send > 0):
                fault = "shorter" if self._left_to_send > 0 else "longer"
                raise RuntimeError(f"the response is {fault} than its Content-Length says")
        if body and self._carries_body(self._head.status):
            self._chunks.append(body)
        self._complete = self._body_ended and not self._trailers_announced

    def _take_trailers(self, message: Message) -> None:
        if self.trailers is None:
            raise RuntimeError("'http.response.trailers' was sent, but 'http.response.start' did not say trailers=True")
        if not self._body_ended or self._complete:
            raise RuntimeError("'http.response.trailers' belong between the end of the body and the end of the response")
        self.trailers += checked_headers(message.get("headers", ()))
        self._complete = not message.get("more_trailers", False)
