"""`--direct`: what a request costs inside the framework, called without any server."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from benchmarks.children import WorkerProcess, describe, start_workers
from benchmarks.contenders import BASELINE, choose_contenders
from benchmarks.contract import ENDPOINTS
from benchmarks.figures import Figure
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 15
REQUESTS: Final = 2000

_WARM_UP_REQUESTS: Final = 300
_NOTES: Final = [
    "CPU time of one request, application called in-process on a uvloop loop; median of the rounds, ± half the distance between the quartiles",
    f"x = {BASELINE}'s cost of the same round divided by this one's, median of the rounds",
]


def run(settings: Settings) -> Report:
    """Measure the contenders in turns, each in a process of its own."""
    table = Table("CPU µs per request", tuple(Column(endpoint.name, endpoint.title, 2) for endpoint in ENDPOINTS))
    with ExitStack() as stack:
        workers, missing = start_workers(stack, settings.python, choose_contenders(settings.only, served=False))
        costs = _measure(workers, settings)
    for worker in workers:
        name = worker.contender.name
        table.rows[name] = {
            endpoint.name: Cell(
                costs[name, endpoint.name],
                baseline_ratio(costs.get((BASELINE, endpoint.name)), costs[name, endpoint.name]),
                marks_of(worker.conduct, endpoint.name),
            )
            for endpoint in ENDPOINTS
        }
    return Report("direct", {"rounds": settings.rounds, "requests": settings.requests}, _NOTES, [table], describe(settings.python), missing)


def _measure(workers: list[WorkerProcess], settings: Settings) -> dict[tuple[str, str], Figure]:
    rounds: dict[tuple[str, str], list[float]] = {}
    for endpoint in ENDPOINTS:
        for worker in workers:
            worker.measure(endpoint.name, _WARM_UP_REQUESTS)
    for number in range(settings.rounds):
        say(f"round {number + 1} of {settings.rounds}")
        # Each round begins with another contender, so that none always runs after the same neighbour.
        turn = number % len(workers)
        for endpoint in ENDPOINTS:
            for worker in workers[turn:] + workers[:turn]:
                cost = worker.measure(endpoint.name, settings.requests)
                rounds.setdefault((worker.contender.name, endpoint.name), []).append(cost)
    return {key: Figure(tuple(values)) for key, values in rounds.items()}

