"""Applications in a folder of their own, imported afresh by each test, and one cache of mypy's for all."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Final, TypeAlias

import pytest

PROGRAMS: Final = Path(__file__).parent / "programs"

WriteModule: TypeAlias = Callable[[str, str], ModuleType]
"""Writes a module into the working directory, by name and text, and imports it."""


@pytest.fixture(scope="session")
def checker_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mypy-cache")


@pytest.fixture
def folder(tmp_path: Path, checker_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory of a user, whose modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MYPY_CACHE_DIR", str(checker_cache))
    monkeypatch.syspath_prepend(tmp_path)
    known = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - known:
        module = sys.modules[name]
        # A package without a file of its own has a path.
        places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
        if any(place is not None and Path(place).is_relative_to(tmp_path) for place in places):
            del sys.modules[name]


@pytest.fixture
def programs(folder: Path) -> Path:
    """The programs beside this file, as if they were the user's."""
    shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "__init__.py").unlink()
    return folder


@pytest.fixture
def write_module(folder: Path) -> WriteModule:
    def write(name: str, text: str) -> ModuleType:
        path = folder.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    return write
