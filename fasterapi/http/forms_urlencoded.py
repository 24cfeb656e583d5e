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
            self._grow(piece[start:end])
            self._end_field()
            start = end + 1
        self._grow(piece[start:] if start else piece)

    @override
    async def finish(self) -> None:
        self._end_field()

    def _grow(self, text: bytes) -> None:
        if text:
            self._begun.append(text)
            self._begun_size += len(text)
            if self._begun_size > self._max_size:
                raise FormRefused(f"Field exceeded maximum size of {self._max_size / 1024:.0f}KB.")

    def _end_field(self) -> None:
        begun = self._begun
        if not begun:
            return
        field = begun[0] if len(begun) == 1 else b"".join(begun)
        self._begun = []
        self._begun_size = 0
        if len(self.items) >= self._max_fields:
            raise FormRefused(f"Too many fields. Maximum number of fields is {self._max_fields:.0f}.")
        name, _, value = field.partition(b"=")
        self.items.append((self._decode(name), self._decode(value)))

    def _decode(self, encoded: bytes) -> str:
        if b"+" in encoded:
            encoded = encoded.replace(b"+", b" ")
        if b"%" in encoded:
            encoded = unquote_to_bytes(encoded)
        return encoded.decode(self._charset, "replace")
