"""What FastAPI and Starlette have, and where this package has it: asked of the package itself, so that the answer is never old."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Final

SOURCES: Final = ("fastapi", "starlette")

RENAMED: Final = {"FastAPI": "Faster", "APIRouter": "FasterRouter"}
"""The names that this package has names of its own for; the old ones are the same classes."""

_FRONT_DOOR: Final = "fasterapi"


def counterpart(module: str, name: str) -> str | None:
    """The module that a name is to be imported from; `None` where this package has nothing like it."""
    same = module_counterpart(module)
    for found in (same, _FRONT_DOOR):
        if found is not None and _has(found, name):
            return found
    return None


def module_counterpart(module: str) -> str | None:
    """The module in the place of another one."""
    root, _, rest = module.partition(".")
    if root not in SOURCES:
        return None
    path = f"{_FRONT_DOOR}.{rest}" if rest else _FRONT_DOOR
    try:
        return path if find_spec(path) is not None else None
    except ModuleNotFoundError:
        return None


def _has(module: str, name: str) -> bool:
    try:
        found = import_module(module)
    except ImportError:
        # What some module of ours needs is not installed here: its public names cannot be seen.
        return False
    return hasattr(found, name) or find_spec_of_child(module, name)


def find_spec_of_child(module: str, name: str) -> bool:
    """Whether a package has a module of this name, which `from package import module` imports."""
    try:
        return find_spec(f"{module}.{name}") is not None
    except ModuleNotFoundError:
        return False
