from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from fasterapi import __version__
from fasterapi.cli.main import main
from tests.cli.projects import COMMAND, Running, get


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project."""
    folder = tmp_path_factory.mktemp("new")
    subprocess.run([*COMMAND, "new", "my-shop"], cwd=folder, check=True, capture_output=True)
    return folder / "my-shop"


def succeeds(project: Path, *command: str) -> str:
    """What a command says that has to succeed; all of them share what type checkers remember."""
    # Plugins of pytest that happen to be installed here are none of the project's.
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {**os.environ, **alone, "MYPY_CACHE_DIR": str(project.parent / "mypy")}
    answer = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def test_its_tests_pass(project: Path) -> None:
    assert "7 passed" in succeeds(project, sys.executable, "-m", "pytest", "-p", "no:cacheprovider")


def test_its_types_are_strict(project: Path) -> None:
    assert succeeds(project, sys.executable, "-m", "mypy") == "Success: no issues found in 8 source files\n"


def test_the_check_finds_nothing_and_passes_nothing_over(project: Path) -> None:
    assert succeeds(project, *COMMAND, "check") == "no mistakes in 4 routes, by mypy\n"


def test_it_is_served(project: Path) -> None:
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0") as server:
        assert get(server.port(), "/health") == (200, '{"status":"ok"}')
        assert "app.main:app (the entrypoint in pyproject.toml)" in server.lines[0]


def test_its_name_and_what_it_needs_are_written_down(project: Path) -> None:
    told = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert (told["name"], told["dependencies"]) == ("my-shop", [f"fasterapi-framework>={__version__}"])


def test_no_place_is_left_to_fill_in(project: Path) -> None:
    files = [path for path in project.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert [path.name for path in files if "{{" in path.read_text() or path.suffix == ".template"] == []


def test_its_container_runs_what_is_installed_in_it(project: Path) -> None:
    lines = (project / "Dockerfile").read_text().splitlines()
    assert lines[-1] == 'CMD ["fasterapi", "run", "app.main:app", "--host", "0.0.0.0", "--port", "8000"]'
    compose = yaml.safe_load((project / "compose.yaml").read_text())
    assert compose["services"]["app"]["ports"] == ["127.0.0.1:8000:8000"]


def test_it_can_be_built(project: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", str(tmp_path), "."]
    copy = shutil.copytree(project, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__"))
    succeeds(copy, *command)
    assert [path.name for path in tmp_path.glob("*.whl")] == ["my_shop-0.1.0-py3-none-any.whl"]


def test_what_comes_next_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "shop"]) == 0
    count = sum(path.is_file() for path in folder.rglob("*"))
    assert capsys.readouterr().out.startswith(f"Made shop, {count} files. Next:\n\n  cd shop\n")


def test_nothing_is_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "shop").mkdir()
    assert main(["new", "shop"]) == 2
    assert capsys.readouterr().err == "fasterapi new: shop is there already, and nothing of it was touched. Write another name.\n"
    assert list((folder / "shop").iterdir()) == []


@pytest.mark.parametrize("name", ["../shop", "a/b", "-x", "shop-", "my shop", "", "."])
def test_what_can_be_no_name_is_refused(folder: Path, name: str) -> None:
    assert main(["new", "--", name]) == 2
    assert list(folder.iterdir()) == []
