"""A request that came through the compiled protocol."""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Mapping
from typing import Any, Final, final

from fasterapi.asgi import RawHeaders
from fasterapi.concurrency.wakeup import Wakeup
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, BODY_TOO_LARGE, FIRST_PIECE_SECONDS, UNKNOWN_LENGTH, Exchange
from fasterapi.http.head import ResponseHead
from fasterapi.server.access_log import log_access
from fasterapi.server.body_framing import BodyFraming, framing_of, framing_without_body, length_line
from fasterapi.server.connection import Connection
from fasterapi.server.incoming_body import IncomingBody
from fasterapi.server.proxy_headers import Address, forwarded_client, forwarded_scheme
from fasterapi.server.request_head import RequestHead

_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"

_READY_LENGTHS: Final = 2048
_READY_ENDS: Final = [b"content-length: %d\r\n\r\n" % length for length in range(_READY_LENGTHS)]


def end_of_head(framing: bytes, closes: bool) -> bytes:
    """The last lines of a head: how the body is framed, and that the connection closes after it."""
    return framing + (b"connection: close\r\n\r\n" if closes else b"\r\n")


@final
class HttpExchange(Exchange):
    """A request, and its answer, which is written straight to the transport."""

    def __init__(self, connection: Connection, request: RequestHead, incoming: IncomingBody | None, keep_alive: bool) -> None:
        super().__init__(request.method, request.path)
        self.connection = connection
        self.request = request
        self.incoming = incoming
        self.keep_alive: bool = keep_alive
        self.begun: bool = False
        self.finished: bool = False
        self.gone: bool = False
        self.framing: BodyFraming | None = None
        self._unsent_head: ResponseHead | None = None
        self._length = UNKNOWN_LENGTH
        self._opening: TimerHandle | None = None
        self._ended: Wakeup | None = None
        self._state: dict[str, Any] | None = None
        self._body_given = False

    # What `Exchange` is asked for.

    def query_string(self) -> bytes:
        """The query as it was sent."""
        return self.request.query_string()

    def headers(self) -> RawHeaders:
        """All headers."""
        return self.request.headers()

    def header(self, name: bytes) -> bytes | None:
        """The first header of this lower-case name."""
        return self.request.header(name)

    async def read_body(self, limit: int) -> int:
        """Read the whole body, and have the client send it if it waits to be asked."""
        incoming = self.incoming
        if incoming is None:
            self.keep_body(b"")
            return BODY_COMPLETE
        if incoming.announced <= limit:
            if not incoming.complete:
                self.ask_for_body(incoming)
                await incoming.more_than(limit)
            if incoming.size <= limit:
                if not incoming.complete:
                    return BODY_CUT_OFF
                self.keep_body(incoming.take())
                return BODY_COMPLETE
        self.keep_alive = False
        return BODY_TOO_LARGE

    def respond(self, head: ResponseHead, body: bytes) -> None:
        """Write the whole answer at once."""
        if self.begun:
            return
        # A head that cannot be written raises before it counts as an answer.
        head.lines()
        self.begun = True
        self._forget_head()
        if self.gone:
            return
        said = _says_close(head.headers)
        goes_on = not said and self.may_be_followed()
        length = len(body)
        if goes_on and head.allows_body and length < _READY_LENGTHS:
            ending = _READY_ENDS[length]
        else:
            ending = end_of_head(length_line(length) if head.allows_body else b"", not goes_on and not said)
        self.keep_alive = goes_on
        self.begin(head, ending, body if head.allows_body and self.method != "HEAD" else b"")
        self.complete()

    def responded(self) -> bool:
        """Whether an answer was given."""
        return self.begun

    def report(self, error: Exception) -> None:
        """Nobody but the log is told."""

    # An answer in pieces.

    async def start(self, head: ResponseHead, length: int) -> None:
        """Keep the head for the first piece; should that be long in coming, the head is sent without it."""
        if self.begun or self.framing is not None:
            return
        loop = self.connection.context.loop
        if self.gone:
            loop.call_soon(self.tell_departure)
            return
        head.lines()
        self._unsent_head = head
        self._length = length
        if self.carries_body(head):
            self.framing = framing_of(length, self.request.is_http_1_0)
        else:
            self.framing = framing_without_body(head.status, length if head.allows_body else UNKNOWN_LENGTH)
        self._opening = loop.call_later(FIRST_PIECE_SECONDS, self._open, b"")

    async def write(self, piece: bytes) -> bool:
        """Write a piece, then wait until the client has read most of what was written."""
        framing = self.framing
        if framing is None or self.gone or self.finished:
            return False
        encoded = framing.encode(piece)
        if self._unsent_head is not None:
            self._open(encoded)
        elif encoded:
            self.connection.write(encoded)
        if framing.without_body:
            self.complete()
            return False
        await self.connection.writable()
        return not self.gone

    async def finish(self) -> None:
        """Write what ends the body."""
        framing = self.framing
        if framing is None or self.gone or self.finished:
            return
        if self._unsent_head is not None:
            if self._length == UNKNOWN_LENGTH and not framing.without_body:
                framing = framing_of(0, self.request.is_http_1_0)
                self.framing = framing
            self._open(framing.end())
        else:
            ending = framing.end()
            if ending:
                self.connection.write(ending)
        self.complete()

    def break_off(self) -> None:
        """Take back a head that was kept, or close without what ends the body.

        Where only closing would end it, the connection has to be seen to fail.
        """
        framing = self.framing
        self._forget_head()
        self.framing = None
        self.stream_is_over()
        if not self.begun or self.finished or self.gone:
            return
        self.keep_alive = False
        if framing is not None and framing.needs_close:
            self.connection.transport.abort()
        else:
            self.connection.transport.close()

    async def disconnected(self) -> None:
        """Wait for the end of the connection, or of the answer."""
        await self.ended()

    def _open(self, encoded: bytes) -> None:
        """Write the head of an answer in pieces, and what there is of its body."""
        head = self._unsent_head
        framing = self.framing
        self._forget_head()
        if head is None or framing is None:
            return
        said = _says_close(head.headers)
        self.keep_alive = not said and not framing.needs_close and self.may_be_followed()
        self.begin(head, end_of_head(framing.line, not self.keep_alive and not said), encoded)

    def _forget_head(self) -> None:
        self._unsent_head = None
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None

    # What `AsgiCycle` needs besides.

    def begin(self, head: ResponseHead, ending: bytes, piece: bytes) -> None:
        """Write the head, with `ending` as its last lines, and the first piece of the body."""
        self.begun = True
        connection = self.connection
        connection.write(b"".join([head.lines(), connection.context.default_lines(), ending, piece]))
        access_logger = connection.context.access_logger
        if access_logger is not None:
            request = self.request
            log_access(
                access_logger, self.client(), self.method, self.full_path(), request.query_string(), request.http_version(), head.status
            )

    def complete(self) -> None:
        """The answer is complete."""
        self.finished = True
        self.stream_is_over()
        if self._ended is not None:
            self._ended.wake()
        self.connection.answered(last=not self.may_be_followed())

    def may_be_followed(self) -> bool:
        """Whether the connection can go on after this: not where much of the body would still have to be read for nothing."""
        incoming = self.incoming
        return self.keep_alive and (incoming is None or incoming.complete or incoming.is_soon_over())

    def disconnect(self) -> None:
        """The client has gone, or has made it impossible to go on with it."""
        self.gone = True
        self._forget_head()
        if self.incoming is not None:
            self.incoming.cut()
        if self._ended is not None:
            self._ended.wake()
        self.tell_departure()

    def shut_down(self) -> None:
        """No other request follows this one, and a stream without an end of its own ends now."""
        self.keep_alive = False
        self.tell_shutdown()

    async def ended(self) -> None:
        """Wait until the answer is complete or the client has gone."""
        while not self.finished and not self.gone:
            if self._ended is None:
                self._ended = Wakeup(self.connection.context.loop)
            await self._ended.wait()

    def ask_for_body(self, incoming: IncomingBody) -> None:
        """Let the client send more of the body."""
        if incoming.expects_continue:
            incoming.expects_continue = False
            if not self.begun and not self.gone:
                self.connection.write(_CONTINUE)
        self.connection.want_body()

    # What a `Request` shows besides.

    async def read_piece(self, limit: int) -> bytes | int:
        """What has arrived of the body since the last piece."""
        incoming = self.incoming
        if incoming is None:
            return b""
        if incoming.announced <= limit:
            if not incoming.complete:
                self.ask_for_body(incoming)
                await incoming.more_than(0)
            if incoming.size <= limit:
                piece = incoming.take()
                return BODY_CUT_OFF if not piece and not incoming.complete else piece
        self.keep_alive = False
        return BODY_TOO_LARGE

    async def receive(self) -> Mapping[str, Any]:
        """The next piece of the body as an ASGI message, then that the client has gone or has its answer."""
        if not self._body_given and not self.finished:
            piece = await self.read_piece(self.body_limit)
            if isinstance(piece, bytes):
                self._body_given = self.incoming is None or self.incoming.complete
                return {"type": "http.request", "body": piece, "more_body": not self._body_given}
        await self.ended()
        return {"type": "http.disconnect"}

    async def is_disconnected(self) -> bool:
        """Whether the connection is lost."""
        return self.gone

    async def flush(self) -> None:
        """An answer is written when it is given."""

    def root_path(self) -> str:
        """What uvicorn was told that the application is mounted at."""
        return self.connection.context.config.root_path

    def http_version(self) -> str:
        """The version in the request line."""
        return self.request.http_version()

    def server(self) -> tuple[str, int | None] | None:
        """The address that the connection was made to."""
        return self.connection.server

    def state(self) -> dict[str, Any]:
        """This request's copy of what the lifespan gave."""
        state = self._state
        if state is None:
            state = self.connection.app_state.copy()
            self._state = state
        return state

    def make_scope(self) -> dict[str, Any]:
        """The request in ASGI's words."""
        return self.announced_scope(self.client(), self.scheme(), self.state())

    def announced_scope(self, client: Address | None, scheme: str, state: dict[str, Any]) -> dict[str, Any]:
        """The scope of this request, with what the server may see otherwise than the application."""
        request = self.request
        config = self.connection.context.config
        return {
            "type": "http",
            "asgi": {"version": config.asgi_version, "spec_version": "2.3"},
            "http_version": request.http_version(),
            "server": self.connection.server,
            "client": client,
            "scheme": scheme,
            "method": self.method,
            "root_path": config.root_path,
            "path": self.full_path(),
            "raw_path": config.root_path.encode("utf-8") + request.raw_path(),
            "query_string": request.query_string(),
            "headers": request.headers(),
            "state": state,
        }

    # Where the request came from.

    def full_path(self) -> str:
        """The path with the root path, as ASGI gives it."""
        return self.connection.context.config.root_path + self.path

    def client(self) -> Address | None:
        """The client's address, past the proxies that are trusted."""
        connection = self.connection
        trusted_hosts = connection.context.trusted_hosts
        if trusted_hosts is None:
            return connection.peer
        return forwarded_client(trusted_hosts, connection.peer, self.headers())

    def scheme(self) -> str:
        """The scheme of the request's URL, as the client knows it."""
        connection = self.connection
        trusted_hosts = connection.context.trusted_hosts
        if trusted_hosts is None:
            return connection.scheme
        return forwarded_scheme(trusted_hosts, connection.peer, self.headers(), connection.scheme)


def _says_close(headers: RawHeaders) -> bool:
    """Whether the head itself ends the connection."""
    for name, value in headers:
        if name == b"connection" and has_close(value):
            return True
    return False


def has_close(value: bytes) -> bool:
    """Whether `close` is among the options of a Connection header (RFC 9110, 7.6.1)."""
    return b"close" in [option.strip() for option in value.lower().split(b",")]
