"""Say on standard error what is being done: results alone go to standard output."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Print one line for whoever waits."""
    print(text, file=sys.stderr, flush=True)
