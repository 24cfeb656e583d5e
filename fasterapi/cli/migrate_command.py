"""`fasterapi migrate`: the shell around `fasterapi.migrate`."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import difflib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fasterapi.cli.command import command, option
from fasterapi.cli.console import counted
from fasterapi.cli.exits import CLEAN, FOUND, CommandError
from fasterapi.cli.progress import progress

if TYPE_CHECKING:
    from fasterapi.migrate.project import Change


@command("migrate")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@option("--dry-run", is_flag=True, help="Print what would change, and write nothing.")
@option("--check", "only_check", is_flag=True, help="Name the files that would change, write nothing, and end with 1 if there are any.")
def migrate(path: Path, dry_run: bool, only_check: bool) -> int:
    """Rewrite a project that was written for FastAPI: PATH is its folder, or one file.

    Imports and names are swapped, and models of pydantic become Structs where that is safe. What a person has to look at is listed.
    Files are written in place: commit before.
    """
    if find_spec("libcst") is None:
        raise CommandError("this needs libcst. Install it with `pip install 'fasterapi-framework[migrate]'`.")
    from fasterapi.migrate.project import migrate as migrated

    with progress(f"Migrating {path}") as tell:
        result = migrated(path, tell)
    for change in result.changes:
        if only_check:
            click.echo(str(change.path))
        elif dry_run:
            _show(change)
        else:
            _write(change)
    for finding in result.findings:
        click.echo(str(finding))
    would = "would change" if dry_run or only_check else "changed"
    click.echo(f"{counted(len(result.changes), 'file')} of {result.files} {would}; {counted(len(result.findings), 'place')} to look at")
    return FOUND if only_check and result.changes else CLEAN


def _show(change: Change) -> None:
    before, after = (text.decode(errors="replace").splitlines() for text in (change.before, change.after))
    for line in difflib.unified_diff(before, after, str(change.path), str(change.path), lineterm=""):
        click.echo(click.style(line, fg={"+": "green", "-": "red"}.get(line[0])))


def _write(change: Change) -> None:
    try:
        change.path.write_bytes(change.after)
    except OSError as error:
        raise CommandError(f"{change.path} cannot be written: {error.strerror}. What was written before it stays.") from error
