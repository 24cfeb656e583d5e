"""Compressed bodies, unpacked as they come and no further than a limit."""

from __future__ import annotations

from typing import final

from fasterapi.client.codings import is_known, unpacker_of
from fasterapi.client.errors import FastHTTPConnectionError, FastHTTPLimitError
from fasterapi.client.limits import MEGABYTE


@final
class BodyDecoder:
    """Unpacks a body and counts; raises `FastHTTPLimitError` as soon as it is larger than allowed.

    Example: `BodyDecoder(["gzip"], 10_000_000, 200).decode(piece)`.
    """

    def __init__(self, codings: list[str], max_bytes: int, max_ratio: int) -> None:
        # The last coding was applied last (RFC 9110, 8.4).
        self._unpackers = [unpacker_of(coding) for coding in reversed(codings)]
        self._max_bytes = max_bytes
        self._max_ratio = max_ratio
        self._received = 0
        self._unpacked = [0 for _ in codings]
        """How much came out of each unpacker: what only one of them sees takes time all the same."""

    def decode(self, data: bytes) -> list[bytes]:
        """What this piece unpacks to."""
        self._received += len(data)
        self._check_size(self._received)
        return self._unpack(data, 0) if self._unpackers else [data]

    def finish(self) -> None:
        """Say that the body ended."""
        for unpacker in self._unpackers:
            unpacker.finish()

    def _unpack(self, data: bytes, level: int) -> list[bytes]:
        unpacker = self._unpackers[level]
        is_last = level == len(self._unpackers) - 1
        pieces: list[bytes] = []
        unpacker.feed(data)
        while True:
            piece = unpacker.step()
            if not piece:
                return pieces
            self._count(len(piece), level)
            if is_last:
                pieces.append(piece)
            else:
                pieces.extend(self._unpack(piece, level + 1))

    def _count(self, size: int, level: int) -> None:
        unpacked = self._unpacked[level] + size
        self._unpacked[level] = unpacked
        self._check_size(unpacked)
        if unpacked > MEGABYTE and unpacked > self._received * self._max_ratio:
            raise FastHTTPLimitError(
                f"The body unpacks to more than {self._max_ratio} times its size, as a bomb would."
                " Raise Limits(max_decompression_ratio=…) if it is none."
            )

    def _check_size(self, size: int) -> None:
        if self._max_bytes and size > self._max_bytes:
            raise FastHTTPLimitError(
                f"The body is larger than {self._max_bytes} bytes. Raise Limits(max_response_bytes=…), or read it as a stream."
            )


def codings_of(values: list[str]) -> list[str]:
    """The codings of a body that have to be undone, in the order they were applied; raises for one that is not known."""
    codings: list[str] = []
    for value in values:
        for name in value.split(","):
            coding = name.strip().lower()
            if coding in ("", "identity"):
                continue
            coding = coding.removeprefix("x-")
            if not is_known(coding):
                raise FastHTTPConnectionError(f"The body is packed as {coding!r}, which was not asked for.")
            codings.append(coding)
    if len(codings) > 4:
        raise FastHTTPLimitError(f"The body is packed {len(codings)} times over.")
    return codings
