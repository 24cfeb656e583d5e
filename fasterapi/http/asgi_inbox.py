"""What an ASGI server says of one request: the pieces of its body, and that the client has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Final, cast, final

from fasterapi._compat import COROUTINE, Raw
from fasterapi.asgi import Receive
from fasterapi.concurrency.wakeup import Wakeup

_LEFT: Final[Mapping[str, Any]] = {"type": "http.disconnect"}


async def next_message(receive: Receive) -> Mapping[str, Any]:
    """The server's next message, by the cheapest way to await it."""
    waiting = receive()
    if isinstance(waiting, COROUTINE):
        return cast("Mapping[str, Any]", await Raw(waiting))
    return await waiting


@final
class AsgiInbox:
    """Hands out the messages of a server.

    One at a time asks the server, and who looks out for the client's departure leaves the body to those who read it: one
    message is kept for them, and nothing is asked for behind it but when it is the last.
    """

    def __init__(self, receive: Receive) -> None:
        self.receive: Final = receive
        self.client_left: bool = False
        self.on_left: Callable[[], None] | None = None
        self.is_closed: bool = False
        self.ahead: Mapping[str, Any] | None = None
        self.is_asking: bool = False
        self._changes: Wakeup | None = None

    async def next(self) -> Mapping[str, Any]:
        """The next message."""
        while self.is_asking and self.ahead is None and not self.client_left:
            await self._changed()
        message = self.ahead
        if message is not None:
            self.ahead = None
            self._wake()
            return message
        return _LEFT if self.client_left else await self._ask()

    async def is_disconnected(self) -> bool:
        """Whether the client is known to have gone, after a look at what the server has at hand."""
        if self.is_asking:
            await asyncio.sleep(0)
            return self.client_left
        ahead = self.ahead
        if ahead is None and not self.client_left:
            ahead = await _message_at_hand(self.receive)
            if ahead is not None and not self._says_goodbye(ahead):
                self.ahead = ahead
        if ahead is not None and not self.client_left and not ahead.get("more_body", False):
            behind = await _message_at_hand(self.receive)
            if behind is not None:
                self._says_goodbye(behind)
        return self.client_left

    async def watch(self) -> None:
        """Look out for the departure until it comes."""
        while not self.client_left:
            ahead = self.ahead
            if self.is_asking or (ahead is not None and ahead.get("more_body", False)):
                await self._changed()
                continue
            try:
                message = await self._ask()
            except Exception:  # noqa: BLE001  # a server that cannot be asked says nothing of the client
                return
            if ahead is None and not self.client_left:
                self.ahead = message

    async def left(self) -> None:
        """Wait until the client has gone, or nobody looks out for it any more."""
        while not self.client_left and not self.is_closed:
            await self._changed()

    def leave(self) -> None:
        """The client has gone."""
        self.client_left = True
        self._wake()
        on_left = self.on_left
        if on_left is not None:
            self.on_left = None
            on_left()

    def close(self) -> None:
        """Nobody looks out for the departure any more."""
        self.is_closed = True
        self.on_left = None
        self._wake()

    async def _ask(self) -> Mapping[str, Any]:
        self.is_asking = True
        try:
            message = await next_message(self.receive)
        finally:
            self.is_asking = False
            self._wake()
        self._says_goodbye(message)
        return message

    def _says_goodbye(self, message: Mapping[str, Any]) -> bool:
        if message["type"] == "http.disconnect":
            self.leave()
        return self.client_left

    async def _changed(self) -> None:
        changes = self._changes
        if changes is None:
            changes = Wakeup(asyncio.get_running_loop())
            self._changes = changes
        await changes.wait()

    def _wake(self) -> None:
        if self._changes is not None:
            self._changes.wake()


async def _message_at_hand(receive: Receive) -> Mapping[str, Any] | None:
    """The server's next message if it is there already.

    Asked for in a task of its own: cancelled there, a server that has none yet gives up its wait as it would for a
    cancelled request, and a message that comes at that very moment is not lost.
    """
    task = asyncio.ensure_future(receive())
    try:
        await asyncio.sleep(0)
    finally:
        if not task.done():
            task.cancel()
    await asyncio.wait([task])
    return None if task.cancelled() else task.result()
