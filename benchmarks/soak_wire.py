"""One connection of a client of the soak run."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from types import TracebackType
from typing import Final, Self

PIECE: Final = 16 * 1024
"""The size of a piece of a stream."""

_VANISH: Final = struct.pack("ii", 1, 0)
"""What has a socket reset its connection when it is closed."""


class SoakError(Exception):
    """An answer was not what it has to be."""


class Wire:
    """Sends bytes and reads answers; leaving the block closes it."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self.reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._writer.transport.abort()

    async def send(self, data: bytes) -> None:
        """Send all of it."""
        self._writer.write(data)
        await self._writer.drain()

    async def ask(self, data: bytes) -> tuple[int, bytes]:
        """Send a request and read its answer."""
        await self.send(data)
        return await self.answer()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head.split(b" ", 2)[1])
        if b"\r\ntransfer-encoding: chunked\r\n" in head:
            return status, await self._chunks()
        _, found, rest = head.partition(b"\r\ncontent-length: ")
        length = int(rest.split(b"\r\n", 1)[0]) if found else 0
        return status, await self.reader.readexactly(length)

    def vanish(self) -> None:
        """Be gone at once, without a word: what the network does when a cable is cut and somebody notices."""
        connection: socket.socket = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _VANISH)
        self._writer.transport.abort()

    async def _chunks(self) -> bytes:
        pieces: list[bytes] = []
        while size := int(await self.reader.readline(), 16):
            pieces.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return b"".join(pieces)


def request(method: str, target: str, body: bytes = b"", *headers: str) -> bytes:
    """A request as it is sent."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def expect(answer: tuple[int, bytes], status: int, value: object) -> None:
    """Raise `SoakError` for another answer than this."""
    if answer[0] != status or json.loads(answer[1]) != value:
        raise SoakError(f"{status} {value!r} was expected, {answer!r} came")
