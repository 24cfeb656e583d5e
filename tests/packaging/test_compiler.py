"""What a machine without a compiler is told."""

from __future__ import annotations

import sys
import tarfile
from pathlib import Path

import pytest

from tests.packaging.distributions import run

pytestmark = pytest.mark.packaging


def refusal(sources: Path, **environment: str) -> str:
    """What `pip wheel` prints when it cannot compile the package."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps"]
    finished = run(*command, sources, cwd=sources.parent, environment=environment)
    assert finished.returncode == 1
    return finished.stdout + finished.stderr


@pytest.fixture(scope="module")
def told(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is told where the compiler that was named is missing."""
    folder = tmp_path_factory.mktemp("told")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return refusal(folder / sdist.name.removesuffix(".tar.gz"), CC="/nonexistent/cc")


def test_a_named_compiler_that_is_missing_is_named(told: str) -> None:
    assert "cannot be compiled on this machine: the C compiler '/nonexistent/cc' is not there" in told


def test_a_machine_without_a_compiler_is_told_so(sources: Path, tmp_path: Path) -> None:
    assert "cannot be compiled on this machine: the C compiler" in refusal(sources, PATH=str(tmp_path))


def test_a_machine_without_headers_is_told_so(sources: Path) -> None:
    assert "does not compile a file that includes Python.h" in refusal(sources, CC="cc -nostdinc")


@pytest.mark.parametrize("way_out", ["apt install", "dnf install", "xcode-select --install", "FASTERAPI_COMPILE=0 pip install"])
def test_the_ways_out_are_named(told: str, way_out: str) -> None:
    assert way_out in told


def test_an_editable_installation_compiles_when_told_to(sources: Path) -> None:
    backend = "import sys, setuptools.build_meta as backend; backend.build_editable(sys.argv[1])"
    environment = {"FASTERAPI_COMPILE": "1", "CC": "/nonexistent/cc"}
    finished = run(sys.executable, "-c", backend, sources.parent, cwd=sources, environment=environment)
    assert "cannot be compiled on this machine" in finished.stderr


def test_an_unknown_mode_is_refused(sources: Path) -> None:
    assert "FASTERAPI_COMPILE=yes: write 1 for the compiled package or 0" in refusal(sources, FASTERAPI_COMPILE="yes")
