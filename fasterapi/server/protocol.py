"""The HTTP/1.1 protocol that uvicorn makes for each connection."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, Task, Transport
from collections.abc import Coroutine
from typing import Any, Final, cast, final

from uvicorn.config import Config
from uvicorn.server import ServerState

from fasterapi.errors import reason_phrase
from fasterapi.http.exchange import ExchangeHandler
from fasterapi.http.head import ResponseHead
from fasterapi.server.asgi_cycle import AsgiCycle
from fasterapi.server.connection import Connection
from fasterapi.server.http_exchange import HttpExchange
from fasterapi.server.incoming_body import IncomingBody
from fasterapi.server.limits import CLOSING_SECONDS, HEAD_SECONDS, READER_SECONDS, REQUESTS_AT_A_TIME
from fasterapi.server.request_head import UNKNOWN_LENGTH, RequestHead
from fasterapi.server.request_parser import RequestParser
from fasterapi.server.server_context import server_context

_HEAD: Final = 0
"""Between two requests, or inside a head."""
_BODY: Final = 1
"""Inside the body of the current request, which may have its answer already."""
_ANSWER: Final = 2
"""The current request is whole and its answer is not: what else comes has to wait."""
_CLOSING: Final = 3
"""The last answer was given: what else comes is thrown away."""

_PLAIN_TEXT: Final = [(b"content-type", b"text/plain; charset=utf-8")]
_UNAVAILABLE: Final = ResponseHead(503, _PLAIN_TEXT)
_FAILURE: Final = ResponseHead(500, _PLAIN_TEXT)

# Before CPython 3.12 a task takes its first step only when the loop comes round.
_EAGER: Final = hasattr(asyncio, "eager_task_factory")
_EAGER_TASK: Final = cast(Any, Task)


@final
class HttpProtocol(Connection):
    """Reads requests and has them answered one after the other.

    Example: `uvicorn app:app --http fasterapi.server:HttpProtocol`.
    """

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: AbstractEventLoop | None = None
    ) -> None:
        super().__init__(server_context(config, server_state, _loop), server_state, app_state)
        self._loop = self.context.loop
        self._parser = RequestParser()
        self._handler: ExchangeHandler | None = None
        self._state = _HEAD
        self._exchange: HttpExchange | None = None
        self._incoming: IncomingBody | None = None
        self._is_reading = False
        self._unsent = 0

    # What the event loop calls.

    def connection_made(self, transport: Transport) -> None:
        """A client is there."""
        self.attach(transport)
        application = self.context.application
        if application is not None:
            try:
                self._handler = application.exchange_handler()
            except BaseException:
                transport.abort()
                raise
        self.context.connections.add(self)
        self.context.sweep.watch(self)
        self.expire_in(HEAD_SECONDS)

    def data_received(self, data: bytes) -> None:
        """Some bytes came; rarely, but now and then, not just one request."""
        state = self._state
        if state == _CLOSING:
            return
        self._parser.receive(data)
        if state == _ANSWER:
            self.pause_reading()
        else:
            self._read()

    def eof_received(self) -> None:
        """The client has closed its side; the transport now closes the other."""

    def connection_lost(self, _error: Exception | None) -> None:
        """The client has gone, or was sent away."""
        self.lost = True
        self._state = _CLOSING
        self._withdraw()
        exchange = self._exchange
        if exchange is not None:
            self._exchange = None
            exchange.disconnect()
        self._incoming = None
        self._writable.wake()

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to."""
        self._writing_paused = True
        if self._incoming is not None:
            self._incoming.rest(self.context.sweep.tick)
        if self._state in (_BODY, _ANSWER):
            self._expect_reader()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._writing_paused = False
        self._writable.wake()
        if self._state == _HEAD:
            self.expire_in(self.context.keep_alive_seconds)
            self._read_on()
        elif self._state != _CLOSING:
            self.expire_never()
            if not self._reading_paused:
                self._await_body()

    # What uvicorn calls.

    def shutdown(self) -> None:
        """Finish the current request, and close."""
        exchange = self._exchange
        if exchange is None or exchange.finished:
            self.transport.close()
        else:
            exchange.shut_down()

    # Reading.

    def _read(self) -> None:
        """Begin the requests that are here, as far as each is answered at once."""
        parser = self._parser
        begun = 0
        self._is_reading = True
        while parser.has_more() and self._state < _ANSWER:
            if self._state == _BODY:
                self._read_body(parser)
            elif self._writing_paused or begun == REQUESTS_AT_A_TIME:
                break
            else:
                begun += 1
                self._read_head(parser)
        self._is_reading = False
        if parser.has_more() and self._state != _CLOSING:
            self.pause_reading()
            if begun == REQUESTS_AT_A_TIME and self._state == _HEAD:
                self._read_later()

    def _read_later(self) -> None:
        self._loop.call_soon(self._read_on, context=self.context.variables)

    def _read_on(self) -> None:
        """Read what had to wait, then listen again."""
        if self._state == _HEAD:
            self._read()
        if self._state < _ANSWER and not self._parser.has_more():
            self.resume_reading()

    def _read_head(self, parser: RequestParser) -> None:
        was_inside_head = parser.is_inside_head()
        head = parser.read_head()
        if head is None:
            if parser.fault:
                self._refuse(parser.fault)
            elif parser.is_inside_head() and not was_inside_head:
                self.expire_in(HEAD_SECONDS)
            return
        if parser.is_upgrade and self._upgrade(parser, head):
            return
        incoming: IncomingBody | None = None
        if not parser.is_request_whole or head.transfer_codings:
            incoming = self._begin_body(parser, head)
        else:
            self._state = _ANSWER
            self.expire_never()
        if parser.fault:
            self._refuse(parser.fault)
            return
        exchange = HttpExchange(self, head, incoming, parser.keep_alive and not head.is_http_1_0)
        self._exchange = exchange
        self._begin(exchange)

    def _begin_body(self, parser: RequestParser, head: RequestHead) -> IncomingBody | None:
        """Take what is here of the body already: often it is all of it."""
        length = head.body_length()
        if length == UNKNOWN_LENGTH:
            parser.fault = 400
        if parser.fault:
            return None
        incoming = IncomingBody(length, head.expects_continue(), self._loop)
        parser.begin_body(incoming)
        self._incoming = incoming
        self._state = _BODY
        self.expire_never()
        if parser.has_more():
            self._read_body(parser)
        else:
            self._await_body()
        return incoming

    def _read_body(self, parser: RequestParser) -> None:
        incoming = self._incoming
        assert incoming is not None
        incoming.expects_continue = False
        parser.read_body()
        if parser.fault:
            if self._exchange is not None:
                self._refuse(parser.fault)
        elif parser.is_request_whole:
            incoming.end()
            self._incoming = None
            self._state = _ANSWER
            exchange = self._exchange
            if exchange is not None and exchange.finished:
                self._await_next()
            elif not self._writing_paused:
                self.expire_never()
        elif incoming.is_full():
            incoming.rest(self.context.sweep.tick)
            if not self._writing_paused:
                self.expire_never()
            self.pause_reading()
        else:
            self._await_body()

    def want_body(self) -> None:
        """Have the client send more of its body."""
        if self._state == _BODY:
            self._await_body()
            self.resume_reading()

    def _await_body(self) -> None:
        """Give the client what time it has for its body; first of all it has to take what it is sent, in the time for that."""
        incoming = self._incoming
        if incoming is not None and not incoming.expects_continue and not self._writing_paused:
            self.expire_in(incoming.seconds_left(self.context.sweep.tick))

    def _upgrade(self, parser: RequestParser, head: RequestHead) -> bool:
        """Hand the connection over to uvicorn's WebSocket protocol, if that is what the client asks for."""
        protocol_class = cast(Any, self.context.config.ws_protocol_class)
        if protocol_class is None or not head.asks_for_websocket():
            self.context.logger.warning("Unsupported upgrade request.")
            parser.decline_upgrade(head)
            return False
        if head.has_body() or not head.has_plain_websocket_headers():
            parser.fault = 400
            return False
        self._state = _CLOSING
        rest = parser.leave()
        self._withdraw()
        self.resume_reading()
        protocol = protocol_class(config=self.context.config, server_state=self.server_state, app_state=self.app_state)
        protocol.connection_made(self.transport)
        # From here on the connection is the other's, whose end it must see even if it stumbles over what follows.
        self.transport.set_protocol(protocol)
        protocol.data_received(head.raw + rest)
        return True

    # Answering.

    def _begin(self, exchange: HttpExchange) -> None:
        """Have the request answered by a task, which on CPython 3.12 and later may well have finished here already."""
        context = self.context
        limit = context.limit_concurrency
        if limit is not None and (len(context.connections) >= limit or len(context.tasks) >= limit):
            context.logger.warning("Exceeded concurrency limit.")
            exchange.keep_alive = False
            exchange.respond(_UNAVAILABLE, b"Service Unavailable")
            return
        handler = self._handler
        answering: Coroutine[Any, Any, None] = AsgiCycle(exchange).run() if handler is None else handler.handle(exchange)
        variables = context.variables.copy()
        if _EAGER:
            task = _EAGER_TASK(answering, loop=self._loop, eager_start=True, context=variables)
            if task.done():
                self._check_answer(exchange, task)
                # The traceback of a failure, which the task keeps, knows this frame.
                del task
                return
        else:
            task = self._loop.create_task(answering, context=variables)
        context.tasks.add(task)
        task.add_done_callback(lambda done: self._finish_task(exchange, done))

    def _finish_task(self, exchange: HttpExchange, task: Task[None]) -> None:
        self.context.tasks.discard(task)
        self._check_answer(exchange, task)

    def _check_answer(self, exchange: HttpExchange, task: Task[None]) -> None:
        """Whatever happened to the task, the client gets an answer or sees the connection close."""
        if exchange.finished:
            return
        if not task.cancelled() and task.exception() is not None:
            self.context.logger.error("Exception in the application\n", exc_info=task.exception())
        if exchange.gone:
            return
        if exchange.begun:
            exchange.break_off()
        else:
            exchange.keep_alive = False
            exchange.respond(_FAILURE, b"Internal Server Error")

    def answered(self, *, last: bool) -> None:
        """Go on to what follows the answer: the next request, the rest of this one, or the end."""
        self.context.count_request()
        if last:
            self._close()
        elif self._state == _ANSWER:
            self._await_next()
        elif self._incoming is not None:
            self._incoming.discard()
            self._await_body()
            self.resume_reading()

    def _await_next(self) -> None:
        self._exchange = None
        self._state = _HEAD
        if self._writing_paused:
            self._expect_reader()
        else:
            self.expire_in(self.context.keep_alive_seconds)
        if not self._is_reading:
            if self._parser.has_more():
                self._read_later()
            else:
                self.resume_reading()

    # Ending.

    def _refuse(self, status: int) -> None:
        """Answer what is not a request, or no longer one; nothing that follows could be trusted."""
        exchange = self._exchange
        if exchange is not None:
            if exchange.begun:
                self.transport.abort()
                return
            exchange.disconnect()
        if status == 400:
            self.context.logger.warning("Invalid HTTP request received.")
            text = b"Invalid HTTP request received."
        else:
            text = reason_phrase(status).encode("ascii")
        head = ResponseHead(status, [*_PLAIN_TEXT, (b"content-length", b"%d" % len(text)), (b"connection", b"close")])
        self.write(b"".join([head.lines(), self.context.default_lines(), b"\r\n", text]))
        self._close()

    def _close(self) -> None:
        """Close after what was written.

        Where the client may still be sending, what it sends is read a while longer: else the network would report the
        data that nobody read, and the client would never see its answer (RFC 9112, 9.6).
        """
        is_sending = self._state != _ANSWER or self._parser.has_more()
        self._state = _CLOSING
        self._exchange = None
        self._incoming = None
        self._parser.leave()
        if not is_sending:
            self.transport.close()
            self._expect_reader()
            return
        self.expire_in(CLOSING_SECONDS)
        self.resume_reading()
        if self.transport.can_write_eof() and not self.transport.is_closing():
            self.transport.write_eof()

    def _withdraw(self) -> None:
        """Be no longer one of the server's connections."""
        self.expire_never()
        self.context.connections.discard(self)
        self.context.sweep.forget(self)
        self._parser.leave()

    def _expect_reader(self) -> None:
        self._unsent = self.transport.get_write_buffer_size()
        self.expire_in(READER_SECONDS)

    def overdue(self) -> None:
        """Part with a client that lets us wait for too long."""
        transport = self.transport
        if self._writing_paused or transport.is_closing():
            if transport.get_write_buffer_size() < self._unsent:
                self._expect_reader()
            else:
                transport.abort()
        elif self._parser.is_inside_head():
            self._refuse(408)
        else:
            transport.close()
            self._expect_reader()
