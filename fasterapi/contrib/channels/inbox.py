"""What waits for one reader."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, TypeAlias

WhenFull: TypeAlias = Literal["drop_oldest", "drop_newest", "end"]
"""What becomes of a message for a reader who has too many unread: an older one goes, or this one, or the reader does (`SlowReader`)."""

_ID: Final = re.compile(r"([0-9]{1,16})-([0-9]{1,16})", re.ASCII)


class SlowReader(Exception):
    """A reader had too many messages unread; it may subscribe again, from the last one that it read."""


class Letter(NamedTuple):
    """A message on its way, encoded."""

    id: str
    """Grows from message to message of a channel; empty where the channel has no history."""
    payload: bytes


class Inbox:
    """The unread messages of one reader, up to a number."""

    def __init__(self, size: int, when_full: WhenFull) -> None:
        self.dropped: int = 0
        self._size = size
        self._when_full: WhenFull = when_full
        self._letters: deque[Letter] = deque()
        self._last: tuple[int, int] | None = None
        self._is_held = True
        self._held: list[Letter] = []
        self._is_over = False
        self._arrived: asyncio.Event = asyncio.Event()

    def put(self, letter: Letter) -> None:
        """Add a message; those that were put before `release` wait until then."""
        if self._is_held:
            # As many as there is room for: what is older would be dropped anyway.
            self._held = [*self._held[-self._size :], letter]
        else:
            self._add(letter)

    def release(self, history: Iterable[Letter]) -> None:
        """Add what was before the first message that was put, each once and in their order."""
        held = self._held
        self._is_held = False
        self._held = []
        for letter in [*history, *held]:
            self._add(letter)

    async def next(self) -> Letter:
        """The oldest unread message. Raises `SlowReader` behind the last one that had room, where the policy is `"end"`."""
        while not self._letters:
            if self._is_over:
                raise SlowReader(f"More than {self._size} messages were unread.")
            self._arrived.clear()
            await self._arrived.wait()
        return self._letters.popleft()

    def _add(self, letter: Letter) -> None:
        if self._is_over or self._is_known(letter.id):
            return
        if len(self._letters) >= self._size:
            if self._when_full == "end":
                self._is_over = True
                self._arrived.set()
                return
            self.dropped += 1
            if self._when_full == "drop_newest":
                return
            self._letters.popleft()
        self._letters.append(letter)
        self._arrived.set()

    def _is_known(self, name: str) -> bool:
        """Whether a message was here before: history and what is published meanwhile overlap."""
        number = number_of(name)
        if number is None:
            return False
        if self._last is not None and number <= self._last:
            return True
        self._last = number
        return False


def number_of(name: str | None) -> tuple[int, int] | None:
    """The two numbers of an id; None for what is none, which clients may send."""
    found = None if name is None else _ID.fullmatch(name)
    return None if found is None else (int(found[1]), int(found[2]))
