"""`--routes`: how a request's cost grows with the number of routes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from benchmarks.children import WorkerProcess, describe, start_all
from benchmarks.contenders import choose_contenders
from benchmarks.contract import ROUTES_ASKED, routes_endpoint
from benchmarks.figures import SPREAD_NOTE, Figure
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 7
REQUESTS: Final = 640


def run(settings: Settings) -> Report:
    """Measure one contender after the other, its sizes in turns: each is compared with itself alone."""
    sizes = settings.routes
    table = Table("CPU µs per request, by number of routes", tuple(Column(str(size), f"{size:,} routes", 2) for size in sizes))
    missing: dict[str, str] = {}
    for contender in choose_contenders(settings.only, served=False):
        say(contender.name)
        with ExitStack() as stack:
            workers, failed = start_all(stack, [WorkerProcess(settings.python, contender, size) for size in sizes])
            missing |= failed
            if not failed:
                table.rows[contender.name] = _measure(workers, settings)
    notes = [
        "CPU time of one request, the application called in-process",
        f"each route has a handler of its own and an integer in its path; requests go to {ROUTES_ASKED} routes spread over the table",
        SPREAD_NOTE,
        f"x: cost divided by the cost with {sizes[0]:,} routes, median over the rounds",
    ]
    taken = {"rounds": settings.rounds, "requests": settings.requests}
    return Report("routes", taken, notes, [table], describe(settings.python), missing)


def _measure(workers: list[WorkerProcess], settings: Settings) -> dict[str, Cell]:
    endpoints = [routes_endpoint(size) for size in settings.routes]
    rounds: list[list[float]] = [[] for _ in workers]
    for _ in range(settings.rounds):
        for costs, worker, endpoint in zip(rounds, workers, endpoints, strict=True):
            costs.append(worker.measure(endpoint, settings.requests))
    figures = [Figure(tuple(costs)) for costs in rounds]
    return {str(size): Cell(figure, figure.ratio_to(figures[0])) for size, figure in zip(settings.routes, figures, strict=True)}
