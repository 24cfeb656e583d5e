"""How commands end, for the scripts that call them."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

from typing import Final

CLEAN: Final = 0
"""All was done, and nothing was found that should not be so."""

FOUND: Final = 1
"""All was done, and something was found: mistakes, differences, files that would change."""

UNUSABLE: Final = 2
"""Nothing was done: the command is written wrongly, or what it needs is not there. One line says what to do."""

NOT_STARTED: Final = 3
"""The server could not start, as its log says; uvicorn ends with the same."""

INTERRUPTED: Final = 130
"""Somebody pressed Ctrl-C, by the custom of shells."""


class CommandError(Exception):
    """What keeps a command from doing anything; the message is one line that says what to do."""
