"""The floors of the house: a room imports only from floors below it, and no imports go in circles.

Imports inside functions and those for type checkers count like any other: what a file cannot be read without, it depends on.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final, NamedTuple

from tests.checkouts import CHECKOUT

PACKAGE: Final = CHECKOUT / "fasterapi"

GROUND, FIRST, SECOND, THIRD, FOURTH, ROOF, BESIDE = range(7)

FLOORS: Final = {
    "_compat": GROUND,
    "_sources": GROUND,
    "_version": GROUND,
    "asgi": GROUND,
    "concurrency": GROUND,
    "datastructures": GROUND,
    "errors": GROUND,
    "logger": GROUND,
    "status": GROUND,
    "staticfiles": FIRST,
    "templating": BESIDE,
    "background": FIRST,
    "exceptions": FIRST,
    "http": FIRST,
    "lifespan": FIRST,
    "middleware": FIRST,
    "security": SECOND,
    "requests": SECOND,
    "responses": SECOND,
    "sse": SECOND,
    "websocket": SECOND,
    "websockets": THIRD,
    "binding": SECOND,
    "encoders": THIRD,
    "openapi": THIRD,
    "routing": THIRD,
    "app": FOURTH,
    "exception_handlers": FOURTH,
    "types": FOURTH,
    "server": FOURTH,
    "testing": FOURTH,
    "__main__": ROOF,
    "check": ROOF,
    "cli": ROOF,
    "client": ROOF,
    "migrate": ROOF,
    "testclient": ROOF,
    "contrib": BESIDE,
}
"""The floor of each room. A room is a module or a folder directly under the package."""

SIDEWAYS: Final[dict[tuple[str, str], str]] = {
    ("datastructures", "asgi"): "headers and URLs are made of what travels between server and application",
    ("http", "background"): "a response carries the work that follows it",
    ("middleware", "http"): "stands around an application, between its requests and responses",
    ("staticfiles", "http"): "files are answered by responses",
    ("templating", "contrib"): "is FastAPI's name for one of its modules",
    ("__main__", "cli"): "is the command line for python -m",
    ("openapi", "routing"): "the document is made of what routes declare",
    ("cli", "check"): "commands are shells around what they run",
    ("cli", "migrate"): "as check",
    ("cli", "client"): "as check",
    ("binding", "security"): "schemes are asked for their credentials without being called",
    ("binding", "websocket"): "handlers ask for the WebSocket by its class",
    ("websocket", "binding"): "messages are read and written by the rules for bodies and results",
    ("security", "binding"): "the request forms are classes with markers, and keys stand among the query's texts",
}
"""The imports from one room to another on the same floor that are wanted, and why."""


class Import(NamedTuple):
    """One import of a module of the package by another, both named by their path from the package on: `http.exchange`."""

    importer: str
    imported: str
    line: int

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported or 'the package itself'}"


def room(module: str) -> str:
    """The room that a module belongs to."""
    return module.partition(".")[0]


def modules() -> dict[str, Path]:
    """Every module of the package but its front door, by name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = path
    return found


MODULES: Final = modules()


def imports_of(module: str) -> Iterator[Import]:
    """The imports from inside the package that a module makes."""
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if room(alias.name) == "fasterapi":
                    yield Import(module, alias.name.removeprefix("fasterapi").removeprefix("."), node.lineno)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} is a relative import"
            source = node.module or ""
            if room(source) == "fasterapi":
                parent = source.removeprefix("fasterapi").removeprefix(".")
                for alias in node.names:
                    child = f"{parent}.{alias.name}".removeprefix(".")
                    yield Import(module, child if child in MODULES else parent, node.lineno)


IMPORTS: Final = [found for module in sorted(MODULES) for found in imports_of(module)]


def test_every_room_has_a_floor() -> None:
    assert {room(module) for module in MODULES} - FLOORS.keys() == set()


def test_nobody_imports_the_front_door() -> None:
    wrong = [str(found) for found in IMPORTS if not found.imported]
    assert not wrong, "\n".join(wrong)


def test_nobody_imports_contrib() -> None:
    # What only gives one of its modules the name that FastAPI has for it is as good as one of them.
    wrong = [str(found) for found in IMPORTS if room(found.imported) == "contrib" and room(found.importer) not in ("contrib", "templating")]
    wrong += [str(found) for found in IMPORTS if room(found.imported) == "templating"]
    assert not wrong, "\n".join(wrong)


def test_imports_point_downwards() -> None:
    between_rooms = [found for found in IMPORTS if found.imported and room(found.importer) != room(found.imported)]
    wrong = [
        str(found)
        for found in between_rooms
        if FLOORS[room(found.imported)] >= FLOORS[room(found.importer)] and (room(found.importer), room(found.imported)) not in SIDEWAYS
    ]
    assert not wrong, "\n".join(wrong)


def test_sideways_imports_stay_on_their_floor() -> None:
    assert [pair for pair in SIDEWAYS if FLOORS[pair[0]] != FLOORS[pair[1]]] == []


def test_every_sideways_import_is_made() -> None:
    made = {(room(found.importer), room(found.imported)) for found in IMPORTS}
    assert SIDEWAYS.keys() - made == set()


def test_no_imports_go_in_circles() -> None:
    graph: dict[str, set[str]] = {}
    for found in IMPORTS:
        graph.setdefault(found.importer, set()).add(found.imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        message = " <- ".join(circle.args[1])
        raise AssertionError(message) from None
