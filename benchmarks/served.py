"""`--http`: what a request costs with its server, and what the clients see."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Final

from benchmarks.children import ServerProcess, describe, rotated, start_all
from benchmarks.conduct import marks_of
from benchmarks.contenders import BASELINE, OWN_PROTOCOL, ContenderError, choose_contenders
from benchmarks.contract import STATIC_JSON, Endpoint
from benchmarks.figures import SPREAD_NOTE, Figure, advantage
from benchmarks.load import CONNECTIONS, generator_name, put_load
from benchmarks.processor_time import processor_seconds
from benchmarks.progress import say
from benchmarks.report import Cell, Column, Report, Table
from benchmarks.settings import Settings

ROUNDS: Final = 5
SECONDS: Final = 2

WARM_UP_SECONDS: Final = 1
"""Long enough for the last of several workers to have started."""


def run(settings: Settings) -> Report:
    """Serve all contenders side by side and put load on one at a time, in turns."""
    contenders = choose_contenders(settings.only, served=True)
    with ExitStack() as stack:
        children = [ServerProcess(settings.python, contender, settings.workers) for contender in contenders]
        servers, missing = start_all(stack, children)
        say("warming up")
        for server in servers:
            put_load(server.port, STATIC_JSON, WARM_UP_SECONDS)
        tables = [_measure(servers, endpoint, settings, missing) for endpoint in settings.endpoints]
    notes = [
        f"{settings.workers} worker{'s' * (settings.workers > 1)}, {CONNECTIONS} keep-alive connections, {settings.seconds} s a round",
        f"load by {generator_name()}, for WebSockets by an asyncio client, on the same machine",
        f"{' and '.join(_on_own_protocol(servers)) or 'none'} on {OWN_PROTOCOL} of uvicorn, the others on its httptools protocol",
        "granian, Robyn, Sanic and the floor are servers of their own; all use uvloop",
        "CPU µs: user and system time of all processes of the server for one request, event or message",
        SPREAD_NOTE,
        f"x: {BASELINE}'s CPU time divided by this one's, median over the rounds",
        "requests/s and latencies depend on what else the machine does; those of SSE are of a whole stream",
    ]
    taken = {"rounds": settings.rounds, "seconds": settings.seconds, "connections": CONNECTIONS, "workers": settings.workers}
    return Report("http", taken, notes, tables, describe(settings.python), missing)


def _measure(servers: list[ServerProcess], endpoint: Endpoint, settings: Settings, missing: dict[str, str]) -> Table:
    """One table; who fails under load is not in it, and named among the missing."""
    able = {server.contender.name: server for server in servers if endpoint.name not in server.conduct["absent"]}
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in able}
    for number in range(settings.rounds):
        say(f"{endpoint.title}: round {number + 1} of {settings.rounds}")
        for server in rotated(list(able.values()), number):
            name = server.contender.name
            try:
                rounds[name].append(_load_once(server, endpoint, settings.seconds))
            except ContenderError as error:
                say(f"not measured: {error}")
                missing[f"{name}, {endpoint.name}"] = str(error)
                del able[name], rounds[name]
    table = Table(endpoint.title, _columns(endpoint))
    costs = {name: Figure(tuple(values["cpu"] for values in measured)) for name, measured in rounds.items()}
    for name, server in able.items():
        table.rows[name] = {column.name: Cell(Figure(tuple(values[column.name] for values in rounds[name]))) for column in table.columns}
        table.rows[name]["cpu"] = Cell(costs[name], advantage(costs.get(BASELINE), costs[name]), marks_of(server.conduct, endpoint))
    return table


def _columns(endpoint: Endpoint) -> tuple[Column, ...]:
    return (
        Column("cpu", f"CPU µs per {endpoint.unit}"),
        Column("rate", f"{endpoint.unit}s/s", 0),
        Column("p50", "p50 ms", 2),
        Column("p99", "p99 ms", 2),
    )


def _on_own_protocol(servers: list[ServerProcess]) -> list[str]:
    return [server.contender.name for server in servers if server.contender.protocol == OWN_PROTOCOL]


def _load_once(server: ServerProcess, endpoint: Endpoint, seconds: int) -> dict[str, float]:
    before = processor_seconds(server.pid)
    try:
        load = put_load(server.port, endpoint, seconds)
    except OSError as error:
        raise ContenderError(f"{server.contender.name}, {endpoint.title}: {error}") from error
    spent = processor_seconds(server.pid) - before
    if not load.requests:
        raise ContenderError(f"{server.contender.name}, {endpoint.title}: no answer ended within {seconds} s; give it more by --seconds")
    if not spent:
        raise ContenderError(
            f"{server.contender.name}, {endpoint.title}: it got too little processor time to be read; give it more by --seconds"
        )
    if load.errors:
        raise ContenderError(f"{server.contender.name}, {endpoint.title}: {load.errors} of {load.requests} requests failed under load")
    units = load.requests * endpoint.units
    return {"cpu": spent / units * 1e6, "rate": units / load.seconds, "p50": load.p50, "p99": load.p99}
