"""Type checkers, run on the rendered program in the user's environment, with the user's configuration."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from typing_extensions import override

from fasterapi.check.environment import import_folders, own_modules
from fasterapi.check.program import MODULE, Program

_PYRIGHT_COMMANDS: Final = ("pyright", "basedpyright")


class CheckerError(Exception):
    """A type checker that cannot do its work; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a checker says of one line of the program."""

    line: int
    code: str
    message: str
    is_error: bool


class TypeChecker(Protocol):
    """Judges the program, which stands in a folder of its own."""

    name: str

    def judge(self, program: Program, folder: Path) -> list[Diagnostic]:
        """All that the checker says of the program; what it says of the user's own modules is not ours to repeat."""
        ...


class Mypy(TypeChecker):
    """mypy, as a module of an interpreter's environment."""

    name = "mypy"

    def __init__(self, python: str) -> None:
        self._python = python

    @override
    def judge(self, program: Program, folder: Path) -> list[Diagnostic]:
        # A module whose imports are not followed would be `Any`. Those named on the command line are read in any case.
        own_names = {module.__name__ for module in own_modules()}
        modules = [MODULE, *[module for module in program.modules if module in own_names]]
        options = ["--output=json", "--no-error-summary", "--follow-imports=normal", *[f"--module={module}" for module in modules]]
        answer = _run([self._python, "-m", "mypy", *options], {"MYPYPATH": [str(folder), *import_folders()]})
        if "No module named mypy" in answer.stderr:
            raise CheckerError(f"mypy is not installed for {self._python}. Write `pip install mypy`, or use --checker pyright.")
        told = [json.loads(line) for line in answer.stdout.splitlines() if line.startswith("{")]
        if answer.returncode not in (0, 1):
            raise CheckerError(f"mypy could not read the application: {_mypy_failure(told) or _output(answer)}")
        return [
            Diagnostic(item["line"], item["code"] or "", item["message"], item["severity"] == "error")
            for item in told
            if Path(item["file"]).stem == MODULE
        ]


class Pyright(TypeChecker):
    """pyright or basedpyright, as the command that is found beside the interpreter or on the PATH."""

    name = "pyright"

    def __init__(self, python: str) -> None:
        self._python = python

    @override
    def judge(self, program: Program, folder: Path) -> list[Diagnostic]:
        path = folder / f"{MODULE}.py"
        command = [self._command(), "--outputjson", "--pythonpath", self._python, str(path)]
        answer = _run(command, {"PYTHONPATH": import_folders()})
        try:
            told = json.loads(answer.stdout)["generalDiagnostics"]
        except (ValueError, KeyError):
            raise CheckerError(f"{command[0]} could not read the application: {_output(answer)}") from None
        return [
            Diagnostic(item["range"]["start"]["line"] + 1, item.get("rule", ""), item["message"], item["severity"] == "error")
            for item in told
            if Path(item["file"]).stem == MODULE
        ]

    def _command(self) -> str:
        for folder in (str(Path(self._python).parent), None):
            for name in _PYRIGHT_COMMANDS:
                found = shutil.which(name, path=folder)
                if found is not None:
                    return found
        raise CheckerError("there is no pyright here. Write `pip install pyright` or `pip install basedpyright`, or use --checker mypy.")


def _run(command: Sequence[str], search_paths: Mapping[str, Sequence[str]]) -> subprocess.CompletedProcess[str]:
    """Run a checker where the user stands, with more folders in an environment variable that lists some."""
    environment = dict(os.environ)
    for name, folders in search_paths.items():
        known = environment.get(name, "")
        environment[name] = os.pathsep.join([*folders, *([known] if known else [])])
    try:
        return subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    except OSError as error:
        todo = "Write the path of an interpreter, as in --python-executable .venv/bin/python."
        raise CheckerError(f"{command[0]} cannot be run: {error}. {todo}") from error


def _output(answer: subprocess.CompletedProcess[str]) -> str:
    return answer.stderr.strip() or answer.stdout.strip()


def _mypy_failure(told: Sequence[Mapping[str, object]]) -> str:
    return "; ".join(f"{item['file']}:{item['line']}: {item['message']}" for item in told if item["severity"] == "error")
