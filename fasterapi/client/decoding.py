"""Compressed bodies, unpacked as they come and no further than a limit."""

from __future__ import annotations

import zlib
from typing import Final, final

from fasterapi.client.errors import FastHTTPConnectionError, FastHTTPLimitError
from fasterapi.client.limits import MEGABYTE

_STEP: Final = 262_144
"""How much one call unpacks at most, so that a bomb is noticed long before it fills the memory."""
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32


@final
class Inflater:
    """Unpacks one coding of a body (gzip or deflate), in steps."""

    def __init__(self, coding: str) -> None:
        self._is_deflate = coding == "deflate"
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._rest = b""
        self._has_begun = False

    def feed(self, data: bytes) -> None:
        """Take more of what is packed."""
        # RFC 9110, 8.4.1.2: some send bare deflate without the zlib header.
        if self._is_deflate and not self._has_begun and data and data[0] & 0x0F != 8:
            self._decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        self._has_begun = self._has_begun or bool(data)
        self._rest += data

    def step(self) -> bytes:
        """The next piece of what was unpacked; empty when more input is needed."""
        while self._rest:
            if self._decompressor.eof:
                if self._is_deflate:
                    return b""
                # RFC 1952, 2.2: a gzip file may have several members.
                self._rest = self._rest.lstrip(b"\x00")
                if not self._rest:
                    return b""
                self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
            try:
                piece = self._decompressor.decompress(self._rest, _STEP)
            except zlib.error as error:
                raise FastHTTPConnectionError(f"The body is not packed as its Content-Encoding says: {error}.") from error
            self._rest = self._decompressor.unused_data if self._decompressor.eof else self._decompressor.unconsumed_tail
            if piece:
                return piece
        return b""

    def finish(self) -> None:
        """Say that the body ended; raises where it was cut off."""
        if self._has_begun and not self._decompressor.eof:
            raise FastHTTPConnectionError("The body ended in the middle: the packed part of it is not complete.")


@final
class BodyDecoder:
    """Unpacks a body and counts; raises `FastHTTPLimitError` as soon as it is larger than allowed.

    Example: `BodyDecoder(["gzip"], 10_000_000, 200).decode(piece)`.
    """

    def __init__(self, codings: list[str], max_bytes: int, max_ratio: int) -> None:
        # The last coding was applied last (RFC 9110, 8.4).
        self._inflaters = [Inflater(coding) for coding in reversed(codings)]
        self._max_bytes = max_bytes
        self._max_ratio = max_ratio
        self._received = 0
        self._unpacked = 0

    def decode(self, data: bytes) -> list[bytes]:
        """What this piece unpacks to."""
        self._received += len(data)
        if not self._inflaters:
            self._count(len(data))
            return [data]
        return self._unpack(data, 0)

    def finish(self) -> None:
        """Say that the body ended."""
        for inflater in self._inflaters:
            inflater.finish()

    def _unpack(self, data: bytes, level: int) -> list[bytes]:
        inflater = self._inflaters[level]
        is_last = level == len(self._inflaters) - 1
        pieces: list[bytes] = []
        inflater.feed(data)
        while True:
            piece = inflater.step()
            if not piece:
                return pieces
            if is_last:
                self._count(len(piece))
                pieces.append(piece)
            else:
                pieces.extend(self._unpack(piece, level + 1))

    def _count(self, size: int) -> None:
        self._unpacked += size
        if self._max_bytes and self._unpacked > self._max_bytes:
            raise FastHTTPLimitError(
                f"The body is larger than {self._max_bytes} bytes. Raise Limits(max_response_bytes=…), or read it as a stream."
            )
        if self._unpacked > MEGABYTE and self._unpacked > self._received * self._max_ratio:
            raise FastHTTPLimitError(
                f"The body unpacks to more than {self._max_ratio} times its size, as a bomb would."
                " Raise Limits(max_decompression_ratio=…) if it is none."
            )


def codings_of(values: list[str]) -> list[str]:
    """The codings of a body that have to be undone, in the order they were applied; raises for one that is not known."""
    codings: list[str] = []
    for value in values:
        for name in value.split(","):
            coding = name.strip().lower()
            if coding in ("", "identity"):
                continue
            if coding not in ("gzip", "x-gzip", "deflate"):
                raise FastHTTPConnectionError(f"The body is packed as {coding!r}, which was not asked for.")
            codings.append(coding.removeprefix("x-"))
    if len(codings) > 4:
        raise FastHTTPLimitError(f"The body is packed {len(codings)} times over.")
    return codings
