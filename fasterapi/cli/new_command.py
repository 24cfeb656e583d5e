"""`fasterapi new`: a project to begin with."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from fasterapi._version import __version__
from fasterapi.cli.command import command
from fasterapi.cli.exits import CLEAN, CommandError

_TEMPLATE: Final = Path(__file__).parent / "template"
_SUFFIX: Final = ".template"
"""Keeps files and folders of projects from being taken for modules, tests and settings of this package."""

# As packages are named: https://packaging.python.org/en/latest/specifications/name-normalization/
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", re.ASCII)

_NEXT: Final = """Made {name}, {count} files. Next:

  cd {name}
  python -m venv .venv && . .venv/bin/activate
  pip install -e '.[dev]'
  fasterapi dev
"""


@command("new")
@click.argument("name")
def new(name: str) -> int:
    """Begin a project in a new folder that is called NAME.

    It passes its own tests, mypy in strict mode and `fasterapi check`, and has a Dockerfile.
    """
    if _NAME.fullmatch(name) is None:
        raise CommandError(f"{name!r} can be no project's name. Write ASCII letters, digits, and - _ . between them, as in my-shop.")
    folder = Path(name)
    try:
        folder.mkdir()
    except FileExistsError as error:
        raise CommandError(f"{name} is there already, and nothing of it was touched. Write another name.") from error
    except OSError as error:
        raise CommandError(f"{name} cannot be made: {error.strerror}. Go to a folder of yours.") from error
    templates = [path for path in sorted(_TEMPLATE.rglob(f"*{_SUFFIX}")) if path.is_file()]
    for template in templates:
        path = folder.joinpath(*[part.removesuffix(_SUFFIX) for part in template.relative_to(_TEMPLATE).parts])
        path.parent.mkdir(parents=True, exist_ok=True)
        text = template.read_text(encoding="utf-8")
        path.write_text(text.replace("{{name}}", name).replace("{{version}}", __version__), encoding="utf-8")
    click.echo(_NEXT.format(name=name, count=len(templates)), nl=False)
    return CLEAN
