"""A compiled package that was not built from the sources at hand is found out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkouts import copy_checkout
from tests.packaging.distributions import run

pytestmark = pytest.mark.packaging


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of our own."""
    return copy_checkout(tmp_path / "checkout")


def start_tests(checkout: Path, installed: Path, build: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the tests of a checkout on an installed package."""
    environment = {"PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1", **environment}
    return run(sys.executable, "-P", "-m", "pytest", f"--build={build}", cwd=checkout, environment=environment)


def edit(source: Path) -> None:
    """Change a source file, in no way that matters."""
    source.write_text(source.read_text() + "# edited\n")


def test_a_wheel_of_the_checkout_is_tested(checkout: Path, unpacked_wheel: Path) -> None:
    finished = start_tests(checkout, unpacked_wheel, "compiled")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert f"fasterapi: COMPILED=True, from {unpacked_wheel / 'fasterapi'}" in finished.stdout


def test_the_sources_of_a_wheel_of_the_checkout_are_tested(checkout: Path, unpacked_wheel: Path) -> None:
    finished = start_tests(checkout, unpacked_wheel, "pure", FASTERAPI_PURE="1")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert f"fasterapi: COMPILED=False, from {unpacked_wheel / 'fasterapi'}" in finished.stdout


def test_a_wheel_is_not_taken_for_its_sources(checkout: Path, unpacked_wheel: Path) -> None:
    assert "fasterapi.COMPILED is True" in start_tests(checkout, unpacked_wheel, "pure").stderr


def test_a_wheel_from_before_an_edit_is_not_tested(checkout: Path, unpacked_wheel: Path) -> None:
    edit(checkout / "fasterapi/app.py")
    assert "was built from other sources: app.py." in start_tests(checkout, unpacked_wheel, "compiled").stderr


def test_a_wheel_from_before_a_new_module_is_not_tested(checkout: Path, unpacked_wheel: Path) -> None:
    (checkout / "fasterapi/added.py").touch()
    assert "was built from other sources: added.py." in start_tests(checkout, unpacked_wheel, "compiled").stderr


def test_sources_that_were_copied_over_a_wheel_are_not_taken_for_it(checkout: Path, unpacked_wheel: Path) -> None:
    edit(checkout / "fasterapi/routing/application.py")
    shutil.copy(checkout / "fasterapi/routing/application.py", unpacked_wheel / "fasterapi/routing")
    assert "was built from other sources: routing/application.py." in start_tests(checkout, unpacked_wheel, "compiled").stderr


def test_extension_modules_in_a_checkout_warn_once_their_source_is_edited(unpacked_wheel: Path) -> None:
    (unpacked_wheel / "pyproject.toml").touch()
    edit(unpacked_wheel / "fasterapi/routing/application.py")
    finished = run(sys.executable, "-P", "-c", "import fasterapi", environment={"PYTHONPATH": str(unpacked_wheel)})
    assert "RuntimeWarning: the extension modules in" in finished.stderr
    assert "hide these: routing/application.py." in finished.stderr


def test_extension_modules_in_a_checkout_do_not_warn_while_they_match(unpacked_wheel: Path) -> None:
    (unpacked_wheel / "pyproject.toml").touch()
    assert run(sys.executable, "-P", "-c", "import fasterapi", environment={"PYTHONPATH": str(unpacked_wheel)}).stderr == ""
