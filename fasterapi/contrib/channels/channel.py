"""Channels, each of messages of one type."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any, Final, Generic, Self, TypeVar, overload

import msgspec

from fasterapi.contrib.channels.backends import Backend, MemoryBackend
from fasterapi.contrib.channels.inbox import Inbox, WhenFull

T = TypeVar("T")

_logger: Final = logging.getLogger("fasterapi")

_POLICIES: Final = ("drop_oldest", "drop_newest", "end")


class Channels:
    """The channels of an application, by their names.

    Example:
        channels = Channels()

        @app.post("/rooms/{room}")
        async def say(room: str, message: Message) -> None:
            await channels.channel(f"room:{room}", Message).publish(message)

        @app.websocket("/rooms/{room}")
        async def listen(websocket: WebSocket, room: str) -> None:
            await websocket.accept()
            async with channels.channel(f"room:{room}", Message).subscribe() as messages:
                await forward(messages, websocket)

    Without a `backend` messages stay in this process; `RedisBackend(...)` carries them to all. The last `history` messages of each
    channel are kept for those who come later. A reader may have `max_unread` messages waiting; `when_full` says what happens then.
    """

    def __init__(
        self, backend: Backend | None = None, *, history: int = 0, max_unread: int = 100, when_full: WhenFull = "drop_oldest"
    ) -> None:
        if history < 0 or max_unread < 1:
            raise ValueError("history is at least 0, and max_unread at least 1.")
        if when_full not in _POLICIES:
            raise ValueError(f"when_full={when_full!r}: write one of {', '.join(map(repr, _POLICIES))}.")
        self.backend: Backend = MemoryBackend() if backend is None else backend
        self.history = history
        self.max_unread = max_unread
        self.when_full: WhenFull = when_full

    @overload
    def channel(self, name: str, type: type[T]) -> Channel[T]: ...
    @overload
    def channel(self, name: str, type: object = Any) -> Channel[Any]: ...
    def channel(self, name: str, type: object = Any) -> Channel[Any]:  # noqa: A002 - as above
        """The channel of a name, for messages of a type that msgspec knows; it costs nothing until somebody uses it."""
        return Channel(self, name, type)

    async def aclose(self) -> None:
        """End what is open: `lifespan`'s part behind its `yield`."""
        await self.backend.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class Channel(Generic[T]):
    """A channel of messages of one type."""

    def __init__(self, channels: Channels, name: str, type: object) -> None:  # noqa: A002 - as above
        self.channels = channels
        self.name = name
        self.type = type

    async def publish(self, message: T) -> None:
        """Send a message to all who listen, in every process. Raises `StoreError` if the backend cannot be asked."""
        await self.channels.backend.publish(self.name, msgspec.json.encode(message), self.channels.history)

    def subscribe(self, *, last: int = 0, after: str | None = None) -> Subscription[T]:
        """Listen, as long as an `async with` lasts: to what comes, behind the `last` messages that came before.

        With `after`, the id of a message, it begins with what is kept and came behind that one, as `EventSource` of browsers asks for in
        `Last-Event-ID`; what is no id counts as none.

        Example: `async with channel.subscribe(last=10) as messages: async for message in messages: ...`.
        """
        return Subscription(self, last, after)


class Subscription(Generic[T]):
    """The messages of a channel, one after the other."""

    def __init__(self, channel: Channel[T], last: int, after: str | None) -> None:
        self.channel = channel
        self.last_id: str | None = None
        """The id of the message that was read last; None where the channel has no history."""
        self._last = last
        self._after = after
        self._inbox = Inbox(channel.channels.max_unread, channel.channels.when_full)
        self._decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(channel.type)

    @property
    def dropped(self) -> int:
        """How many messages were dropped, because too many were unread."""
        return self._inbox.dropped

    async def __aenter__(self) -> Self:
        await self.channel.channels.backend.join(self.channel.name, self._inbox, self._last, self._after)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        await self.channel.channels.backend.leave(self.channel.name, self._inbox)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            letter = await self._inbox.next()
            self.last_id = letter.id or None
            try:
                return self._decoder.decode(letter.payload)
            except msgspec.MsgspecError as fault:
                # Of an older version of the program, or of somebody who should not be there: no reader is to end by it.
                _logger.warning("A message in channel %r is no %r: %s. It is passed over.", self.channel.name, self.channel.type, fault)
