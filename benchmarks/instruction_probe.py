"""The process that callgrind counts for `benchmarks/check.py`: our own application, called in-process through both doors.

A call of `os.getppid` stands between what is to be counted: callgrind writes its counts whenever it meets one.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
from collections.abc import Sequence
from typing import Any, Final

import uvloop
from uvicorn.config import Config
from uvicorn.server import ServerState

import fasterapi
from benchmarks.apps.fasterapi import application
from benchmarks.connection import request_bytes
from benchmarks.contract import ENDPOINTS, FAULTS, TEN_PARAMETERS, Endpoint, Sample
from benchmarks.in_process import InProcess
from fasterapi.server import HttpProtocol

FEWER: Final = 100
MORE: Final = 400
"""Requests of the two runs whose difference counts: what surrounds them is in both."""


class _Transport(asyncio.Transport):
    """The other end of a connection that answers nothing and loses nothing."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50000), "sockname": ("127.0.0.1", 8000)})
        self.written = b""
        self.answered = asyncio.Event()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written = bytes(data)
        self.answered.set()

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass


class _Served:
    """One connection to our protocol, without a socket."""

    def __init__(self) -> None:
        config = Config(application, log_level="critical", access_log=False, lifespan="off")
        config.load()
        self._transport = _Transport()
        self._protocol: Any = HttpProtocol(config, ServerState(), {})
        self._protocol.connection_made(self._transport)

    async def ask(self, samples: Sequence[Sample], requests: int) -> None:
        """Send requests one after the other, each behind the answer of the last."""
        messages = [request_bytes(sample.request) for sample in samples]
        transport, protocol = self._transport, self._protocol
        for number in range(requests):
            transport.answered.clear()
            protocol.data_received(messages[number % len(messages)])
            await transport.answered.wait()

    def check(self) -> None:
        """Insist on a right answer: fast nonsense must not be counted."""
        if not self._transport.written.startswith(b"HTTP/1.1 200 OK\r\n"):
            raise RuntimeError(f"the protocol answered {self._transport.written[:200]!r}")


def main() -> None:
    """Run every path, and print their names and how many requests were counted."""
    if not fasterapi.COMPILED:
        print(json.dumps({"error": "fasterapi runs from its sources here. Install its compiled wheel: make compiled"}))
        return
    logging.disable()
    caller = InProcess(application)
    names = [_count_direct(caller, endpoint) for endpoint in (*ENDPOINTS, TEN_PARAMETERS, FAULTS)]
    names += uvloop.run(_count_served())
    caller.close()
    print(json.dumps({"result": {"names": names, "requests": MORE - FEWER}}))


def _count_direct(caller: InProcess, endpoint: Endpoint) -> str:
    caller.measure(endpoint.timed, FEWER)
    gc.collect()
    gc.disable()
    for requests in (FEWER, MORE):
        os.getppid()
        caller.measure(endpoint.timed, requests)
    os.getppid()
    gc.enable()
    return f"direct {endpoint.name}"


async def _count_served() -> list[str]:
    names = []
    served = _Served()
    for endpoint in ENDPOINTS:
        await served.ask(endpoint.timed, FEWER)
        served.check()
        gc.collect()
        gc.disable()
        for requests in (FEWER, MORE):
            os.getppid()
            await served.ask(endpoint.timed, requests)
        os.getppid()
        gc.enable()
        names.append(f"served {endpoint.name}")
    return names
