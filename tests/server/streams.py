"""One streamed response behind both doors of the protocol."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from fasterapi.http.exchange import Exchange, ExchangeHandler
from fasterapi.http.responses import Response
from tests.deadline import DEADLINE
from tests.server.wire import Clock, settle


async def until(happened: Callable[[], object]) -> None:
    """Let everything run, and time pass, until something has happened."""
    clock = asyncio.get_running_loop()
    assert isinstance(clock, Clock)
    deadline = time.monotonic() + DEADLINE
    while not happened():
        assert time.monotonic() < deadline
        clock.now += 0.01
        await settle()


class Streams:
    """Answers every request with a response that is made for it, spoken to in ASGI."""

    def __init__(self, make: Callable[[], Response]) -> None:
        self.make = make

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.make()(scope, receive, send)


class NativeStreams(Streams):
    """The same past ASGI."""

    def exchange_handler(self) -> ExchangeHandler | None:
        return StreamHandler(self.make)


class StreamHandler(ExchangeHandler):
    """Streams the response, and leaves its failures to the door."""

    def __init__(self, make: Callable[[], Response]) -> None:
        self.make = make

    async def handle(self, exchange: Exchange) -> None:
        await self.make().stream(exchange)


class Producer:
    """An asynchronous generator in the test's hands: it waits at each gate, and says how it ended."""

    def __init__(self, *steps: bytes | None) -> None:
        self.steps = steps
        self.gate = asyncio.Event()
        self.log: list[str] = []

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give each step as a piece; wait for the gate where a step is none."""
        try:
            for step in self.steps:
                if step is None:
                    await self.gate.wait()
                else:
                    self.log.append("give")
                    yield step
            self.log.append("end")
        except asyncio.CancelledError:
            self.log.append("cancelled")
            raise
        except GeneratorExit:
            self.log.append("closed")
            raise
        finally:
            self.log.append("finally")
