"""Load on a server: requests by wrk where it is installed, else by threads of our own; messages over WebSockets by `echo_load`."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.connection import Connection, request_bytes
from benchmarks.contract import Endpoint, Sample
from benchmarks.echo_load import send_messages

CONNECTIONS: Final = 64

_SCRIPT: Final = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True)
class Load:
    """What the clients saw."""

    requests: int
    seconds: float
    p50: float
    """Milliseconds within which half of the answers came."""
    p99: float
    errors: int


def generator_name() -> str:
    """Which of the two makes the load here."""
    return "wrk" if shutil.which("wrk") else "Python threads (wrk is not installed)"


def put_load(port: int, endpoint: Endpoint, seconds: int) -> Load:
    """Ask for the endpoint's samples in turns over all connections, each with one request under way."""
    if endpoint.websocket:
        return _messages(port, endpoint.websocket, seconds)
    return _wrk(port, endpoint.timed, seconds) if shutil.which("wrk") else _threads(port, endpoint.timed, seconds)


def _messages(port: int, path: str, seconds: int) -> Load:
    started = time.perf_counter()
    latencies = send_messages(port, path, CONNECTIONS, seconds)
    return _load(latencies, time.perf_counter() - started, 0)


def _wrk(port: int, samples: Sequence[Sample], seconds: int) -> Load:
    command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds}s", f"--script={_SCRIPT}"]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(len(samples))]
        for path, sample in zip(paths, samples, strict=True):
            path.write_bytes(request_bytes(sample.request))
        command += [f"http://127.0.0.1:{port}", "--", *map(str, paths)]
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return Load(**json.loads(output.splitlines()[-1]))


def _threads(port: int, samples: Sequence[Sample], seconds: int) -> Load:
    messages = [request_bytes(sample.request) for sample in samples]
    latencies: list[float] = []
    errors: list[int] = []
    started = time.perf_counter()

    def drive(offset: int) -> None:
        with Connection(port) as connection:
            turn = offset
            sent = started
            # On a machine that is very busy the time may be over before the last thread begins: it asks once.
            while turn == offset or sent - started < seconds:
                sent = time.perf_counter()
                answer = connection.exchange(messages[turn % len(messages)])
                latencies.append(time.perf_counter() - sent)
                if answer.status // 100 != 2:
                    errors.append(answer.status)
                turn += 1

    threads = [threading.Thread(target=drive, args=(offset,)) for offset in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _load(latencies, time.perf_counter() - started, len(errors))


def _load(latencies: list[float], seconds: float, errors: int) -> Load:
    hundredths = statistics.quantiles(latencies, n=100)
    return Load(len(latencies), seconds, hundredths[49] * 1000, hundredths[98] * 1000, errors)
