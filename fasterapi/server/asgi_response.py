"""What an ASGI application says of its response, made ready to be written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, final

from fasterapi.asgi import RawHeaders
from fasterapi.http.head import ResponseHead
from fasterapi.server.http_exchange import has_close, length_line

_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL_CHARACTER: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

_COUNTED: Final = 0
_CHUNKED: Final = 1
_UNTIL_CLOSE: Final = 2
_WITHOUT_BODY: Final = 3

_CHUNKED_LINE: Final = b"transfer-encoding: chunked\r\n"
_LAST_CHUNK: Final = b"0\r\n\r\n"


@final
class AsgiResponse:
    """The head of a response and how its body is framed (RFC 9112, 6.3)."""

    def __init__(self, message: Mapping[str, Any], method: str, is_http_1_0: bool) -> None:
        self.closes: bool = False
        self._announced: int | None = None
        self._chunked = False
        self._is_http_1_0 = is_http_1_0
        self._framing = _COUNTED
        self._left = 0
        headers = self._read_headers(message.get("headers", ()))
        status = int(message["status"])
        if not 200 <= status <= 999:
            raise RuntimeError(f"An answer cannot have the status {status}: use one from 200 to 599.")
        self.head: ResponseHead = ResponseHead(status, headers)
        self.without_body: bool = method == "HEAD" or not self.head.allows_body

    def frame(self, piece: bytes, more: bool) -> bytes:
        """Decide on the framing, now that the first piece of the body is known, and give its header line."""
        announced = self._announced
        if self.without_body:
            self._framing = _WITHOUT_BODY
            return b"" if announced is None or self.head.status == 204 else length_line(announced)
        if self._chunked and not self._is_http_1_0:
            self._framing = _CHUNKED
            return _CHUNKED_LINE
        if announced is None and not more:
            announced = len(piece)
        if announced is not None:
            self._left = announced
            return length_line(announced)
        if self._is_http_1_0:
            self._framing = _UNTIL_CLOSE
            return b""
        self._framing = _CHUNKED
        return _CHUNKED_LINE

    def encode(self, piece: bytes, more: bool) -> bytes:
        """The piece as it is to be written."""
        framing = self._framing
        if framing == _WITHOUT_BODY:
            return b""
        if framing == _UNTIL_CLOSE:
            return piece
        if framing == _CHUNKED:
            chunk = b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
            return chunk if more else chunk + _LAST_CHUNK
        self._left -= len(piece)
        if self._left < 0:
            raise RuntimeError("Response content longer than Content-Length")
        if self._left > 0 and not more:
            raise RuntimeError("Response content shorter than Content-Length")
        return piece

    def needs_close(self) -> bool:
        """Whether only the end of the connection tells the client where the body ends."""
        return self._framing == _UNTIL_CLOSE

    def _read_headers(self, pairs: Iterable[Any]) -> RawHeaders:
        """The headers without those that the framing decides on, and `connection: close`, which is the protocol's to say."""
        headers: RawHeaders = []
        for name, value in pairs:
            if not isinstance(name, bytes) or not isinstance(value, bytes):
                raise TypeError(f"The names and values of headers are bytes in ASGI, not {name!r}: {value!r}.")
            if _NAME.fullmatch(name) is None:
                raise RuntimeError(f"Invalid HTTP header name: {name!r}.")
            if _CONTROL_CHARACTER.search(value) is not None:
                raise RuntimeError(f"Invalid HTTP header value: {value!r}, of {name!r}.")
            lower_name = name.lower()
            if lower_name == b"content-length":
                self._read_length(value)
            elif lower_name == b"transfer-encoding":
                self._read_coding(value)
            elif lower_name == b"connection" and has_close(value):
                self.closes = True
            else:
                headers.append((lower_name, value))
        return headers

    def _read_length(self, value: bytes) -> None:
        if not value.isdigit() or (self._announced is not None and self._announced != int(value)):
            raise RuntimeError(f"Invalid Content-Length: {value!r}.")
        self._announced = int(value)

    def _read_coding(self, value: bytes) -> None:
        if value.lower() != b"chunked":
            raise RuntimeError(f"Transfer-Encoding can only be chunked, not {value!r}.")
        self._chunked = True
