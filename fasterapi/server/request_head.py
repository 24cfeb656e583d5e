"""The head of a request: its first line and its headers, kept as the bytes that came.

llhttp has been over these bytes: lines end in CRLF and are not folded, names are tokens, values and target have no control
characters, the target is ASCII, there is one Content-Length of digits or none, and none beside a Transfer-Encoding.
What it lets through and HTTP/1.1 does not is refused here.
"""

from __future__ import annotations

from typing import Final, final
from urllib.parse import unquote

from fasterapi.asgi import RawHeaders
from fasterapi.server.limits import MAX_HEADERS, MAX_TARGET

CHUNKED: Final = -1
UNKNOWN_LENGTH: Final = -2

_SHORTEST_HEADER: Final = len(b"a:\r\n")
_HOST_CHARACTERS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=%:[]"


@final
class RequestHead:
    """A request line and its headers; `fault` is the status to refuse them with, or 0."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._lower = raw.lower()
        self._headers: RawHeaders | None = None
        self.method = ""
        self.path = ""
        self.is_http_1_0 = False
        self._target = ""
        self.fault = self._read_line() or self._check_headers()

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
        start = self._lower.find(b"\r\n" + name + b":")
        if start < 0:
            return None
        start += len(name) + 3
        return self.raw[start : self.raw.find(b"\r\n", start)].strip(b" \t")

    def body_length(self) -> int:
        """The length of the body that is to come: a number, `CHUNKED`, or `UNKNOWN_LENGTH` where it is not to be known for certain.

        No coding but chunked, and that only once, and not in HTTP/1.0: what stands before us might read it differently
        (RFC 9112, 6.1 and 11.2).
        """
        length = self.header(b"content-length")
        if length is not None:
            return int(length)
        coding = self.header(b"transfer-encoding")
        if coding is None or coding.lower() != b"chunked" or self.is_http_1_0 or self._lower.count(b"\r\ntransfer-encoding:") > 1:
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

    def _read_line(self) -> int:
        """The parser takes several spaces for one and knows the versions of other protocols: here it is one, and HTTP/1."""
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
        if not target or "#" in target or self.method == "CONNECT":
            return 400
        self._target = target
        mark = target.find("?")
        path = target if mark < 0 else target[:mark]
        self.path = unquote(path) if "%" in path else path
        return 0

    def _check_headers(self) -> int:
        """One Host that could be one, and in HTTP/1.1 not none (RFC 9112, 3.2)."""
        start = self._lower.find(b"\r\nhost:")
        if start < 0:
            return 0 if self.is_http_1_0 else 400
        start += len(b"\r\nhost:")
        host = self.raw[start : self.raw.find(b"\r\n", start)].strip(b" \t")
        if host.translate(None, _HOST_CHARACTERS) or self._lower.find(b"\r\nhost:", start) >= 0:
            return 400
        if len(self.raw) > MAX_HEADERS * _SHORTEST_HEADER and self.raw.count(b"\r\n") > MAX_HEADERS + 2:
            return 431
        return 0


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
