"""`--instructions`: how many machine instructions the server process executes for one request.

Counted by callgrind, so the figure hardly depends on what else the machine does. The work of the kernel is not in it.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.children import ServerProcess, describe, start_all
from benchmarks.conduct import marks_of
from benchmarks.connection import Connection, request_bytes
from benchmarks.contenders import BASELINE, ContenderError, choose_contenders
from benchmarks.contract import ENDPOINTS, Endpoint
from benchmarks.figures import Figure, advantage
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 1
REQUESTS: Final = 400

_FEWER: Final = 100
"""Requests of the shorter of the two runs whose difference counts."""
_TOTAL: Final = "totals: "
_NOTES: Final = [
    "instructions of the server process (kernel excluded) for one request on one keep-alive connection, by callgrind",
    f"x: {BASELINE}'s instructions divided by this one's",
]


def run(settings: Settings) -> Report:
    """Count one contender after the other."""
    missing_tools = [tool for tool in ("valgrind", "callgrind_control") if not shutil.which(tool)]
    if missing_tools:
        raise ContenderError(f"--instructions needs {' and '.join(missing_tools)}: install valgrind")
    table = Table("instructions per request", tuple(Column(endpoint.name, endpoint.title, 0) for endpoint in ENDPOINTS))
    missing: dict[str, str] = {}
    for contender in choose_contenders(settings.only, served=True):
        say(contender.name)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            wrapper = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={folder / 'counts'}"]
            servers, failed = start_all(stack, [ServerProcess(settings.python, contender, wrapper)])
            missing |= failed
            for server in servers:
                table.rows[contender.name] = _count_all(server, settings, folder)
    baseline = table.rows.get(BASELINE, {})
    for cells in table.rows.values():
        for name, cell in cells.items():
            cells[name] = Cell(cell.figure, advantage(baseline[name].figure if baseline else None, cell.figure), cell.marks)
    taken = {"rounds": settings.rounds, "requests": settings.requests}
    return Report("instructions", taken, _NOTES, [table], describe(settings.python), missing)


def _count_all(server: ServerProcess, settings: Settings, folder: Path) -> dict[str, Cell]:
    cells = {}
    with Connection(server.port) as connection:
        for endpoint in ENDPOINTS:
            counts = tuple(_count(server, connection, endpoint, settings.requests, folder) for _ in range(settings.rounds))
            cells[endpoint.name] = Cell(Figure(counts), marks=marks_of(server.conduct, endpoint))
    return cells


def _count(server: ServerProcess, connection: Connection, endpoint: Endpoint, requests: int, folder: Path) -> float:
    """The difference of a longer and a shorter run: what start, idling and the counting itself cost is in both."""
    _ask_repeatedly(connection, endpoint, _FEWER)
    _dump(server, folder)
    _ask_repeatedly(connection, endpoint, _FEWER)
    fewer = _dump(server, folder)
    _ask_repeatedly(connection, endpoint, _FEWER + requests)
    more = _dump(server, folder)
    return (more - fewer) / requests


def _ask_repeatedly(connection: Connection, endpoint: Endpoint, requests: int) -> None:
    messages = [request_bytes(sample.request) for sample in endpoint.timed]
    for number in range(requests):
        connection.exchange(messages[number % len(messages)])


def _dump(server: ServerProcess, folder: Path) -> int:
    """Make callgrind write its counts since the last time, which sets them to zero, and read their sum."""
    known = set(folder.iterdir())
    asked = subprocess.run(["callgrind_control", "--dump", str(server.pid)], capture_output=True, text=True, check=False)
    for path in set(folder.iterdir()) - known:
        for line in path.read_text().splitlines():
            if line.startswith(_TOTAL):
                return int(line.removeprefix(_TOTAL))
    raise ContenderError(f"{server.contender.name}: callgrind wrote no counts: {asked.stdout}{asked.stderr}")
