"""How fast a client has to send its body."""

from __future__ import annotations

from typing import Final, final

from fasterapi.server.limits import BODY_RATE, BODY_SECONDS

_FULL: Final = BODY_SECONDS * BODY_RATE


@final
class BodyPace:
    """A store of bytes that waiting uses up and sending fills again, but never beyond what it began with.

    A client that stops is cut when the store is empty, as is one that drips; whatever was sent before buys no more time than that.
    Time is counted in ticks, of which one is a second.
    """

    def __init__(self) -> None:
        self._store = _FULL
        self._size = 0
        self._since = 0

    def seconds_left(self, tick: int, size: int) -> int:
        """How long the client may stop now that it has sent `size` bytes in all; it is waited for from here on."""
        self.rest(tick)
        self._store = min(self._store + size - self._size, _FULL)
        self._size = size
        self._since = tick
        return self._store // BODY_RATE

    def rest(self, tick: int) -> None:
        """Until `seconds_left` is asked again, the client has to wait."""
        if self._since:
            self._store = max(self._store - (tick - self._since) * BODY_RATE, 0)
            self._since = 0
