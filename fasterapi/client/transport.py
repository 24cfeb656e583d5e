"""The narrow way out: a request goes in, the head of a response and its body in pieces come out.

`Transport` is all that the client knows of what carries its requests. `NetworkTransport` is the usual one, on the
connection pool that httpx has too; `HttpxTransport` takes any transport of httpx.

Interpreted: asynchronous generators and Protocols.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Final, Protocol, cast
from urllib.parse import unquote, urlsplit

import httpcore

from fasterapi.asgi import RawHeaders
from fasterapi.client.certificates import ClientCertificate, Verify, make_ssl_context
from fasterapi.client.errors import (
    FastHTTPCertificateError,
    FastHTTPConnectionError,
    FastHTTPError,
    FastHTTPTimeoutError,
    Phase,
)
from fasterapi.client.guard import DEFAULT_GUARD, Guard
from fasterapi.client.limits import DEFAULT_LIMITS, Limits
from fasterapi.client.masking import mask_url
from fasterapi.client.network import GuardedNetwork
from fasterapi.client.pool import ConnectionPool, Lease
from fasterapi.client.proxies import check_proxy
from fasterapi.client.request import IDEMPOTENT, Request

_TIMEOUTS: Final[tuple[tuple[type[Exception], Phase], ...]] = (
    (httpcore.ConnectTimeout, "connect"),
    (httpcore.ReadTimeout, "read"),
    (httpcore.WriteTimeout, "write"),
    (httpcore.PoolTimeout, "pool"),
)
_FAILURES: Final = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    # What TLS complains of in the middle of a connection comes as it is.
    OSError,
)
_EARLY: Final = (
    httpcore.ConnectError,
    httpcore.ConnectTimeout,
    httpcore.PoolTimeout,
)


class WireStream(Protocol):
    """The body of a response as it comes."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Its pieces."""
        ...

    async def aclose(self) -> None:
        """Give the connection back."""
        ...


class EmptyStream:
    """No body."""

    def __aiter__(self) -> EmptyStream:
        return self

    async def __anext__(self) -> bytes:
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """There is nothing to close."""


class WireResponse:
    """The head of a response, and its body still to be read."""

    def __init__(self, status: int, headers: RawHeaders, http_version: str, reason: str, stream: WireStream) -> None:
        self.status = status
        self.headers = headers
        self.http_version = http_version
        self.reason = reason
        self._stream = stream

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes, packed as it was sent."""
        try:
            async for piece in self._stream:
                yield piece
        except _FAILURES as error:
            raise translated(error) from error

    async def close(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        await self._stream.aclose()

    def header(self, name: bytes) -> str | None:
        """The first header of this lower-case name."""
        for found, value in self.headers:
            if found == name:
                return value.decode("latin-1")
        return None


class Transport(Protocol):
    """What carries requests."""

    async def send(self, request: Request) -> WireResponse:
        """Send a request and wait for the head of the response; raises `FastHTTPConnectionError`."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


