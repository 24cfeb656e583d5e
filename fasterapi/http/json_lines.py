"""Answers of one JSON value a line."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

import msgspec
from mypy_extensions import mypyc_attr
from typing_extensions import override

from fasterapi.background import BackgroundTask
from fasterapi.http.streaming import StreamingResponse

encode_json: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode


def without_line_breaks(json: bytes) -> bytes:
    """JSON on one line. In a text a line break is always escaped (RFC 8259, 7): those that stand here are white space."""
    if b"\n" in json or b"\r" in json:
        return json.replace(b"\n", b" ").replace(b"\r", b" ")
    return json


@mypyc_attr(allow_interpreted_subclasses=True)
class JSONLinesResponse(StreamingResponse):
    """An answer that gives each value as soon as it is there, as a line of JSON.

    Example: `return JSONLinesResponse(rows())`. A handler that yields its values has them sent like this by itself.
    """

    media_type: ClassVar[str | None] = "application/jsonl"

    def __init__(
        self,
        content: AsyncIterable[Any] | Iterable[Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        encode: Callable[[Any], bytes] = encode_json,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)
        self.encode: Callable[[Any], bytes] = encode

    @override
    def encode_piece(self, piece: Any) -> bytes:
        return without_line_breaks(self.encode(piece)) + b"\n"
