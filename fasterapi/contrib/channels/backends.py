"""What carries messages, and the one for a single process."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from typing import Protocol

from fasterapi.contrib.channels.inbox import Inbox, Letter, number_of


class Backend(Protocol):
    """Carries messages from who publishes to who listens. Every method may raise `StoreError`."""

    async def publish(self, name: str, payload: bytes, history: int) -> None:
        """Send a message to all inboxes of a channel, and keep the last `history` of them."""
        ...

    async def join(self, name: str, inbox: Inbox, last: int, after: str | None) -> None:
        """Have messages put into an inbox, behind the `last` ones of before, or all that are kept and came `after` one."""
        ...

    async def leave(self, name: str, inbox: Inbox) -> None:
        """Put nothing more into an inbox. Never raises."""
        ...

    async def aclose(self) -> None:
        """End what is open."""
        ...


class Hub:
    """The inboxes of this process, by their channels."""

    def __init__(self) -> None:
        self._inboxes: dict[str, set[Inbox]] = {}

    def add(self, name: str, inbox: Inbox) -> bool:
        """Add an inbox; whether it is the first of its channel."""
        found = self._inboxes.setdefault(name, set())
        found.add(inbox)
        return len(found) == 1

    def remove(self, name: str, inbox: Inbox) -> bool:
        """Remove an inbox; whether it was the last of its channel."""
        found = self._inboxes.get(name, set())
        if inbox not in found:
            return False
        found.discard(inbox)
        if found:
            return False
        del self._inboxes[name]
        return True

    def put(self, name: str, letter: Letter) -> None:
        """Put a message into every inbox of a channel."""
        for inbox in self._inboxes.get(name, ()):
            inbox.put(letter)

    def names(self) -> list[str]:
        """The channels that somebody listens to."""
        return list(self._inboxes)


class MemoryBackend:
    """Carries messages within one process; keeps the history of the channels that were used last."""

    def __init__(self, max_channels: int = 10_000) -> None:
        self.max_channels = max_channels
        self._hub = Hub()
        self._history: OrderedDict[str, deque[Letter]] = OrderedDict()
        self._last: tuple[int, int] = (0, 0)

    async def publish(self, name: str, payload: bytes, history: int) -> None:
        """Send a message to all inboxes of a channel."""
        letter = Letter(self._next_id() if history else "", payload)
        if history:
            kept = self._history.setdefault(name, deque())
            kept.append(letter)
            while len(kept) > history:
                kept.popleft()
            self._history.move_to_end(name)
            if len(self._history) > self.max_channels:
                self._history.popitem(last=False)
        self._hub.put(name, letter)

    async def join(self, name: str, inbox: Inbox, last: int, after: str | None) -> None:
        """Have messages put into an inbox."""
        self._hub.add(name, inbox)
        kept = list(self._history.get(name, ()))
        known = number_of(after)
        if known is not None:
            inbox.release(letter for letter in kept if (number_of(letter.id) or known) > known)
        else:
            inbox.release(kept[-last:] if last else ())

    async def leave(self, name: str, inbox: Inbox) -> None:
        """Put nothing more into an inbox."""
        self._hub.remove(name, inbox)

    async def aclose(self) -> None:
        """There is nothing to end."""

    def _next_id(self) -> str:
        """An id as Redis makes them: of the time, so that those of a process which has ended are older."""
        now = time.time_ns() // 1_000_000
        moment, count = self._last
        self._last = (now, 0) if now > moment else (moment, count + 1)
        return f"{self._last[0]}-{self._last[1]}"
