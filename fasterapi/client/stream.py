"""A response whose body is read piece by piece.

Interpreted: asynchronous generators.
"""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator
from typing import Self

from fasterapi.client.decoding import BodyDecoder, codings_of
from fasterapi.client.head import ResponseHead
from fasterapi.client.limits import Limits
from fasterapi.client.request import Request
from fasterapi.client.response import Response, bad_status
from fasterapi.client.transport import WireResponse


class StreamedResponse(ResponseHead):
    """What comes back, as it comes.

    Example:
        async with session.stream("GET", url) as response:
            async for piece in response.aiter_bytes():
                file.write(piece)
    """

    def __init__(self, request: Request, wire: WireResponse, limits: Limits) -> None:
        super().__init__(request, wire)
        self._wire = wire
        self._limits = limits

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        """The body as it is sent, packed if it was packed."""
        async for piece in self._wire.pieces():
            yield piece

    async def aiter_bytes(self, max_bytes: int = 0) -> AsyncIterator[bytes]:
        """The body, unpacked; `FastHTTPLimitError` beyond `max_bytes`, or where it unpacks as a bomb would."""
        decoder = BodyDecoder(codings_of(self.headers.getlist("content-encoding")), max_bytes, self._limits.max_decompression_ratio)
        async for packed in self._wire.pieces():
            for piece in decoder.decode(packed):
                yield piece
        decoder.finish()

    async def aiter_text(self) -> AsyncIterator[str]:
        """The body as text; characters are never cut in two."""
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        async for piece in self.aiter_bytes():
            text = decoder.decode(piece)
            if text:
                yield text
        rest = decoder.decode(b"", final=True)
        if rest:
            yield rest

    async def aiter_lines(self) -> AsyncIterator[str]:
        """The lines of the body, without their ends."""
        begun: list[str] = []
        async for text in self.aiter_text():
            first, *more = text.split("\n")
            begun.append(first)
            for line in more:
                yield "".join(begun).removesuffix("\r")
                begun = [line]
        rest = "".join(begun)
        if rest:
            yield rest

    async def read(self) -> Response:
        """All of it, as an ordinary response, no larger than the limits allow."""
        pieces = [piece async for piece in self.aiter_bytes(self._limits.max_response_bytes)]
        return Response(self.request, self._wire, b"".join(pieces), 0.0)

    async def raise_for_status(self) -> Self:
        """Raise `FastHTTPBadStatusError`, with the body read, for an error status; otherwise the response itself."""
        if not self.ok:
            raise bad_status(await self.read())
        return self
