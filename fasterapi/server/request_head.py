"""The head of a request: its first line and its headers, kept as the bytes that came.

llhttp has been over these bytes: lines end in CRLF and are not folded, names are tokens, values and target have no control
characters, the target is ASCII, there is one Content-Length of digits or none, and none beside a Transfer-Encoding.
What it lets through and HTTP/1.1 does not is refused here.
"""

from __future__ import annotations

from typing import Final, final
from urllib.parse import unquote

from mypy_extensions import i64

from fasterapi.asgi import RawHeaders
from fasterapi.server.limits import MAX_HEADERS, MAX_TARGET

CHUNKED: Final = -1
UNKNOWN_LENGTH: Final = -2

_TAB: Final = 9
_SPACE: Final = 32
_ZERO: Final = 48
_COLON: Final = 58
_CAPITAL_A: Final = 65
_CAPITAL_Z: Final = 90
_TO_SMALL: Final = 32
_LINE_END: Final = len("\r\n")

_IN_HOST: Final = bytes([chr(code) in "._~!$&'()*+,;=%:[]-" or chr(code).isalnum() for code in range(128)]) + bytes(128)
"""Which bytes a host and port may have (RFC 3986, 3.2), as a table of ones and zeros."""


@final
class RequestHead:
    """A request line and its headers; `fault` is the status to refuse them with, or 0.

    The headers stay as they came until somebody wants one. Both as bytes and as Latin-1 text: compiled code is quick at walking
    over the ones and at searching the other.
    """

    def __init__(self, raw: bytes, text: str) -> None:
        self.raw = raw
        self.method: str = ""
        self.path: str = ""
        self.is_http_1_0: bool = False
        self.transfer_codings: int = 0
        self._target = ""
        self._headers: RawHeaders | None = None
        self._text = text
        line_length = text.find("\r\n")
        self._headers_at = line_length + _LINE_END
        self.fault: int = self._read_line(line_length) or self._check_headers()

    def query_string(self) -> bytes:
        """The query as it was sent, without the question mark."""
        mark = self._target.find("?")
        return b"" if mark < 0 else self._target[mark + 1 :].encode("ascii")

    def raw_path(self) -> bytes:
        """The path as it was sent, without the query."""
        mark = self._target.find("?")
        path = self._target if mark < 0 else self._target[:mark]
        return path.encode("ascii")

    def http_version(self) -> str:
        """The version, as ASGI writes it."""
        return "1.0" if self.is_http_1_0 else "1.1"

    def headers(self) -> RawHeaders:
        """All headers in their order, names in lower case."""
        headers = self._headers
        if headers is None:
            headers = self._headers = self._split_headers()
        return headers

    def header(self, name: bytes) -> bytes | None:
        """The first header of this lower-case name."""
        position = self._headers_at
        end = len(self.raw) - _LINE_END
        while position < end:
            if _is_name(self.raw, position, name):
                return self._value(position + len(name) + 1)
            position = self._next_line(position)
        return None

    def body_length(self) -> int:
        """The length of the body that is to come: a number, `CHUNKED`, or `UNKNOWN_LENGTH` where it is not to be known for certain.

        No coding but chunked, and that only once, and not in HTTP/1.0: what stands before us might read it differently
        (RFC 9112, 6.1 and 11.2).
        """
        digits = self.header(b"content-length")
        if digits is not None:
            length = 0
            for digit in digits:
                length = 10 * length + digit - _ZERO
            return length
        coding = self.header(b"transfer-encoding")
        if coding is None or coding.lower() != b"chunked" or self.transfer_codings > 1 or self.is_http_1_0:
            return UNKNOWN_LENGTH
        return CHUNKED

    def expects_continue(self) -> bool:
        """Whether the client waits for leave to send its body (RFC 9110, 10.1.1)."""
        expectation = self.header(b"expect")
        return expectation is not None and expectation.lower() == b"100-continue" and not self.is_http_1_0

    def asks_for_websocket(self) -> bool:
        """Whether a request to upgrade asks for a WebSocket (RFC 6455, 4.1)."""
        protocol = self.header(b"upgrade")
        return protocol is not None and protocol.lower() == b"websocket" and self.method == "GET"

    def has_plain_websocket_headers(self) -> bool:
        """Whether the headers of a handshake are ASCII, as their grammar has it (RFC 6455, 4.3): decoders stumble over others."""
        return all(value.isascii() for name, value in self.headers() if name.startswith(b"sec-websocket-"))

    def has_body(self) -> bool:
        """Whether the head announces a body; needed only where the parser does not say."""
        return self.transfer_codings > 0 or (self.header(b"content-length") or b"0").strip(b"0") != b""

    def without_upgrade(self) -> bytes:
        """The head as it would be had the client not asked to upgrade."""
        lines = self.raw.split(b"\r\n")
        return b"\r\n".join([line for line in lines if not line.lower().startswith(b"upgrade:")])

    def _read_line(self, length: int) -> int:
        """The parser takes several spaces for one and knows the versions of other protocols: here it is one, and HTTP/1."""
        text = self._text
        first = text.find(" ")
        second = text.find(" ", first + 1)
        version = text[second + 1 : length]
        if second < 0 or second > length or " " in version:
            return 400
        if version != "HTTP/1.1":
            if version != "HTTP/1.0":
                return 505 if version.startswith("HTTP/") else 400
            self.is_http_1_0 = True
        if second - first > MAX_TARGET:
            return 414
        self.method = text[:first]
        target = text[first + 1 : second]
        if not target.startswith("/"):
            target = _origin_form(target)
        if not target or "#" in target or self.method == "CONNECT":
            return 400
        self._target = target
        mark = target.find("?")
        path = target if mark < 0 else target[:mark]
        self.path = unquote(path) if "%" in path else path
        return 0

    def _check_headers(self) -> int:
        """Not too many, and one Host, that could be one; HTTP/1.0 does without (RFC 9112, 3.2)."""
        raw = self.raw
        position = self._headers_at
        end = len(raw) - _LINE_END
        headers = 0
        hosts = 0
        while position < end:
            headers += 1
            if _is_name(raw, position, b"host"):
                hosts += 1
                if not _could_be_host(self._value(position + len(b"host:"))):
                    return 400
            elif _is_name(raw, position, b"transfer-encoding"):
                self.transfer_codings += 1
            position = self._next_line(position)
        if hosts > 1 or (hosts == 0 and not self.is_http_1_0):
            return 400
        return 431 if headers > MAX_HEADERS else 0

    def _split_headers(self) -> RawHeaders:
        headers: RawHeaders = []
        position = self._headers_at
        end = len(self.raw) - _LINE_END
        while position < end:
            colon = self._text.find(":", position)
            headers.append((self.raw[position:colon].lower(), self._value(colon + 1)))
            position = self._next_line(colon)
        return headers

    def _next_line(self, position: int) -> int:
        return self._text.find("\r", position) + _LINE_END

    def _value(self, position: int) -> bytes:
        """The value that begins there, without the blanks around it."""
        raw = self.raw
        start: i64 = position
        stop: i64 = self._text.find("\r", position)
        while start < stop and (raw[start] == _SPACE or raw[start] == _TAB):
            start += 1
        while start < stop and (raw[stop - 1] == _SPACE or raw[stop - 1] == _TAB):
            stop -= 1
        return raw[start:stop]


def _is_name(raw: bytes, position: i64, name: bytes) -> bool:
    """Whether this lower-case name stands there, in capitals or not, and nothing follows it but its colon."""
    at: i64 = 0
    length: i64 = len(name)
    while at < length:
        byte: i64 = raw[position + at]
        if _CAPITAL_A <= byte <= _CAPITAL_Z:
            byte += _TO_SMALL
        if byte != name[at]:
            return False
        at += 1
    return raw[position + at] == _COLON


def _could_be_host(host: bytes) -> bool:
    """Whether it has only what a host and port may have."""
    at: i64 = 0
    end: i64 = len(host)
    while at < end:
        if _IN_HOST[host[at]] == 0:
            return False
        at += 1
    return True


def _origin_form(target: str) -> str:
    """The path and query of a target in another form (RFC 9112, 3.2): a whole URL, or the asterisk; empty for anything else."""
    if target == "*":
        return target
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return ""
    slash = rest.find("/")
    mark = rest.find("?")
    if mark >= 0 and (slash < 0 or mark < slash):
        return "/" + rest[mark:] if mark else ""
    if slash < 0:
        return "/" if rest else ""
    return rest[slash:] if slash else ""
