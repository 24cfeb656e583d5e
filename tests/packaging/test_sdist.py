"""The source distribution, and the interpreted wheel that is built from it."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.checkouts import CHECKOUT
from tests.packaging.distributions import Installation, build

pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def pure_wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreted wheel, built from the source distribution on a machine without a compiler."""
    folder = tmp_path_factory.mktemp("pure")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    [sources] = folder.iterdir()
    return build(sources, "--wheel", folder / "dist", FASTERAPI_COMPILE="0", CC="/nonexistent/cc")


@pytest.mark.parametrize("name", ["mypy.ini", "setup.py", "Makefile", "LICENSE", "README.md", ".ci/run", "tests/conftest.py"])
def test_the_sdist_holds_what_building_and_testing_needs(sources: Path, name: str) -> None:
    assert (sources / name).read_bytes() == (CHECKOUT / name).read_bytes()


@pytest.mark.parametrize("folder", ["fasterapi", "stubs", "tests"])
def test_the_sdist_holds_all_python_files(sources: Path, folder: str) -> None:
    def python_files(root: Path) -> set[Path]:
        return {path.relative_to(root) for path in (root / folder).rglob("*.py*") if path.suffix in {".py", ".pyi"}}

    assert python_files(sources) == python_files(CHECKOUT)


def test_the_sdist_holds_nothing_that_was_generated(sources: Path) -> None:
    generated = {".so", ".pyd", ".pyc", ".c", ".o"}
    assert [path for path in sources.rglob("*") if path.suffix in generated or path.name.startswith("_build.")] == []


def test_the_sdist_installs_compiled_in_an_empty_environment(sdist: Path, tmp_path: Path) -> None:
    # How fast it becomes is not asked here, and to make it fast takes minutes.
    hasty = tmp_path / "cc"
    hasty.write_text('#!/bin/sh\nexec cc "$@" -O1\n')
    hasty.chmod(0o755)
    installation = Installation(tmp_path / "venv", sdist, CC=str(hasty))
    assert installation.execute("import fasterapi; print(fasterapi.COMPILED)") == "True"


def test_the_interpreted_wheel_is_for_any_platform(pure_wheel: Path) -> None:
    assert pure_wheel.name.endswith("-py3-none-any.whl")


def test_the_interpreted_wheel_holds_nothing_compiled(pure_wheel: Path) -> None:
    with zipfile.ZipFile(pure_wheel) as archive:
        names = [name for name in archive.namelist() if ".dist-info/" not in name]
    others = [name for name in names if not name.endswith((".py", "py.typed"))]
    assert [name for name in others if not name.startswith(("fasterapi/cli/template/", "fasterapi/openapi/assets/"))] == []


def test_the_interpreted_wheel_runs_interpreted(pure_wheel: Path, tmp_path: Path) -> None:
    code = "import fasterapi; print(fasterapi.COMPILED)"
    assert Installation(tmp_path / "venv", pure_wheel).execute(code) == "False"


def test_an_editable_installation_runs_the_sources(sources: Path, tmp_path: Path) -> None:
    installation = Installation(tmp_path / "venv", "--editable", sources, CC="/nonexistent/cc")
    code = "import fasterapi; print(fasterapi.COMPILED, fasterapi.__file__)"
    assert installation.execute(code) == f"False {sources / 'fasterapi/__init__.py'}"
