"""A request that came through the compiled protocol."""

from __future__ import annotations

from typing import Final, final

from fasterapi.asgi import RawHeaders
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, BODY_TOO_LARGE, Exchange
from fasterapi.http.head import ResponseHead
from fasterapi.server.connection import Connection
from fasterapi.server.incoming_body import IncomingBody
from fasterapi.server.request_head import RequestHead

_READY_LENGTHS: Final = 2048
_LENGTH_LINES: Final = [b"content-length: %d\r\n" % length for length in range(_READY_LENGTHS)]
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

DRAINABLE: Final = 64 * 1024


@final
class HttpExchange(Exchange):
    """The exchange that the protocol makes of a request, and that writes its answer straight to the transport."""

    def __init__(self, connection: Connection, request: RequestHead, incoming: IncomingBody | None, keep_alive: bool) -> None:
        super().__init__(request.method, request.path)
        self.connection = connection
        self.request = request
        self.incoming = incoming
        self.keep_alive = keep_alive
        self.answered = False

    def query_string(self) -> bytes:
        return self.request.query_string()

    def headers(self) -> RawHeaders:
        return self.request.headers()

    def header(self, name: bytes) -> bytes | None:
        return self.request.header(name)

    async def read_body(self, limit: int) -> int:
        incoming = self.incoming
        if incoming is None:
            return BODY_COMPLETE
        if incoming.announced > limit:
            return BODY_TOO_LARGE
        if not incoming.complete:
            self.ask_for_body(incoming)
            await incoming.wait(limit)
        if incoming.size > limit:
            return BODY_TOO_LARGE
        if not incoming.complete:
            return BODY_CUT_OFF
        self.body = incoming.take()
        return BODY_COMPLETE

    def ask_for_body(self, incoming: IncomingBody) -> None:
        """Let the client send."""
        if incoming.expects_continue:
            incoming.expects_continue = False
            if not self.connection.lost:
                self.connection.write(_CONTINUE)
        self.connection.resume_reading()

    def respond(self, head: ResponseHead, body: bytes) -> None:
        if self.answered:
            return
        self.answered = True
        connection = self.connection
        if connection.lost:
            return
        if not head.allows_body:
            self._write(head, b"", b"")
            return
        length = len(body)
        line = _LENGTH_LINES[length] if length < _READY_LENGTHS else b"content-length: %d\r\n" % length
        self._write(head, line, b"" if self.method == "HEAD" else body)

    def responded(self) -> bool:
        return self.answered

    def report(self, error: Exception) -> None:
        """The log has it already."""

    def _write(self, head: ResponseHead, length_line: bytes, body: bytes) -> None:
        connection = self.connection
        last = not self.may_go_on()
        ending = b"connection: close\r\n\r\n" if last else b"\r\n"
        connection.write(b"".join([head.lines(), length_line, connection.default_lines(), ending, body]))
        connection.answered(last)

    def may_go_on(self) -> bool:
        """Whether another request may follow on this connection: not where the rest of this one would have to be read for too long."""
        if not self.keep_alive:
            return False
        incoming = self.incoming
        if incoming is None or incoming.complete:
            return True
        if incoming.expects_continue or incoming.announced < 0:
            return False
        return incoming.announced - incoming.size <= DRAINABLE
