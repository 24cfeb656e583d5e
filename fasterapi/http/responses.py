"""What handlers may return when the answer is more than a value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec
from mypy_extensions import mypyc_attr

from fasterapi.asgi import RawHeaders
from fasterapi.http.head import ResponseHead

_encode: Final = msgspec.json.Encoder().encode


@mypyc_attr(allow_interpreted_subclasses=True)
class Response:
    """An answer with a status, headers and a whole body.

    Example: `return Response(b"...", media_type="image/png", headers={"cache-control": "max-age=60"})`.
    """

    media_type: ClassVar[str | None] = None
    charset: ClassVar[str] = "utf-8"

    def __init__(
        self,
        content: object = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
    ) -> None:
        self.status_code = status_code
        self.body = self.render(content)
        self.raw_headers: RawHeaders = _encode_headers(headers)
        self._declare_content_type(self.media_type if media_type is None else media_type)

    def render(self, content: object) -> bytes:
        """The bytes of the body; subclasses say here how content becomes text."""
        if content is None:
            return b""
        if isinstance(content, bytes):
            return content
        if isinstance(content, str):
            return content.encode(self.charset)
        if isinstance(content, (bytearray, memoryview)):
            return bytes(content)
        raise TypeError(
            f"{type(self).__name__} takes str or bytes as content, not {type(content).__name__}."
            " Return the value itself, or JSONResponse(value), to send JSON."
        )

    def head(self) -> ResponseHead:
        """Status and headers as they are now."""
        return ResponseHead(self.status_code, self.raw_headers)

    def _declare_content_type(self, media_type: str | None) -> None:
        if media_type is None:
            return
        for name, _ in self.raw_headers:
            if name == b"content-type":
                return
        if media_type.startswith("text/") and "charset=" not in media_type.lower():
            media_type = f"{media_type}; charset={self.charset}"
        self.raw_headers.append((b"content-type", _encode_value("content-type", media_type)))


@mypyc_attr(allow_interpreted_subclasses=True)
class JSONResponse(Response):
    """A JSON answer of any value that JSON can carry; bytes are taken as JSON that is encoded already."""

    media_type: ClassVar[str | None] = "application/json"

    def render(self, content: object) -> bytes:
        if isinstance(content, bytes):
            return content
        return _encode(content)


@mypyc_attr(allow_interpreted_subclasses=True)
class HTMLResponse(Response):
    """A page."""

    media_type: ClassVar[str | None] = "text/html"


@mypyc_attr(allow_interpreted_subclasses=True)
class PlainTextResponse(Response):
    """Plain text."""

    media_type: ClassVar[str | None] = "text/plain"


def _encode_headers(headers: Mapping[str, str] | None) -> RawHeaders:
    encoded: RawHeaders = []
    if headers is not None:
        for name, value in headers.items():
            lower = name.lower()
            if lower != "content-length":
                encoded.append((_encode_name(lower), _encode_value(name, value)))
    return encoded


_TOKEN_BYTES: Final = frozenset(b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")
_FORBIDDEN_IN_VALUE: Final = frozenset(byte for byte in range(256) if (byte < 32 and byte != 9) or byte == 127)


def _encode_name(name: str) -> bytes:
    """A header name is a token and nothing else (RFC 9110, 5.6.2)."""
    encoded = name.encode("latin-1", "replace")
    if not encoded or not _TOKEN_BYTES.issuperset(encoded):
        raise ValueError(f"{name!r} is not a header name: use letters, digits and hyphens.")
    return encoded


def _encode_value(name: str, value: str) -> bytes:
    """A header value has no control characters, or a client could be made to see headers of its sender's (RFC 9110, 5.5)."""
    try:
        encoded = value.strip(" \t").encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError(f"The value of header {name!r} has characters beyond Latin-1: {value!r}. Percent-encode them.") from None
    if not _FORBIDDEN_IN_VALUE.isdisjoint(encoded):
        raise ValueError(f"The value of header {name!r} has control characters: {value!r}. Remove them.")
    return encoded
