"""Compressed answers."""

from __future__ import annotations

import asyncio
import os
import zlib
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, cast, final

from mypy_extensions import mypyc_attr

from fasterapi.asgi import ASGIApp, RawHeaders, Receive, Scope, Send
from fasterapi.http.head import allows_body
from fasterapi.middleware.accept_encoding import accepts_gzip
from fasterapi.middleware.messages import (
    RESPONSE_BODY,
    RESPONSE_START,
    call,
    field,
    head_fields,
    joined_field,
    pass_on,
    request_fields,
    with_vary,
    without_field,
)

DEFAULT_EXCLUDED_CONTENT_TYPES: Final = (
    # Events have to arrive one by one, and proxies hold compressed ones back.
    "text/event-stream",
    "application/grpc",
    # What is compressed already only grows.
    "application/gzip",
    "application/x-7z-compressed",
    "application/x-bzip2",
    "application/x-gzip",
    "application/x-xz",
    "application/zip",
    "application/zstd",
    "audio/*",
    "font/woff",
    "font/woff2",
    "image/avif",
    "image/gif",
    "image/heic",
    "image/jpeg",
    "image/jxl",
    "image/png",
    "image/webp",
    "video/*",
)
"""The media types that are sent as they are."""

_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS
_BEFORE_BODIES: Final = ("http.response.debug", "http.response.early_hint")


@final
class _Threads:
    """Compressing holds no lock of the interpreter: threads as many as processors are enough, and those of handlers are left alone."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="fasterapi-gzip")

    def renew(self) -> None:
        """No thread survives a fork, but a pool would go on counting with them."""
        self.pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="fasterapi-gzip")


_threads: Final = _Threads()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_threads.renew)


@mypyc_attr(allow_interpreted_subclasses=True)
class GZipMiddleware:
    """Compresses answers for clients that take gzip.

    Example: `app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)`.

    Streams are compressed piece by piece: each leaves as soon as it comes. Bodies from `thread_minimum_size` bytes on are
    compressed in a thread. Sent as they are: bodies below `minimum_size` bytes, ranges, what has a `Content-Encoding`
    already, what `Cache-Control: no-transform` protects, and the media types of `exclude_content_types`, event streams
    among them.
    """

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int = 500,
        compresslevel: int = 9,
        thread_minimum_size: int = 128 * 1024,
        *,
        exclude_content_types: Collection[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        if not 0 <= compresslevel <= 9:
            raise ValueError(f"compresslevel={compresslevel}: write a number from 1, the fastest, to 9, the smallest.")
        if isinstance(exclude_content_types, str):
            raise TypeError(f"exclude_content_types is a list: write [{exclude_content_types!r}].")
        self.app = app
        self.minimum_size = minimum_size
        self.compresslevel = compresslevel
        self.thread_minimum_size = thread_minimum_size
        self.exclude_content_types: frozenset[str] = frozenset(_media_type(name) for name in exclude_content_types)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the application's answer compressed."""
        if scope["type"] != "http":
            await call(self.app, scope, receive, send)
            return
        accepted = accepts_gzip(joined_field(request_fields(scope), b"accept-encoding"))
        await call(self.app, scope, receive, _GZipSend(self, accepted, scope["method"] == "HEAD", send).send)

    def takes(self, status: int, headers: RawHeaders) -> bool:
        """Whether an answer with this head is one to compress, whoever asks for it."""
        if not allows_body(status) or status == 206 or field(headers, b"content-range") is not None:
            return False
        if field(headers, b"content-encoding") is not None:
            return False
        caching = joined_field(headers, b"cache-control")
        # RFC 9111, 5.2.2.6.
        if caching is not None and b"no-transform" in [part.strip() for part in caching.lower().split(b",")]:
            return False
        return not self._is_excluded(field(headers, b"content-type"))

    def _is_excluded(self, content_type: bytes | None) -> bool:
        if content_type is None:
            return False
        media_type = _media_type(content_type.decode("latin-1"))
        excluded = self.exclude_content_types
        if media_type in excluded or media_type.partition("/")[0] + "/*" in excluded:
            return True
        return media_type.startswith("application/grpc+") and "application/grpc" in excluded


