"""No framework at all: what parsing a request and writing ready-made bytes costs, which no server in Python can go below."""

from __future__ import annotations

import asyncio
from typing import Any, Final, cast

import httptools

from benchmarks.contract import LARGE_TEXT

BY_HAND: Final = frozenset({"json", "large", "upload"})
CANNOT: Final = frozenset({"params", "body", "deps", "events", "echo"})
"""Where the answer depends on the request there is nothing to make ready."""


def _message(content_type: bytes, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n%b" % (content_type, len(body), body)


_READY_MADE: Final = {
    b"/json": _message(b"application/json", b'{"message":"Hello, World!"}'),
    b"/large": _message(b"text/plain", LARGE_TEXT),
}


class CannedProtocol(asyncio.Protocol):
    """One connection: no checks, no limits, no timeouts."""

    def __init__(self) -> None:
        # It calls only what is there, which its types do not say.
        self._parser = httptools.HttpRequestParser(cast("Any", self))
        self._target = b""
        self._size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where to write."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """Keep which answer is wanted."""
        self._target = url

    def on_body(self, body: bytes) -> None:
        """Count an upload."""
        self._size += len(body)

    def on_message_complete(self) -> None:
        """Answer."""
        answer = _READY_MADE.get(self._target)
        if answer is None:
            answer = _message(b"application/json", b'{"size":%d}' % self._size)
            self._size = 0
        self._transport.write(answer)


application: Final = CannedProtocol
