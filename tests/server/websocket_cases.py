"""What is said over a WebSocket, and what RFC 6455 and RFC 7692 ask for in return."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.server.websocket_client import (
    BINARY,
    CLOSE,
    COMPRESSED,
    CONTINUATION,
    KEY,
    NO_CODE,
    PING,
    PONG,
    TEXT,
    Heard,
    deflated,
    frame,
    framed,
    goodbye,
    handshake,
)

LIMIT = 70_000
"""Bytes of a message."""

DEFLATE = b"Sec-WebSocket-Extensions: permessage-deflate"


@dataclass
class Talk:
    """What is sent, and what has to come back. Each further piece is sent when the one before it was read."""

    pieces: list[bytes]
    heard: Heard
    headers: list[bytes] = field(default_factory=list)


def talk(*pieces: bytes, messages: list[tuple[int, bytes]] | None = None, pongs: list[bytes] | None = None, deflate: bool = False) -> Talk:
    return Talk(list(pieces), Heard(messages or [], pongs or [], 1000), [DEFLATE] if deflate else [])


def echoed(opcode: int, payload: bytes) -> Talk:
    return talk(frame(opcode, payload), messages=[(opcode, payload)])


LENGTHS = [0, 1, 125, 126, 127, 128, 65535, 65536, LIMIT]
LONG_TEXT = b"the same again and again, " * 200
COMPRESSED_TEXT, COMPRESSED_AGAIN = deflated(LONG_TEXT, LONG_TEXT)

TALKS = {
    **{f"text of {length} bytes": echoed(TEXT, b"*" * length) for length in LENGTHS},
    **{f"{length} bytes": echoed(BINARY, b"\xfe" * length) for length in LENGTHS},
    **{f"ping of {length} bytes": talk(frame(PING, b"\xfe" * length), pongs=[b"\xfe" * length]) for length in (0, 1, 124, 125)},
    "mask of zeros": talk(frame(TEXT, b"abc", mask=b"\0\0\0\0"), messages=[(TEXT, b"abc")]),
    "mask that gives zeros": talk(frame(BINARY, b"abcd", mask=b"abcd"), messages=[(BINARY, b"abcd")]),
    "unasked pong": talk(frame(PONG)),
    "unasked pong with a payload": talk(frame(PONG, b"a"), frame(PING, b"b"), pongs=[b"b"]),
    "ten pings": talk(b"".join(frame(PING, b"%d" % number) for number in range(10)), pongs=[b"%d" % number for number in range(10)]),
    "messages at once": talk(frame(TEXT, b"1") + frame(BINARY, b"2") + frame(TEXT), messages=[(TEXT, b"1"), (BINARY, b"2"), (TEXT, b"")]),
    "two frames": talk(frame(TEXT, b"a", final=False) + frame(CONTINUATION, b"b"), messages=[(TEXT, b"ab")]),
    "two frames, one after the other": talk(frame(TEXT, b"a", final=False), frame(CONTINUATION, b"b"), messages=[(TEXT, b"ab")]),
    "empty frames": talk(
        frame(TEXT, final=False) + frame(CONTINUATION, final=False) + frame(CONTINUATION, b"a", final=False) + frame(CONTINUATION),
        messages=[(TEXT, b"a")],
    ),
    "nothing in three frames": talk(
        frame(BINARY, final=False) + frame(CONTINUATION, final=False) + frame(CONTINUATION), messages=[(BINARY, b"")]
    ),
    "frames of one byte": talk(
        frame(BINARY, final=False) + frame(CONTINUATION, b"x", final=False) * 100 + frame(CONTINUATION), messages=[(BINARY, b"x" * 100)]
    ),
    "frames that make the longest message": talk(
        frame(BINARY, b"x" * (LIMIT - 10), final=False), frame(CONTINUATION, b"x" * 10), messages=[(BINARY, b"x" * LIMIT)]
    ),
    "control frames within a message": talk(
        frame(TEXT, b"a", final=False) + frame(PING, b"1") + frame(PONG) + frame(CONTINUATION, b"b", final=False) + frame(PING, b"2"),
        frame(CONTINUATION, b"c"),
        messages=[(TEXT, b"abc")],
        pongs=[b"1", b"2"],
    ),
    "every length of UTF-8": echoed(TEXT, "a\u0080\u07ff\u0800\uffff\U00010000\U0010ffff".encode()),
    "around the surrogates": echoed(TEXT, "\ud7ff\ue000\ufffd".encode()),
    "NUL in text": echoed(TEXT, b"a\0b"),
    "byte order mark": echoed(TEXT, "\ufeffa".encode()),
    "character in four frames": talk(
        frame(TEXT, b"\xf0", final=False) + frame(CONTINUATION, b"\x9f", final=False) + frame(CONTINUATION, b"\x98", final=False),
        frame(CONTINUATION, b"\x80"),
        messages=[(TEXT, b"\xf0\x9f\x98\x80")],
    ),
    "no UTF-8 in bytes": echoed(BINARY, b"\xff\xc3\x28"),
    "compressed text": talk(frame(TEXT, COMPRESSED_TEXT, reserved=COMPRESSED), messages=[(TEXT, LONG_TEXT)], deflate=True),
    "compressed bytes": talk(frame(BINARY, COMPRESSED_TEXT, reserved=COMPRESSED), messages=[(BINARY, LONG_TEXT)], deflate=True),
    # RFC 7692, 7.2.3.6
    "nothing, compressed": talk(frame(TEXT, b"\0", reserved=COMPRESSED), messages=[(TEXT, b"")], deflate=True),
    "not compressed, though it could be": talk(frame(TEXT, LONG_TEXT), messages=[(TEXT, LONG_TEXT)], deflate=True),
    "compressed among others": talk(
        frame(TEXT, b"a") + frame(TEXT, COMPRESSED_TEXT, reserved=COMPRESSED) + frame(BINARY, b"b"),
        messages=[(TEXT, b"a"), (TEXT, LONG_TEXT), (BINARY, b"b")],
        deflate=True,
    ),
    # RFC 7692, 7.2.3.2
    "compressed with what came before": talk(
        frame(TEXT, COMPRESSED_TEXT, reserved=COMPRESSED) + frame(TEXT, COMPRESSED_AGAIN, reserved=COMPRESSED),
        messages=[(TEXT, LONG_TEXT)] * 2,
        deflate=True,
    ),
    "compressed in frames": talk(
        frame(TEXT, COMPRESSED_TEXT[:1], final=False, reserved=COMPRESSED)
        + frame(CONTINUATION, final=False)
        + frame(CONTINUATION, COMPRESSED_TEXT[1:30], final=False)
        + frame(CONTINUATION, COMPRESSED_TEXT[30:]),
        messages=[(TEXT, LONG_TEXT)],
        deflate=True,
    ),
}


@dataclass
class Fault:
    """What is sent last, and the codes to close with; sent in pieces, it is the last that has to be refused, if none was before."""

    pieces: list[bytes]
    codes: set[int]
    headers: list[bytes] = field(default_factory=list)


def fault(*pieces: bytes, codes: set[int], deflate: bool = False) -> Fault:
    return Fault(list(pieces), codes, [DEFLATE] if deflate else [])


PROTOCOL_ERROR = {1002}
WRONG_DATA = {1007}
TOO_BIG = {1009}
EITHER = PROTOCOL_ERROR | WRONG_DATA

NO_UTF_8 = {
    "a byte that never is": b"\xff",
    "no beginning": b"\x80",
    "no end": b"\xc3",
    "another character for the end": b"\xc3(",
    "too long": b"\xc0\x80",
    "too long in three bytes": b"\xe0\x80\xaf",
    "too long in four bytes": b"\xf0\x80\x80\xaf",
    "a surrogate": b"\xed\xa0\x80",
    "a pair of surrogates": b"\xed\xa0\x80\xed\xb0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "behind much that is right": "κόσμε".encode() * 30 + b"\xed\xa0\x80",
}

FAULTS = {
    "no mask": fault(frame(TEXT, b"a", mask=None), codes=PROTOCOL_ERROR),
    "ping without mask": fault(frame(PING, mask=None), codes=PROTOCOL_ERROR),
    **{f"reserved bit {bit:x}": fault(frame(TEXT, b"a", reserved=bit), codes=PROTOCOL_ERROR) for bit in (0x40, 0x20, 0x10, 0x70)},
    **{f"reserved bit {bit:x} of a ping": fault(frame(PING, reserved=bit), codes=PROTOCOL_ERROR) for bit in (0x40, 0x20, 0x10)},
    **{f"opcode {opcode:x}": fault(frame(opcode, b"a"), codes=PROTOCOL_ERROR) for opcode in (3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF)},
    "unknown opcode within a message": fault(frame(TEXT, b"a", final=False) + frame(0x5, b"b"), codes=PROTOCOL_ERROR),
    "long ping": fault(frame(PING, b"x" * 126), codes=PROTOCOL_ERROR),
    "long pong": fault(frame(PONG, b"x" * 126), codes=PROTOCOL_ERROR),
    "ping in frames": fault(frame(PING, b"a", final=False) + frame(CONTINUATION, b"b"), codes=PROTOCOL_ERROR),
    "pong in frames": fault(frame(PONG, b"a", final=False) + frame(CONTINUATION, b"b"), codes=PROTOCOL_ERROR),
    "nothing to continue": fault(frame(CONTINUATION, b"a"), codes=PROTOCOL_ERROR),
    "nothing to continue, and more": fault(frame(CONTINUATION, b"a", final=False), codes=PROTOCOL_ERROR),
    "nothing to continue behind a message": fault(
        frame(TEXT, b"a", final=False), frame(CONTINUATION, b"b") + frame(CONTINUATION, b"c"), codes=PROTOCOL_ERROR
    ),
    "message within a message": fault(frame(TEXT, b"a", final=False) + frame(TEXT, b"b"), codes=PROTOCOL_ERROR),
    "bytes within a text": fault(frame(TEXT, b"a", final=False) + frame(BINARY, b"b"), codes=PROTOCOL_ERROR),
    # RFC 6455, 5.2: the most significant bit of a length is 0.
    "length of 64 bits": fault(framed(b"\x82", b"\x7f" + b"\xff" * 8, b""), codes=PROTOCOL_ERROR | TOO_BIG),
    **{f"text: {name}": fault(frame(TEXT, text), codes=WRONG_DATA) for name, text in NO_UTF_8.items()},
    **{
        f"text in frames: {name}": fault(frame(TEXT, b"a", final=False), frame(CONTINUATION, text), codes=WRONG_DATA)
        for name, text in NO_UTF_8.items()
    },
    "text that ends within a character": fault(frame(TEXT, b"\xe2\x82", final=False) + frame(CONTINUATION), codes=WRONG_DATA),
    "close of one byte": fault(frame(CLOSE, b"\x03"), codes=PROTOCOL_ERROR),
    "long close": fault(goodbye(1000, b"x" * 124), codes=PROTOCOL_ERROR),
    "close in frames": fault(frame(CLOSE, b"\x03\xe8", final=False), codes=PROTOCOL_ERROR),
    "reason that is no UTF-8": fault(goodbye(1000, b"\xff"), codes=EITHER),
    # RFC 6455, 7.4
    **{f"code {code}": fault(goodbye(code), codes=PROTOCOL_ERROR) for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999)},
    "frames that make too much": fault(
        frame(BINARY, b"x" * (LIMIT - 10), final=False), frame(CONTINUATION, b"x" * 11, final=False), codes=TOO_BIG
    ),
    "compressed, though nobody said so": fault(frame(TEXT, COMPRESSED_TEXT, reserved=COMPRESSED), codes=PROTOCOL_ERROR),
    "other reserved bit of a compressed text": fault(frame(TEXT, COMPRESSED_TEXT, reserved=0x60), codes=PROTOCOL_ERROR, deflate=True),
    # RFC 7692, 6.1
    "compressed ping": fault(frame(PING, b"a", reserved=COMPRESSED), codes=PROTOCOL_ERROR, deflate=True),
    "compressed continuation": fault(
        frame(TEXT, COMPRESSED_TEXT[:9], final=False, reserved=COMPRESSED) + frame(CONTINUATION, COMPRESSED_TEXT[9:], reserved=COMPRESSED),
        codes=PROTOCOL_ERROR,
        deflate=True,
    ),
    "compressed nonsense": fault(frame(BINARY, b"\xff" * 20, reserved=COMPRESSED), codes=EITHER, deflate=True),
    "compressed text that is no UTF-8": fault(frame(TEXT, deflated(b"\xff")[0], reserved=COMPRESSED), codes=WRONG_DATA, deflate=True),
    "too much, compressed": fault(frame(BINARY, deflated(b"x" * (LIMIT + 1))[0], reserved=COMPRESSED), codes=TOO_BIG, deflate=True),
}


ENDS = {
    **{f"code {code}": (goodbye(code), {code}) for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)},
    # Registered since.
    **{f"code {code}": (goodbye(code), {code, 1002}) for code in (1012, 1013, 1014)},
    "no code": (frame(CLOSE), {NO_CODE, 1000}),
    "reason": (goodbye(1000, "tschüß".encode()), {1000}),
    "longest reason": (goodbye(1000, b"x" * 123), {1000}),
    "message behind the close": (goodbye(1000) + frame(TEXT, b"late"), {1000}),
    "ping behind the close": (goodbye(1000) + frame(PING, b"late"), {1000}),
    "second close": (goodbye(1000) + goodbye(1001), {1000}),
    "nonsense behind the close": (goodbye(1000) + b"\xff" * 100, {1000}),
    # RFC 6455, 5.4 and 5.5.1, say nothing of a message that is cut off so.
    "close within a message": (frame(TEXT, b"a", final=False) + goodbye(1000), {1000, 1002}),
}
"""What clients end with, and the codes that come back."""


GOOD = handshake("/")

OPENED, PLAIN, REFUSED = {101}, {200}, {400}
# RFC 6455, 4.2.1, has a server check the key, which wsproto leaves to the client.
UNCHECKED = REFUSED | OPENED

HANDSHAKES = {
    "as it should be": (GOOD, OPENED),
    "capitals": (
        GOOD.replace(b"Upgrade: websocket", b"UPGRADE: WebSocket").replace(b"Connection: Upgrade", b"connection: uPGRADE"),
        OPENED,
    ),
    "upgrade among others": (GOOD.replace(b"Connection: Upgrade", b"Connection: keep-alive, Upgrade"), OPENED),
    "no key": (GOOD.replace(b"Sec-WebSocket-Key", b"X-Key"), REFUSED),
    "short key": (GOOD.replace(KEY, b"dGhl"), UNCHECKED),
    "key that is no Base64": (GOOD.replace(KEY, b"!" * len(KEY)), UNCHECKED),
    "two keys": (GOOD.replace(b"Sec-WebSocket-V", b"Sec-WebSocket-Key: %b\r\nSec-WebSocket-V" % KEY), UNCHECKED),
    "no version": (GOOD.replace(b"Sec-WebSocket-Version", b"X-Version"), REFUSED),
    "older version": (GOOD.replace(b"Version: 13", b"Version: 8"), REFUSED | {426}),
    "no upgrade in its connection": (GOOD.replace(b"Connection: Upgrade", b"Connection: keep-alive"), PLAIN),
    "no upgrade": (GOOD.replace(b"Upgrade: websocket", b"X-Upgrade: websocket"), PLAIN),
    "another upgrade": (GOOD.replace(b"Upgrade: websocket", b"Upgrade: h2c"), PLAIN),
}
