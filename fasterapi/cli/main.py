"""The commands: what they take, what they print, how they end."""

# Interpreted: a command line runs once.

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Sequence
from typing import Final

from fasterapi.check.application import TargetError, first_line, load_application
from fasterapi.check.checkers import CheckerError, Mypy, Pyright
from fasterapi.check.report import Report, check_application

CLEAN: Final = 0
MISTAKES: Final = 1
UNUSABLE: Final = 2
"""Nothing could be checked; argparse ends with it too, where a command is written wrongly."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, those of the process if none are given; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        app = load_application(options.target)
        checker = Pyright if options.checker == "pyright" else Mypy
        report = check_application(app, checker(options.python_executable))
    except Exception as error:  # noqa: BLE001  # an application that is imported and started runs code of all kinds
        if options.traceback:
            traceback.print_exception(error)
        is_told = isinstance(error, TargetError | CheckerError)
        told = str(error) if is_told else f"{options.target} cannot start: {first_line(error)}. Run with --traceback to see where."
        sys.stderr.write(f"fasterapi check: {told}\n")
        return UNUSABLE
    sys.stdout.writelines(f"{line}\n" for line in [*report.mistakes, *report.unchecked, _summary(report, options.checker)])
    return MISTAKES if report.mistakes else CLEAN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fasterapi")
    commands = parser.add_subparsers(metavar="command", required=True)
    check = commands.add_parser(
        "check",
        help="find what start-up and type checkers would refuse",
        description="Check an application: that it starts, that each route is reached, that the whole dependency graph is typed correctly.",
    )
    check.add_argument("target", metavar="module:app", help="the application, as in main:app or shop.main:app")
    check.add_argument("--checker", choices=("mypy", "pyright"), default="mypy", help="the type checker (default: mypy)")
    check.add_argument(
        "--python-executable",
        metavar="PATH",
        default=sys.executable,
        help="the interpreter that the checker is installed for (default: the one that runs this)",
    )
    check.add_argument("--traceback", action="store_true", help="show where an application that cannot be checked fails")
    return parser


def _summary(report: Report, checker: str) -> str:
    found = f"{_counted(len(report.mistakes), 'mistake')} in {_counted(report.routes, 'route')}" if report.mistakes else ""
    clean = f"no mistakes in {_counted(report.routes, 'route')}, by {checker}"
    unchecked = f"; {len(report.unchecked)} not checked" if report.unchecked else ""
    return f"{found or clean}{unchecked}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
