"""Copies of the checkout, for tests that run the tests of one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).parent.parent


def copy_checkout(folder: Path) -> Path:
    """Make a checkout with the same package in it, and a single test, which passes."""
    shutil.copytree(CHECKOUT / "fasterapi", folder / "fasterapi", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    shutil.copy(CHECKOUT / "tests/conftest.py", folder / "tests")
    (folder / "tests/test_nothing.py").write_text("def test_nothing() -> None: ...\n")
    return folder
