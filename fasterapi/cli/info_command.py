"""`fasterapi info`: what is installed, and which of it will run."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click
import msgspec

from fasterapi import _version as version_module
from fasterapi._compat import COMPILED
from fasterapi._sources import EXTENSION_SUFFIX
from fasterapi.cli.command import command, option
from fasterapi.cli.console import table
from fasterapi.cli.exits import CLEAN

_PACKAGES: Final = ("msgspec", "uvicorn", "httptools", "uvloop", "watchfiles", "PyYAML", "mypy", "pyright", "basedpyright")
_FOLDER: Final = Path(version_module.__file__).resolve().parent


@command("info")
@option("--format", "wanted", type=click.Choice(["table", "json"]), default="table", show_default=True, help="What to print.")
def info(wanted: str) -> int:
    """Tell which versions are here, and which of them will run."""
    facts = {
        "fasterapi": version_module.__version__,
        "build": _build(),
        "location": str(_FOLDER),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "executable": sys.executable,
        "platform": platform.platform(),
        "event loop": "asyncio" if find_spec("uvloop") is None else "uvloop",
        **{name: _version(name) for name in _PACKAGES},
    }
    if wanted == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(facts), indent=2).decode())
    else:
        for line in table(("What", "Here"), [(name, fact or "not installed") for name, fact in facts.items()]):
            click.echo(line)
    return CLEAN


def _build() -> str:
    if COMPILED:
        return "compiled"
    is_compiled_one = next(_FOLDER.glob(f"*{EXTENSION_SUFFIX}"), None) is not None
    return "interpreted, because FASTERAPI_PURE is set" if is_compiled_one and os.environ.get("FASTERAPI_PURE") else "interpreted"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
