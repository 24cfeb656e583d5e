"""What bodies are packed with, each unpacked in steps that no input can make large.

gzip and deflate always; brotli and Zstandard where the packages `brotli` and `zstandard` are installed.
"""

from __future__ import annotations

import zlib
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, cast, final

from typing_extensions import override

from fasterapi.client.errors import FastHTTPConnectionError

_STEP: Final = 262_144
"""How much one step unpacks at most, or nearly so, so that a bomb is noticed long before it fills the memory."""
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
# A block of 4 bytes unpacks to 128 KiB (RFC 8878, 3.1.1.2), and nothing but the size of the input bounds the output.
_ZSTANDARD_STEP: Final = 64
_ZSTANDARD_WINDOW: Final = 8 * 1024 * 1024
"""The most memory that a server may ask for (RFC 9659)."""


class Unpacker:
    """Undoes one coding of a body."""

    def feed(self, data: bytes) -> None:
        """Take more of what is packed."""
        raise NotImplementedError

    def step(self) -> bytes:
        """The next piece of what was unpacked; empty when more input is needed."""
        raise NotImplementedError

    def finish(self) -> None:
        """Say that the body ended; raises where it was cut off."""
        raise NotImplementedError


@final
class Inflater(Unpacker):
    """gzip and deflate."""

    def __init__(self, coding: str) -> None:
        self._is_deflate = coding == "deflate"
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._rest = b""
        self._has_begun = False

    @override
    def feed(self, data: bytes) -> None:
        # RFC 9110, 8.4.1.2: some send bare deflate without the zlib header.
        if self._is_deflate and not self._has_begun and data and data[0] & 0x0F != 8:
            self._decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        self._has_begun = self._has_begun or bool(data)
        self._rest += data

    @override
    def step(self) -> bytes:
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
                raise _misfit(error) from error
            self._rest = self._decompressor.unused_data if self._decompressor.eof else self._decompressor.unconsumed_tail
            if piece:
                return piece
        return b""

    @override
    def finish(self) -> None:
        if self._has_begun and not self._decompressor.eof:
            raise _cut_off()


@final
class BrotliUnpacker(Unpacker):
    """Brotli (RFC 7932)."""

    def __init__(self) -> None:
        module: Any = import_module("brotli")
        self._decompressor: Any = module.Decompressor()
        self._rest = b""
        self._has_begun = False

    @override
    def feed(self, data: bytes) -> None:
        self._has_begun = self._has_begun or bool(data)
        self._rest += data

    @override
    def step(self) -> bytes:
        if self._decompressor.is_finished() and not self._rest:
            return b""
        given = b""
        if self._decompressor.can_accept_more_data():
            given, self._rest = self._rest, b""
        # Even where nothing more is given, there may be more to come of what was.
        return _unpacked(self._decompressor.process, given, _STEP)

    @override
    def finish(self) -> None:
        if self._has_begun and not self._decompressor.is_finished():
            raise _cut_off()


@final
class ZstandardUnpacker(Unpacker):
    """Zstandard (RFC 8878)."""

    def __init__(self) -> None:
        module: Any = import_module("zstandard")
        self._maker: Any = module.ZstdDecompressor(max_window_size=_ZSTANDARD_WINDOW)
        self._decompressor: Any = self._maker.decompressobj()
        self._rest = b""
        self._position = 0
        self._has_begun = False

    @override
    def feed(self, data: bytes) -> None:
        self._rest = self._rest[self._position :] + data
        self._position = 0

    @override
    def step(self) -> bytes:
        while self._position < len(self._rest):
            if self._decompressor.eof:
                # RFC 8878, 3: there may be several frames.
                self._decompressor = self._maker.decompressobj()
            given = self._rest[self._position : self._position + _ZSTANDARD_STEP]
            self._has_begun = True
            piece = _unpacked(self._decompressor.decompress, given)
            unused = cast(bytes, self._decompressor.unused_data) if self._decompressor.eof else b""
            self._position += len(given) - len(unused)
            if piece:
                return piece
        return b""

    @override
    def finish(self) -> None:
        if self._has_begun and not self._decompressor.eof:
            raise _cut_off()


def unpacker_of(coding: str) -> Unpacker:
    """What undoes a coding that is known."""
    if coding == "br":
        return BrotliUnpacker()
    return ZstandardUnpacker() if coding == "zstd" else Inflater(coding)


def is_known(coding: str) -> bool:
    """Whether a coding can be undone here."""
    return coding in ("gzip", "deflate") or (coding == "br" and _has_brotli()) or (coding == "zstd" and _has_zstandard())


@cache
def accepted_codings() -> bytes:
    """What requests say in `Accept-Encoding`."""
    return ", ".join([coding for coding in ("gzip", "deflate", "br", "zstd") if is_known(coding)]).encode("ascii")


@cache
def _has_brotli() -> bool:
    """Whether there is a brotli whose steps can be bounded: 1.2 or newer."""
    return find_spec("brotli") is not None and hasattr(import_module("brotli").Decompressor, "can_accept_more_data")


@cache
def _has_zstandard() -> bool:
    return find_spec("zstandard") is not None


def _unpacked(unpack: Any, *given: object) -> bytes:
    try:
        return cast(bytes, unpack(*given))
    except Exception as error:
        # Each package has an error of its own, which is none of the standard library's.
        raise _misfit(error) from error


def _misfit(error: Exception) -> FastHTTPConnectionError:
    return FastHTTPConnectionError(f"The body is not packed as its Content-Encoding says: {error}.")


def _cut_off() -> FastHTTPConnectionError:
    return FastHTTPConnectionError("The body ended in the middle: the packed part of it is not complete.")
