"""The programs beside this file, through mypy and pyright: of right ones nothing is said, of wrong ones what stands beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from fasterapi.cli.main import main
from tests.check.conftest import PROGRAMS

PYRIGHT_CODES: Final = {"arg-type": "reportArgumentType", "call-arg": "reportCallIssue", "unused-coroutine": "reportUnusedCoroutine"}
"""pyright's names of what mypy finds too."""

CHECKERS: Final = [
    "mypy",
    pytest.param("pyright", marks=pytest.mark.any_python("both are given the same program, and mypy reads it on every interpreter")),
]

RIGHT: Final = ("right_providers", "right_paths", "right_results")
WRONG: Final = (
    "wrong_providers",
    "wrong_paths",
    "wrong_results",
    "wrong_routes",
    "wrong_graph",
    "wrong_declarations",
    "wrong_websockets",
    "wrong_websocket_start",
    "unchecked",
)


def expected(program: str, checker: str) -> str:
    """What stands beside a program; where pyright says it in other words, in a file of its own."""
    own = PROGRAMS / f"{program}.{checker}.txt"
    text = (own if own.exists() else PROGRAMS / f"{program}.txt").read_text()
    if checker == "pyright":
        for code, rule in PYRIGHT_CODES.items():
            text = text.replace(f"[{code}]", f"[{rule}]")
    return text


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("program", RIGHT)
def test_of_a_right_program_nothing_is_said(programs: Path, capsys: pytest.CaptureFixture[str], program: str, checker: str) -> None:
    assert main(["check", f"{program}:app", "--checker", checker]) == 0
    summary = capsys.readouterr().out
    assert summary.startswith("no mistakes in ")
    assert summary.endswith(f" routes, by {checker}\n")


@pytest.mark.parametrize("checker", CHECKERS)
@pytest.mark.parametrize("program", WRONG)
def test_of_a_wrong_program_exactly_the_mistakes_are_told(
    programs: Path, capsys: pytest.CaptureFixture[str], program: str, checker: str
) -> None:
    assert main(["check", f"{program}:app", "--checker", checker]) == 1
    assert capsys.readouterr().out == expected(program, checker)


@pytest.mark.parametrize("checker", CHECKERS)
def test_mistakes_are_told_where_they_are_made_in_a_package(programs: Path, capsys: pytest.CaptureFixture[str], checker: str) -> None:
    assert main(["check", "shop.main:Applications.app", "--checker", checker]) == 1
    assert capsys.readouterr().out == expected("shop/expected", checker)


def test_every_wrong_program_has_its_mistakes_beside_it() -> None:
    assert {path.stem for path in PROGRAMS.glob("*.py")} - {"__init__", *RIGHT} == {
        path.name.partition(".")[0] for path in PROGRAMS.glob("*.txt")
    }
