"""What an ASGI application says of its response, made ready to be written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, final

from fasterapi.asgi import RawHeaders
from fasterapi.http.exchange import UNKNOWN_LENGTH
from fasterapi.http.head import ResponseHead
from fasterapi.server.body_framing import BodyFraming, framing_in_chunks, framing_of, framing_without_body
from fasterapi.server.http_exchange import has_close

_NAME: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL_CHARACTER: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


@final
class AsgiResponse:
    """The head of a response and how its body is framed (RFC 9112, 6.3)."""

    def __init__(self, message: Mapping[str, Any], method: str, is_http_1_0: bool) -> None:
        self.closes: bool = False
        self._announced = UNKNOWN_LENGTH
        self._chunked = False
        self._is_http_1_0 = is_http_1_0
        headers = self._read_headers(message.get("headers", ()))
        status = int(message["status"])
        if not 200 <= status <= 999:
            raise RuntimeError(f"An answer cannot have the status {status}: use one from 200 to 599.")
        self.head: ResponseHead = ResponseHead(status, headers)
        self._without_body = method == "HEAD" or not self.head.allows_body

    def framing(self, piece: bytes, more: bool) -> BodyFraming:
        """How the body is framed, now that its first piece is known."""
        announced = self._announced
        if self._without_body:
            return framing_without_body(self.head.status, announced)
        if self._chunked and not self._is_http_1_0:
            return framing_in_chunks(False)
        if announced == UNKNOWN_LENGTH and not more:
            announced = len(piece)
        return framing_of(announced, self._is_http_1_0)

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
        if not value.isdigit() or (self._announced not in (UNKNOWN_LENGTH, int(value))):
            raise RuntimeError(f"Invalid Content-Length: {value!r}.")
        self._announced = int(value)

    def _read_coding(self, value: bytes) -> None:
        if value.lower() != b"chunked":
            raise RuntimeError(f"Transfer-Encoding can only be chunked, not {value!r}.")
        self._chunked = True
