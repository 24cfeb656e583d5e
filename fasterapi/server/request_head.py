"""The head of a request: its first line and its headers, kept as the bytes that came.

The parser has been over these bytes before: lines end in CRLF, names are tokens, values have no control characters, there is one
Content-Length of digits or none. What it lets through and HTTP/1.1 does not is refused here.
"""

from __future__ import annotations

from typing import Final, final
from urllib.parse import unquote

from fasterapi.asgi import RawHeaders

MAX_TARGET: Final = 32 * 1024
MAX_HEADERS: Final = 256

CHUNKED: Final = -1
UNKNOWN_FRAMING: Final = -2

_SHORTEST_HEADER: Final = 4


@final
class RequestHead:
    """A request line and header lines; `fault` is the status to refuse them with, or 0."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._lower = raw.lower()
        self._headers: RawHeaders | None = None
        self.method = ""
        self.target = ""
        self.path = ""
        self.is_http_1_0 = False
        self.fault = self._read_line()
        if not self.fault:
            self.fault = self._check_headers()

    def query_string(self) -> bytes:
        """The query as it was sent, without the question mark."""
        mark = self.target.find("?")
        return b"" if mark < 0 else self.target[mark + 1 :].encode("ascii")

    def raw_path(self) -> bytes:
        """The path as it was sent, without the query."""
        target = self.target
        mark = target.find("?")
        return (target if mark < 0 else target[:mark]).encode("ascii")

    def http_version(self) -> str:
        """The version, as ASGI writes it."""
        return "1.0" if self.is_http_1_0 else "1.1"

    def headers(self) -> RawHeaders:
        """All headers in their order, names in lower case; split at the first need."""
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
        start = self._lower.find(b"\r\n" + name + b":")
        if start < 0:
            return None
        start += len(name) + 3
        return self.raw[start : self.raw.find(b"\r\n", start)].strip(b" \t")

    def body_length(self) -> int:
        """How long the body of a request that has one is: a number, `CHUNKED` or `UNKNOWN_FRAMING`.

        Codings other than chunked are refused, and chunked is in HTTP/1.0 (RFC 9112, 6.1): the next server may understand them differently.
        """
        length = self.header(b"content-length")
        if length is not None:
            return int(length)
        coding = self.header(b"transfer-encoding")
        if coding is None or coding.lower() != b"chunked" or self.is_http_1_0 or self._lower.count(b"\r\ntransfer-encoding:") > 1:
            return UNKNOWN_FRAMING
        return CHUNKED

    def expects_continue(self) -> bool:
        """Whether the client waits for leave to send its body (RFC 9110, 10.1.1)."""
        value = self.header(b"expect")
        return value is not None and value.lower() == b"100-continue" and not self.is_http_1_0

    def _read_line(self) -> int:
        """The parser takes several spaces for one and knows other protocols' versions: exactly one space and HTTP/1 here."""
        parts = self.raw[: self.raw.find(b"\r\n")].decode("latin-1").split(" ")
        if len(parts) != 3:
            return 400
        self.method = parts[0]
        version = parts[2]
        if version != "HTTP/1.1":
            if version != "HTTP/1.0":
                return 505 if version.startswith("HTTP/") else 400
            self.is_http_1_0 = True
        target = parts[1]
        if len(target) > MAX_TARGET:
            return 414
        if not target.startswith("/"):
            target = _origin_form(target)
            if not target or self.method == "CONNECT":
                return 400
        if "#" in target:
            return 400
        self.target = target
        mark = target.find("?")
        path = target if mark < 0 else target[:mark]
        self.path = unquote(path) if "%" in path else path
        return 0

    def _check_headers(self) -> int:
        """One Host, and in HTTP/1.1 not none (RFC 9112, 3.2)."""
        hosts = self._lower.count(b"\r\nhost:")
        if hosts != 1 and (hosts or not self.is_http_1_0):
            return 400
        length = len(self.raw)
        if length > MAX_HEADERS * _SHORTEST_HEADER and self.raw.count(b"\r\n") > MAX_HEADERS + 2:
            return 431
        return 0


def _origin_form(target: str) -> str:
    """The path and query of a target in another form (RFC 9112, 3.2): a whole URL, or the asterisk; empty when it is neither."""
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
