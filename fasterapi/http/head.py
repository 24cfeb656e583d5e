"""The head of a response, made ready for both doors."""

from __future__ import annotations

from typing import Final, final

from fasterapi.asgi import RawHeaders
from fasterapi.errors import reason_phrase

_READY_LENGTHS: Final = 2048
_LENGTHS: Final[RawHeaders] = [(b"content-length", str(length).encode("ascii")) for length in range(_READY_LENGTHS)]


def content_length(length: int) -> tuple[bytes, bytes]:
    """The `content-length` pair; those of small bodies are ready-made."""
    if length < _READY_LENGTHS:
        return _LENGTHS[length]
    return (b"content-length", str(length).encode("ascii"))


def allows_body(status: int) -> bool:
    """Whether a response of this status may carry a body (RFC 9110, 6.4.1)."""
    return status >= 200 and status not in (204, 304)


@final
class ResponseHead:
    """Status and headers of a response, its length apart; made once where many answers share it.

    `lines` is the same head as HTTP/1.1 text, without the empty line at its end.
    """

    def __init__(self, status: int, headers: RawHeaders) -> None:
        self.status = status
        self.headers = headers
        self.start_message: dict[str, object] = {"type": "http.response.start", "status": status, "headers": headers}
        """To be copied for each answer, which is half of what making it of its parts costs."""
        self.allows_body: bool = allows_body(status)
        self._lines = b""

    def headers_with_length(self, length: int) -> RawHeaders:
        """A list of the headers and of the length of a body."""
        headers = self.headers
        # The head of JSON and of many other answers has one header; a list of known length is cheaper than one that grows.
        if len(headers) == 1:
            return [headers[0], content_length(length)]
        return [*headers, content_length(length)]

    def lines(self) -> bytes:
        """The status line and the header lines; written at the first need."""
        if not self._lines:
            self._lines = self._write_lines()
        return self._lines

    def _write_lines(self) -> bytes:
        parts = [f"HTTP/1.1 {self.status} {reason_phrase(self.status)}\r\n".encode("ascii")]
        for name, value in self.headers:
            parts.append(name + b": " + value + b"\r\n")
        lines = b"".join(parts)
        # One count for all headers: a line end within one would start a header, or an answer, of somebody else's making.
        if lines.count(b"\n") != len(parts) or lines.count(b"\r") != len(parts) or b"\0" in lines:
            raise ValueError("A header has a line end or a NUL in it. Remove it, or set the header by response.headers, which names it.")
        return lines


def json_head(status: int) -> ResponseHead:
    """The head of a JSON answer."""
    if not allows_body(status):
        return ResponseHead(status, [])
    return ResponseHead(status, [(b"content-type", b"application/json")])
