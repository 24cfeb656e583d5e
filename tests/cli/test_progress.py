from __future__ import annotations

import io
import itertools
import re
from pathlib import Path

import pytest

from fasterapi.cli.progress import progress
from tests.cli.projects import APP, write
from tests.cli.terminals import on_a_terminal, terminal

BLANKS = r"\r +\r"


def shown(told: str) -> list[str]:
    """The lines that were shown in the place of one another."""
    return [line.rstrip() for line in told.split("\r") if line.strip()]


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that can go back to the start of a line, and on which all of it has room."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


def test_a_terminal_shows_what_is_waited_for_and_how_far_it_is() -> None:
    with terminal() as (stream, written), progress("Reading", stream) as tell:
        tell("1 of 2 files")
        tell("2 of 2 files")
    lines = [re.sub(r", \d+ s$", "", line) for line in shown(written[0])]
    assert list(dict.fromkeys(lines)) == ["Reading", "Reading, 1 of 2 files", "Reading, 2 of 2 files"]
    assert re.search(f"{BLANKS}$", written[0])


def test_nothing_is_left_of_a_longer_line() -> None:
    with terminal() as (stream, written), progress("Reading", stream) as tell:
        tell("a long text")
        tell("a")
    lines = [line for line in written[0].split("\r") if line]
    assert [after for before, after in itertools.pairwise(lines) if len(after) < len(before.rstrip())] == []


def test_a_line_that_has_no_room_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    with terminal() as (stream, written), progress("Reading very much", stream):
        pass
    assert shown(written[0]) == ["Reading v"]


def test_an_error_leaves_nothing_either() -> None:
    with pytest.raises(ValueError, match="told"), terminal() as (stream, written), progress("Reading", stream):
        raise ValueError("told")
    assert re.search(f"{BLANKS}$", written[0])


def test_what_is_no_terminal_gets_nothing() -> None:
    stream = io.StringIO()
    with progress("Reading", stream) as tell:
        tell("1 of 2 files")
    assert stream.getvalue() == ""


def test_a_dumb_terminal_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with terminal() as (stream, written), progress("Reading", stream):
        pass
    assert written == [""]


@pytest.mark.parametrize(
    ("command", "waiting", "result"),
    [
        (["check"], "Checking main:app with mypy", "no mistakes in 1 route, by mypy\r\n"),
        (["migrate", "main.py"], "Migrating main.py", "0 files of 1 changed; 0 places to look at\r\n"),
        (["openapi", "--output", "openapi.json"], "Describing main:app", ""),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_long_work_is_shown(folder: Path, command: list[str], waiting: str, result: str) -> None:
    write(folder, {"main.py": APP})
    told = on_a_terminal(folder, *command, NO_COLOR="1")
    assert told.startswith(f"\r{waiting}")
    assert re.search(BLANKS + re.escape(result) + "$", told)
    assert "\x1b" not in told
