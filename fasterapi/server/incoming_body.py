"""The body of a request on its way in."""

from __future__ import annotations

from asyncio import AbstractEventLoop
from typing import Final, final

from fasterapi.concurrency.wakeup import Wakeup
from fasterapi.server.body_pace import BodyPace
from fasterapi.server.limits import BODY_HIGH_WATER, BODY_TO_DRAIN

_WORTH_KEEPING: Final = 4096
"""The bytes of a piece beside which what it weighs itself is nothing."""


@final
class IncomingBody:
    """What lies between the parser, which adds to a body, and the one who reads it.

    `announced` is the length that the request's head gives, negative for a chunked body.
    """

    def __init__(self, announced: int, expects_continue: bool, loop: AbstractEventLoop) -> None:
        self.announced = announced
        self.expects_continue = expects_continue
        self.size: int = 0
        self.complete: bool = False
        self.cut_off: bool = False
        self._discarded = False
        self._only = b""
        self._several: list[bytes | bytearray] | None = None
        self._small: bytearray | None = None
        self._buffered = 0
        self._wanted = 0
        self._loop = loop
        self._wakeup: Wakeup | None = None
        self._pace: BodyPace | None = None

    def add(self, piece: bytes) -> None:
        """Keep what arrived: pieces as they are until somebody takes them, but small ones, which weigh more than they hold, as one."""
        self.size += len(piece)
        if self._discarded:
            return
        if self._buffered:
            self._add_to_several(piece)
        else:
            self._only = piece
        self._buffered += len(piece)
        if self._buffered > self._wanted:
            self._wake()

    def _add_to_several(self, piece: bytes) -> None:
        several: list[bytes | bytearray] = [self._only] if self._several is None else self._several
        if self._several is None:
            self._several = several
            self._only = b""
        small = self._small
        if len(piece) >= _WORTH_KEEPING:
            if small is not None:
                several.append(small)
                self._small = None
            several.append(piece)
        elif small is None:
            self._small = bytearray(piece)
        else:
            small += piece

    def end(self) -> None:
        """The body is whole."""
        self.complete = True
        self._wake()

    def cut(self) -> None:
        """The rest of the body will not come."""
        self.cut_off = True
        self._wake()

    def discard(self) -> None:
        """Keep nothing from now on: the request has its answer."""
        self._discarded = True
        self.take()
        self._wake()

    def take(self) -> bytes:
        """What is kept here, and from now on no longer is."""
        several = self._several
        taken = self._only
        if several is not None:
            if self._small is not None:
                several.append(self._small)
                self._small = None
            taken = b"".join(several)
            self._several = None
        self._only = b""
        self._buffered = 0
        return taken

    def is_full(self) -> bool:
        """Whether the client should wait: more is kept here than anybody asked for."""
        return self._buffered > BODY_HIGH_WATER and self._buffered > self._wanted

    def is_soon_over(self) -> bool:
        """Whether what is still to come is known to come, and to be little."""
        return not self.expects_continue and 0 <= self.announced <= self.size + BODY_TO_DRAIN

    def seconds_left(self, tick: int) -> int:
        """How long the client, which is waited for from this tick on, may stop."""
        if self._pace is None:
            self._pace = BodyPace()
        return self._pace.seconds_left(tick, self.size)

    def rest(self, tick: int) -> None:
        """From this tick on the client has to wait."""
        if self._pace is not None:
            self._pace.rest(tick)

    async def more_than(self, wanted: int) -> None:
        """Wait until more than `wanted` bytes are kept here, or no more will be."""
        while self._buffered <= wanted and not self.complete and not self.cut_off and not self._discarded:
            self._wanted = wanted
            if self._wakeup is None:
                self._wakeup = Wakeup(self._loop)
            await self._wakeup.wait()
        self._wanted = 0

    def _wake(self) -> None:
        if self._wakeup is not None:
            self._wakeup.wake()
