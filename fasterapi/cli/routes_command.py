"""`fasterapi routes`: the list of routes, for people and for programs."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from fasterapi.check.application import load_application
from fasterapi.cli.command import applications_options, command, option
from fasterapi.cli.console import table
from fasterapi.cli.discovery import find_target
from fasterapi.cli.exits import CLEAN
from fasterapi.cli.route_list import ListedRoute, listed_routes

_HEADINGS = ("METHOD", "PATH", "NAME", "HANDLER", "DEPENDENCIES", "MIDDLEWARE")


@command("routes")
@applications_options
@option("--format", "wanted", type=click.Choice(["table", "json"]), default="table", show_default=True, help="What to print.")
def routes(app: str | None, factory: bool, app_dir: str, wanted: str) -> int:
    """List what an application answers, and with what.

    APP is module:app, a module or a file; without it the usual places are looked at.
    """
    target = find_target(app, Path(app_dir), factory=factory)
    found = listed_routes(load_application(target.name, target.folder, factory=factory))
    if wanted == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    elif not found:
        click.echo(f"{target.name} has no routes")
    else:
        for line in table(_HEADINGS, [_row(route) for route in found]):
            click.echo(line)
    return CLEAN


def _row(route: ListedRoute) -> tuple[str, ...]:
    handler = route.handler if route.file is None else f"{route.handler} {route.file}"
    method = ",".join(route.methods) or route.kind.upper()
    return method, route.path, route.name or "-", handler, ", ".join(route.dependencies) or "-", ", ".join(route.middleware) or "-"
