"""A new project, with nothing but the wheel: its container, and what its own README says."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.request import urlopen

import pytest

from fasterapi import __version__
from tests.packaging.distributions import ENVIRONMENT, Installation, run
from tests.packaging.images import Image

pytestmark = pytest.mark.packaging

PATIENCE: Final = 60
"""Seconds after which a server is taken never to answer."""


@pytest.fixture(scope="module")
def project(installed_wheel: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project."""
    folder = tmp_path_factory.mktemp("new")
    made = run(installed_wheel.python, "-m", "fasterapi", "new", "my-shop", cwd=folder)
    assert made.returncode == 0, made.stderr
    return folder / "my-shop"


@pytest.fixture(scope="module")
def index(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What makes pip take the wheel under test, wherever it looks for the rest."""
    constraints = tmp_path_factory.mktemp("constraints") / "constraints.txt"
    constraints.write_text(f"fasterapi-framework=={__version__}\n")
    return {"PIP_FIND_LINKS": str(wheel.parent), "PIP_CONSTRAINT": str(constraints)}


@pytest.fixture(scope="module")
def image(project: Path, index: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image of its Dockerfile."""
    return Image(project, tmp_path_factory.mktemp("image"), sys.executable, index)


@pytest.fixture(scope="module")
def served(image: Image) -> Iterator[str]:
    """The address of its container, which takes a free port instead of the one that others may have."""
    command = [{"8000": "0", "0.0.0.0": "127.0.0.1"}.get(part, part) for part in image.command]
    program = image.root / "usr/local/bin" / command[0]
    with subprocess.Popen(
        [program, *command[1:]], cwd=image.working_directory, env=image.environment, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        try:
            log = ""
            for line in server.stderr:
                log += line
                if running := re.search(r"running on (http://\S+)", line):
                    yield running[1]
                    break
            else:
                pytest.fail(f"the server did not start:\n{log}")
        finally:
            server.terminate()


def test_its_container_answers(served: str) -> None:
    with urlopen(f"{served}/items?limit=1", timeout=PATIENCE) as answer:
        assert answer.read() == b"[]"


def test_the_health_of_its_container_is_told(image: Image, served: str) -> None:
    address = served.removeprefix("http://")
    command = [part.replace("127.0.0.1:8000", address) for part in image.health_check]
    told = subprocess.run(command, env=image.environment, capture_output=True, text=True, check=False)
    assert (command != image.health_check, told.returncode) == (True, 0), told.stderr


def test_its_container_has_the_sources_only_as_they_are_installed(image: Image) -> None:
    assert list(image.working_directory.iterdir()) == []
    assert len(list(image.root.rglob("app/main.py"))) == 1
    assert list(image.root.rglob("test_items.py")) == []


def test_its_container_is_no_superuser(image: Image) -> None:
    assert image.user == "app"


@pytest.mark.parametrize("unwanted", ["mypy", "pytest"])
def test_its_container_has_no_tools_of_developers(image: Image, unwanted: str) -> None:
    assert list(image.root.rglob(f"site-packages/{unwanted}")) == []


def test_what_its_readme_says_can_be_done(project: Path, index: dict[str, str], tmp_path: Path) -> None:
    readme = (project / "README.md").read_text()
    assert "pip install -e '.[dev]'" in readme
    installation = Installation(tmp_path / "venv", "--editable", f"{project}[dev]", **index)
    for command in (["pytest"], ["mypy"], ["fasterapi", "check"], ["fasterapi", "routes"]):
        assert f"`{' '.join(command)}`" in readme
        program = installation.python.with_name(command[0])
        done = run(program, *command[1:], cwd=project, environment={"PATH": f"{program.parent}:{ENVIRONMENT['PATH']}"})
        assert done.returncode == 0, done.stdout + done.stderr
