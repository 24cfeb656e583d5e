"""A client that says what it likes, stops reading, waits, and leaves, on an event loop whose time the test makes pass."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.server.test_protocol import Probe
from tests.server.wire import Answer, Clock, FakeTransport, Wire, settle, split_answers

LONGEST = 100
"""Seconds after which nobody waits for a client that does nothing."""


class Moody(FakeTransport):
    """A transport to a client that may stop reading."""

    def __init__(self, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(extra)
        self.waits = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        reads = not self.stalls
        self.stalls = False
        super().write(data)
        self.stalls = not reads
        if not reads and not self.closed:
            self.unsent += len(data)
            if not self.waits:
                self.waits = True
                self.protocol.pause_writing()

    def catch_up(self) -> None:
        """Let the client read all there is, and what follows."""
        self.stalls = False
        self.unsent = 0
        if self.waits:
            self.waits = False
            if self.closed:
                asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)
            else:
                self.protocol.resume_writing()


class Conversation:
    """Plays events: bytes to send, seconds to wait, or words."""

    def __init__(self, probe: Probe, clock: Clock) -> None:
        self.wire = Wire(probe, transport_class=Moody, timeout_keep_alive=5)
        self.faults: list[object] = []
        clock.set_exception_handler(lambda _, context: self.faults.append(context))
        self._probe = probe
        self._clock = clock
        self._held: list[bytes] = []

    async def play(self, events: list[bytes | int | str]) -> None:
        """Do all of it, then be good for as long as anybody could wait."""
        for event in events:
            await self._do(event)
            await self._deliver()
        for event in ("read", "open", LONGEST):
            await self._do(event)
            await self._deliver()
        await self._do(LONGEST)

    def answers(self) -> tuple[list[Answer], bytes]:
        """The final answers, and what was left unfinished."""
        answers, rest = split_answers(self.wire.transport.written)
        return [answer for answer in answers if answer.status >= 200], rest

    async def _do(self, event: bytes | int | str) -> None:
        transport = self.wire.transport
        assert isinstance(transport, Moody)
        if isinstance(event, bytes):
            self._held.append(event)
        elif isinstance(event, int):
            await self._wait(event)
        elif event == "open":
            self._probe.gates.gate.set()
        elif event == "stop":
            transport.stalls = True
        elif event == "read":
            transport.catch_up()
        elif event == "leave" and not transport.closed:
            await self.wire.hang_up()
        await settle()

    async def _wait(self, seconds: int) -> None:
        """Let time pass in which little happens."""
        for _ in range(seconds):
            self._clock.now += 1
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def _deliver(self) -> None:
        """The network keeps what the server does not read."""
        while self._held and self.wire.transport.reading and not self.wire.transport.closed:
            self.wire.transport.protocol.data_received(self._held.pop(0))
            await settle()
