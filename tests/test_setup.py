"""Which modules are compiled: each exception has a reason, and nothing is compiled that would quietly lose its meaning."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any, Final

import pytest

from tests.checkouts import CHECKOUT


def constant(name: str) -> Any:
    """A constant of setup.py."""
    for node in ast.parse((CHECKOUT / "setup.py").read_text()).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            assert node.value is not None
            return ast.literal_eval(node.value)
    pytest.fail(f"setup.py has no {name}")


ROOMS: Final[dict[str, str]] = constant("INTERPRETED")
HOT: Final[tuple[str, ...]] = constant("HOT")
SOURCES: Final = sorted(path.relative_to(CHECKOUT) for path in (CHECKOUT / "fasterapi").rglob("*.py"))
COMPILED_SOURCES: Final = [path.as_posix() for path in SOURCES if not any(path.match(pattern) for pattern in ROOMS)]


@pytest.mark.parametrize("pattern", ROOMS)
def test_every_interpreted_room_exists(pattern: str) -> None:
    assert any(path.match(pattern) for path in SOURCES)


@pytest.mark.parametrize("pattern", ROOMS)
def test_every_interpreted_room_has_a_reason(pattern: str) -> None:
    assert ROOMS[pattern]


@pytest.mark.parametrize("pattern", HOT)
def test_every_hot_room_is_compiled(pattern: str) -> None:
    assert any(Path(source).match(pattern) for source in COMPILED_SOURCES)


@pytest.mark.parametrize("source", COMPILED_SOURCES)
def test_compiled_modules_define_no_structs(source: str) -> None:
    """Compiled, a struct loses its options and the element types of its fields without a word."""
    classes = [node for node in ast.walk(ast.parse((CHECKOUT / source).read_text())) if isinstance(node, ast.ClassDef)]
    structs = [node.name for node in classes if {"Struct", "msgspec.Struct"}.intersection(map(ast.unparse, node.bases))]
    assert structs == []


@pytest.mark.parametrize("source", COMPILED_SOURCES)
def test_compiled_coroutines_await_behind_their_handlers(source: str) -> None:
    """Compiled, an exception that is on its way is lost, or raised again later, when the coroutine waits meanwhile."""
    lines = [node.lineno for node in ast.walk(ast.parse((CHECKOUT / source).read_text())) if isinstance(node, ast.Try) and loses(node)]
    assert lines == []


def loses(block: ast.Try) -> bool:
    """Whether it waits in its `finally`, or in a handler that raises again what it caught."""
    return waits(block.finalbody) or any(waits(handler.body) and raises_again(handler.body) for handler in block.handlers)


def waits(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for part in body for node in ast.walk(part))


def raises_again(body: list[ast.stmt]) -> bool:
    """Whether a bare `raise` follows something that is awaited before it, on the same level."""
    awaited = False
    for part in body:
        if isinstance(part, ast.Raise) and part.exc is None and awaited:
            return True
        awaited = awaited or waits([part])
    return False
