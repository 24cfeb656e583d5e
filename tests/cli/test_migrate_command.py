from __future__ import annotations

from pathlib import Path

import pytest

from fasterapi.cli.main import main
from tests.cli.projects import write

BEFORE = "from fastapi import FastAPI\n\napp = FastAPI()\n"
AFTER = "from fasterapi import Faster\n\napp = Faster()\n"


@pytest.fixture
def project(folder: Path) -> Path:
    """A project with a file to change, and one to leave."""
    write(folder, {"shop/main.py": BEFORE, "shop/other.py": "x = 1\n"})
    return folder


@pytest.mark.parametrize("name", ["migrate", "migrate-from-fastapi"])
def test_files_are_written(name: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "shop"]) == 0
    assert (project / "shop/main.py").read_text() == AFTER
    assert capsys.readouterr() == ("1 file of 2 changed; 0 places to look at\n", "")


def test_a_single_file_is_written(project: Path) -> None:
    assert main(["migrate", "shop/main.py"]) == 0
    assert (project / "shop/main.py").read_text() == AFTER


def test_a_dry_run_prints_the_difference_and_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--dry-run", "shop"]) == 0
    assert (project / "shop/main.py").read_text() == BEFORE
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["--- shop/main.py", "+++ shop/main.py"]
    assert [line for line in lines[2:] if line.startswith(("+", "-"))] == [
        "-from fastapi import FastAPI",
        "+from fasterapi import Faster",
        "-app = FastAPI()",
        "+app = Faster()",
    ]
    assert lines[-1] == "1 file of 2 would change; 0 places to look at"


def test_the_check_ends_with_1_where_something_would_change(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "--check", "shop"]) == 1
    assert (project / "shop/main.py").read_text() == BEFORE
    assert capsys.readouterr().out == "shop/main.py\n1 file of 2 would change; 0 places to look at\n"


def test_the_check_ends_with_0_where_nothing_would(project: Path) -> None:
    assert main(["migrate", "shop"]) == 0
    assert main(["migrate", "--check", "shop"]) == 0


def test_places_to_look_at_are_listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": "from fastapi import Invented\n"})
    assert main(["migrate", "."]) == 0
    told = "main.py:1: fasterapi has nothing in the place of fastapi.Invented\n0 files of 1 changed; 1 place to look at\n"
    assert capsys.readouterr().out == told


def test_a_path_that_is_not_there_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", "shop"]) == 2
    assert (
        capsys.readouterr().err
        == "fasterapi migrate: Invalid value for 'PATH': Path 'shop' does not exist. See `fasterapi migrate --help`.\n"
    )
