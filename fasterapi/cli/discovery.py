"""Which application is meant where nobody says it, or says only a file or a module.

Sources are read for it and not run: an application is imported once, by whoever needs it.
"""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fasterapi.cli.exits import CommandError

USUAL_FILES: Final = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")
"""Where applications usually are; the first one that exists is taken."""

_USUAL_NAMES: Final = ("app", "api")
_USUAL_CLASSES: Final = ("Faster", "FastAPI")
_USUAL_FACTORY: Final = "create_app"


@dataclass(frozen=True, slots=True)
class Target:
    """An application that was found."""

    name: str
    """As servers are told it: `shop.main:app`."""
    folder: Path
    """Where its modules are imported from."""
    origin: str
    """Where it was found; empty where the user named all of it."""


def find_target(said: str | None, folder: Path, *, factory: bool = False) -> Target:
    """The application that is meant: `module:app`, a module, a file, a package's folder, or `None` for the usual one.

    Raises `CommandError` where there is none, with what to write instead.
    """
    if said is not None:
        return _target_of(said, folder, "", factory=factory)
    entry_point = _entry_point(folder / "pyproject.toml")
    if entry_point is not None:
        return _target_of(entry_point, folder, "the entrypoint in pyproject.toml", factory=factory)
    for name in USUAL_FILES:
        if (folder / name).is_file():
            return _target_in(folder / name, folder, factory=factory)
    raise CommandError(
        f"there is no application here: no {', '.join(USUAL_FILES)}, and no entrypoint in pyproject.toml. "
        "Name it, as in main:app or shop/main.py."
    )


def _entry_point(path: Path) -> str | None:
    """What `[tool.fasterapi] entrypoint = "shop.main:app"` says."""
    if not path.is_file():
        return None
    try:
        project = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"{path.name} cannot be read: {error}. Correct it, or name the application.") from error
    table = project.get("tool", {}).get("fasterapi", {})
    entry_point = table.get("entrypoint") if isinstance(table, dict) else None
    if entry_point is None or isinstance(entry_point, str):
        return entry_point
    raise CommandError(f'the entrypoint in {path.name} is {entry_point!r}. Write a text, as in entrypoint = "main:app".')


def _target_of(said: str, folder: Path, origin: str, *, factory: bool) -> Target:
    place, colon, attributes = said.rpartition(":") if not (folder / said).exists() else (said, "", "")
    if not colon:
        place, attributes = said, ""
    if place.endswith(".py") or "/" in place or "\\" in place or (folder / place).is_dir():
        path = folder / place
        path = path / "__init__.py" if path.is_dir() else path
        if not path.is_file():
            raise CommandError(f"there is no file {place}. Write the path of the application's file, or its module, as in main:app.")
        return _target_in(path, folder, attributes, factory=factory)
    if not attributes:
        path = folder / Path(*place.split("."))
        for file in (path.with_name(f"{path.name}.py"), path / "__init__.py"):
            if file.is_file():
                return Target(f"{place}:{_application_in(file, folder, factory=factory)}", folder, origin or _shown(file, folder))
        attributes = _USUAL_FACTORY if factory else _USUAL_NAMES[0]
    return Target(f"{place}:{attributes}", folder, origin)


def _target_in(path: Path, folder: Path, attributes: str = "", *, factory: bool) -> Target:
    """The application in a file, whose module has the name of the packages around it before its own."""
    attributes = attributes or _application_in(path, folder, factory=factory)
    parts = [] if path.name == "__init__.py" else [path.stem]
    package = path.resolve().parent
    while (package / "__init__.py").is_file():
        parts.insert(0, package.name)
        package = package.parent
    return Target(f"{'.'.join(parts)}:{attributes}", package, _shown(path, folder))


def _application_in(path: Path, folder: Path, *, factory: bool) -> str:
    """The name of the variable, or of the function, that the application comes from."""
    if factory:
        return _USUAL_FACTORY
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = f":{error.lineno}" if isinstance(error, SyntaxError) else ""
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        raise CommandError(f"{_shown(path, folder)}{line} is no Python: {text}. Correct it.") from error
    variables = dict(_variables(tree.body))
    for name in _USUAL_NAMES:
        if name in variables:
            return name
    made = [name for name, value in variables.items() if _is_application(value)]
    if len(made) == 1:
        return made[0]
    what = f"several applications: {', '.join(made)}" if made else "no application: no variable is called app or api, or is a Faster()"
    raise CommandError(f"{_shown(path, folder)} has {what}. Name one, as in {path.stem}:{made[0] if made else 'app'}, or use --factory.")


def _variables(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr | None]]:
    """The global names of a module and what they are made with."""
    for statement in statements:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                if isinstance(target, ast.Name) and statement.value is not None:
                    yield target.id, statement.value
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from ((alias.asname or alias.name, None) for alias in statement.names if isinstance(statement, ast.ImportFrom))
        elif isinstance(statement, ast.If | ast.Try | ast.With):
            yield from _variables(statement.body)
            yield from _variables(getattr(statement, "orelse", []))


def _is_application(value: ast.expr | None) -> bool:
    """Whether it is a call of `Faster`, or of `fasterapi.Faster`."""
    if not isinstance(value, ast.Call):
        return False
    called = value.func
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in _USUAL_CLASSES


def _shown(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)
