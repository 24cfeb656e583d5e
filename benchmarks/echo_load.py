"""Load on a WebSocket: many conversations on one event loop, each with one message under way."""

from __future__ import annotations

import asyncio
import time
from typing import Final, cast

from benchmarks.websocket_wire import TEXT, client_close, client_message, handshake, server_message

_HANGS: Final = 60.0
"""Seconds without an end after which a server is taken to have lost a message."""


def send_messages(port: int, path: str, connections: int, seconds: int) -> list[float]:
    """Talk for so many seconds; how many seconds each message took to come back."""
    return asyncio.run(_send_messages(port, path, connections, seconds))


async def _send_messages(port: int, path: str, connections: int, seconds: int) -> list[float]:
    loop = asyncio.get_running_loop()
    latencies: list[float] = []
    deadline = time.perf_counter() + seconds

    async def talk() -> None:
        _, conversation = await loop.create_connection(lambda: _Conversation(path, deadline, latencies), "127.0.0.1", port)
        await conversation.ended

    async with asyncio.timeout(seconds + _HANGS):
        await asyncio.gather(*(talk() for _ in range(connections)))
    return latencies


class _Conversation(asyncio.Protocol):
    """Sends the same message again and again, each behind the return of the last."""

    def __init__(self, path: str, deadline: float, latencies: list[float]) -> None:
        self.ended = asyncio.get_running_loop().create_future()
        self._path = path
        self._deadline = deadline
        self._latencies = latencies
        self._message = client_message(TEXT)
        self._expected = server_message(TEXT)
        self._received = b""
        self._open = False
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(handshake(self._path))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._open:
            self._take_message()
        elif b"\r\n\r\n" in self._received:
            self._received = self._received.partition(b"\r\n\r\n")[2]
            self._open = True
            self._send()

    def _take_message(self) -> None:
        if len(self._received) < len(self._expected):
            return
        now = time.perf_counter()
        self._latencies.append(now - self._sent)
        if self._received != self._expected:
            self._fail(f"{self._received!r} came back instead of {self._expected!r}")
        elif now < self._deadline:
            self._received = b""
            self._send()
        else:
            self.ended.set_result(None)
            self._transport.write(client_close())
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail("the server closed the WebSocket")

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._message)

    def _fail(self, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(ConnectionError(reason))
            self._transport.abort()
