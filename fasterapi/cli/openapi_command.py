"""`fasterapi openapi`: the document, on the terminal, in a file, or compared with the one that is committed."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import difflib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import msgspec

from fasterapi.check.application import load_application
from fasterapi.cli.command import applications_options, command, option
from fasterapi.cli.discovery import find_target
from fasterapi.cli.exits import CLEAN, FOUND, CommandError
from fasterapi.cli.graph_mistakes import mistakes_listed
from fasterapi.cli.progress import progress

_SUFFIXES = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


@command("openapi")
@applications_options
@option("--format", "wanted", type=click.Choice(["json", "yaml"]), help="What to write; that of the file's name, or json, unless said.")
@option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="The file to write, instead of the terminal.")
@option("--check", "committed", type=click.Path(dir_okay=False, path_type=Path), help="Compare with a file, and end with 1 if it differs.")
def openapi(app: str | None, factory: bool, app_dir: str, wanted: str | None, output: Path | None, committed: Path | None) -> int:
    """Write the OpenAPI document, or compare it with a file.

    APP is module:app, a module or a file; without it the usual places are looked at.
    """
    if output is not None and committed is not None:
        raise CommandError("--output writes a file and --check compares with one. Write one of them.")
    target = find_target(app, Path(app_dir), factory=factory)
    with mistakes_listed(target.name), progress(f"Describing {target.name}"):
        document = load_application(target.name, target.folder, factory=factory).openapi()
    if committed is not None:
        return _compare(document, committed, wanted, target.name)
    text = _encode(document, wanted or _format_of(output))
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}. Name a file in a folder of yours.") from error
    return CLEAN


def _compare(document: dict[str, Any], path: Path, wanted: str | None, name: str) -> int:
    """Show what the application would change in a file. Only what is said counts, not how it is laid out."""
    form = wanted or _format_of(path)
    update = f"`fasterapi openapi {name} --output {path}`"
    try:
        committed = _decode(path.read_bytes(), form)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}. Write it with {update}.") from error
    except msgspec.DecodeError as error:
        raise CommandError(f"{path} is no {form.upper()}: {error}. Write it anew with {update}.") from error
    before = _encode(committed, "json").splitlines()
    after = _encode(document, "json").splitlines()
    difference = list(difflib.unified_diff(before, after, str(path), name, lineterm=""))
    if not difference:
        click.echo(f"{path} says what {name} does")
        return CLEAN
    for line in difference:
        click.echo(click.style(line, fg={"+": "green", "-": "red"}.get(line[0])))
    click.echo(f"fasterapi openapi: {path} differs from {name}. Write it anew with {update}.", err=True)
    return FOUND


def _format_of(path: Path | None) -> str:
    return "json" if path is None else _SUFFIXES.get(path.suffix.lower(), "json")


def _encode(document: object, form: str) -> str:
    if form == "yaml":
        _require_yaml()
        return msgspec.yaml.encode(_plain(document)).decode()
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _decode(text: bytes, form: str) -> object:
    if form == "yaml":
        _require_yaml()
        return _plain(msgspec.yaml.decode(text))
    return msgspec.json.decode(text)


def _plain(document: object) -> object:
    """The same of values that JSON has, as the served document is."""
    found: object = msgspec.json.decode(msgspec.json.encode(document))
    return found


def _require_yaml() -> None:
    if find_spec("yaml") is None:
        raise CommandError("YAML needs PyYAML. Install it with `pip install 'fasterapi-framework[cli]'`, or write --format json.")
