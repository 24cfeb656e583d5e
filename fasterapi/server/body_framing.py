"""How a client knows where the body of a response ends (RFC 9112, 6.3)."""

from __future__ import annotations

from typing import Final, final

from fasterapi.http.body_length import BodyLength
from fasterapi.http.exchange import UNKNOWN_LENGTH

_COUNTED: Final = 0
_CHUNKED: Final = 1
_UNTIL_CLOSE: Final = 2
_WITHOUT_BODY: Final = 3

_CHUNKED_LINE: Final = b"transfer-encoding: chunked\r\n"
_LAST_CHUNK: Final = b"0\r\n\r\n"


def length_line(length: int) -> bytes:
    """The line that announces a body's length."""
    return b"content-length: %d\r\n" % length


@final
class BodyFraming:
    """The framing of one body; made by the functions below."""

    def __init__(self, kind: int, line: bytes, length: int) -> None:
        self._kind = kind
        self._length = BodyLength(length)
        self.line = line
        """What the head says of the body's end."""
        self.needs_close: bool = kind == _UNTIL_CLOSE
        """Whether only the end of the connection tells the client where the body ends."""
        self.without_body: bool = kind == _WITHOUT_BODY

    def encode(self, piece: bytes) -> bytes:
        """A piece as it is to be written. Raises `RuntimeError` for more than was announced."""
        kind = self._kind
        if kind == _COUNTED:
            self._length.take(len(piece))
            return piece
        if kind == _CHUNKED:
            # An empty chunk would be the last one.
            return b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
        return b"" if kind == _WITHOUT_BODY else piece

    def end(self) -> bytes:
        """What is to be written behind the last piece. Raises `RuntimeError` for less than was announced."""
        if self._kind == _COUNTED:
            self._length.end()
        return _LAST_CHUNK if self._kind == _CHUNKED else b""


def framing_without_body(status: int, announced: int) -> BodyFraming:
    """A head alone. It tells the length that the body would have had, but where there never is one (RFC 9110, 8.6)."""
    return BodyFraming(_WITHOUT_BODY, b"" if announced == UNKNOWN_LENGTH or status == 204 else length_line(announced), 0)


def framing_of(announced: int, is_http_1_0: bool) -> BodyFraming:
    """A body of a known length, or of `UNKNOWN_LENGTH`."""
    if announced != UNKNOWN_LENGTH:
        return BodyFraming(_COUNTED, length_line(announced), announced)
    return framing_in_chunks(is_http_1_0)


def framing_in_chunks(is_http_1_0: bool) -> BodyFraming:
    """A body of unknown length; chunks came with HTTP/1.1."""
    return BodyFraming(_UNTIL_CLOSE, b"", 0) if is_http_1_0 else BodyFraming(_CHUNKED, _CHUNKED_LINE, 0)
