"""`--startup`: import time, time to register 1,000 routes, memory."""

from __future__ import annotations

from typing import Final, cast

from benchmarks.children import LineProcess, child_command, describe
from benchmarks.contenders import Contender, ContenderError, choose_contenders
from benchmarks.figures import SPREAD_NOTE, Figure
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings
from benchmarks.startup_probe import ROUTES

ROUNDS: Final = 9

_COLUMNS: Final = (
    Column("import_wall", "import ms"),
    Column("import_cpu", "import CPU ms"),
    Column("import_memory", "then MB"),
    Column("register_wall", f"{ROUTES:,} routes ms"),
    Column("register_cpu", f"{ROUTES:,} routes CPU ms"),
    Column("register_memory", "then MB"),
    Column("inject_wall", "with 10 dependencies each ms"),
    Column("inject_cpu", "CPU ms"),
    Column("inject_memory", "then MB"),
)
_NOTES: Final = [
    "each round is a fresh process on a warm file cache; the interpreter's own start is not counted in the times, but in the memory",
    f"{ROUTES:,} routes: build the application, start it, answer one request; with dependencies: the same in another process",
    SPREAD_NOTE,
]


def run(settings: Settings) -> Report:
    """Start each contender several times, in turns."""
    contenders = choose_contenders(settings.only, served=False)
    rounds: dict[str, list[dict[str, float]]] = {contender.name: [] for contender in contenders}
    missing: dict[str, str] = {}
    for number in range(settings.rounds + 1):
        say(f"round {number} of {settings.rounds}" if number else "warming the file cache")
        for contender in contenders:
            if contender.name in missing:
                continue
            try:
                costs = _start(settings.python, contender) | _start(settings.python, contender, "dependencies")
            except ContenderError as error:
                say(f"not measured: {error}")
                missing[contender.name] = str(error)
            else:
                if number:
                    rounds[contender.name].append(costs)
    table = Table("start", _COLUMNS)
    for name, measured in rounds.items():
        if name not in missing:
            table.rows[name] = {
                column.name: Cell(Figure(tuple(costs[column.name] for costs in measured)))
                for column in _COLUMNS
                if column.name in measured[0]
            }
    return Report("startup", {"rounds": settings.rounds}, _NOTES, [table], describe(settings.python), missing)


def _start(python: str, contender: Contender, *options: str) -> dict[str, float]:
    command = child_command(python, "startup_probe", contender.name, contender.framework, *options)
    with LineProcess(contender, command) as process:
        return cast("dict[str, float]", process.read())
