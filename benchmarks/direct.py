"""`--direct`: what a request costs inside the framework, called without any server."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from benchmarks.children import WorkerProcess, describe, rotated, start_all
from benchmarks.conduct import marks_of
from benchmarks.contenders import BASELINE, choose_contenders
from benchmarks.contract import DIRECT_ENDPOINTS, Endpoint
from benchmarks.figures import SPREAD_NOTE, Figure, advantage
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 15
REQUESTS: Final = 2000

_WARM_UP_REQUESTS: Final = 300
_NOTES: Final = [
    "CPU time of one request, the application called in-process on a uvloop loop",
    SPREAD_NOTE,
    f"x: {BASELINE}'s cost divided by this one's, median over the rounds",
]


def run(settings: Settings) -> Report:
    """Measure the contenders in turns, each in a process of its own."""
    table = Table("CPU µs per request", tuple(Column(endpoint.name, endpoint.title, 2) for endpoint in DIRECT_ENDPOINTS))
    with ExitStack() as stack:
        contenders = choose_contenders(settings.only, served=False)
        workers, missing = start_all(stack, [WorkerProcess(settings.python, contender) for contender in contenders])
        costs = _measure(workers, settings)
    for worker in workers:
        name = worker.contender.name
        table.rows[name] = {
            endpoint.name: Cell(
                costs[name, endpoint.name],
                advantage(costs.get((BASELINE, endpoint.name)), costs[name, endpoint.name]),
                marks_of(worker.conduct, endpoint),
            )
            for endpoint in DIRECT_ENDPOINTS
            if endpoint.name not in worker.conduct["absent"]
        }
    taken = {"rounds": settings.rounds, "requests": settings.requests}
    return Report("direct", taken, _NOTES, [table], describe(settings.python), missing)


def _measure(workers: list[WorkerProcess], settings: Settings) -> dict[tuple[str, str], Figure]:
    rounds: dict[tuple[str, str], list[float]] = {}
    for endpoint in DIRECT_ENDPOINTS:
        for worker in _able(workers, endpoint):
            worker.measure(endpoint, _WARM_UP_REQUESTS)
    for number in range(settings.rounds):
        say(f"round {number + 1} of {settings.rounds}")
        for endpoint in DIRECT_ENDPOINTS:
            for worker in rotated(_able(workers, endpoint), number):
                cost = worker.measure(endpoint, settings.requests)
                rounds.setdefault((worker.contender.name, endpoint.name), []).append(cost)
    return {key: Figure(tuple(values)) for key, values in rounds.items()}


def _able(workers: list[WorkerProcess], endpoint: Endpoint) -> list[WorkerProcess]:
    return [worker for worker in workers if endpoint.name not in worker.conduct["absent"]]
