"""`fasterapi completion`: the script that makes a shell complete commands and options."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from fasterapi.cli.command import command
from fasterapi.cli.exits import CLEAN


@command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    r"""Print what makes a shell complete these commands.

    \b
    bash:  eval "$(fasterapi completion bash)"    in ~/.bashrc
    zsh:   eval "$(fasterapi completion zsh)"     in ~/.zshrc
    fish:  fasterapi completion fish > ~/.config/fish/completions/fasterapi.fish
    """
    completer = get_completion_class(shell)
    assert completer is not None
    click.echo(completer(context.find_root().command, {}, "fasterapi", "_FASTERAPI_COMPLETE").source())
    return CLEAN
