"""Requests through a transport of httpx, whatever it leads to.

Interpreted: as transport.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import httpx

from fasterapi.client.errors import FastHTTPConnectionError, FastHTTPError, FastHTTPTimeoutError, Phase
from fasterapi.client.request import Request
from fasterapi.client.transport import WireResponse

_TIMEOUTS: Final[tuple[tuple[type[httpx.TimeoutException], Phase], ...]] = (
    (httpx.ConnectTimeout, "connect"),
    (httpx.ReadTimeout, "read"),
    (httpx.WriteTimeout, "write"),
    (httpx.PoolTimeout, "pool"),
)
_EARLY: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class HttpxTransport:
    """Sends through a transport of httpx, which resolves names itself: the guard has no say in it.

    Example: `FastHTTP(transport=HttpxTransport(httpx.ASGITransport(app)))`.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def send(self, request: Request) -> WireResponse:
        """Send a request and wait for the head of the response."""
        content = request.body.content
        sent = httpx.Request(
            request.method,
            request.url,
            headers=request.headers.raw,
            content=content,
            extensions={"timeout": request.timeout.phases()},
        )
        try:
            received = await self._transport.handle_async_request(sent)
        except httpx.TransportError as error:
            raise _translated(error) from error
        stream = received.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        headers = [(name.lower(), value) for name, value in received.headers.raw]
        return WireResponse(received.status_code, headers, received.http_version, received.reason_phrase, _Stream(stream))

    async def close(self) -> None:
        """Close the transport."""
        await self._transport.aclose()


class _Stream:
    """A body that comes through httpx."""

    def __init__(self, stream: httpx.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._stream:
                yield piece
        except httpx.TransportError as error:
            raise _translated(error) from error

    async def aclose(self) -> None:
        """Give the connection back."""
        await self._stream.aclose()


def _translated(error: httpx.TransportError) -> FastHTTPError:
    detail = str(error) or type(error).__name__
    failure = FastHTTPConnectionError(f"The connection failed: {detail}.")
    for kind, phase in _TIMEOUTS:
        if isinstance(error, kind):
            failure = FastHTTPTimeoutError(f"No answer in time ({phase}): {detail}.", phase=phase)
    failure.was_sent = not isinstance(error, _EARLY)
    return failure
