"""The ASGI door: an exchange over `scope`, `receive` and `send`."""

from __future__ import annotations

from asyncio import Handle, Task, get_running_loop
from collections.abc import Mapping
from typing import Any, Final, cast, final

from typing_extensions import override

from fasterapi._compat import COROUTINE, Raw
from fasterapi.asgi import RawHeaders, Receive, Send
from fasterapi.http.asgi_inbox import AsgiInbox
from fasterapi.http.asgi_stream import AsgiStream, start_message
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, BODY_TOO_LARGE, FIRST_PIECE_SECONDS, Exchange
from fasterapi.http.head import ResponseHead

BODY_UNFINISHED: Final = 3
"""Of a message: it has not the whole body."""

# Copied, because that is half of what making it of its parts costs.
_BODY_MESSAGE: Final[dict[str, object]] = {"type": "http.response.body", "body": b""}

_FEW_DIGITS: Final = 7
_BEYOND_FEW_DIGITS: Final = 10_000_000


@final
class AsgiExchange(Exchange):
    """A request that an ASGI server announced; the answer is kept until `send_response` hands it to the server."""

    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        # The scope of a WebSocket names no method: its handshake is a GET (RFC 6455, 4.1).
        path = cast(str, scope.get("path", ""))
        root_path = cast(str, scope.get("root_path", ""))
        super().__init__(cast(str, scope.get("method", "GET")), path if not root_path else _below(root_path, path))
        self.announced = scope
        self.send = send
        self._receive = receive
        self._opened_inbox: AsgiInbox | None = None
        self._more_body = True
        self._received = 0
        self.head: ResponseHead | None = None
        self.payload: bytes = b""
        self.is_flushed: bool = False
        self._stream: AsgiStream | None = None
        self._watch_later: Handle | None = None
        self._watch: Task[None] | None = None
        self._is_scanned = False
        self._content_type: bytes | None = None
        self._content_length: bytes | None = None

    @override
    def query_string(self) -> bytes:
        return cast(bytes, self.announced.get("query_string", b""))

    @override
    def headers(self) -> RawHeaders:
        headers = self.announced.get("headers")
        if isinstance(headers, list):
            return headers
        headers = [] if headers is None else list(headers)
        self.announced["headers"] = headers
        return headers

    @override
    def full_path(self) -> str:
        return cast(str, self.announced["path"])

    @override
    def root_path(self) -> str:
        return cast(str, self.announced.get("root_path", ""))

    @override
    def outermost_root_path(self) -> str:
        return cast(str, self.announced.get("app_root_path", self.root_path()))

    @override
    def mounted_params(self) -> dict[str, Any]:
        return dict(self.announced.get("path_params", {}))

    @override
    def scheme(self) -> str:
        return cast(str, self.announced.get("scheme", "http"))

    @override
    def http_version(self) -> str:
        return cast(str, self.announced.get("http_version", "1.1"))

    @override
    def client(self) -> tuple[str, int] | None:
        client = self.announced.get("client")
        # Granian gives ports as text.
        return None if client is None else (client[0], int(client[1]))

    @override
    def server(self) -> tuple[str, int | None] | None:
        server = self.announced.get("server")
        return None if server is None else (server[0], None if server[1] is None else int(server[1]))

    @override
    def state(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.announced.setdefault("state", {}))

    @override
    def make_scope(self) -> dict[str, Any]:
        return self.announced

    # No @override on coroutines: mypyc takes them for unrelated to those they override, and callers fail.

    async def read_body(self, limit: int) -> int:
        """Read the whole body from the messages of the server; most come in one, and that way is kept short."""
        outcome = self.announced_outcome(limit)
        if outcome != BODY_COMPLETE:
            return outcome
        inbox = self._opened_inbox
        if inbox is not None:
            message = await inbox.next()
        else:
            waiting = self._receive()
            message = cast("Mapping[str, Any]", await Raw(waiting)) if isinstance(waiting, COROUTINE) else await waiting
        outcome = self.take_body(message, limit)
        return outcome if outcome != BODY_UNFINISHED else await self.read_rest(message, limit)

    def announced_outcome(self, limit: int) -> int:
        """What the headers let expect of the body: `BODY_COMPLETE`, or `BODY_TOO_LARGE` for one that they say is."""
        return BODY_TOO_LARGE if self._announces_more_than(limit) else BODY_COMPLETE

    def take_body(self, message: Mapping[str, Any], limit: int) -> int:
        """Keep the body of a message that has the whole of it; `BODY_UNFINISHED` for any other."""
        found = message if isinstance(message, dict) else dict(message)
        if found.get("more_body", False) or found["type"] != "http.request":
            return BODY_UNFINISHED
        body = cast(bytes, found.get("body", b""))
        if len(body) > limit:
            return BODY_TOO_LARGE
        self.keep_body(body)
        return BODY_COMPLETE

    async def read_rest(self, message: Mapping[str, Any], limit: int) -> int:
        """Read on from a first message that did not have the whole body."""
        chunks: list[bytes] = []
        size = 0
        while message["type"] != "http.disconnect":
            chunk = cast(bytes, message.get("body", b""))
            size += len(chunk)
            if size > limit:
                return BODY_TOO_LARGE
            chunks.append(chunk)
            if not message.get("more_body", False):
                self.keep_body(b"".join(chunks))
                return BODY_COMPLETE
            message = await self._inbox().next()
        self._inbox().leave()
        return BODY_CUT_OFF

    async def read_piece(self, limit: int) -> bytes | int:
        """The body of the next message that has any."""
        if self._announces_more_than(limit):
            return BODY_TOO_LARGE
        while self._more_body:
            message = await self._inbox().next()
            if message["type"] == "http.disconnect":
                return BODY_CUT_OFF
            piece = cast(bytes, message.get("body", b""))
            self._more_body = bool(message.get("more_body", False))
            self._received += len(piece)
            if self._received > limit:
                return BODY_TOO_LARGE
            if piece:
                return piece
        return b""

    async def receive(self) -> Mapping[str, Any]:
        """The next message, whoever looks ahead."""
        return await self._inbox().next()

    async def is_disconnected(self) -> bool:
        """Whether the server says so now."""
        return await self._inbox().is_disconnected()

    def _inbox(self) -> AsgiInbox:
        """Where messages are kept for whoever asks; most requests never need it."""
        inbox = self._opened_inbox
        if inbox is None:
            inbox = AsgiInbox(self._receive)
            self._opened_inbox = inbox
        return inbox

    @override
    def content_type(self) -> bytes | None:
        if not self._is_scanned:
            self._scan()
        return self._content_type

    def _announces_more_than(self, limit: int) -> bool:
        if not self._is_scanned:
            self._scan()
        announced = self._content_length
        # Almost every body is announced with few digits, and almost every limit is beyond them.
        if announced is None or (len(announced) <= _FEW_DIGITS and limit >= _BEYOND_FEW_DIGITS):
            return False
        return announced.isdigit() and (len(announced) > 18 or int(announced) > limit)

    def _scan(self) -> None:
        """Find the two headers that every body is read by in one pass."""
        self._is_scanned = True
        for name, value in self.headers():
            length = len(name)
            if length == 12 and name == b"content-type" and self._content_type is None:
                self._content_type = value
            elif length == 14 and name == b"content-length" and self._content_length is None:
                self._content_length = value

    @override
    def respond(self, head: ResponseHead, body: bytes) -> None:
        if not self.responded():
            self._stop_watching()
            self._stream = None
            self.head = head
            self.payload = body

    def body_message(self, head: ResponseHead) -> dict[str, object]:
        """The message behind the head; the answer to HEAD is a head alone, with the length that the body would have had."""
        message = _BODY_MESSAGE.copy()
        if self.carries_body(head):
            message["body"] = self.payload
        return message

    async def flush(self) -> None:
        """Hand the answer to the server now."""
        await send_response(self)
        self.is_flushed = True

    @override
    def responded(self) -> bool:
        stream = self._stream
        return self.head is not None or (stream is not None and stream.is_open)

    async def start(self, head: ResponseHead, length: int) -> None:
        """Keep the head for the first piece; should that be long in coming, a task sends the head, and then watches the client."""
        if self.responded() or self._stream is not None:
            return
        self._cancel_watch()
        self._stream = AsgiStream(self.send, head, length, self.carries_body(head))
        self._inbox().on_left = self._depart
        self._watch_later = get_running_loop().call_later(FIRST_PIECE_SECONDS, self._watch_client)

    async def write(self, piece: bytes) -> bool:
        """Send a piece. A server may say by an `OSError` that the client has gone."""
        stream = self._stream
        if stream is None or stream.is_over or self._inbox().client_left:
            return False
        if not stream.carries_body:
            await self.finish()
            return False
        if not stream.is_open:
            # The head waits no longer: the client is watched from the next moment on that leaves time for it.
            self._cancel_watch()
            self._watch_later = get_running_loop().call_soon(self._watch_client)
        try:
            await stream.write(piece)
        except OSError:
            self._inbox().leave()
        return not self._inbox().client_left

    async def finish(self) -> None:
        """Send the end of the body."""
        stream = self._stream
        if stream is None or stream.is_over:
            return
        if not self._inbox().client_left:
            try:
                await stream.finish()
            except OSError:
                self._inbox().leave()
        self._stop_watching()

    @override
    def break_off(self) -> None:
        self._stop_watching()
        stream = self._stream
        if stream is not None:
            if stream.is_open:
                stream.is_over = True
            else:
                self._stream = None

    async def disconnected(self) -> None:
        """Watch the client, and wait for what comes of it."""
        if self.head is not None:
            return
        if self._watch is None:
            self._watch_client()
        await self._inbox().left()

    def _watch_client(self) -> None:
        self._watch_later = None
        self._watch = get_running_loop().create_task(self._open_and_watch())

    async def _open_and_watch(self) -> None:
        stream = self._stream
        if stream is not None:
            try:
                await stream.open(True)
            except Exception:  # noqa: BLE001  # who writes the first piece is told
                self._depart()
                return
        # The messages to a WebSocket, of which this may be the refusal, are another story.
        if self.announced["type"] == "http":
            await self._inbox().watch()
            if self._inbox().client_left:
                self._depart()

    def _stop_watching(self) -> None:
        """Nothing is left for the client to miss."""
        if self._watch is not None or self._stream is not None:
            self._cancel_watch()
            self._inbox().close()

    def _cancel_watch(self) -> None:
        if self._watch_later is not None:
            self._watch_later.cancel()
            self._watch_later = None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _depart(self) -> None:
        """The client has gone; the watch, where it found that out, is over."""
        self._watch = None
        self.tell_departure()

    @override
    def report(self, error: Exception) -> None:
        extensions = cast("dict[str, Any]", self.announced.get("extensions") or {})
        unhandled = extensions.get("fasterapi.unhandled")
        if isinstance(unhandled, list):
            unhandled.append(error)


def _below(root_path: str, path: str) -> str:
    """The path that routes see: what the application is mounted at stands before it in `path`, as ASGI has it."""
    root = root_path.rstrip("/")
    if path == root:
        return ""
    return path[len(root) :] if path.startswith(root + "/") else path


async def send_response(exchange: AsgiExchange) -> None:
    """Hand the answer to the server; none is given to a client that left before its request was whole."""
    head = exchange.head
    if head is None or exchange.is_flushed:
        return
    # Both messages as `hand_over` sends them, without the coroutine that it would be.
    send = exchange.send
    waiting = send(start_message(head, len(exchange.payload)))
    if isinstance(waiting, COROUTINE):
        await Raw(waiting)
    else:
        await waiting
    waiting = send(exchange.body_message(head))
    if isinstance(waiting, COROUTINE):
        await Raw(waiting)
    else:
        await waiting
