"""Forms in one line of text, `name=Ada&town=London` (WHATWG URL, 5.1), read piece by piece."""

from __future__ import annotations

from typing import final
from urllib.parse import unquote_to_bytes

from typing_extensions import override

from fasterapi.http.forms_limits import FormLimits, FormRefused
from fasterapi.http.forms_reader import FormReader


@final
class UrlencodedReader(FormReader):
    """Splits the pieces of a body at `&`, which alone separates, and keeps what began in one and ends in a later one."""

    def __init__(self, charset: str, limits: FormLimits) -> None:
        super().__init__()
        self._charset = charset
        self._max_fields = limits.max_fields
        self._max_size = limits.max_part_size
        self._begun: list[bytes] = []
        self._begun_size = 0

    @override
    def feed(self, piece: bytes) -> None:
        start = 0
        while True:
            end = piece.find(b"&", start)
            if end < 0:
                break
            self._take(self._completed(piece[start:end]))
            start = end + 1
        rest = piece[start:] if start else piece
        if rest:
            self._check_size(self._begun_size + len(rest))
            self._begun.append(rest)
            self._begun_size += len(rest)

    async def finish(self) -> None:
        """The last field ends with the body."""
        self._take(self._completed(b""))

    def _completed(self, ending: bytes) -> bytes:
        """A field with what came of it before."""
        if not self._begun:
            return ending
        field = b"".join([*self._begun, ending])
        self._begun = []
        self._begun_size = 0
        return field

    def _take(self, field: bytes) -> None:
        if not field:
            return
        self._check_size(len(field))
        if len(self.items) >= self._max_fields:
            raise FormRefused(f"Too many fields. Maximum number of fields is {self._max_fields:.0f}.")
        middle = field.find(b"=")
        if middle < 0:
            self.items.append((self._decode(field), ""))
        else:
            self.items.append((self._decode(field[:middle]), self._decode(field[middle + 1 :])))

    def _check_size(self, size: int) -> None:
        if size > self._max_size:
            raise FormRefused(f"Field exceeded maximum size of {self._max_size / 1024:.0f}KB.")

    def _decode(self, encoded: bytes) -> str:
        if b"+" in encoded:
            encoded = encoded.replace(b"+", b" ")
        if b"%" in encoded:
            encoded = unquote_to_bytes(encoded)
        # Every charset that is taken is a superset of ASCII.
        if encoded.isascii():
            return encoded.decode("ascii")
        return encoded.decode(self._charset, "replace")
