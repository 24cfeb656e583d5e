"""The page on security names tests that are there, and every attack stands on it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.checkouts import CHECKOUT

NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (CHECKOUT / "docs" / "security.md").read_text())
ATTACKS = sorted(path for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name)


def named_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_named_test_is_there(file: str, name: str) -> None:
    assert name in named_in(CHECKOUT / file)


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_every_attack_is_on_the_page(path: Path) -> None:
    assert named_in(path) - {name for file, name in NAMED if file.endswith(f"attacks/{path.name}")} == set()
