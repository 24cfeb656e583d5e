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

_CARRIAGE_RETURN: Final = 13
_COLON: Final = 58
_LINE_END: Final = len("\r\n")
_BLANKS: Final = b"\t "
_IN_HOST: Final = bytes(chr(code) in "._~!$&'()*+,;=%:[]-" or chr(code).isalnum() for code in range(128)) + bytes(128)
"""Which bytes a host and port may have (RFC 3986, 3.2), as a table of ones and zeros."""


@final
class RequestHead:
    """A request line and its headers, as bytes and as Latin-1 text; `fault` is the status to refuse them with, or 0.

    Written for instructions: text is searched and bytes are walked natively in compiled code, methods of bytes are not.
    """

    def __init__(self, raw: bytes, text: str) -> None:
        self.raw = raw
        self.method = ""
        self.path = ""
        self.is_http_1_0 = False
        self._text = text
        self._lower = ""
        self._headers: RawHeaders | None = None
        self._target = ""
        self._line_length = text.find("\r\n")
        self.fault = self._read_line(text) or self._check_headers()

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
        """All headers in their order, names in lower case; taken apart at the first need."""
        headers = self._headers
        if headers is None:
            headers = []
            for line in self.raw.split(b"\r\n")[1:-2]:
                colon = line.find(b":")
                headers.append((line[:colon].lower(), line[colon + 1 :].strip(b" \t")))
            self._headers = headers
        return headers

    def header(self, name: bytes) -> bytes | None:
        """The first header of this lower-case name."""
        field = "\r\n" + name.decode("latin-1") + ":"
        start = self._lower_text().find(field)
        if start < 0:
            return None
        start += len(field)
        stop = self._text.find("\r\n", start)
        while start < stop and self.raw[start] in _BLANKS:
            start += 1
        while start < stop and self.raw[stop - 1] in _BLANKS:
            stop -= 1
        return self.raw[start:stop]

    def body_length(self) -> int:
        """The length of the body that is to come: a number, `CHUNKED`, or `UNKNOWN_LENGTH` where it is not to be known for certain.

        No coding but chunked, and that only once, and not in HTTP/1.0: what stands before us might read it differently
        (RFC 9112, 6.1 and 11.2).
        """
        length = self.header(b"content-length")
        if length is not None:
            return int(length)
        coding = self.header(b"transfer-encoding")
        if coding is None or coding.lower() != b"chunked" or self.is_http_1_0 or self._lower_text().count("\r\ntransfer-encoding:") > 1:
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

    def has_body(self) -> bool:
        """Whether the head announces a body; needed only where the parser does not say."""
        return self.header(b"transfer-encoding") is not None or (self.header(b"content-length") or b"0").strip(b"0") != b""

    def without_upgrade(self) -> bytes:
        """The head as it would be had the client not asked to upgrade."""
        lines = self.raw.split(b"\r\n")
        return b"\r\n".join([line for line in lines if not line.lower().startswith(b"upgrade:")])

    def _lower_text(self) -> str:
        if not self._lower:
            self._lower = self._text.lower()
        return self._lower

    def _read_line(self, text: str) -> int:
        """The parser takes several spaces for one and knows the versions of other protocols: here it is one, and HTTP/1."""
        first = text.find(" ")
        second = text.find(" ", first + 1)
        version = text[second + 1 : self._line_length]
        if second < 0 or second > self._line_length or " " in version:
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
        position: i64 = self._line_length + _LINE_END
        end: i64 = len(raw) - _LINE_END
        headers: i64 = 0
        hosts: i64 = 0
        while position < end:
            start = position
            while raw[position] != _COLON:
                position += 1
            is_host = position == start + 4 and _is_host_name(raw, start)
            start = position + 1
            while raw[position] != _CARRIAGE_RETURN:
                position += 1
            if is_host:
                hosts += 1
                if not _could_be_host(raw, start, position):
                    return 400
            headers += 1
            position += _LINE_END
        if hosts > 1 or (hosts == 0 and not self.is_http_1_0):
            return 400
        return 431 if headers > MAX_HEADERS else 0


def _is_host_name(raw: bytes, start: i64) -> bool:
    """Whether `host` stands there, in capitals or not."""
    return raw[start] | 32 == 104 and raw[start + 1] | 32 == 111 and raw[start + 2] | 32 == 115 and raw[start + 3] | 32 == 116


def _could_be_host(raw: bytes, start: i64, stop: i64) -> bool:
    """Whether all bytes are those of a host and port, blanks around them apart."""
    while start < stop and raw[start] in _BLANKS:
        start += 1
    while start < stop and raw[stop - 1] in _BLANKS:
        stop -= 1
    while start < stop:
        if not _IN_HOST[raw[start]]:
            return False
        start += 1
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
