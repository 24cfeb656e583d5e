from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from fasterapi.cli.main import main
from tests.cli.projects import APP, write

pytestmark = pytest.mark.usefixtures("project")


@pytest.fixture
def project(folder: Path) -> None:
    """An application with one route."""
    write(folder, {"main.py": APP})


def test_the_document_is_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi"]) == 0
    assert list(json.loads(capsys.readouterr().out)["paths"]) == ["/"]


def test_the_document_is_printed_as_yaml(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", "--format", "json"]) == 0
    wanted = json.loads(capsys.readouterr().out)
    assert main(["openapi", "--format", "yaml"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == wanted


@pytest.mark.parametrize("name", ["openapi.json", "openapi.yaml", "openapi.yml"])
def test_what_was_written_is_what_is_compared(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", "--output", name]) == 0
    assert (folder / name).read_text().startswith("{") is name.endswith("json")
    assert main(["openapi", "--check", name]) == 0
    assert capsys.readouterr() == (f"{name} says what main:app does\n", "")


def test_a_file_that_is_laid_out_otherwise_says_the_same(folder: Path) -> None:
    assert main(["openapi", "--output", "openapi.json"]) == 0
    path = folder / "openapi.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=None))
    assert main(["openapi", "--check", "openapi.json"]) == 0


def test_a_file_that_differs_ends_with_1_and_the_difference(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", "--output", "openapi.json"]) == 0
    path = folder / "openapi.json"
    path.write_text(path.read_text().replace('"0.1.0"', '"0.2.0"'))
    assert main(["openapi", "--check", "openapi.json"]) == 1
    told = capsys.readouterr()
    changed = [line for line in told.out.splitlines() if line.startswith(("+ ", "- "))]
    assert changed == ['-    "version": "0.2.0"', '+    "version": "0.1.0"']
    todo = "Write it anew with `fasterapi openapi main:app --output openapi.json`."
    assert told.err == f"fasterapi openapi: openapi.json differs from main:app. {todo}\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--check", "missing.json"], "missing.json cannot be read: No such file or directory. Write it with `fasterapi openapi main:app"),
        (["--check", "main.py"], "main.py is no JSON: "),
        (["--output", "nowhere/openapi.json"], "nowhere/openapi.json cannot be written: No such file or directory. Name a file"),
        (["--output", "one", "--check", "two"], "--output writes a file and --check compares with one. Write one of them."),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert main(["openapi", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"fasterapi openapi: {told}")
    assert error.count("\n") == 1


def test_an_application_that_cannot_start_ends_with_2_and_its_mistake(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": f"{APP}\n@app.get('/a')\ndef a(*x): ...\n"})
    assert main(["openapi"]) == 2
    mistake, last = capsys.readouterr().err.splitlines()
    assert mistake.startswith("GET /a: a (")
    assert last == "fasterapi openapi: main:app cannot start: 1 mistake in its routes, listed above. Correct them."
