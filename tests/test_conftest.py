"""`--build` starts a run on the build that it names, and on no other; a run leaves its faults to be told last."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkouts import copy_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of our own."""
    return copy_checkout(tmp_path / "checkout")


def start(checkout: Path, build: str, path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the tests of a checkout with one more folder on the path."""
    program = "import sys, pytest; sys.exit(pytest.main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-P", "-c", program, f"--build={build}", "-p", "no:cacheprovider"],
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": str(path), "FASTERAPI_PURE": "", "PYTHONSAFEPATH": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_interpreted_runs_the_sources_of_the_checkout(checkout: Path) -> None:
    run = start(checkout, "interpreted", checkout)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"fasterapi: COMPILED=False, from {checkout / 'fasterapi'}" in run.stdout


def test_interpreted_refuses_sources_from_elsewhere(checkout: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(checkout / "fasterapi", elsewhere / "fasterapi")
    run = start(checkout, "interpreted", elsewhere)
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"fasterapi comes from {elsewhere / 'fasterapi'}, not from this checkout" in run.stderr


def test_compiled_refuses_the_interpreted_package(checkout: Path) -> None:
    run = start(checkout, "compiled", checkout)
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--build=compiled, but fasterapi.COMPILED is False" in run.stderr


def test_pure_refuses_a_package_without_extension_modules(checkout: Path) -> None:
    run = start(checkout, "pure", checkout, FASTERAPI_PURE="1")
    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "holds no extension modules" in run.stderr


def test_faults_are_told_in_a_file(checkout: Path, tmp_path: Path) -> None:
    faults = tmp_path / "faults"
    (checkout / "tests/test_failing.py").write_text("def test_failing() -> None:\n    assert 'ours' == 'theirs'\n")
    assert start(checkout, "interpreted", checkout, FASTERAPI_FAULTS=str(faults)).returncode == pytest.ExitCode.TESTS_FAILED
    told = faults.read_text()
    assert f"tests/test_failing.py::test_failing ({sys.implementation.cache_tag}, interpreted)\n" in told
    assert "AssertionError: assert 'ours' == 'theirs'" in told


def test_a_run_without_faults_tells_none(checkout: Path, tmp_path: Path) -> None:
    faults = tmp_path / "faults"
    assert start(checkout, "interpreted", checkout, FASTERAPI_FAULTS=str(faults)).returncode == 0
    assert not faults.exists()
