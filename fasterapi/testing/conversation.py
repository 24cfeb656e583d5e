"""One call of the app under test: the task that it runs in, and how either side waits for the other."""

# Interpreted: see `fasterapi.testing`.

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from fasterapi.asgi import ASGIApp

Message: TypeAlias = dict[str, Any]
"""An ASGI message; the values depend on its `type`."""

UNHANDLED: Final = "fasterapi.unhandled"
"""The extension by which an app that answers its own failures with a 500 still hands them to the test: a list to append to."""

GRACE: Final = 1.0
"""Seconds that an app has to notice that its client left, before it is cancelled."""


class ClientDisconnected(OSError):
    """What `send` raises in the app after the client left, as the ASGI specification asks for."""


class Conversation(ABC):
    """The server's side of one call of an ASGI app.

    The app talks to it through `receive` and `send`, a client of the test through the methods that subclasses add. Both
    run in one event loop, and whoever changes something that the other may wait for calls `_notify`.
    """

    def __init__(self, app: ASGIApp, scope: dict[str, Any], *, raise_failures: bool) -> None:
        self._app = app
        self._scope = scope
        self._raise_failures = raise_failures
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._reported: list[BaseException] = []
        self._failure_raised = False
        self._cancelled = False
        self.finished: bool = False
        self._closed = False
        scope["extensions"] = {**scope.get("extensions", {}), UNHANDLED: self._reported}

    @property
    def closed(self) -> bool:
        """Whether the client has left."""
        return self._closed

    @abstractmethod
    async def receive(self) -> Message:
        """Give the app its next message."""

    @abstractmethod
    async def send(self, message: Message) -> None:
        """Take a message of the app."""

    @abstractmethod
    async def close(self) -> None:
        """Leave the app, wait until it has ended and raise what it failed with."""

    def start(self) -> None:
        """Call the app, in a task that sees the context variables of the caller."""
        self._task = asyncio.get_running_loop().create_task(self._run())
        # Not at the end of the coroutine: that of a task that is cancelled before it starts never runs.
        self._task.add_done_callback(self._finish)

    def abandon(self) -> None:
        """Stop the app without waiting for it or for what it may fail with."""
        self._closed = True
        self._cancel()

    async def wait_for_end(self, seconds: float | None) -> None:
        """Wait until the app returns, and cancel it when the time is over."""
        try:
            in_time = await self._until(lambda: self.finished, seconds)
        except BaseException:
            self._cancel()
            raise
        if in_time:
            return
        self._cancel()
        if not await self._until(lambda: self.finished, GRACE):
            raise RuntimeError(f"the app was cancelled and still runs after {GRACE:g} s: somewhere it catches CancelledError and goes on")

    def raise_failure(self) -> None:
        """Raise, once, what the app raised or reported; without `raise_failures` only what would end a server too."""
        failure = self._failure or (self._reported[0] if self._reported else None)
        if failure is None or self._failure_raised:
            return
        if self._raise_failures or not isinstance(failure, Exception):
            self._failure_raised = True
            raise failure

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self.receive, self.send)
        except asyncio.CancelledError as failure:
            if not self._cancelled:
                # As itself it would look like a cancellation of the test.
                self._failure = RuntimeError("the app raised CancelledError, but nobody had cancelled it")
                self._failure.__cause__ = failure
        except BaseException as failure:  # noqa: BLE001 - also SystemExit is for the test, not for the event loop
            if not _comes_of_departure(failure):
                self._failure = failure

    def _finish(self, _: asyncio.Task[None]) -> None:
        self.finished = True
        self._notify()

    def _cancel(self) -> None:
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    def _notify(self) -> None:
        self._changed.set()

    async def _until(self, ready: Callable[[], bool], seconds: float | None) -> bool:
        """Wait until something holds; False when the time is over before."""
        if ready():
            return True
        try:
            async with asyncio.timeout(seconds):
                while not ready():
                    # Every waiter looks again after each change, so it does no harm that one clears what woke the others.
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            return ready()
        return True


def _comes_of_departure(failure: BaseException) -> bool:
    """Whether an app failed only because its client had left, whatever it made of that."""
    seen: set[BaseException] = set()
    link: BaseException | None = failure
    while link is not None and link not in seen:
        if isinstance(link, ClientDisconnected):
            return True
        seen.add(link)
        link = link.__cause__ or link.__context__
    return False
