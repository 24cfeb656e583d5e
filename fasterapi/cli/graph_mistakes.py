"""What keeps an application from starting, as commands tell it."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from fasterapi.binding.graph import GraphError
from fasterapi.cli.console import counted
from fasterapi.cli.exits import CommandError


@contextmanager
def mistakes_listed(name: str) -> Iterator[None]:
    """Tell the mistakes in the routes of an application, each on a line, where the block finds any."""
    try:
        yield
    except GraphError as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        mistakes = counted(len(error.problems), "mistake")
        raise CommandError(f"{name} cannot start: {mistakes} in its routes, listed above. Correct them.") from error
