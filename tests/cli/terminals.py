"""Terminals, and what is written to them."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tests.cli.projects import COMMAND


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """All that a command writes to a terminal."""
    ours, theirs = pty.openpty()
    known = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen([*COMMAND, *arguments], cwd=folder, env={**known, **environment}, stdout=theirs, stderr=theirs)
    os.close(theirs)
    told = b""
    # Linux answers with an error where the other side of a terminal is closed.
    while chunk := _read(ours):
        told += chunk
    os.close(ours)
    assert process.wait() == 0
    return told.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@contextmanager
def terminal() -> Iterator[tuple[TextIO, list[str]]]:
    """A terminal to write to, and all that was written once the `with` block has ended."""
    ours, theirs = pty.openpty()
    written: list[str] = []
    try:
        with open(theirs, "w", encoding="utf-8") as stream:  # noqa: PTH123 - it has no path
            yield stream, written
    finally:
        told = b""
        while chunk := _read(ours):
            told += chunk
        os.close(ours)
        written.append(told.decode())
