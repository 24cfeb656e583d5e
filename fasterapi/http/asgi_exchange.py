"""The ASGI door: an exchange over `scope`, `receive` and `send`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, cast, final

from typing_extensions import override

from fasterapi._compat import COROUTINE, Raw
from fasterapi.asgi import RawHeaders, Receive, Send
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, BODY_TOO_LARGE, Exchange
from fasterapi.http.head import ResponseHead, content_length

_LEFT: Final[Mapping[str, Any]] = {"type": "http.disconnect"}


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
        self._ahead: Mapping[str, Any] | None = None
        self._more_body = True
        self._received = 0
        self._client_left = False
        self.head: ResponseHead | None = None
        self.payload: bytes = b""
        self.is_flushed: bool = False
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
        return None if client is None else (client[0], client[1])

    @override
    def server(self) -> tuple[str, int | None] | None:
        server = self.announced.get("server")
        return None if server is None else (server[0], server[1])

    @override
    def state(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.announced.setdefault("state", {}))

    @override
    def make_scope(self) -> dict[str, Any]:
        return self.announced

    # No @override on coroutines: mypyc takes them for unrelated to those they override, and callers fail.

    async def read_body(self, limit: int) -> int:
        """Read the whole body from the messages of the server; most come in one, and that way is kept short."""
        if self._announces_more_than(limit):
            return BODY_TOO_LARGE
        message = self._ahead
        if message is None:
            waiting = self._receive()
            message = cast("Mapping[str, Any]", await Raw(waiting)) if isinstance(waiting, COROUTINE) else await waiting
        else:
            self._ahead = None
        found = message if isinstance(message, dict) else dict(message)
        if found.get("more_body", False) or found["type"] != "http.request":
            return await self._read_rest(found, limit)
        body = cast(bytes, found.get("body", b""))
        if len(body) > limit:
            return BODY_TOO_LARGE
        self.keep_body(body)
        return BODY_COMPLETE

    async def _read_rest(self, message: Mapping[str, Any], limit: int) -> int:
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
            message = await self.receive()
        self._client_left = True
        return BODY_CUT_OFF

    async def read_piece(self, limit: int) -> bytes | int:
        """The body of the next message that has any."""
        if self._announces_more_than(limit):
            return BODY_TOO_LARGE
        while self._more_body:
            message = await self.receive()
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
        message = self._ahead
        if message is not None:
            self._ahead = None
            return message
        if self._client_left:
            return _LEFT
        message = await next_message(self._receive)
        self._says_goodbye(message)
        return message

    async def is_disconnected(self) -> bool:
        """Whether the next message says so.

        One of the body is kept for those who read. Behind it there is only a look when it is the last: more would have to
        be kept, too.
        """
        ahead = self._ahead
        if ahead is None and not self._client_left:
            ahead = await _message_at_hand(self._receive)
            if ahead is not None and not self._says_goodbye(ahead):
                self._ahead = ahead
        if ahead is not None and not self._client_left and not ahead.get("more_body", False):
            behind = await _message_at_hand(self._receive)
            if behind is not None:
                self._says_goodbye(behind)
        return self._client_left

    def _says_goodbye(self, message: Mapping[str, Any]) -> bool:
        if message["type"] == "http.disconnect":
            self._client_left = True
        return self._client_left

    @override
    def content_type(self) -> bytes | None:
        if not self._is_scanned:
            self._scan()
        return self._content_type

    def _announces_more_than(self, limit: int) -> bool:
        if not self._is_scanned:
            self._scan()
        announced = self._content_length
        return announced is not None and announced.isdigit() and (len(announced) > 18 or int(announced) > limit)

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
        if self.head is None:
            self.head = head
            self.payload = body

    async def flush(self) -> None:
        """Hand the answer to the server now."""
        await send_response(self)
        self.is_flushed = True

    @override
    def responded(self) -> bool:
        return self.head is not None

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
    send = exchange.send
    waiting = send(_start_message(head, len(exchange.payload)))
    if isinstance(waiting, COROUTINE):
        await Raw(waiting)
    else:
        await waiting
    waiting = send(_body_message(head, exchange))
    if isinstance(waiting, COROUTINE):
        await Raw(waiting)
    else:
        await waiting


def _start_message(head: ResponseHead, length: int) -> dict[str, object]:
    headers = head.headers
    if head.allows_body:
        headers = [*headers, content_length(length)]
    return {"type": "http.response.start", "status": head.status, "headers": headers}


def _body_message(head: ResponseHead, exchange: AsgiExchange) -> dict[str, object]:
    """The answer to HEAD is a head alone, with the length that the body would have had (RFC 9110, 9.3.2)."""
    if head.allows_body and exchange.method != "HEAD":
        return {"type": "http.response.body", "body": exchange.payload}
    return {"type": "http.response.body", "body": b""}


async def next_message(receive: Receive) -> Mapping[str, Any]:
    """The server's next message, by the cheapest way to await it."""
    waiting = receive()
    if isinstance(waiting, COROUTINE):
        return cast("Mapping[str, Any]", await Raw(waiting))
    return await waiting


async def _message_at_hand(receive: Receive) -> Mapping[str, Any] | None:
    """The server's next message if it is there already.

    Asked for in a task of its own: cancelled there, a server that has none yet gives up its wait as it would for a
    cancelled request, and a message that comes at that very moment is not lost.
    """
    task = asyncio.ensure_future(receive())
    try:
        await asyncio.sleep(0)
    finally:
        if not task.done():
            task.cancel()
    await asyncio.wait([task])
    return None if task.cancelled() else task.result()
