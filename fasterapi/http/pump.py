"""Pulls what a client is sent out of the one who produces it."""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop, Task, TimerHandle
from collections.abc import AsyncIterator
from typing import Any, Final, cast, final

from fasterapi.http.exchange import Exchange

_PULLS_AT_A_TIME: Final = 32
"""How often a producer that never waits is asked before the rest of the program has its turn."""

END: Final = object()
"""Stands for the piece after the last one."""


@final
class Pump:
    """Asks a producer for items, in the task that answers the request, as long as the client is there.

    A producer that waits for something is cancelled there when the client leaves, as the timeouts of `asyncio` do it: the
    task goes on afterwards. Where `idle_seconds` are given, the client gets `idle_piece` whenever it had nothing for so long.
    What `ends_with_server` is over, and whole, when the server is asked to stop.
    """

    def __init__(
        self, exchange: Exchange, source: AsyncIterator[Any], idle_seconds: float, idle_piece: bytes, ends_with_server: bool
    ) -> None:
        self._exchange = exchange
        self._source = source
        self._idle_seconds = idle_seconds
        self._idle_piece = idle_piece
        self._loop: AbstractEventLoop = asyncio.get_running_loop()
        task = cast("Task[Any]", asyncio.current_task())
        self._task: Task[Any] | None = task
        self._cancellations = task.cancelling()
        self._is_pulling = False
        self._is_interrupted = False
        self._is_over = False
        self._pulls = 0
        self._sent_at: float = self._loop.time()
        self._timer: TimerHandle | None = None
        self._filling: Task[bool] | None = None
        exchange.on_departure = self._interrupt
        if ends_with_server:
            exchange.on_shutdown = self._interrupt
        if idle_seconds > 0:
            self._timer = self._loop.call_later(idle_seconds, self._look)

    async def next(self) -> Any:
        """The next item; `END` after the last, or when the client has gone."""
        self._pulls += 1
        if self._pulls % _PULLS_AT_A_TIME == 0:
            await asyncio.sleep(0)
        if self._is_over:
            return END
        self._is_pulling = True
        try:
            return await self._source.__anext__()
        except StopAsyncIteration:
            return END
        except asyncio.CancelledError:
            if not self._is_interrupted or self._is_cancelled_by_others():
                raise
            # Raises what kept the head from being sent, where it was that and not the client that ended this.
            await self._exchange.write(b"")
            return END
        finally:
            self._end_pull()

    async def send(self, piece: bytes) -> bool:
        """Send a piece; False when there is nobody to send to."""
        if self._timer is not None:
            await self.settle()
            self._sent_at = self._loop.time()
        return await self._exchange.write(piece)

    async def settle(self) -> None:
        """Wait until what was sent meanwhile has gone out."""
        filling = self._filling
        if filling is not None:
            self._filling = None
            await filling

    def stop(self) -> None:
        """Let go of the exchange, the clock, and the task, which may keep a failure that knows this."""
        self._exchange.stream_is_over()
        self._task = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._filling is not None:
            self._filling.cancel()
            self._filling = None

    # No coroutine here keeps the task in a variable: the traceback of a failure, which the task keeps, would keep it too.

    def _is_cancelled_by_others(self) -> bool:
        task = self._task
        return task is not None and task.cancelling() > self._cancellations + 1

    def _end_pull(self) -> None:
        self._is_pulling = False
        task = self._task
        if self._is_interrupted and task is not None:
            self._is_interrupted = False
            task.uncancel()

    def _interrupt(self) -> None:
        """Ask for nothing more. Where it is the producer itself that found the client gone, it is not cancelled."""
        self._is_over = True
        task = self._task
        if self._is_pulling and not self._is_interrupted and task is not None and asyncio.current_task() is not task:
            self._is_interrupted = True
            task.cancel()

    def _look(self) -> None:
        """Send something if nothing was sent for long enough, then look again."""
        now = self._loop.time()
        wait = self._sent_at + self._idle_seconds - now
        if wait <= 0:
            wait = self._idle_seconds
            filling = self._filling
            if self._is_pulling and (filling is None or (filling.done() and filling.exception() is None)):
                self._sent_at = now
                self._filling = self._loop.create_task(self._exchange.write(self._idle_piece))
        self._timer = self._loop.call_later(wait, self._look)
