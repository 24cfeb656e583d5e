"""`--instructions`: how many machine instructions the server process executes for one request.

Counted by callgrind, so the figure hardly depends on what else the machine does. The work of the kernel is not in it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks.children import ServerProcess, describe, start_all
from benchmarks.conduct import marks_of
from benchmarks.connection import Connection, request_bytes
from benchmarks.contenders import BASELINE, ContenderError, choose_contenders
from benchmarks.contract import Endpoint
from benchmarks.figures import Figure, advantage
from benchmarks.processor_time import family_of
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings
from benchmarks.websocket_wire import EchoConnection

ROUNDS: Final = 1
REQUESTS: Final = 400

_FEWER: Final = 100
"""Requests of the shorter of the two runs whose difference counts."""
_LEAST: Final = 2
# The start, which counts for nothing, is several times faster uncounted.
_VALGRIND: Final = ("valgrind", "--quiet", "--tool=callgrind", "--trace-children=yes", "--instr-atstart=no")
_TOTAL: Final = "totals: "
_NOTES: Final = [
    "instructions of the server's processes (kernel excluded) for one request on one keep-alive connection, by callgrind",
    f"x: {BASELINE}'s instructions divided by this one's",
]


def run(settings: Settings) -> Report:
    """Count one contender after the other."""
    missing_tools = [tool for tool in ("valgrind", "callgrind_control") if not shutil.which(tool)]
    if missing_tools:
        raise ContenderError(f"--instructions needs {' and '.join(missing_tools)}: install valgrind")
    table = Table("instructions per request", tuple(Column(endpoint.name, _title(endpoint), 0) for endpoint in settings.endpoints))
    missing: dict[str, str] = {}
    for contender in choose_contenders(settings.only, served=True):
        say(contender.name)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            wrapper = [*_VALGRIND, f"--callgrind-out-file={folder / 'counts.%p'}"]
            servers, failed = start_all(stack, [ServerProcess(settings.python, contender, wrapper=wrapper)])
            missing |= failed
            for server in servers:
                try:
                    table.rows[contender.name] = _count_all(server, settings, folder)
                except (ContenderError, OSError) as error:
                    say(f"not measured: {error}")
                    missing[contender.name] = f"{contender.name}: {error}"
    baseline = table.rows.get(BASELINE, {})
    for cells in table.rows.values():
        for name, cell in cells.items():
            cells[name] = Cell(cell.figure, advantage(baseline[name].figure if baseline else None, cell.figure), cell.marks)
    taken = {"rounds": settings.rounds, "requests": settings.requests}
    return Report("instructions", taken, _NOTES, [table], describe(settings.python), missing)


def _title(endpoint: Endpoint) -> str:
    return endpoint.title if endpoint.units == 1 else f"{endpoint.title}, per {endpoint.unit}"


def _count_all(server: ServerProcess, settings: Settings, folder: Path) -> dict[str, Cell]:
    _control(server, "--instr=on")
    cells = {}
    for endpoint in settings.endpoints:
        if endpoint.name in server.conduct["absent"]:
            continue
        with _Client(server.port, endpoint) as client:
            counts = tuple(_count(server, client, settings.requests, folder) for _ in range(settings.rounds))
        cells[endpoint.name] = Cell(Figure(counts), marks=marks_of(server.conduct, endpoint))
    return cells


class _Client:
    """One connection that asks an endpoint again and again."""

    def __init__(self, port: int, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._connection = EchoConnection(port, endpoint.websocket) if endpoint.websocket else Connection(port)
        self._messages = [request_bytes(sample.request) for sample in endpoint.timed]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._connection.__exit__(kind, error, trace)

    def ask(self, requests: int) -> None:
        """Send so many, each behind the answer of the last."""
        for number in range(requests):
            if isinstance(self._connection, EchoConnection):
                self._connection.say()
            else:
                self._connection.exchange(self._messages[number % len(self._messages)])


def _count(server: ServerProcess, client: _Client, requests: int, folder: Path) -> float:
    """The difference of a longer and a shorter run: what start, idling and the counting itself cost is in both."""
    # A stream of many events needs fewer repetitions than a request.
    fewer = max(_FEWER // client.endpoint.units, _LEAST)
    more = fewer + max(requests // client.endpoint.units, _LEAST)
    client.ask(fewer)
    _dump(server, folder)
    client.ask(fewer)
    shorter = _dump(server, folder)
    client.ask(more)
    longer = _dump(server, folder)
    return (longer - shorter) / (more - fewer) / client.endpoint.units


def _dump(server: ServerProcess, folder: Path) -> int:
    """Make callgrind write the counts since the last time of every process of the server, which sets them to zero; their sum."""
    known = set(folder.iterdir())
    said = _control(server, "--dump")
    totals = [
        int(line.removeprefix(_TOTAL))
        for path in set(folder.iterdir()) - known
        for line in path.read_text().splitlines()
        if line.startswith(_TOTAL)
    ]
    if not totals:
        raise ContenderError(f"{server.contender.name}: callgrind wrote no counts: {said}")
    return sum(totals)


def _control(server: ServerProcess, command: str) -> str:
    """Tell callgrind something in every process of the server; what it says."""
    runs = [
        subprocess.run(["callgrind_control", command, str(pid)], capture_output=True, text=True, check=False)
        for pid in family_of(server.pid)
    ]
    return "".join(run.stdout + run.stderr for run in runs)
