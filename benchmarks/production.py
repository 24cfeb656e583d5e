"""What the modules of `fasterapi.contrib` cost a request: the same application without one and with it, called in-process, in turns.

    python benchmarks/production.py
    python benchmarks/production.py --redis redis://127.0.0.1:6379/0 --postgres postgresql://127.0.0.1/test

The figures are CPU microseconds of this process, the best of several rounds: what a service does, and the time until it has done it,
are not in them.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

import uvloop

sys.path.append(str(Path(__file__).resolve().parent.parent))

from benchmarks.production_cases import Case, cases_in_memory
from benchmarks.production_services import cases_on_postgres, cases_on_redis
from fasterapi import COMPILED
from fasterapi.asgi import ASGIApp, RawHeaders
from fasterapi.contrib.structlog import configure_structlog

ROUNDS: Final = 9


class Cost(NamedTuple):
    """CPU microseconds of a request."""

    name: str
    off: float
    on: float


async def ask(app: ASGIApp, case: Case, headers: RawHeaders) -> RawHeaders:
    """Put one request to an application; the headers of its answer."""
    found: RawHeaders = []

    unread: list[dict[str, object]] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, object]:
        if not unread:
            # The client stays.
            await asyncio.get_running_loop().create_future()
        return unread.pop()

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200, (case.name, message["status"])
            found.extend(message["headers"])

    scope = {"type": "http", "method": "GET", "path": case.path, "raw_path": case.path.encode(), "query_string": b"", "scheme": "http"}
    more = {"http_version": "1.1", "server": ("x", 80), "client": ("192.0.2.1", 5), "asgi": {"version": "3.0"}, "root_path": ""}
    await app({**scope, **more, "headers": [(b"host", b"example.org"), *headers]}, receive, send)
    return found


async def processor_time(app: ASGIApp, case: Case, headers: RawHeaders, count: int) -> float:
    """CPU microseconds of a request, of so many."""
    start = time.process_time()
    for _ in range(count):
        await ask(app, case, headers)
    return (time.process_time() - start) / count * 1e6


async def measure(case: Case, count: int, rounds: int) -> Cost:
    """The cost of a case."""
    answer = await ask(case.on, case, case.headers)
    cookies = [(b"cookie", value.partition(b";")[0]) for field, value in answer if field == b"set-cookie"]
    headers = [*case.headers, *cookies]
    pairs = [
        (await processor_time(case.off, case, headers, count), await processor_time(case.on, case, headers, count)) for _ in range(rounds)
    ]
    return Cost(case.name, min(off for off, _ in pairs), min(on for _, on in pairs))


async def main(redis: str | None, postgres: str | None, count: int, rounds: int) -> None:
    """Measure everything, and print a table for a page."""
    print(f"compiled: {COMPILED}\n")
    print("| | without | with | adds |\n| --- | ---: | ---: | ---: |")
    async with AsyncExitStack() as stack:
        cases = [(case, count) for case in await cases_in_memory(stack)]
        if redis is not None:
            cases += [(case, count // 5) for case in await cases_on_redis(stack, redis)]
        if postgres is not None:
            cases += [(case, count // 5) for case in await cases_on_postgres(stack, postgres)]
        for case, number in cases:
            cost = await measure(case, max(1, number), rounds)
            print(f"| {cost.name} | {cost.off:.1f} | {cost.on:.1f} | {cost.on - cost.off:.1f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--redis", metavar="URL")
    parser.add_argument("--postgres", metavar="URL")
    parser.add_argument("--count", type=int, default=1000, help="requests of a round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    arguments = parser.parse_args()
    configure_structlog(json_format=True)
    # Lines are made and written, but to nowhere.
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a stream, not a path
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler):
                handler.setStream(nowhere)
        uvloop.run(main(arguments.redis, arguments.postgres, arguments.count, arguments.rounds))
