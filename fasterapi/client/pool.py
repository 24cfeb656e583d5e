"""Connections that are kept, a limited number of them, each for one request at a time.

Taking and giving back cost the same however many connections there are. Who waits longest is served first.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from typing import Final, final

import httpcore

from fasterapi.client.limits import Limits
from fasterapi.client.network import GuardedNetwork

_SWEEP: Final = 1.0
"""Seconds between looks for connections that were unused too long."""


@final
class Lease:
    """A connection that one request has."""

    def __init__(self, connection: httpcore.AsyncHTTPConnection, origin: str, is_used: bool) -> None:
        self.connection = connection
        self.origin = origin
        self.is_used = is_used
        """Whether it carried a request before, so that the other side may have closed it meanwhile."""


@final
class _Waiter:
    def __init__(self, origin: str, future: asyncio.Future[Lease | None]) -> None:
        self.origin = origin
        self.future = future


@final
class ConnectionPool:
    """Gives each request a connection, a kept one where there is one."""

    def __init__(self, network: GuardedNetwork, context: ssl.SSLContext, limits: Limits) -> None:
        self._network = network
        self._context = context
        self._limits = limits
        self._open = 0
        self._idle: dict[str, list[httpcore.AsyncHTTPConnection]] = {}
        self._idle_count = 0
        self._waiters: deque[_Waiter] = deque()
        self._leased: set[httpcore.AsyncHTTPConnection] = set()
        self._swept_at = 0.0
        self._is_closed = False

    async def acquire(self, origin: str, url: httpcore.URL, timeout: float | None) -> Lease:  # noqa: ASYNC109 - a phase of the request's
        """A connection to an origin; raises `httpcore.PoolTimeout` when none is free in time."""
        await self._sweep()
        lease = await self._take_idle(origin)
        if lease is None:
            lease = await self._take_room(origin, url) or await self._wait(origin, url, timeout)
        self._leased.add(lease.connection)
        return lease

    async def release(self, lease: Lease) -> None:
        """Give a connection back; one that is not ready for another request is closed."""
        connection = lease.connection
        self._leased.discard(connection)
        if self._is_closed or not connection.is_idle() or connection.has_expired():
            await self._drop(connection)
            return
        waiter = self._next_waiter()
        if waiter is not None and waiter.origin == lease.origin:
            waiter.future.set_result(Lease(connection, lease.origin, True))
        elif waiter is not None:
            waiter.future.set_result(None)
            await connection.aclose()
        elif self._idle_count >= self._limits.max_keepalive_connections:
            await self._drop(connection)
        else:
            self._idle.setdefault(lease.origin, []).append(connection)
            self._idle_count += 1

    async def close(self) -> None:
        """Close all connections, those too that a request still has."""
        self._is_closed = True
        connections = list(self._leased)
        for kept in self._idle.values():
            connections.extend(kept)
        self._idle = {}
        self._idle_count = 0
        self._leased = set()
        self._open = 0
        for connection in connections:
            await connection.aclose()

    async def _take_idle(self, origin: str) -> Lease | None:
        kept = self._idle.get(origin)
        while kept:
            # The one that was used last is the least likely to have been closed by the other side.
            connection = kept.pop()
            self._idle_count -= 1
            if connection.is_idle() and not connection.has_expired():
                return Lease(connection, origin, True)
            await self._drop(connection)
        return None

    async def _take_room(self, origin: str, url: httpcore.URL) -> Lease | None:
        """A new connection, if there may be one more, or one to another origin is not needed."""
        if self._open >= self._limits.max_connections:
            victim = self._pop_idle()
            if victim is None:
                return None
            try:
                await victim.aclose()
            except BaseException:
                self._give_room()
                raise
        else:
            self._open += 1
        return self._new(origin, url)

    async def _wait(self, origin: str, url: httpcore.URL, timeout: float | None) -> Lease:  # noqa: ASYNC109 - as acquire
        waiter = _Waiter(origin, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                lease = await waiter.future
        except BaseException as error:
            await self._withdraw(waiter)
            if isinstance(error, TimeoutError):
                raise httpcore.PoolTimeout(f"no connection was free for {timeout} s") from error
            raise
        return self._new(origin, url) if lease is None else lease

    async def _withdraw(self, waiter: _Waiter) -> None:
        """Stop waiting, and pass on what came at the last moment."""
        future = waiter.future
        if future.cancelled() or not future.done():
            future.cancel()
            return
        lease = future.result()
        if lease is None:
            self._give_room()
        else:
            await self.release(lease)

    def _new(self, origin: str, url: httpcore.URL) -> Lease:
        connection = httpcore.AsyncHTTPConnection(url.origin, self._context, self._limits.keepalive_expiry, network_backend=self._network)
        return Lease(connection, origin, False)

    async def _drop(self, connection: httpcore.AsyncHTTPConnection) -> None:
        self._give_room()
        await connection.aclose()

    def _give_room(self) -> None:
        """There may be one more connection: to whoever waits."""
        waiter = self._next_waiter()
        if waiter is None:
            self._open = max(0, self._open - 1)
        else:
            waiter.future.set_result(None)

    def _next_waiter(self) -> _Waiter | None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.future.done():
                return waiter
        return None

    def _pop_idle(self) -> httpcore.AsyncHTTPConnection | None:
        """A connection that nobody uses, of whatever origin."""
        for origin in list(self._idle):
            kept = self._idle[origin]
            if kept:
                self._idle_count -= 1
                return kept.pop(0)
            del self._idle[origin]
        return None

    async def _sweep(self) -> None:
        """Close what was unused too long, and forget origins without connections."""
        now = time.monotonic()
        if now < self._swept_at + _SWEEP:
            return
        self._swept_at = now
        for origin in list(self._idle):
            kept = self._idle.pop(origin)
            fresh = [connection for connection in kept if not connection.has_expired()]
            expired = [connection for connection in kept if connection not in fresh]
            self._idle_count -= len(expired)
            if fresh:
                self._idle[origin] = fresh
            for connection in expired:
                await self._drop(connection)
