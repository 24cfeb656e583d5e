"""`fasterapi check`: the shell around `fasterapi.check`."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import sys
from pathlib import Path

import click

from fasterapi.check.application import first_line, load_application
from fasterapi.check.checkers import CheckerError, Mypy, Pyright
from fasterapi.check.report import Report, check_application
from fasterapi.cli.command import applications_options, command, option
from fasterapi.cli.console import counted
from fasterapi.cli.discovery import find_target
from fasterapi.cli.exits import CLEAN, FOUND, CommandError
from fasterapi.cli.progress import progress


@command("check")
@applications_options
@option("--checker", type=click.Choice(["mypy", "pyright"]), default="mypy", show_default=True, help="The type checker.")
@option("--python-executable", metavar="PATH", default=sys.executable, help="The interpreter that the checker is installed for.")
def check(app: str | None, factory: bool, app_dir: str, checker: str, python_executable: str) -> int:
    """Check an application: that it starts, that each route is reached, that the whole dependency graph is typed correctly.

    APP is module:app, a module or a file; without it the usual places are looked at.
    """
    target = find_target(app, Path(app_dir), factory=factory)
    loaded = load_application(target.name, target.folder, factory=factory)
    judge = Pyright(python_executable) if checker == "pyright" else Mypy(python_executable)
    try:
        with progress(f"Checking {target.name} with {checker}"):
            report = check_application(loaded, judge)
    except CheckerError:
        raise
    except Exception as error:
        raise CommandError(f"{target.name} cannot start: {first_line(error)}. Run with --traceback to see where.") from error
    for line in [*report.mistakes, *report.unchecked]:
        click.echo(line)
    colour = "red" if report.mistakes else "green"
    click.echo(click.style(_summary(report, checker), fg=colour))
    return FOUND if report.mistakes else CLEAN


def _summary(report: Report, checker: str) -> str:
    found = f"{counted(len(report.mistakes), 'mistake')} in {counted(report.routes, 'route')}" if report.mistakes else ""
    clean = f"no mistakes in {counted(report.routes, 'route')}, by {checker}"
    unchecked = f"; {len(report.unchecked)} not checked" if report.unchecked else ""
    return f"{found or clean}{unchecked}"
