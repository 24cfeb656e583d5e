"""The ASGI door: an exchange over `scope`, `receive` and `send`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, final

from fasterapi._compat import COROUTINE, Raw
from fasterapi.asgi import RawHeaders, Receive, Send
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, BODY_TOO_LARGE, Exchange
from fasterapi.http.head import ResponseHead, content_length


@final
class AsgiExchange(Exchange):
    """A request that an ASGI server announced; the answer is kept until `send_response` hands it to the server."""

    def __init__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        super().__init__(cast(str, scope["method"]), cast(str, scope["path"]))
        self.scope = scope
        self.receive = receive
        self.send = send
        self.head: ResponseHead | None = None
        self.payload = b""
        self.is_flushed = False

    def query_string(self) -> bytes:
        return cast(bytes, self.scope["query_string"])

    def headers(self) -> RawHeaders:
        headers = self.scope["headers"]
        if isinstance(headers, list):
            return headers
        return list(headers)

    async def read_body(self, limit: int) -> int:
        announced = self.header(b"content-length")
        if announced is not None and announced.isdigit() and int(announced) > limit:
            return BODY_TOO_LARGE
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await next_message(self.receive)
            if message["type"] == "http.disconnect":
                return BODY_CUT_OFF
            chunk = cast(bytes, message.get("body", b""))
            size += len(chunk)
            if size > limit:
                return BODY_TOO_LARGE
            chunks.append(chunk)
            if not message.get("more_body", False):
                break
        self.body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        return BODY_COMPLETE

    def respond(self, head: ResponseHead, body: bytes) -> None:
        if self.head is None:
            self.head = head
            self.payload = body

    async def flush(self) -> None:
        await send_response(self)
        self.is_flushed = True

    def responded(self) -> bool:
        return self.head is not None

    def report(self, error: Exception) -> None:
        extensions = cast("dict[str, Any]", self.scope.get("extensions") or {})
        unhandled = extensions.get("fasterapi.unhandled")
        if isinstance(unhandled, list):
            unhandled.append(error)


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
