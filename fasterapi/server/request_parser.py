"""Cuts what a client sends into heads and bodies.

llhttp judges every byte. It is fed up to where a head or a body can end and no further, so that nothing of the next request has
been looked at before this one is answered; where it does not agree that this is an end, nobody goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from fasterapi.server.incoming_body import IncomingBody
from fasterapi.server.limits import MAX_CHUNK_OVERHEAD, MAX_HEAD
from fasterapi.server.request_head import RequestHead

_EMPTY_LINE: Final = b"\r\n\r\n"
_SPACE: Final = 32

# The smallest chunk there is spends five bytes (its size and two line ends) on the one that it carries.
_SPENT_PER_BYTE: Final = 6


@final
class RequestParser:
    """Takes what was received and gives it out as requests; `fault` is the status to refuse the client with, or 0."""

    def __init__(self) -> None:
        self.fault: int = 0
        self.keep_alive: bool = False
        self.is_upgrade: bool = False
        self.is_request_whole: bool = False
        self._data = b""
        self._text = ""
        self._position = 0
        self._partial = bytearray()
        self._incoming: IncomingBody | None = None
        self._remaining = 0
        self._chunk_bytes = 0
        self._last_bytes = b""
        self._head_ended = False
        self._llhttp: HttpRequestParser | None = None
        self._feed_data: Callable[[bytes], None] | None = None
        self._connect()

    # What llhttp calls: it makes a call for each method that is here, so there are no more than are needed.

    def on_headers_complete(self) -> None:
        """llhttp has seen the end of a head."""
        self._head_ended = True
        if self._llhttp is not None:
            self.keep_alive = self._llhttp.should_keep_alive()

    def on_body(self, piece: bytes) -> None:
        """llhttp has seen a piece of a body."""
        if self._incoming is not None:
            self._incoming.add(piece)

    def on_message_complete(self) -> None:
        """llhttp has seen the end of a request."""
        self.is_request_whole = True

    # What the protocol calls.

    def receive(self, data: bytes) -> None:
        """Take what came."""
        if self.has_more():
            data = self._data[self._position :] + data
        self._data = data
        self._text = ""
        self._position = 0

    def has_more(self) -> bool:
        """Whether something was received that has not been read."""
        return self._position < len(self._data)

    def is_inside_head(self) -> bool:
        """Whether a head has begun and not ended."""
        return len(self._partial) > 0

    def read_head(self) -> RequestHead | None:
        """The next head, if it is here and nothing is wrong with it; `is_request_whole` says whether no body follows."""
        self.is_request_whole = False
        self._head_ended = False
        if self._partial:
            return self._read_rest_of_head()
        text = self._text
        if not text:
            # Text is searched natively in compiled code, bytes are not.
            text = self._text = self._data.decode("latin-1")
        start = self._position
        end = text.find("\r\n\r\n", start)
        if end >= 0:
            stop = end + len(_EMPTY_LINE)
            raw = self._take(stop)
            self._feed(raw)
            return self._finish_head(raw, text if len(raw) == len(text) else text[start:stop])
        piece = self._take(len(self._data))
        # Empty lines before a request line are not the beginning of one (RFC 9112, 2.2).
        self._partial += piece.lstrip(b"\r\n")
        self._feed(piece)
        self._check_size(len(piece))
        return None

    def begin_body(self, incoming: IncomingBody) -> None:
        """Give the body of the head that was read to `incoming`."""
        self._incoming = incoming
        self._remaining = incoming.announced
        self._chunk_bytes = 0
        self._last_bytes = b""

    def read_body(self) -> None:
        """Read on in the body; `is_request_whole` says whether it has ended."""
        if self._remaining >= 0:
            self._read_counted_body()
        else:
            self._read_chunked_body()
        if self.is_request_whole:
            self._incoming = None

    def decline_upgrade(self, head: RequestHead) -> None:
        """Read the request as if it had not asked to upgrade (RFC 9110, 7.8): llhttp reads no body that follows a request to upgrade."""
        self._connect()
        self.is_upgrade = False
        self.is_request_whole = False
        self._feed(head.without_upgrade())
        if self.is_upgrade:
            self.fault = 400

    def leave(self) -> bytes:
        """Let go of llhttp, which holds on to this object, and of what was not read, which is the result."""
        rest = self._data[self._position :]
        self._data = b""
        self._text = ""
        self._position = 0
        self._partial = bytearray()
        self._incoming = None
        self._llhttp = None
        self._feed_data = None
        return rest

    def _connect(self) -> None:
        llhttp = HttpRequestParser(self)
        self._llhttp = llhttp
        self._feed_data = llhttp.feed_data

    def _feed(self, piece: bytes) -> None:
        feed_data = self._feed_data
        if feed_data is None:
            return
        try:
            feed_data(piece)
        except HttpParserUpgrade as upgrade:
            self.is_upgrade = True
            if upgrade.args[0] != len(piece):
                self.fault = 400
        except HttpParserError:
            self.fault = 400

    def _take(self, stop: int) -> bytes:
        """The data up to `stop`; nothing is kept of data that has been read."""
        data = self._data
        start = self._position
        if stop == len(data):
            self._data = b""
            self._text = ""
            self._position = 0
            return data[start:] if start else data
        self._position = stop
        return data[start:stop]

    def _read_rest_of_head(self) -> RequestHead | None:
        partial = self._partial
        known = len(partial)
        partial += self._data[self._position :]
        end = partial.find(_EMPTY_LINE, max(known - len(_EMPTY_LINE) + 1, 0))
        if end < 0:
            self._feed(self._take(len(self._data)))
            self._check_size(len(partial))
            return None
        end += len(_EMPTY_LINE)
        self._partial = bytearray()
        self._feed(self._take(self._position + end - known))
        raw = bytes(partial[:end])
        return self._finish_head(raw, raw.decode("latin-1"))

    def _check_size(self, size: int) -> None:
        if size > MAX_HEAD and not self.fault:
            self.fault = 431

    def _finish_head(self, raw: bytes, text: str) -> RequestHead | None:
        self._check_size(len(raw))
        if self.fault:
            return None
        if raw[0] < _SPACE:
            # Empty lines before a request line are passed over (RFC 9112, 2.2).
            raw = raw.lstrip(b"\r\n")
            text = text.lstrip("\r\n")
            if not raw:
                return None
        if not self._head_ended:
            self.fault = 400
            return None
        head = RequestHead(raw, text)
        self.fault = head.fault
        return None if head.fault else head

    def _read_counted_body(self) -> None:
        """A body of a known length."""
        stop = self._position + self._remaining
        piece = self._take(min(stop, len(self._data)))
        self._remaining -= len(piece)
        self._feed(piece)
        if self.is_request_whole != (self._remaining == 0):
            self.fault = 400

    def _read_chunked_body(self) -> None:
        """A chunked body ends with an empty line, as a head does: read up to each one, and ask llhttp whether that was the end."""
        incoming = self._incoming
        while self.has_more() and not self.is_request_whole and not self.fault:
            piece = self._take(self._next_empty_line())
            self._feed(piece)
            last_bytes = piece if len(piece) >= len(_EMPTY_LINE) else self._last_bytes + piece
            self._last_bytes = last_bytes[-len(_EMPTY_LINE) :]
            self._chunk_bytes += len(piece)
            if incoming is not None and self._chunk_bytes > incoming.size * _SPENT_PER_BYTE + MAX_CHUNK_OVERHEAD:
                self.fault = 400
        if self.is_request_whole and self._last_bytes != _EMPTY_LINE:
            self.fault = 400

    def _next_empty_line(self) -> int:
        """Where the next empty line ends, which may have begun in what came before; the end of the data if there is none."""
        position = self._position
        before = self._last_bytes[-3:]
        if before:
            across = (before + self._data[position : position + 3]).find(_EMPTY_LINE)
            if across >= 0:
                return position + across + len(_EMPTY_LINE) - len(before)
        end = self._data.find(_EMPTY_LINE, position)
        return len(self._data) if end < 0 else end + len(_EMPTY_LINE)
