"""The body of a request on its way in."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future
from typing import Final, final

HIGH_WATER: Final = 64 * 1024
"""How many bytes that nobody has asked for are kept before the client is told to wait."""


@final
class IncomingBody:
    """The pieces of a body between the parser, which adds them, and the one who reads them."""

    def __init__(self, announced: int, expects_continue: bool, loop: AbstractEventLoop) -> None:
        self.announced = announced
        self.expects_continue = expects_continue
        self.size = 0
        self.buffered = 0
        self.complete = False
        self.cut_off = False
        self.discarded = False
        self._pieces: list[bytes] = []
        self._loop = loop
        self._waiter: Future[None] | None = None
        self._wanted = 0

    def add(self, piece: bytes) -> None:
        """Keep a piece that arrived."""
        self.size += len(piece)
        if self.discarded:
            return
        self.buffered += len(piece)
        self._pieces.append(piece)
        if self.buffered > self._wanted:
            self._wake()

    def finish(self) -> None:
        """The body is whole."""
        self.complete = True
        self._wake()

    def cut(self) -> None:
        """The rest of the body will not come."""
        self.cut_off = True
        self._wake()

    def discard(self) -> None:
        """Nobody wants the body any more."""
        self.discarded = True
        self._pieces = []
        self.buffered = 0

    def take(self) -> bytes:
        """What is here, which is then no longer here."""
        pieces = self._pieces
        self._pieces = []
        self.buffered = 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def is_full(self) -> bool:
        """Whether more is kept than anybody asked for."""
        return self.buffered > HIGH_WATER and self.buffered > self._wanted

    async def wait(self, wanted: int) -> None:
        """Wait until more than `wanted` bytes are here, or the body has ended one way or the other."""
        self._wanted = wanted
        while self.buffered <= wanted and not self.complete and not self.cut_off:
            waiter = self._loop.create_future()
            self._waiter = waiter
            await waiter
        self._wanted = 0

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)
