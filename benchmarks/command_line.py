"""The options of `compare.py`, and which mode they choose."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import direct, idle, instructions, routes, schema, served, startup
from benchmarks.contenders import ContenderError
from benchmarks.contract import SERVED_ENDPOINTS, Endpoint
from benchmarks.environment import python_tag
from benchmarks.report import Report, to_json, to_markdown, to_text
from benchmarks.settings import Settings

_RESULTS: Final = Path(__file__).with_name("results")


@dataclass(frozen=True)
class Mode:
    """What one of the exclusive options starts, and how much it measures unless told otherwise."""

    run: Callable[[Settings], Report]
    rounds: int
    requests: int = 0


_MODES: Final = {
    "direct": Mode(direct.run, direct.ROUNDS, direct.REQUESTS),
    "http": Mode(served.run, served.ROUNDS),
    "idle": Mode(idle.run, idle.ROUNDS),
    "instructions": Mode(instructions.run, instructions.ROUNDS, instructions.REQUESTS),
    "routes": Mode(routes.run, routes.ROUNDS, routes.REQUESTS),
    "schema": Mode(schema.run, schema.ROUNDS),
    "startup": Mode(startup.run, startup.ROUNDS),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one mode, print its tables, write its JSON; the exit status is 1 where nothing could be measured."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if shutil.which(options.python) is None:
        parser.error(f"--python: {options.python} is no program")
    name = "routes" if options.routes else options.mode
    mode = _MODES[name]
    settings = Settings(
        python=options.python,
        only=options.only,
        rounds=options.rounds or mode.rounds,
        requests=options.requests or mode.requests,
        seconds=options.seconds,
        workers=options.workers,
        endpoints=options.cases,
        routes=options.routes or (),
    )
    # A run that is told to end takes its servers with it.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        report = mode.run(settings)
    except ContenderError as error:
        print(error, file=sys.stderr)
        return 1
    if not any(table.rows for table in report.tables):
        print("nothing was measured", file=sys.stderr)
        return 1
    print((to_markdown if options.markdown else to_text)(report))
    path = options.json or _RESULTS / f"{_file_name(name, settings)}-{python_tag(report.environment)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_json(report))
    print(f"written to {path}", file=sys.stderr)
    return 0


def _file_name(mode: str, settings: Settings) -> str:
    return f"{mode}-{settings.workers}-workers" if settings.workers > 1 else mode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="compare.py", description="Compare fasterapi with other frameworks.")
    modes = parser.add_mutually_exclusive_group(required=True)
    modes.add_argument("--direct", dest="mode", action="store_const", const="direct", help="CPU time, called in-process")
    modes.add_argument("--http", dest="mode", action="store_const", const="http", help="CPU time, throughput and latency, served")
    modes.add_argument(
        "--instructions", dest="mode", action="store_const", const="instructions", help="instructions of the server process, by callgrind"
    )
    modes.add_argument("--idle", dest="mode", action="store_const", const="idle", help="memory of connections that rest")
    modes.add_argument("--schema", dest="mode", action="store_const", const="schema", help="the OpenAPI document of 1,000 routes")
    modes.add_argument("--startup", dest="mode", action="store_const", const="startup", help="import, registration and memory")
    modes.add_argument("--routes", metavar="N,N,...", type=_sizes, nargs="?", const=(10, 100, 1000, 10_000), help="CPU time as routes grow")
    parser.add_argument("--python", default=sys.executable, help="interpreter that runs the contenders (default: this one)")
    parser.add_argument("--only", metavar="NAME,...", type=_names, help="these contenders alone")
    parser.add_argument(
        "--cases",
        metavar="NAME,...",
        type=_cases,
        default=SERVED_ENDPOINTS,
        help=f"these of {', '.join(endpoint.name for endpoint in SERVED_ENDPOINTS)}: --http, --instructions",
    )
    parser.add_argument("--workers", type=_positive, default=1, help="processes of each server: --http")
    parser.add_argument("--rounds", type=_positive, help="how often each is measured")
    parser.add_argument("--requests", type=_positive, help="requests a round: --direct, --routes, --instructions")
    parser.add_argument("--seconds", type=_positive, default=served.SECONDS, help="length of a round: --http")
    parser.add_argument("--json", metavar="FILE", type=Path, help="where the figures go (default: benchmarks/results/)")
    parser.add_argument("--markdown", action="store_true", help="print the tables for a Markdown page")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _cases(text: str) -> tuple[Endpoint, ...]:
    known = {endpoint.name: endpoint for endpoint in SERVED_ENDPOINTS}
    unknown = [name for name in _names(text) if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"no case {', '.join(unknown)}; choose from {', '.join(known)}")
    return tuple(known[name] for name in _names(text))


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(_positive(size) for size in text.split(","))
