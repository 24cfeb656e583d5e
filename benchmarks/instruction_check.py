"""`make bench-check`: whether a request costs more instructions than it did when the committed figures were read.

The paths run in one process under callgrind, without sockets, so that two counts of the same build differ by less than
one in a thousand, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypedDict, cast

from benchmarks.children import child_command
from benchmarks.environment import Environment, describe_environment, python_tag

FIGURES: Final = Path(__file__).with_name("results") / "instructions.json"
TOLERANCE: Final = 0.03
"""What a path may cost more before the check fails: more than a new compiler of the same family changes, less than a careless change."""

_PARTS: Final = 3
"""Dumps of each path: what came before it, its shorter run, its longer run."""
_TOTAL: Final = "totals: "
_WITHOUT_VALGRIND: Final = "Not checked: valgrind is not installed here. Get it with `apt install valgrind` (or dnf, apk, brew)."


class CheckError(Exception):
    """The count could not be made; the message says why."""


class Figures(TypedDict):
    """What was read on one interpreter."""

    compiler: str
    versions: dict[str, str]
    instructions: dict[str, int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, compare, and say what changed; the exit status is 1 where a path became dearer."""
    parser = argparse.ArgumentParser(prog="check.py", description="Compare instructions per request with the committed figures.")
    parser.add_argument("--write", action="store_true", help="make what is counted now the figures to compare with")
    options = parser.parse_args(arguments)
    if shutil.which("valgrind") is None:
        print(_WITHOUT_VALGRIND)
        return 0
    try:
        counts = count()
    except CheckError as error:
        print(error, file=sys.stderr)
        return 1
    environment = describe_environment()
    if options.write:
        write_figures(environment, counts)
        print(f"written to {FIGURES}")
        return 0
    return report(environment, counts, read_figures().get(figures_key(environment)))


def count() -> dict[str, int]:
    """Instructions of one request, by the name of its path."""
    with tempfile.TemporaryDirectory() as folder:
        # Parts are numbered; the same addresses in every run keep hash tables alike.
        command = ["valgrind", "--quiet", "--tool=callgrind", "--dump-before=getppid", f"--callgrind-out-file={folder}/part"]
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        environment.pop("FASTERAPI_PURE", None)
        run = subprocess.run(
            [*command, *child_command(sys.executable, "instruction_probe")], env=environment, stdout=subprocess.PIPE, text=True, check=False
        )
        if run.returncode != 0 or not run.stdout:
            raise CheckError(f"the process that was to be counted ended with status {run.returncode}")
        answer = json.loads(run.stdout)
        if "error" in answer:
            raise CheckError(answer["error"])
        names: list[str] = answer["result"]["names"]
        totals = [_total(Path(folder, f"part.{number}")) for number in range(1, _PARTS * len(names) + 1)]
    requests: int = answer["result"]["requests"]
    return {name: (totals[_PARTS * index + 2] - totals[_PARTS * index + 1]) // requests for index, name in enumerate(names)}


def _total(part: Path) -> int:
    for line in part.read_text().splitlines():
        if line.startswith(_TOTAL):
            return int(line.removeprefix(_TOTAL))
    raise CheckError(f"callgrind wrote no total into {part.name}")


def figures_key(environment: Environment) -> str:
    """What figures belong to: the version of CPython, and whether it lives in a shared library."""
    return f"{python_tag(environment)} {'shared' if environment['shared_library'] else 'static'}"


def read_figures() -> dict[str, Figures]:
    """The committed figures, by interpreter."""
    return cast("dict[str, Figures]", json.loads(FIGURES.read_text())) if FIGURES.exists() else {}


def write_figures(environment: Environment, counts: dict[str, int]) -> None:
    """Put the counts in the place of the figures of this interpreter."""
    figures = read_figures()
    figures[figures_key(environment)] = Figures(compiler=environment["compiler"], versions=_versions(environment), instructions=counts)
    FIGURES.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n")


def _versions(environment: Environment) -> dict[str, str]:
    return {name: environment["versions"][name] for name in ("httptools", "msgspec", "uvicorn", "uvloop")}


def report(environment: Environment, counts: dict[str, int], figures: Figures | None) -> int:
    """Print each path beside its figure; the exit status."""
    if figures is None:
        print(f"No figures for CPython {figures_key(environment)}: nothing to compare with. Add them with `benchmarks/check.py --write`.")
        return 0
    expected = figures["instructions"]
    dearer = [name for name, counted in counts.items() if counted > expected.get(name, counted) * (1 + TOLERANCE)]
    print(f"instructions per request, CPython {figures_key(environment)}")
    for name, counted in counts.items():
        known = expected.get(name)
        change = "new" if known is None else f"{counted / known - 1:+.1%}"
        print(f"  {name:16} {counted:8,}  {change}{'  DEARER' if name in dearer else ''}")
    if not dearer:
        return 0
    if _versions(environment) != figures["versions"] or environment["compiler"] != figures["compiler"]:
        print(f"The figures were read with {figures['compiler']} and {figures['versions']}; here are {_versions(environment)}.")
    print(
        f"{', '.join(dearer)}: over {TOLERANCE:.0%} more than the committed figures. Make it cheaper, or say why it must cost more", end=" "
    )
    print("and commit what `benchmarks/check.py --write` reads.")
    return 1
