"""The entrance: which commands there are, and how what they end with is told."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import Final

import click
from typing_extensions import override

from fasterapi._version import __version__
from fasterapi.cli.exits import CLEAN, INTERRUPTED, UNUSABLE

COMMANDS: Final = {
    "run": ("serving", "Serve an application in production."),
    "dev": ("serving", "Serve an application while you write it, and again after each change."),
    "new": ("new_command", "Begin a project."),
    "routes": ("routes_command", "List what an application answers, and with what."),
    "check": ("check_command", "Find what start-up and type checkers would refuse."),
    "openapi": ("openapi_command", "Write the OpenAPI document, or compare it with a file."),
    "http": ("http_command", "Make requests, run programs of them, write clients of services."),
    "info": ("info_command", "Tell which versions are here, and which of them will run."),
    "migrate": ("migrate_command", "Rewrite a project that was written for FastAPI."),
    "completion": ("completion_command", "Print what makes a shell complete these commands."),
}
"""The commands in the order of the help: the module of each, imported when it is asked for, and what it does."""

_ALIASES: Final = {"migrate-from-fastapi": "migrate"}
"""The name that FasterAPI's users know."""


class Commands(click.Group):
    """Commands that are imported only where they are used."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = _ALIASES.get(cmd_name, cmd_name)
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"fasterapi.cli.{COMMANDS[cmd_name][0]}")
        found: object = getattr(module, cmd_name)
        assert isinstance(found, click.Command)
        return found

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "FASTERAPI", "max_content_width": 100},
    epilog="Options may stand in the environment too: FASTERAPI_RUN_PORT=80 is `fasterapi run --port 80`.",
)
@click.version_option(__version__, "-V", "--version", message="fasterapi %(version)s")
@click.pass_context
def fasterapi(context: click.Context) -> None:
    """Serve, check and describe applications."""
    # https://no-color.org: whatever it is set to, unless that is nothing.
    if os.environ.get("NO_COLOR"):
        context.color = False


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, those of the process if none are given; gives the exit code."""
    try:
        code: object = fasterapi.main(None if arguments is None else list(arguments), prog_name="fasterapi", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return UNUSABLE
    except click.UsageError as error:
        name = "fasterapi" if error.ctx is None else error.ctx.command_path
        click.echo(f"{name}: {error.format_message().rstrip('.')}. See `{name} --help`.", err=True)
        return UNUSABLE
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        return UNUSABLE
    except click.Abort:
        return INTERRUPTED
    return code if isinstance(code, int) else CLEAN
