"""`--routes`: how a request's cost grows with the number of routes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from benchmarks.children import ContenderError, WorkerProcess
from benchmarks.contenders import choose_contenders
from benchmarks.environment import Environment
from benchmarks.figures import Figure
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 7
REQUESTS: Final = 640


def run(settings: Settings) -> Report:
    """Measure one contender after the other, its sizes in turns: each is compared with itself alone."""
    sizes = settings.routes
    table = Table("CPU µs per request by number of routes", tuple(Column(str(size), f"{size:,} routes", 2) for size in sizes))
    environment: Environment | None = None
    missing: dict[str, str] = {}
    for contender in choose_contenders(settings.only, served=False):
        say(contender.name)
        try:
            with ExitStack() as stack:
                workers = [stack.enter_context(WorkerProcess(settings.python, contender, size)) for size in sizes]
                for worker in workers:
                    worker.wait_until_ready()
                environment = environment or workers[0].describe()
                table.rows[contender.name] = _measure(workers, settings)
        except ContenderError as error:
            say(f"not measured: {error}")
            missing[contender.name] = str(error)
    if environment is None:
        raise ContenderError("no contender could be measured: " + "; ".join(missing.values()))
    notes = [
        "CPU time of one request, application called in-process; every route has a handler and one integer parameter in its path,",
        "requests go to 64 routes spread evenly over the table; median of the rounds, ± half the distance between the quartiles",
        f"x = cost divided by the same round's cost with {sizes[0]:,} routes, median of the rounds",
    ]
    return Report("routes", {"rounds": settings.rounds, "requests": settings.requests}, notes, [table], environment, missing)


def _measure(workers: list[WorkerProcess], settings: Settings) -> dict[str, Cell]:
    rounds: list[list[float]] = [[] for _ in workers]
    for _ in range(settings.rounds):
        for costs, worker in zip(rounds, workers, strict=True):
            costs.append(worker.measure("routes", settings.requests))
    figures = [Figure(tuple(costs)) for costs in rounds]
    sizes = settings.routes
    return {str(size): Cell(figure, figure.ratio_to(figures[0])) for size, figure in zip(sizes, figures, strict=True)}