@final
class _GZipSend:
    """Sends one answer; its head waits for the first piece of the body, on which its fields depend."""

    def __init__(self, middleware: GZipMiddleware, accepted: bool, is_head: bool, send: Send) -> None:
        self._middleware = middleware
        self._accepted = accepted and not is_head
        self._is_head = is_head
        self._send = send
        self._start: Mapping[str, Any] | None = None
        self._compressor: Any = None

    async def send(self, message: Mapping[str, Any]) -> None:
        kind = message["type"]
        if kind == RESPONSE_START and self._middleware.takes(message["status"], head_fields(message)):
            self._start = message
            return
        start = self._start
        if kind != RESPONSE_BODY:
            if start is not None and kind not in _BEFORE_BODIES:
                # What follows is no body that passes here: a file that the server is to send, for one.
                self._start = None
                await pass_on(self._send, start)
            await pass_on(self._send, message)
        elif start is not None:
            self._start = None
            await self._send_first(start, message)
        elif self._compressor is not None:
            await self._send_compressed(message)
        else:
            await pass_on(self._send, message)

    async def _send_first(self, start: Mapping[str, Any], message: Mapping[str, Any]) -> None:
        """Decide, now that it is known whether this is all."""
        headers = head_fields(start)
        body = bytes(message.get("body", b""))
        more = bool(message.get("more_body", False))
        # The answer to HEAD says of its body what the one to GET would, but has none to compress.
        if _is_below(self._middleware.minimum_size, headers, len(body), more or self._is_head):
            await pass_on(self._send, start)
            await pass_on(self._send, message)
            return
        headers = with_vary(headers, b"Accept-Encoding")
        if not self._accepted:
            await pass_on(self._send, {**start, "headers": headers})
            await pass_on(self._send, message)
            return
        self._compressor = zlib.compressobj(self._middleware.compresslevel, zlib.DEFLATED, _GZIP_FORMAT)
        compressed = await self._compress(body, more)
        if not more and len(compressed) >= len(body):
            await pass_on(self._send, {**start, "headers": headers})
            await pass_on(self._send, message)
            return
        length = -1 if more or start.get("trailers", False) else len(compressed)
        await pass_on(self._send, {**start, "headers": _compressed_fields(headers, length)})
        await pass_on(self._send, {**message, "body": compressed})

    async def _send_compressed(self, message: Mapping[str, Any]) -> None:
        body = bytes(message.get("body", b""))
        more = bool(message.get("more_body", False))
        await pass_on(self._send, {**message, "body": await self._compress(body, more)})

    async def _compress(self, piece: bytes, more: bool) -> bytes:
        """The piece compressed, so that the client can read all of it at once."""
        if not piece and more:
            return b""
        if len(piece) < self._middleware.thread_minimum_size:
            return _compressed(self._compressor, piece, more)
        return await asyncio.get_running_loop().run_in_executor(_threads.pool, _compressed, self._compressor, piece, more)


def _compressed(compressor: Any, piece: bytes, more: bool) -> bytes:
    return cast(bytes, compressor.compress(piece) + compressor.flush(zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH))


def _is_below(minimum: int, headers: RawHeaders, size: int, more: bool) -> bool:
    """Whether a body is too small; one in pieces is only known to be where its length is announced."""
    if not more:
        return size < minimum
    announced = field(headers, b"content-length")
    return announced is not None and announced.isdigit() and len(announced) < 10 and int(announced) < minimum


def _compressed_fields(headers: RawHeaders, length: int) -> RawHeaders:
    """The head of a compressed body; a length of -1 is one that nobody knows yet."""
    fields = [(name, _weak(value) if name.lower() == b"etag" else value) for name, value in without_field(headers, b"content-length")]
    # Ranges count the bytes that are sent, and the next answer may be compressed otherwise.
    fields = without_field(fields, b"accept-ranges")
    fields.append((b"content-encoding", b"gzip"))
    if length >= 0:
        fields.append((b"content-length", str(length).encode("ascii")))
    return fields


def _weak(etag: bytes) -> bytes:
    """The tag as one of a representation that is the same in all but its bytes (RFC 9110, 8.8.3.3)."""
    return etag if etag.startswith(b"W/") else b"W/" + etag


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
