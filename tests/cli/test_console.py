from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from fasterapi.cli.console import counted, table
from tests.cli.projects import APP, COMMAND, write


def on_a_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """All that a command writes to a terminal."""
    ours, theirs = pty.openpty()
    known = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen([*COMMAND, *arguments], cwd=folder, env={**known, **environment}, stdout=theirs, stderr=theirs)
    os.close(theirs)
    told = b""
    # Linux answers with an error where the other side of a terminal is closed.
    while chunk := read(ours):
        told += chunk
    os.close(ours)
    assert process.wait() == 0
    return told.decode()


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.fixture
def project(folder: Path) -> Path:
    """An application with one route."""
    write(folder, {"main.py": APP})
    return folder


def test_terminals_get_colours(project: Path) -> None:
    assert on_a_terminal(project, "routes").startswith("\x1b[1mMETHOD")


def test_no_color_is_heard(project: Path) -> None:
    assert "\x1b" not in on_a_terminal(project, "routes", NO_COLOR="1")


def test_terminals_show_what_is_waited_for(project: Path) -> None:
    told = on_a_terminal(project, "check", NO_COLOR="1")
    waiting = "Checking main:app with mypy ..."
    assert told == f"{waiting}\r{' ' * len(waiting)}\rno mistakes in 1 route, by mypy\r\n"


@pytest.mark.parametrize(("count", "told"), [(0, "0 routes"), (1, "1 route"), (2, "2 routes")])
def test_numbers_have_their_noun(count: int, told: str) -> None:
    assert counted(count, "route") == told


def test_columns_are_as_wide_as_their_cells() -> None:
    lines = table(("A", "B"), [("long", "x"), ("s", "longer still")])
    assert lines[1:] == ["long  x", "s     longer still"]
