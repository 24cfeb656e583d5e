"""Load on a server: by wrk where it is installed, else by threads of our own."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.connection import Connection, request_bytes
from benchmarks.contract import Sample

CONNECTIONS: Final = 32

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


def put_load(port: int, samples: Sequence[Sample], seconds: int) -> Load:
    """Ask for the samples in turns over all connections, each with one request under way."""
    return _wrk(port, samples, seconds) if shutil.which("wrk") else _threads(port, samples, seconds)


def _wrk(port: int, samples: Sequence[Sample], seconds: int) -> Load:
    command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds}s", f"--script={_SCRIPT}"]
    arguments = [samples[0].request.method]
    for sample in samples:
        arguments += [sample.request.target, sample.request.body.decode("ascii")]
    command += [f"http://127.0.0.1:{port}", "--", *arguments]
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
            while (sent := time.perf_counter()) - started < seconds:
                answer = connection.exchange(messages[turn % len(messages)])
                latencies.append((time.perf_counter() - sent) * 1000)
                if answer.status // 100 != 2:
                    errors.append(answer.status)
                turn += 1

    threads = [threading.Thread(target=drive, args=(offset,)) for offset in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    hundredths = statistics.quantiles(latencies, n=100)
    return Load(len(latencies), time.perf_counter() - started, hundredths[49], hundredths[98], len(errors))
