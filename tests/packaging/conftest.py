"""Distributions to test, each made once per run, and environments to install them into."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.checkouts import CHECKOUT
from tests.packaging.distributions import Installation, build


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--wheel`."""
    parser.addoption("--wheel", type=Path, help="the folder of a compiled wheel that is to be tested, instead of building one")


@pytest.fixture(scope="session")
def wheel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled wheel of the checkout."""
    folder: Path | None = request.config.getoption("--wheel", None)
    if folder is None:
        return build(CHECKOUT, "--wheel", tmp_path_factory.mktemp("wheel"), FASTERAPI_COMPILE="1")
    [wheel] = folder.resolve().iterdir()
    return wheel


@pytest.fixture(scope="session")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of the checkout."""
    return build(CHECKOUT, "--sdist", tmp_path_factory.mktemp("sdist"))


@pytest.fixture
def sources(sdist: Path, tmp_path: Path) -> Path:
    """The unpacked source distribution."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / sdist.name.removesuffix(".tar.gz")


@pytest.fixture(scope="session")
def installed_wheel(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An empty environment with the compiled wheel."""
    return Installation(tmp_path_factory.mktemp("installed") / "venv", wheel)


@pytest.fixture
def unpacked_wheel(wheel: Path, tmp_path: Path) -> Path:
    """The compiled wheel as a folder that can be put on the path."""
    folder = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder
