"""The client's end of a WebSocket, which sends whatever frames it is told to (RFC 6455, 5.2)."""

from __future__ import annotations

import zlib
from contextlib import suppress
from dataclasses import dataclass, field

from tests.server.servers import Client
from tests.server.wire import take_answer

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

FINAL = 0x80
COMPRESSED = 0x40
NO_CODE = 1005
NO_CLOSE = 1006

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

_QUESTION = b"heard?"
_MASK = b"\x01\x02\x03\xfe"
_END_OF_DEFLATED = b"\x00\x00\xff\xff"


def handshake(target: str, *headers: bytes) -> bytes:
    """What asks for a WebSocket (RFC 6455, 4.1)."""
    lines = [b"Host: localhost", b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: " + KEY, b"Sec-WebSocket-Version: 13"]
    return b"\r\n".join([b"GET %b HTTP/1.1" % target.encode(), *lines, *headers, b"", b""])


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0, mask: bytes | None = _MASK) -> bytes:
    """One frame, with the shortest length there is for it."""
    length = len(payload)
    if length < 126:
        lengths = bytes([length])
    elif length < 2**16:
        lengths = b"\x7e" + length.to_bytes(2, "big")
    else:
        lengths = b"\x7f" + length.to_bytes(8, "big")
    return framed(bytes([final * FINAL | reserved | opcode]), lengths, payload, mask)


def framed(first: bytes, lengths: bytes, payload: bytes, mask: bytes | None = _MASK) -> bytes:
    """One frame, its length in whatever way."""
    if mask is None:
        return first + lengths + payload
    return first + bytes([lengths[0] | 0x80]) + lengths[1:] + mask + _masked(payload, mask)


def _masked(payload: bytes, mask: bytes) -> bytes:
    """The payload under the mask (RFC 6455, 5.3)."""
    length = len(payload)
    key = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")


def goodbye(code: int, reason: bytes = b"") -> bytes:
    """A close with a code."""
    return frame(CLOSE, code.to_bytes(2, "big") + reason)


def deflated(*messages: bytes) -> list[bytes]:
    """The payloads of compressed messages, each of which leans on those before it (RFC 7692, 7.2.1)."""
    deflate = zlib.compressobj(wbits=-12)
    return [(deflate.compress(message) + deflate.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_END_OF_DEFLATED) for message in messages]


@dataclass
class Heard:
    """What the server has said; `code` is what it closed with."""

    messages: list[tuple[int, bytes]] = field(default_factory=list)
    pongs: list[bytes] = field(default_factory=list)
    code: int | None = None


class WebSocketClient:
    """One WebSocket, open from the start."""

    def __init__(self, client: Client, target: str, *headers: bytes) -> None:
        self.heard = Heard()
        self._client = client
        self._data = b""
        self._pieces: list[bytes] = []
        self._opcode = CONTINUATION
        self._is_compressed = False
        self._answered = 0
        self._inflate = zlib.decompressobj(wbits=-15)
        client.send(handshake(target, *headers))
        self.headers = self._shake_hands()
        self._take_frames()

    def send(self, data: bytes) -> None:
        """Send all of it, if the server still listens."""
        with suppress(ConnectionError):
            self._client.send(data)

    def send_and_ask(self, data: bytes) -> bool:
        """Send it with a ping behind it, and see whether a pong comes back or the server closes."""
        before = self._answered
        self.send(data)
        self.send(frame(PING, _QUESTION))
        while self._answered == before and self.heard.code is None:
            self._hear()
        return self.heard.code is None

    def wait(self, *, messages: int, pongs: int) -> None:
        """Listen until there are so many of both, or the server has closed."""
        while self.heard.code is None and (len(self.heard.messages) < messages or len(self.heard.pongs) < pongs):
            self._hear()

    def wait_for_the_end(self) -> None:
        """Listen until the server has closed the connection."""
        while self._hear():
            pass

    def _shake_hands(self) -> dict[str, str]:
        while True:
            taken = take_answer(self._client.received, "GET")
            if taken is not None:
                answer, self._data = taken
                assert answer.status == 101, answer
                return answer.headers
            piece = self._client.socket.recv(65536)
            assert piece, self._client.received
            self._client.received += piece

    def _lose(self) -> None:
        if self.heard.code is None:
            self.heard.code = NO_CLOSE

    def _hear(self) -> bool:
        """Take what comes next; gives whether more may follow."""
        try:
            piece = self._client.socket.recv(65536)
        except ConnectionError:
            piece = b""
        if not piece:
            assert not self._data
            self._lose()
            return False
        self._data += piece
        self._take_frames()
        return True

    def _take_frames(self) -> None:
        while self._take_frame():
            pass

    def _take_frame(self) -> bool:
        """Understand the next frame, if all of it is here."""
        data = self._data
        if len(data) < 2:
            return False
        length, start = data[1], 2
        assert length < 0x80, "servers do not mask"
        if length > 125:
            start += 2 if length == 126 else 8
            length = int.from_bytes(data[2:start], "big")
        if len(data) < start + length:
            return False
        self._data = data[start + length :]
        self._understand(data[0], data[start : start + length])
        return True

    def _understand(self, first: int, payload: bytes) -> None:
        opcode = first & 0x0F
        heard = self.heard
        assert heard.code is None, "nothing follows a close"
        if opcode == PONG and payload == _QUESTION:
            self._answered += 1
        elif opcode == PONG:
            heard.pongs.append(payload)
        elif opcode == CLOSE:
            heard.code = int.from_bytes(payload[:2], "big") if payload else NO_CODE
        elif opcode != PING:
            self._collect(opcode, first, payload)

    def _collect(self, opcode: int, first: int, payload: bytes) -> None:
        """A message may come in pieces."""
        if opcode != CONTINUATION:
            self._opcode = opcode
            self._is_compressed = bool(first & COMPRESSED)
        self._pieces.append(payload)
        if first & FINAL:
            message = b"".join(self._pieces)
            if self._is_compressed:
                message = self._inflate.decompress(message + _END_OF_DEFLATED)
            self.heard.messages.append((self._opcode, message))
            self._pieces = []
