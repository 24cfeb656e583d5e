"""`--idle`: what a connection costs that rests between two requests, in memory of the server."""

from __future__ import annotations

import resource
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from benchmarks.children import ServerProcess, describe, start_all
from benchmarks.connection import Connection
from benchmarks.contenders import Contender, ContenderError, choose_contenders
from benchmarks.contract import STATIC_JSON
from benchmarks.figures import SPREAD_NOTE, Figure
from benchmarks.processor_time import family_of
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 3
CONNECTIONS: Final = 10_000

_SPARE_DESCRIPTORS: Final = 200
_ASKED_BEFORE: Final = 500
"""Requests before anything is counted, so that what every server keeps ready is there."""
_SERVERS: Final = frozenset({"uvicorn", "floor"})
"""The others close connections that rest for as long as this takes, and each has its own way to be told not to."""
_COLUMNS: Final = (Column("memory", "KB a connection", 2), Column("total", "MB for all", 1))
_NOTES: Final = [
    f"{CONNECTIONS:,} connections, one request and its answer on each, then rest; a fresh process each round",
    "resident memory of the server behind them less that before them; what the kernel keeps for a socket is not in it",
    SPREAD_NOTE,
]


def run(settings: Settings) -> Report:
    """Connect to one contender after the other, in turns."""
    _allow_descriptors()
    contenders = [contender for contender in choose_contenders(settings.only, served=True) if contender.server in _SERVERS]
    rounds: dict[str, list[int]] = {contender.name: [] for contender in contenders}
    missing: dict[str, str] = {}
    for number in range(settings.rounds):
        say(f"round {number + 1} of {settings.rounds}")
        for contender in contenders:
            if contender.name not in missing:
                try:
                    rounds[contender.name].append(_connect_all(settings.python, contender))
                except (ContenderError, OSError) as error:
                    say(f"not measured: {error}")
                    missing[contender.name] = f"{contender.name}: {error}"
    table = Table("idle connections", _COLUMNS)
    for name, sizes in rounds.items():
        if name not in missing:
            table.rows[name] = {
                "memory": Cell(Figure(tuple(size / CONNECTIONS / 1000 for size in sizes))),
                "total": Cell(Figure(tuple(size / 1e6 for size in sizes))),
            }
    return Report("idle", {"rounds": settings.rounds, "connections": CONNECTIONS}, _NOTES, [table], describe(settings.python), missing)


def _allow_descriptors() -> None:
    """Raise the limit as far as the system lets us; the server's process inherits it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = CONNECTIONS + _SPARE_DESCRIPTORS
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise ContenderError(f"--idle needs {needed} open files, the limit here is {hard}: raise it with `ulimit -n`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else hard, hard))


def _connect_all(python: str, contender: Contender) -> int:
    """By how many bytes the connections made the server grow."""
    with ExitStack() as stack:
        servers, missing = start_all(stack, [ServerProcess(python, contender)])
        if missing:
            raise ContenderError(missing[contender.name])
        server = servers[0]
        request = STATIC_JSON.timed[0].request
        first = stack.enter_context(Connection(server.port))
        for _ in range(_ASKED_BEFORE):
            first.ask(request)
        before = _resident(server.pid)
        for _ in range(CONNECTIONS):
            stack.enter_context(Connection(server.port)).ask(request)
        grown = _resident(server.pid) - before
        first.ask(request)
        return grown


def _resident(pid: int) -> int:
    return sum(_resident_of(member) for member in family_of(pid))


def _resident_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
