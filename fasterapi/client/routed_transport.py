"""Requests of which some go through a proxy, and others through another one or none.

Interpreted: as transport.py.
"""

from __future__ import annotations

from collections.abc import Callable

from fasterapi.client.request import Request
from fasterapi.client.target import Target
from fasterapi.client.transport import Transport, WireResponse


class RoutedTransport:
    """Sends each request, and each redirect, through the transport of the proxy that is meant for it."""

    def __init__(self, proxy_for: Callable[[Target], str | None], make: Callable[[str | None], Transport]) -> None:
        self._proxy_for = proxy_for
        self._make = make
        self._transports: dict[str | None, Transport] = {}

    async def send(self, request: Request) -> WireResponse:
        """Send a request and wait for the head of the response."""
        proxy = self._proxy_for(request.target)
        transport = self._transports.get(proxy)
        if transport is None:
            transport = self._transports[proxy] = self._make(proxy)
        return await transport.send(request)

    async def close(self) -> None:
        """Close all connections."""
        for transport in self._transports.values():
            await transport.close()
