"""Connections whose addresses were judged: the guard stands where names become addresses.

Interpreted: derives from a class of httpcore.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from typing import Final

import httpcore
from typing_extensions import override

from fasterapi.client.addresses import Address, parse_address
from fasterapi.client.errors import SSRFBlockedError
from fasterapi.client.guard import Guard
from fasterapi.client.socket_stream import SocketStream, open_stream

NEXT_ADDRESS: Final = 0.25
"""Seconds after which the next address of a host is tried beside the one that has not answered (RFC 8305, 5)."""


async def resolve(host: str, port: int, guard: Guard | None) -> list[str]:
    """The addresses of a host, each judged by the guard; raises `SSRFBlockedError` where one of them is not allowed.

    One forbidden address is enough: a host that has both kinds is not to be trusted with either.
    """
    is_allowed = guard is None or guard.check_host(host)
    literal = parse_address(host)
    if literal is not None:
        return [str(literal)]
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if guard is not None and not is_allowed:
        for address in addresses:
            guard.check_address(_parsed(address), host)
    return _alternated(addresses)


def _parsed(address: str) -> Address:
    parsed = parse_address(address)
    if parsed is None:
        raise SSRFBlockedError(f"{address!r} is not an address.")
    return parsed


def _alternated(addresses: list[str]) -> list[str]:
    """The addresses with both families in turn, so that a family that leads nowhere costs one step (RFC 8305, 4)."""
    first = [address for address in addresses if (":" in address) == (":" in addresses[0])]
    second = [address for address in addresses if address not in first]
    mixed: list[str] = []
    for position in range(max(len(first), len(second))):
        mixed.extend(first[position : position + 1])
        mixed.extend(second[position : position + 1])
    return mixed


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Makes connections for a pool, to judged addresses only."""

    def __init__(self, guard: Guard | None) -> None:
        self._guard = guard

    @override
    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await resolve(host, port, self._guard)
                return await self._race(addresses, port, local_address)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} did not answer within {timeout} s") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host}: {error}") from error

    async def _race(self, addresses: list[str], port: int, local_address: str | None) -> SocketStream:
        if len(addresses) == 1:
            return await open_stream(addresses[0], port, local_address)
        attempts: set[asyncio.Task[SocketStream]] = set()
        waiting = list(addresses)
        failure: BaseException | None = None
        try:
            while waiting or attempts:
                if waiting:
                    attempts.add(asyncio.create_task(open_stream(waiting.pop(0), port, local_address)))
                done, attempts = await asyncio.wait(
                    attempts, timeout=NEXT_ADDRESS if waiting else None, return_when=asyncio.FIRST_COMPLETED
                )
                for attempt in done:
                    failure = attempt.exception()
                    if failure is None:
                        return attempt.result()
        finally:
            await _abandon(attempts)
        assert failure is not None
        raise failure

    @override
    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


async def _abandon(attempts: set[asyncio.Task[SocketStream]]) -> None:
    """Cancel connections that nobody needs any more, and close those that were made at the last moment."""
    for attempt in attempts:
        attempt.cancel()
    for outcome in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(outcome, SocketStream):
            await outcome.aclose()


async def connect_socket(host: str, port: int, guard: Guard | None) -> socket.socket:
    """A connected socket to a judged address of the host, for protocols that are not HTTP."""
    loop = asyncio.get_running_loop()
    failure: OSError | None = None
    for address in await resolve(host, port, guard):
        connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, (address, port))
        except OSError as error:
            connection.close()
            failure = error
        except BaseException:
            connection.close()
            raise
        else:
            return connection
    raise failure or OSError(f"{host} has no address")