class NetworkTransport:
    """Sends over connections of its own, to where its guard lets it."""

    def __init__(
        self,
        *,
        guard: Guard | None = DEFAULT_GUARD,
        limits: Limits = DEFAULT_LIMITS,
        http2: bool = False,
        proxy: str | None = None,
        verify: Verify = True,
        cert: ClientCertificate | None = None,
    ) -> None:
        if http2:
            _require("h2", "HTTP/2", "http2")
        self._guard = guard
        self._proxy = proxy
        context = make_ssl_context(verify, cert, http2)
        self._direct: ConnectionPool | None = None
        self._pool: httpcore.AsyncConnectionPool | None = None
        if proxy is None and not http2:
            self._direct = ConnectionPool(GuardedNetwork(guard), context, limits)
            return
        if proxy is None:
            # Many requests share a connection here, which httpcore's pool knows how to do.
            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=context,
                max_connections=limits.max_connections,
                max_keepalive_connections=limits.max_keepalive_connections,
                keepalive_expiry=limits.keepalive_expiry,
                http2=http2,
                network_backend=GuardedNetwork(guard),
            )
            return
        address = _proxy_address(proxy)
        kind: type[httpcore.AsyncSOCKSProxy | httpcore.AsyncHTTPProxy] = httpcore.AsyncHTTPProxy
        if address.scheme == b"socks5":
            _require("socksio", "A SOCKS proxy", "socks")
            kind = httpcore.AsyncSOCKSProxy
        self._pool = kind(
            proxy_url=address,
            proxy_auth=_proxy_user(proxy),
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            http2=http2,
        )

    async def send(self, request: Request) -> WireResponse:
        """Send a request and wait for the head of the response."""
        target = request.target
        if self._proxy is not None and self._guard is not None:
            self._guard.check_host(target.host)
        host = f"[{target.host}]" if ":" in target.host else target.host
        sent = httpcore.Request(
            request.method,
            httpcore.URL(scheme=target.scheme, host=host, port=target.port, target=target.path),
            headers=request.headers.raw,
            content=request.body.content,
            extensions={"timeout": request.timeout.phases()},
        )
        try:
            received, stream = await self._send(sent, request)
        except _FAILURES as error:
            raise translated(error, self._proxy) from error
        version = cast("bytes", received.extensions.get("http_version", b"HTTP/1.1")).decode("ascii")
        reason = cast("bytes", received.extensions.get("reason_phrase", b"")).decode("latin-1")
        headers = [(name.lower(), value) for name, value in received.headers]
        return WireResponse(received.status, headers, version, reason, stream)

    async def close(self) -> None:
        """Close all connections."""
        if self._direct is not None:
            await self._direct.close()
        if self._pool is not None:
            await self._pool.aclose()

    async def _send(self, sent: httpcore.Request, request: Request) -> tuple[httpcore.Response, WireStream]:
        pool = self._direct
        if pool is None:
            assert self._pool is not None
            received = await self._pool.handle_async_request(sent)
            return received, cast(WireStream, received.stream)
        while True:
            lease = await pool.acquire(request.target.origin, sent.url, request.timeout.pool)
            try:
                received = await lease.connection.handle_async_request(sent)
            except (httpcore.ConnectionNotAvailable, httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError) as error:
                await pool.release(lease)
                if not _was_closed_meanwhile(lease, request, error):
                    raise
            except BaseException:
                await pool.release(lease)
                raise
            else:
                return received, _LeasedStream(cast(WireStream, received.stream), pool, lease)


class _LeasedStream:
    """A body, and the connection that is given back after it."""

    __slots__ = ("_is_closed", "_lease", "_pool", "_stream")

    def __init__(self, stream: WireStream, pool: ConnectionPool, lease: Lease) -> None:
        self._stream = stream
        self._pool = pool
        self._lease = lease
        self._is_closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream.__aiter__()

    async def aclose(self) -> None:
        """Give the connection back; once."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self._stream.aclose()
        finally:
            await self._pool.release(self._lease)


def _was_closed_meanwhile(lease: Lease, request: Request, error: Exception) -> bool:
    """Whether the other side closed a kept connection while a request was on its way, so that another one may carry it.

    The request may have been read all the same, so it has to be one that can be sent twice (RFC 9112, 9.3.1).
    """
    if isinstance(error, httpcore.ConnectionNotAvailable):
        return True
    return lease.is_used and request.method in IDEMPOTENT and request.body.can_be_sent_again


def translated(error: Exception, proxy: str | None = None) -> FastHTTPError:
    """What went wrong, in our words; `proxy` is on the way, and may be what failed."""
    detail = str(error) or type(error).__name__
    if proxy is not None:
        detail += f" (through the proxy {mask_url(proxy)})"
    for kind, phase in _TIMEOUTS:
        if isinstance(error, kind):
            late = FastHTTPTimeoutError(f"No answer in time ({phase}): {detail}.", phase=phase)
            late.was_sent = not isinstance(error, _EARLY)
            return late
    if "CERTIFICATE_VERIFY_FAILED" in detail:
        return FastHTTPCertificateError(f"The server could not prove who it is: {detail}.")
    failure = FastHTTPConnectionError(f"The connection failed: {detail}.")
    failure.was_sent = not isinstance(error, _EARLY)
    return failure


def _proxy_address(proxy: str) -> httpcore.URL:
    parts = urlsplit(check_proxy(proxy))
    assert parts.hostname is not None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return httpcore.URL(scheme=parts.scheme.lower().removesuffix("h"), host=host, port=parts.port, target="/")


def _proxy_user(proxy: str) -> tuple[str, str] | None:
    parts = urlsplit(proxy)
    return None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))


def _require(module: str, what: str, extra: str) -> None:
    if find_spec(module) is None:
        raise ImportError(f"{what} needs another package. Install it with: pip install 'fasterapi-framework[{extra}]'.")
