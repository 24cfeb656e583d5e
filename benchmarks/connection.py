"""A small HTTP/1.1 client on one blocking socket: enough to check answers, to count instructions and to make load."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Final, Self

from benchmarks.contract import Answer, Request

_TIMEOUT: Final = 120.0
"""Seconds: a server under valgrind is fifty times slower than it is."""
_CHUNK: Final = 65_536


def request_bytes(request: Request) -> bytes:
    """The request as it goes over the wire."""
    lines = [f"{request.method} {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers)]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + request.body


class Connection:
    """One keep-alive connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=_TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.close()

    def ask(self, request: Request) -> Answer:
        """Send a request and wait for the whole answer."""
        return self.exchange(request_bytes(request))

    def exchange(self, message: bytes) -> Answer:
        """The same for a request that is bytes already."""
        self._socket.sendall(message)
        status_line, *fields = self._read_until(b"\r\n\r\n").split(b"\r\n")
        status = int(status_line.split(b" ", 2)[1])
        for field in fields:
            name, _, value = field.partition(b":")
            match name.lower():
                case b"content-length":
                    return Answer(status, self._read(int(value)))
                case b"transfer-encoding":
                    return Answer(status, self._read_chunks())
        return Answer(status, b"")

    def _read_chunks(self) -> bytes:
        """RFC 9112, section 7.1: chunks until one of size 0; none of the servers here sends trailers."""
        body = b""
        while size := int(self._read_until(b"\r\n"), 16):
            body += self._read(size)
            self._read(len(b"\r\n"))
        self._read(len(b"\r\n"))
        return body

    def _read_until(self, mark: bytes) -> bytes:
        while (end := self._buffer.find(mark)) < 0:
            self._receive()
        found, self._buffer = self._buffer[:end], self._buffer[end + len(mark) :]
        return found

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._receive()
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def _receive(self) -> None:
        data = self._socket.recv(_CHUNK)
        if not data:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        self._buffer += data
