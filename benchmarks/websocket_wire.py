"""Just enough of a WebSocket client (RFC 6455) to send a short text and read it back."""

from __future__ import annotations

from typing import Final

from benchmarks.connection import Connection, request_bytes
from benchmarks.contract import Request, WrongAnswerError

TEXT: Final = "a message of thirty-two letters."

_MASK: Final = b"\x01\x02\x03\x04"
_FINAL_TEXT: Final = 0x81
_FINAL_CLOSE: Final = 0x88
_MASKED: Final = 0x80


def handshake(path: str) -> bytes:
    """The request that opens a WebSocket; it offers no extension, so that what is said goes over the wire as it is."""
    lines = ("upgrade: websocket", "connection: upgrade", "sec-websocket-version: 13", "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==")
    return request_bytes(Request("GET", path)).removesuffix(b"\r\n") + "\r\n".join([*lines, "", ""]).encode()


def client_message(text: str) -> bytes:
    """A message as clients send it: masked (section 5.3)."""
    return _masked(_FINAL_TEXT, text.encode())


def client_close() -> bytes:
    """The end of a conversation that went well."""
    return _masked(_FINAL_CLOSE, (1000).to_bytes(2, "big"))


def server_message(text: str) -> bytes:
    """The same message as servers send it."""
    payload = text.encode()
    return bytes([_FINAL_TEXT, len(payload)]) + payload


def _masked(head: int, payload: bytes) -> bytes:
    mask = _MASK * (len(payload) // len(_MASK) + 1)
    return bytes([head, _MASKED | len(payload)]) + _MASK + bytes(a ^ b for a, b in zip(payload, mask, strict=False))


class EchoConnection(Connection):
    """One blocking WebSocket to a handler that says what is said."""

    def __init__(self, port: int, path: str) -> None:
        super().__init__(port)
        self._socket.sendall(handshake(path))
        status = self._read_until(b"\r\n\r\n").split(b"\r\n", 1)[0]
        if b" 101 " not in status:
            raise WrongAnswerError(f"WebSocket {path}: {status!r}")
        self._message = client_message(TEXT)
        self._expected = server_message(TEXT)

    def say(self) -> None:
        """Send the message and wait until it is back."""
        self._socket.sendall(self._message)
        answer = self._read(len(self._expected))
        if answer != self._expected:
            raise WrongAnswerError(f"WebSocket: {answer!r} instead of {self._expected!r}")
