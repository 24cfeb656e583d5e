"""`--http`: what a request costs with its server, and what the clients see."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from benchmarks.children import ServerProcess, describe, rotated, start_all
from benchmarks.conduct import marks_of
from benchmarks.contenders import BASELINE, OWN_PROTOCOL, ContenderError, choose_contenders
from benchmarks.contract import ENDPOINTS, Endpoint
from benchmarks.figures import SPREAD_NOTE, Figure, advantage
from benchmarks.load import CONNECTIONS, generator_name, put_load
from benchmarks.processor_time import processor_seconds
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 5
SECONDS: Final = 2

_COLUMNS: Final = (
    Column("cpu", "CPU µs"),
    Column("rate", "requests/s", 0),
    Column("p50", "p50 ms", 2),
    Column("p99", "p99 ms", 2),
)


def run(settings: Settings) -> Report:
    """Serve all contenders side by side and put load on one at a time, in turns."""
    with ExitStack() as stack:
        contenders = choose_contenders(settings.only, served=True)
        servers, missing = start_all(stack, [ServerProcess(settings.python, contender) for contender in contenders])
        tables = [_measure(servers, endpoint, settings) for endpoint in ENDPOINTS]
    notes = [
        f"one server process; load by {generator_name()}, {CONNECTIONS} keep-alive connections, {settings.seconds} s a round",
        f"uvicorn with uvloop; {' and '.join(_on_own_protocol(servers)) or 'none'} on {OWN_PROTOCOL}, the others on its httptools protocol",
        "CPU µs: user and system time of the server for one request",
        SPREAD_NOTE,
        f"x: {BASELINE}'s CPU time divided by this one's, median over the rounds",
        "requests/s and latencies depend on what else the machine does",
    ]
    taken = {"rounds": settings.rounds, "seconds": settings.seconds, "connections": CONNECTIONS}
    return Report("http", taken, notes, tables, describe(settings.python), missing)


def _measure(servers: list[ServerProcess], endpoint: Endpoint, settings: Settings) -> Table:
    rounds: dict[str, list[dict[str, float]]] = {server.contender.name: [] for server in servers}
    for number in range(settings.rounds):
        say(f"{endpoint.title}: round {number + 1} of {settings.rounds}")
        for server in rotated(servers, number):
            rounds[server.contender.name].append(_load_once(server, endpoint, settings.seconds))
    table = Table(endpoint.title, _COLUMNS)
    costs = {name: Figure(tuple(values["cpu"] for values in measured)) for name, measured in rounds.items()}
    for server in servers:
        name = server.contender.name
        table.rows[name] = {column.name: Cell(Figure(tuple(values[column.name] for values in rounds[name]))) for column in _COLUMNS}
        table.rows[name]["cpu"] = Cell(costs[name], advantage(costs.get(BASELINE), costs[name]), marks_of(server.conduct, endpoint))
    return table


def _on_own_protocol(servers: list[ServerProcess]) -> list[str]:
    return [server.contender.name for server in servers if server.contender.protocol == OWN_PROTOCOL]


def _load_once(server: ServerProcess, endpoint: Endpoint, seconds: int) -> dict[str, float]:
    before = processor_seconds(server.pid)
    load = put_load(server.port, endpoint.timed, seconds)
    spent = processor_seconds(server.pid) - before
    if load.errors:
        raise ContenderError(f"{server.contender.name}, {endpoint.title}: {load.errors} of {load.requests} requests failed under load")
    return {"cpu": spent / load.requests * 1e6, "rate": load.requests / load.seconds, "p50": load.p50, "p99": load.p99}
