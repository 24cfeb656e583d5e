"""The programs beside this file, through mypy and pyright: right ones stay silent, wrong ones give exactly the errors they name."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final, TypeAlias

import pytest

pytestmark = pytest.mark.any_python("type checkers read the sources as those of the oldest Python, whichever runs them")

PROGRAMS: Final = Path(__file__).parent / "programs"
CHECKOUT: Final = PROGRAMS.parents[2]
EXPECTED: Final = re.compile(r"# mypy: (?P<mypy>[\w+-]+), pyright: (?P<pyright>[\w+]+)")

Errors: TypeAlias = dict[str, dict[int, set[str]]]
"""File name -> line -> the codes of its errors."""


def expected(checker: str) -> Errors:
    errors: Errors = {}
    for path in PROGRAMS.glob("*.py"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = EXPECTED.search(line)
            if found is not None:
                errors.setdefault(path.name, {})[number] = set(found[checker].split("+"))
    return errors


def mypy_errors() -> Errors:
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(CHECKOUT / "mypy.ini"),
        "--output",
        "json",
        *map(str, sorted(PROGRAMS.glob("*.py"))),
    ]
    answer = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert answer.stderr == ""
    errors: Errors = {}
    for line in answer.stdout.splitlines():
        error = json.loads(line)
        if error["severity"] == "error":
            errors.setdefault(Path(error["file"]).name, {}).setdefault(error["line"], set()).add(error["code"])
    return errors


def pyright_errors() -> Errors:
    command = [
        sys.executable,
        "-m",
        "basedpyright",
        "--outputjson",
        "--level",
        "error",
        "--pythonpath",
        sys.executable,
        "--project",
        str(PROGRAMS / "pyrightconfig.json"),
    ]
    answer = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    report = json.loads(answer.stdout)
    assert report["summary"]["filesAnalyzed"] >= len(list(PROGRAMS.glob("*.py")))
    errors: Errors = {}
    for error in report["generalDiagnostics"]:
        line = error["range"]["start"]["line"] + 1
        errors.setdefault(Path(error["file"]).name, {}).setdefault(line, set()).add(error["rule"])
    return errors


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_right_programs_are_silent_and_wrong_ones_give_exactly_the_errors_they_name(checker: str) -> None:
    assert (mypy_errors() if checker == "mypy" else pyright_errors()) == expected(checker)


def test_every_wrong_program_names_its_errors() -> None:
    assert {path.name for path in PROGRAMS.glob("wrong_*.py")} == expected("mypy").keys()
