from __future__ import annotations

from pathlib import Path

import pytest

from fasterapi.cli.console import counted, table
from tests.cli.projects import APP, write
from tests.cli.terminals import on_a_terminal


@pytest.fixture
def project(folder: Path) -> Path:
    """An application with one route."""
    write(folder, {"main.py": APP})
    return folder


def test_terminals_get_colours(project: Path) -> None:
    assert on_a_terminal(project, "routes").startswith("\x1b[1mMETHOD")


def test_no_color_is_heard(project: Path) -> None:
    assert "\x1b" not in on_a_terminal(project, "routes", NO_COLOR="1")


@pytest.mark.parametrize(("count", "told"), [(0, "0 routes"), (1, "1 route"), (2, "2 routes")])
def test_numbers_have_their_noun(count: int, told: str) -> None:
    assert counted(count, "route") == told


def test_columns_are_as_wide_as_their_cells() -> None:
    lines = table(("A", "B"), [("long", "x"), ("s", "longer still")])
    assert lines[1:] == ["long  x", "s     longer still"]
