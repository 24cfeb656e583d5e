"""One call of the application inside a middleware, whose messages wait until the middleware takes them."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Coroutine, Mapping
from contextvars import Context, copy_context
from typing import Any, Final, NoReturn, cast, final

from fasterapi.asgi import ASGIApp, Scope, Send
from fasterapi.concurrency.wakeup import Wakeup
from fasterapi.http.request import ClientDisconnect
from fasterapi.middleware.messages import RESPONSE_BODY, RESPONSE_START, call, pass_on
from fasterapi.middleware.replay import Replay

_logger: Final = logging.getLogger("fasterapi")

_EAGER: Final = sys.version_info >= (3, 12)
_TASK: Final = cast(Any, asyncio.Task)
_BODIES: Final = (RESPONSE_BODY, "http.response.pathsend", "http.response.zerocopysend")


@final
class _Parcel:
    """A message on its way, and what its sender waits for."""

    def __init__(self, message: Mapping[str, Any], is_last: bool, taken: asyncio.Future[None]) -> None:
        self.message = message
        self.is_last = is_last
        self._taken = taken

    def let_go(self, error: OSError | None) -> None:
        """Let its sender go on, or tell it that there is nobody to send to."""
        if self._taken.done():
            return
        if error is None:
            self._taken.set_result(None)
        else:
            self._taken.set_exception(error)


@final
class Relay:
    """Runs the application in a task of its own, in a copy of the caller's context.

    A message that the application sends lets it wait until the middleware has handed it on, the last one until the
    middleware is done: what it does after its answer, it does when the client has the answer.
    """

    def __init__(self, replay: Replay, send: Send) -> None:
        self.replay: Final = replay
        self.context: Context = copy_context()
        self.is_body_begun: bool = False
        self.is_complete: bool = False
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._news = Wakeup(self._loop)
        self._head: Mapping[str, Any] | None = None
        self._has_trailers = False
        self._waiting: deque[_Parcel] = deque()
        self._parcel: _Parcel | None = None
        self._is_released = False
        self._nobody: OSError | None = None
        self.told: BaseException | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, app: ASGIApp, scope: Scope) -> None:
        """Call the application; from CPython 3.12 on it runs at once, as far as it gets without waiting."""
        running: Coroutine[Any, Any, None] = call(app, scope, self.replay.receive, self.send)
        if _EAGER:
            task = cast("asyncio.Task[None]", _TASK(running, loop=self._loop, eager_start=True, context=self.context))
        else:
            task = self._loop.create_task(running, context=self.context)
        self._task = task
        if not task.done():
            task.add_done_callback(self._end)

    def _end(self, _: asyncio.Task[None]) -> None:
        self._news.wake()

    # The application's side.

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take a message of the application."""
        if self._head is None:
            if message["type"] != RESPONSE_START:
                # Hints and the like come before the answer and are no part of it.
                await pass_on(self._send, message)
                return
            self._head = message
            self._has_trailers = bool(message.get("trailers", False))
            self._news.wake()
            return
        is_last = self._ends_with(message)
        if self._is_released:
            self._take_in_vain(is_last)
            return
        taken: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append(_Parcel(message, is_last, taken))
        self._news.wake()
        await taken

    def _ends_with(self, message: Mapping[str, Any]) -> bool:
        kind = message["type"]
        if kind in _BODIES:
            return not message.get("more_body", False) and not self._has_trailers
        return kind == "http.response.trailers" and not message.get("more_trailers", False)

    def _take_in_vain(self, is_last: bool) -> None:
        """Nobody wants the answer any more: who still makes it is stopped, who has made it may go on."""
        if not is_last:
            raise self._nobody_there()

    def _nobody_there(self) -> OSError:
        error = self._nobody
        if error is None:
            error = OSError("A middleware has answered in the application's place: nobody waits for the rest of its answer.")
            self._nobody = error
        return error

    # The middleware's side.

    async def answered(self) -> None:
        """Wait for the head of the answer; raises what the application raised instead of giving one."""
        while self._head is None:
            task = self._ended()
            if task is not None:
                self._raise_failure(task)
                if self.replay.client_left:
                    raise ClientDisconnect
                raise RuntimeError("No response returned.")
            await self._news.wait()

    @property
    def head(self) -> Mapping[str, Any]:
        """The head of the answer, once it is `answered`."""
        assert self._head is not None, "there is an answer"
        return self._head

    async def next(self) -> Mapping[str, Any] | None:
        """The next message of the answer, `None` behind the last; raises what the application raised instead of going on.

        To ask for it says that the one before was handed on.
        """
        if self.is_complete:
            return None
        self.is_body_begun = True
        self._let_go(None)
        while not self._waiting:
            task = self._ended()
            if task is not None:
                self._raise_failure(task)
                raise RuntimeError("The application ended before its response was complete.")
            await self._news.wait()
        parcel = self._waiting.popleft()
        self._parcel = parcel
        self.is_complete = parcel.is_last
        return parcel.message

    def turn_away(self, error: OSError) -> None:
        """Tell the application what became of the message that was taken last: the server has nobody to send it to."""
        self._nobody = error
        self._let_go(error)

    def release(self) -> None:
        """The middleware has answered: the application goes on without anybody who listens."""
        if self._is_released:
            return
        self._is_released = True
        self.replay.is_over = True
        self._let_go(None)
        while self._waiting:
            parcel = self._waiting.popleft()
            parcel.let_go(None if parcel.is_last else self._nobody_there())

    async def finish(self) -> None:
        """Wait until the application has ended, and raise what nobody was told of yet."""
        self.release()
        task = self._task
        if task is None:
            return
        error: BaseException | None = None
        try:
            if not task.done():
                await asyncio.wait([task])
        except BaseException as raised:  # noqa: BLE001  # a cancellation must reach the application too
            error = raised
        if error is not None:
            await self.cancel()
            raise error
        try:
            self._raise_failure(task)
        finally:
            self._forget()

    async def cancel(self) -> None:
        """Stop the application and wait until it has ended."""
        task = self._task
        if task is None:
            return
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
        error = None if task.cancelled() else task.exception()
        if error is not None and error is not self.told and not self._comes_of_nobody(error):
            _logger.error("The application failed while it was being stopped", exc_info=error)
        self._forget()

    def _forget(self) -> None:
        """The task knows the relay, as do the tracebacks of exceptions."""
        self._task = None
        self.told = None
        self._nobody = None

    def _let_go(self, error: OSError | None) -> None:
        parcel = self._parcel
        if parcel is not None:
            self._parcel = None
            parcel.let_go(error)

    def _ended(self) -> asyncio.Task[None] | None:
        """The application's task, if it has ended."""
        task = self._task
        if task is None:
            raise RuntimeError("The application was stopped before its response was complete.")
        return task if task.done() else None

    def _raise_failure(self, task: asyncio.Task[None]) -> None:
        """Raise what the application failed with: the very exception, and only once."""
        if task.cancelled():
            self._tell(RuntimeError("The application was cancelled, but not by the middleware around it."))
        error = task.exception()
        if error is not None and error is not self.told and not self._comes_of_nobody(error):
            self._tell(error)

    def _tell(self, error: BaseException) -> NoReturn:
        self.told = error
        raise error

    def _comes_of_nobody(self, error: BaseException) -> bool:
        """Whether the application only failed because nobody wanted its answer, whatever it made of that."""
        nobody = self._nobody
        seen: list[BaseException] = []
        link: BaseException | None = error
        while nobody is not None and link is not None and link not in seen:
            if link is nobody:
                return True
            seen.append(link)
            link = link.__cause__ or link.__context__
        return False
