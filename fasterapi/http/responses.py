"""What handlers may return when the answer is more than a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final, cast
from urllib.parse import quote

import msgspec
from mypy_extensions import mypyc_attr
from typing_extensions import override

from fasterapi.asgi import RawHeaders, Receive, Scope, Send
from fasterapi.background import BackgroundTask
from fasterapi.datastructures.header_fields import encode_header_name, encode_header_value
from fasterapi.datastructures.headers import MutableHeaders
from fasterapi.datastructures.url import URL
from fasterapi.http.asgi_exchange import AsgiExchange, send_response
from fasterapi.http.connection import no_receive
from fasterapi.http.cookies import SameSite, encode_cookie
from fasterapi.http.exchange import UNKNOWN_LENGTH, Exchange
from fasterapi.http.head import ResponseHead, allows_body

_encode: Final = msgspec.json.Encoder().encode
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")

_CONTENT_TYPES: Final[dict[tuple[str, str], tuple[bytes, bytes]]] = {}
_MOST_CONTENT_TYPES: Final = 100


@mypyc_attr(allow_interpreted_subclasses=True)
class Response:
    """An answer with a status, headers and a whole body.

    Example: `return Response(b"...", media_type="image/png", headers={"cache-control": "max-age=60"})`.

    How long the body is, and how it is cut up on its way, is for the server to say: such headers are left out.
    """

    media_type: ClassVar[str | None] = None
    charset: ClassVar[str] = "utf-8"
    is_streamed: ClassVar[bool] = False
    """Whether the body is sent in pieces, by `stream`, instead of whole."""

    def __init__(
        self,
        content: object = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.status_code = status_code
        self.background = background
        self.body: bytes = self.render(content)
        self.raw_headers: RawHeaders = []
        self._headers: MutableHeaders | None = None
        if headers is not None:
            for name, value in headers.items():
                self.raw_headers.append((encode_header_name(name), encode_header_value(name, value)))
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

    @property
    def headers(self) -> MutableHeaders:
        """The headers, to be read and changed."""
        headers = self._headers
        if headers is None:
            headers = MutableHeaders(None, self.raw_headers)
            self._headers = headers
        return headers

    def set_cookie(
        self,
        key: str,
        value: str = "",
        max_age: int | None = None,
        expires: datetime | str | int | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Have the client keep a cookie; `expires` is a moment, its text, or a number of seconds from now.

        Example: `response.set_cookie("session", token, max_age=3600, secure=True, httponly=True)`.

        Raises `ValueError` for what could be read as another attribute or header.
        """
        cookie = encode_cookie(key, value, max_age, expires, path, domain, secure, httponly, samesite, partitioned)
        self.raw_headers.append((b"set-cookie", cookie))

    def delete_cookie(
        self,
        key: str,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Have the client forget a cookie; path and domain must be those that it was set with."""
        self.set_cookie(key, "", 0, 0, path, domain, secure, httponly, samesite, partitioned)

    def head(self) -> ResponseHead:
        """Status and headers as they are now."""
        for name, _ in self.raw_headers:
            if name in (b"content-length", b"transfer-encoding"):
                return ResponseHead(self.status_code, _without_framing(self.raw_headers))
        return ResponseHead(self.status_code, self.raw_headers)

    def announced_length(self) -> int:
        """The `content-length` among the headers, or `UNKNOWN_LENGTH`: for those who send the body in pieces."""
        announced = UNKNOWN_LENGTH
        for name, value in self.raw_headers:
            if name == b"content-length":
                if not value.isdigit() or announced not in (UNKNOWN_LENGTH, int(value)):
                    raise ValueError(f"The content-length {value.decode('latin-1')!r} is no length, or not the only one.")
                announced = int(value)
        return announced

    async def stream(self, exchange: Exchange) -> None:
        """Send the answer as its pieces come; a whole one is the only piece."""
        await exchange.start(self.head(), len(self.body))
        await exchange.write(self.body)
        await exchange.finish()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an ASGI application, for middleware that answers in the application's place; then do what waits in the background."""
        exchange = AsgiExchange(cast("dict[str, Any]", scope), receive, _denial(send) if scope["type"] == "websocket" else send)
        if self.is_streamed:
            await self.stream(exchange)
        else:
            exchange.respond(self.head(), self.body)
            await send_response(exchange)
        if self.background is not None:
            await self.background.run()

    async def to_asgi(self, send: Send) -> None:
        """Answer an HTTP request through its `send` alone."""
        await self({"type": "http"}, no_receive, send)

    def _declare_content_type(self, media_type: str | None) -> None:
        if media_type is None or not allows_body(self.status_code):
            return
        for name, _ in self.raw_headers:
            if name == b"content-type":
                return
        self.raw_headers.append(_content_type(media_type, self.charset))


@mypyc_attr(allow_interpreted_subclasses=True)
class JSONResponse(Response):
    """A JSON answer of any value that JSON can carry; bytes are taken as JSON that is encoded already."""

    media_type: ClassVar[str | None] = "application/json"

    @override
    def render(self, content: object) -> bytes:
        if isinstance(content, bytes):
            return content
        return _encode(content)


ORJSONResponse = JSONResponse
"""The name of FastAPI's response for the orjson package; the same class, no package needed."""

UJSONResponse = JSONResponse
"""The name of FastAPI's response for the ujson package; the same class, no package needed."""


@mypyc_attr(allow_interpreted_subclasses=True)
class HTMLResponse(Response):
    """A page."""

    media_type: ClassVar[str | None] = "text/html"


@mypyc_attr(allow_interpreted_subclasses=True)
class PlainTextResponse(Response):
    """Plain text."""

    media_type: ClassVar[str | None] = "text/plain"


@mypyc_attr(allow_interpreted_subclasses=True)
class RedirectResponse(Response):
    """Sends the client elsewhere: with the same method and body by 307, with a GET by 303.

    Example: `return RedirectResponse("/items", 303)`.

    What a URL cannot carry as it is, is percent-encoded. Where it leads is the caller's to decide: one that came from a
    client may lead to any host.
    """

    def __init__(
        self,
        url: str | URL,
        status_code: int = 307,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(b"", status_code, headers, None, background)
        target = str(url)
        if _CONTROL.search(target) is not None:
            raise ValueError(f"The URL {target!r} to redirect to has control characters. Remove them.")
        self.headers["location"] = quote(target, safe=":/%#?=@[]!$&'()*+,;")


def _content_type(media_type: str, charset: str) -> tuple[bytes, bytes]:
    """The `content-type` pair; those that were used before are ready-made."""
    known = _CONTENT_TYPES.get((media_type, charset))
    if known is not None:
        return known
    is_text = media_type.startswith("text/") and "charset=" not in media_type.lower()
    value = f"{media_type}; charset={charset}" if is_text else media_type
    pair = (b"content-type", encode_header_value("content-type", value))
    if len(_CONTENT_TYPES) < _MOST_CONTENT_TYPES:
        _CONTENT_TYPES[media_type, charset] = pair
    return pair


def _without_framing(headers: RawHeaders) -> RawHeaders:
    """Where a message ends only the server can know (RFC 9112, 6)."""
    return [(name, value) for name, value in headers if name not in (b"content-length", b"transfer-encoding")]


def _denial(send: Send) -> Send:
    """Sends an answer to a WebSocket handshake, which is then refused."""

    async def send_denial(message: Mapping[str, Any]) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return send_denial
