"""`make bench-check` fails where a path became dearer, and only there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.checkouts import CHECKOUT

ENVIRONMENT: Any = {
    "python": "CPython 3.11.2",
    "shared_library": False,
    "compiler": "GCC",
    "versions": {"httptools": "1", "msgspec": "1", "uvicorn": "1", "uvloop": "1"},
}


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The module, with figures of its own."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(CHECKOUT)])
    from benchmarks import instruction_check

    monkeypatch.setattr(instruction_check, "FIGURES", tmp_path / "results" / "instructions.json")
    return instruction_check


def compared(check: Any, written: dict[str, int], counted: dict[str, int]) -> int:
    check.write_figures(ENVIRONMENT, written)
    return int(check.report(ENVIRONMENT, counted, check.read_figures().get("3.11.2 static")))


def test_a_path_within_the_tolerance_passes(check: Any) -> None:
    assert compared(check, {"json": 1000, "body": 2000}, {"json": 1030, "body": 1500}) == 0


def test_a_dearer_path_fails_and_is_named(check: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(check, {"json": 1000, "body": 2000}, {"json": 1000, "body": 2061}) == 1
    assert "body: over 3% more" in capsys.readouterr().out


def test_a_new_path_passes(check: Any) -> None:
    assert compared(check, {"json": 1000}, {"json": 1000, "body": 2000}) == 0


def test_another_interpreter_has_nothing_to_compare_with(check: Any, capsys: pytest.CaptureFixture[str]) -> None:
    check.write_figures(ENVIRONMENT, {"json": 1000})
    other = {**ENVIRONMENT, "python": "CPython 3.14.0"}
    assert check.report(other, {"json": 9000}, check.read_figures().get(check.figures_key(other))) == 0
    assert "No figures for CPython 3.14.0 static" in capsys.readouterr().out


def test_figures_of_several_interpreters_stand_side_by_side(check: Any) -> None:
    check.write_figures(ENVIRONMENT, {"json": 1000})
    check.write_figures({**ENVIRONMENT, "shared_library": True}, {"json": 1100})
    assert sorted(check.read_figures()) == ["3.11.2 shared", "3.11.2 static"]


def test_without_valgrind_it_says_so_and_passes(tmp_path: Path) -> None:
    command = [sys.executable, str(Path(CHECKOUT, "benchmarks", "check.py"))]
    run = subprocess.run(command, capture_output=True, text=True, env={"PATH": str(tmp_path)}, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert "apt install valgrind" in run.stdout


def test_the_committed_figures_name_every_path() -> None:
    figures = json.loads(Path(CHECKOUT, "benchmarks", "results", "instructions.json").read_text())
    paths = {frozenset(of["instructions"]) for of in figures.values()}
    assert len(paths) == 1
