"""`fasterapi http repl`: one request after the other, without leaving."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import click

SHORT: Final = {"g": "get", "p": "post", "pu": "put", "pa": "patch", "d": "delete"}

_HELP: Final = """\
get URL [status|headers|json|text|all] [-H 'Name: value'] [-j JSON] …   as on the command line
g p pu pa d   get post put patch delete
history       what was asked so far        last   the last of it, once more
clear         an empty screen              exit   or q, leave"""

Run = Callable[[Sequence[str]], object]


class Shell:
    """Reads lines and runs each as a command."""

    def __init__(self, run: Run, commands: Sequence[str], proxy: str | None) -> None:
        self._run = run
        self._commands = commands
        self._proxy = proxy
        self._history: list[str] = []

    def loop(self) -> None:
        """Go on until there are no more lines, or somebody wants to leave."""
        if sys.stdin.isatty():
            _let_lines_be_edited()
        click.echo("Write a request, `help`, or `exit`.")
        while True:
            try:
                line = input("http> ").strip()
            except EOFError:
                click.echo()
                return
            except KeyboardInterrupt:
                click.echo()
                continue
            if line in ("exit", "q", "quit"):
                return
            self._answer(line)

    def _answer(self, line: str) -> None:
        if line == "help":
            click.echo(_HELP)
        elif line == "history":
            for number, asked in enumerate(self._history, 1):
                click.echo(f"{number:3}  {asked}")
        elif line == "clear":
            click.clear()
        elif line == "last":
            if self._history:
                self._request(self._history[-1])
        elif line:
            self._history.append(line)
            self._request(line)

    def _request(self, line: str) -> None:
        try:
            words = shlex.split(line)
        except ValueError as error:
            click.echo(f"{error}: close the quotes.", err=True)
            return
        name = SHORT.get(words[0], words[0])
        if name not in self._commands:
            click.echo(f"{words[0]!r} is no command. There are {', '.join(self._commands)} and help.", err=True)
            return
        arguments = [name, *words[1:]]
        if self._proxy is not None and not {"-p", "--proxy"} & set(words):
            arguments += ["--proxy", self._proxy]
        try:
            self._run(arguments)
        except click.ClickException as error:
            click.echo(error.format_message(), err=True)
        except (click.Abort, KeyboardInterrupt):
            click.echo()


def _let_lines_be_edited() -> None:
    # Imported for what it does to `input`. Not every system has it.
    with suppress(ImportError):
        import readline  # noqa: F401
