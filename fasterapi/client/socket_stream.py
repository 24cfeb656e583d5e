"""A connection's bytes, straight from the event loop.

Every request passes here several times, so a wait is one future and one timer, and whether the other side has closed is
known without asking the operating system.

Interpreted: derives from classes of asyncio and httpcore.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Final, cast

import httpcore
from typing_extensions import override

_HIGH: Final = 262_144
"""How many bytes may lie unread before the other side is made to wait."""


class _Receiver(asyncio.Protocol):
    """What arrived and was not read yet, and who waits for more."""

    def __init__(self) -> None:
        self.buffer: bytearray = bytearray()
        self.has_ended: bool = False
        self.error: Exception | None = None
        self.reader: asyncio.Future[bool] | None = None
        self.writer: asyncio.Future[bool] | None = None
        self.is_full: bool = False
        """Whether what was written waits for the other side to take it."""
        self.is_paused: bool = False
        self.transport: asyncio.Transport | None = None

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is there."""
        self.transport = cast(asyncio.Transport, transport)

    @override
    def data_received(self, data: bytes) -> None:
        """More arrived."""
        self.buffer += data
        if len(self.buffer) > _HIGH and not self.is_paused and self.transport is not None:
            self.is_paused = True
            self.transport.pause_reading()
        _wake(self.reader)

    @override
    def eof_received(self) -> None:
        """The other side sends nothing more."""
        self.has_ended = True
        _wake(self.reader)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.has_ended = True
        self.error = exc
        _wake(self.reader)
        _wake(self.writer)

    @override
    def pause_writing(self) -> None:
        """The other side is slower than we are."""
        self.is_full = True

    @override
    def resume_writing(self) -> None:
        """It caught up."""
        self.is_full = False
        _wake(self.writer)

    def take(self, most: int) -> bytes:
        """What arrived, up to so many bytes."""
        if len(self.buffer) <= most:
            taken = bytes(self.buffer)
            self.buffer.clear()
        else:
            taken = bytes(self.buffer[:most])
            del self.buffer[:most]
        if self.is_paused and len(self.buffer) <= _HIGH // 2 and self.transport is not None:
            self.is_paused = False
            self.transport.resume_reading()
        return taken


class SocketStream(httpcore.AsyncNetworkStream):
    """A connection, as httpcore reads and writes it."""

    def __init__(self, transport: asyncio.Transport, receiver: _Receiver) -> None:
        self._transport = transport
        self._receiver = receiver
        self._loop = asyncio.get_running_loop()

    @override
    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What arrives next; nothing where the other side has ended."""
        receiver = self._receiver
        if not receiver.buffer and not receiver.has_ended:
            receiver.reader = self._loop.create_future()
            if not await self._wait(receiver.reader, timeout):
                raise httpcore.ReadTimeout(f"nothing came for {timeout} s")
        if receiver.buffer:
            return receiver.take(max_bytes)
        if receiver.error is not None:
            raise httpcore.ReadError(str(receiver.error)) from receiver.error
        return b""

    @override
    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send, and wait where the other side is slower than we are."""
        receiver = self._receiver
        if receiver.error is not None or self._transport.is_closing():
            raise httpcore.WriteError(str(receiver.error or "the connection is closed")) from receiver.error
        self._transport.write(buffer)
        if not receiver.is_full:
            return
        receiver.writer = self._loop.create_future()
        if not await self._wait(receiver.writer, timeout):
            raise httpcore.WriteTimeout(f"nothing was taken for {timeout} s")
        if receiver.error is not None:
            raise httpcore.WriteError(str(receiver.error)) from receiver.error

    @override
    async def aclose(self) -> None:
        """Close, without waiting for the other side to agree."""
        # A second `close` of an encrypted transport takes away what `abort` needs, in CPython 3.11.2.
        if not self._transport.is_closing():
            self._transport.close()
            await asyncio.sleep(0)
        self._transport.abort()

    @override
    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted."""
        try:
            async with asyncio.timeout(timeout):
                secured = await self._loop.start_tls(self._transport, self._receiver, ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            self._transport.abort()
            raise httpcore.ConnectTimeout(f"no TLS within {timeout} s") from error
        except (OSError, ssl.SSLError) as error:
            self._transport.abort()
            raise httpcore.ConnectError(str(error)) from error
        except BaseException:
            self._transport.abort()
            raise
        if secured is None:
            raise httpcore.ConnectError("the connection was closed before TLS began")
        self._receiver.transport = secured
        return SocketStream(secured, self._receiver)

    @override
    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a connection."""
        if info == "is_readable":
            # Before a request was sent there is nothing to read but the end.
            return self._receiver.has_ended or bool(self._receiver.buffer) or self._transport.is_closing()
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._transport.get_extra_info(names.get(info, info))

    async def _wait(self, future: asyncio.Future[bool], timeout: float | None) -> bool:  # noqa: ASYNC109 - a timer is cheaper than a context
        """Whether what is waited for came in time."""
        if timeout is None:
            return await future
        timer = self._loop.call_later(timeout, _give_up, future)
        try:
            return await future
        finally:
            timer.cancel()


async def open_stream(address: str, port: int, local_address: str | None) -> SocketStream:
    """A connection to an address; raises `OSError`."""
    receiver = _Receiver()
    local = None if local_address is None else (local_address, 0)
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: receiver, address, port, local_addr=local)
    return SocketStream(transport, receiver)


def _wake(future: asyncio.Future[bool] | None) -> None:
    if future is not None and not future.done():
        future.set_result(True)


def _give_up(future: asyncio.Future[bool]) -> None:
    if not future.done():
        future.set_result(False)
