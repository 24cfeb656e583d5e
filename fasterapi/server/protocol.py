"""The HTTP/1.1 protocol that uvicorn makes for each connection."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, Transport
from collections.abc import Callable
from typing import Any, Final, final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.config import Config
from uvicorn.server import ServerState

from fasterapi.errors import reason_phrase
from fasterapi.http.exchange import ExchangeHandler
from fasterapi.server.connection import Connection
from fasterapi.server.http_exchange import HttpExchange
from fasterapi.server.incoming_body import IncomingBody
from fasterapi.server.request_head import UNKNOWN_FRAMING, RequestHead
from fasterapi.server.server_context import server_context

MAX_HEAD: Final = 64 * 1024

HEAD_SECONDS: Final = 30
BODY_SECONDS: Final = 30
CLOSING_SECONDS: Final = 2

_BLANK_LINE: Final = b"\r\n\r\n"

_HEAD: Final = 0
_BODY: Final = 1
_ANSWER: Final = 2
_CLOSING: Final = 3

_TASK: Final[Any] = asyncio.Task
_EAGER: Final = hasattr(asyncio, "eager_task_factory")


@final
class HttpProtocol(Connection):
    """Parses requests, has them answered one after the other.

    Example: `uvicorn app:app --http fasterapi.server:HttpProtocol`.
    """

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: AbstractEventLoop | None = None
    ) -> None:
        super().__init__(server_context(config, server_state, _loop), server_state, app_state)
        self._loop = self.context.loop
        self._handler: ExchangeHandler | None = None
        self._state = _HEAD
        self._exchange: HttpExchange | None = None
        self._incoming: IncomingBody | None = None
        self._partial: bytearray | None = None
        self._unread = b""
        self._tail = b""
        self._remaining = 0
        self._consuming = False
        self._head_seen = False
        self._message_seen = False
        self._keep_alive = False

    # What the transport calls.

    def connection_made(self, transport: Transport) -> None:
        """A client is there."""
        self.attach(transport)
        self.server_state.connections.add(self)  # type: ignore[arg-type]
        application = self.context.application
        if application is not None:
            self._handler = application.exchange_handler()
        self._renew_parser()
        self.deadline = self.context.sweep.tick + HEAD_SECONDS
        self.context.sweep.watch(self)

    def data_received(self, data: bytes) -> None:
        """Some bytes came: never a whole number of requests for certain."""
        state = self._state
        if state < _ANSWER:
            self._consume(data)
        elif state == _ANSWER:
            self._unread += data
            self.pause_reading()

    def eof_received(self) -> None:
        """The client will say no more; the transport closes itself."""

    def connection_lost(self, error: Exception | None) -> None:
        """The client has gone, or was sent away."""
        self.lost = True
        self.server_state.connections.discard(self)
        self.context.sweep.forget(self)
        self._state = _CLOSING
        if self._incoming is not None:
            self._incoming.cut()
        self._exchange = None
        self._incoming = None
        self._parser: HttpRequestParser | None = None
        self._feed_data: Callable[[bytes], None] | None = None

    def pause_writing(self) -> None:
        """The client reads slower than it is written to."""
        self.write_paused = True

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.write_paused = False

    # What uvicorn calls.

    def shutdown(self) -> None:
        """Finish what runs, then close."""
        exchange = self._exchange
        if exchange is None:
            self.transport.close()
        else:
            exchange.keep_alive = False

    # What the parser calls.

    def on_headers_complete(self) -> None:
        """The parser agrees that this is where the head ends."""
        self._head_seen = True
        parser = self._parser
        if parser is not None:
            self._keep_alive = parser.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        """A piece of a body, chunks taken apart."""
        incoming = self._incoming
        if incoming is not None:
            incoming.add(piece)

    def on_message_complete(self) -> None:
        """The parser agrees that this is where the request ends."""
        self._message_seen = True

    # Reading.

    def _renew_parser(self) -> None:
        parser = HttpRequestParser(self)
        self._parser = parser
        self._feed_data = parser.feed_data

    def _feed(self, data: bytes) -> bool:
        """Whether the parser takes the data; if it does not the client has its answer."""
        feed_data = self._feed_data
        if feed_data is None:
            return False
        try:
            feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.refuse(400)
            return False
        return True

    def _consume(self, data: bytes) -> None:
        self._consuming = True
        while data:
            if self._state == _HEAD:
                data = self._take_head(data)
            elif self._state == _BODY:
                data = self._take_body(data)
            elif self._state == _ANSWER:
                self._unread = data
                self.pause_reading()
                break
            else:
                break
        self._consuming = False

    def _go_on(self) -> None:
        data = self._unread
        self._unread = b""
        if self._state == _HEAD:
            self._consume(data)
        if self._state < _ANSWER:
            self.resume_reading()

    def _take_head(self, data: bytes) -> bytes:
        head = data
        rest = b""
        partial = self._partial
        if partial is not None:
            return self._complete_head(partial, data)
        end = data.find(_BLANK_LINE) + 4
        if end < 4:
            self.deadline = self.context.sweep.tick + HEAD_SECONDS
            self._partial = bytearray(data)
            self._feed(data)
            return b""
        if end != len(data):
            head = data[:end]
            rest = data[end:]
        if not self._feed(head):
            return b""
        return self._open(head, rest)

    def _complete_head(self, partial: bytearray, data: bytes) -> bytes:
        known = len(partial)
        partial += data
        end = partial.find(_BLANK_LINE, max(known - 3, 0)) + 4
        if end < 4:
            if len(partial) > MAX_HEAD:
                self.refuse(431)
            else:
                self._feed(data)
            return b""
        self._partial = None
        if not self._feed(data[: end - known]):
            return b""
        return self._open(bytes(partial[:end]), data[end - known :])

    def _open(self, raw: bytes, rest: bytes) -> bytes:
        """Begin the request of this head."""
        if not self._head_seen:
            if raw.strip(b"\r\n"):
                self.refuse(400)
                return b""
            return rest
        self._head_seen = False
        if raw.startswith(b"\r") or raw.startswith(b"\n"):
            raw = raw.lstrip(b"\r\n")
        request = RequestHead(raw)
        if request.fault:
            self.refuse(request.fault)
            return b""
        incoming: IncomingBody | None = None
        if self._message_seen:
            self._message_seen = False
            self._state = _ANSWER
        else:
            length = request.body_length()
            if length == UNKNOWN_FRAMING:
                self.refuse(400)
                return b""
            incoming = IncomingBody(length, request.expects_continue(), self._loop)
            self._incoming = incoming
            self._remaining = length
            self._tail = b""
            self._state = _BODY
            if rest:
                rest = self._take_body(rest)
        exchange = HttpExchange(self, request, incoming, self._keep_alive and not request.is_http_1_0)
        self._exchange = exchange
        self.deadline = 0
        self._start(exchange)
        return rest

    def _take_body(self, data: bytes) -> bytes:
        """Feed what belongs to the body, and give back what does not."""
        remaining = self._remaining
        rest = b""
        if remaining >= 0:
            if len(data) > remaining:
                rest = data[remaining:]
                data = data[:remaining]
            self._remaining = remaining - len(data)
            if not self._feed(data):
                return b""
            if self._message_seen != (self._remaining == 0):
                self.refuse(400)
                return b""
        else:
            rest = self._feed_chunks(data)
        if self._message_seen:
            self._message_seen = False
            self._end_body()
        return rest

    def _feed_chunks(self, data: bytes) -> bytes:
        """A chunked body ends with an empty line, as a head does: feed up to each empty line, then look whether it was the end."""
        start = 0
        known = len(self._tail)
        window = self._tail + data
        while True:
            end = window.find(_BLANK_LINE, start)
            if end < 0:
                break
            stop = end + 4
            if not self._feed(data[max(start - known, 0) : stop - known]):
                return b""
            start = stop
            if self._message_seen:
                self._tail = b""
                return data[stop - known :]
        self._tail = window[max(start, len(window) - 3) :]
        if self._feed(data[max(start - known, 0) :]) and self._message_seen:
            self.refuse(400)
        return b""

    def _end_body(self) -> None:
        incoming = self._incoming
        self._incoming = None
        if incoming is not None:
            incoming.finish()
        exchange = self._exchange
        if exchange is not None and exchange.answered:
            self._await_next()
        else:
            self._state = _ANSWER

    # Answering.

    def _start(self, exchange: HttpExchange) -> None:
        handler = self._handler
        if handler is None:
            raise NotImplementedError
        if _EAGER:
            task = _TASK(handler.handle(exchange), loop=self._loop, eager_start=True)
            if task.done():
                return
        else:
            task = self._loop.create_task(handler.handle(exchange))
        tasks = self.server_state.tasks
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    def answered(self, last: bool) -> None:
        """The current request has its answer."""
        self.server_state.total_requests += 1
        if last:
            self._close()
        elif self._state == _ANSWER:
            self._await_next()

    def _await_next(self) -> None:
        self._exchange = None
        self._state = _HEAD
        self.deadline = self.context.sweep.tick + self.context.keep_alive_seconds
        if not self._consuming:
            if self._unread:
                self._loop.call_soon(self._go_on)
            else:
                self.resume_reading()

    def refuse(self, status: int) -> None:
        """Answer what is no request, and close."""
        if self._state == _CLOSING:
            return
        if self._exchange is not None:
            self.transport.abort()
            return
        self.context.logger.warning("Invalid HTTP request received.")
        reason = reason_phrase(status).encode("ascii")
        self.write(
            b"HTTP/1.1 %d %s\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n%sconnection: close\r\n\r\n%s"
            % (status, reason, len(reason), self.default_lines(), reason)
        )
        self._close()

    def _close(self) -> None:
        """Close."""
        self._state = _CLOSING
        self._exchange = None
        self.transport.close()

    def overdue(self) -> None:
        """Nothing came in time."""
        self.transport.close()
