"""What all commands have in common: `--traceback`, options in groups, and errors that are one line."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click
from typing_extensions import override

from fasterapi.check.application import TargetError, first_line
from fasterapi.check.checkers import CheckerError
from fasterapi.cli.exits import CommandError

Declared = TypeVar("Declared", bound=Callable[..., Any])

_TOLD: Final = (CommandError, TargetError, CheckerError)
"""Errors whose message says what to do."""

_TRACEBACK: Final = f"{__name__}.traceback"


class Option(click.Option):
    """An option that the help shows under a heading."""

    def __init__(self, param_decls: Sequence[str] | None = None, *, group: str = "", **attributes: Any) -> None:
        super().__init__(param_decls, **attributes)
        self.group: str = group

    @override
    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """What the environment says, in a variable with the name that the option has for its users."""
        if self.envvar is not None or ctx.auto_envvar_prefix is None:
            return super().resolve_envvar_value(ctx)
        name = max(self.opts, key=len).strip("-").replace("-", "_").upper()
        return os.environ.get(f"{ctx.auto_envvar_prefix}_{name}") or None


class Command(click.Command):
    """A command whose errors are one line, unless the traceback is asked for."""

    def __init__(self, name: str | None, **attributes: Any) -> None:
        super().__init__(name, **attributes)
        self.params.append(
            Option(["--traceback"], is_flag=True, expose_value=False, callback=_keep_traceback, help="Show where an error comes from.")
        )

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            # A pipe whose reader has gone, as in `| head`, is nobody's mistake.
            raise
        except Exception as error:
            shown = wants_traceback(ctx)
            if shown:
                click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
            hint = "" if shown or isinstance(error, _TOLD) else ". Run with --traceback to see where."
            told = str(error) if isinstance(error, _TOLD) else first_line(error)
            raise click.ClickException(f"{ctx.command_path}: {told}{hint}") from error

    @override
    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            # What the arguments mean stands in the text above.
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                groups.setdefault(getattr(parameter, "group", "") or "Options", []).append(record)
        for name, records in sorted(groups.items(), key=lambda group: group[0] == "Options"):
            with formatter.section(name):
                formatter.write_dl(records)


def command(name: str) -> Callable[[Callable[..., int]], Command]:
    """Make a command of a function, whose docstring is the help and whose result the exit code."""
    return click.command(name, cls=Command)


def option(*names: str, group: str = "", **attributes: Any) -> Callable[[Declared], Declared]:
    """Declare an option of the function below, as `click.option` does, under a heading of the help."""
    return click.option(*names, cls=Option, group=group, **attributes)


def applications_options(function: Declared) -> Declared:
    """Declare how the application is named, which most commands are about: `app`, `factory` and `app_dir`."""
    function = option(
        "--app-dir",
        group="Application",
        type=click.Path(exists=True, file_okay=False),
        default=".",
        help="The folder to look for it, and for its modules, in; the current one unless said.",
    )(function)
    function = option("--factory", group="Application", is_flag=True, help="APP is a function that returns it, create_app unless said.")(
        function
    )
    return click.argument("app", metavar="[APP]", required=False)(function)


def wants_traceback(context: click.Context) -> bool:
    """Whether the user asked to see where errors come from."""
    return bool(context.meta.get(_TRACEBACK))


def _keep_traceback(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    context.meta[_TRACEBACK] = value
