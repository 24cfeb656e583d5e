"""Which of the imported modules are the user's own, and from which folders they came."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import os
import site
import sys
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Final

_INSTALLED: Final = tuple(
    {
        os.path.realpath(folder) + os.sep
        for folder in [
            *[sysconfig.get_path(kind) for kind in ("stdlib", "platstdlib", "purelib", "platlib")],
            *site.getsitepackages(),
            site.getusersitepackages(),
        ]
    }
)
"""The folders of the standard library and of installed packages."""


def own_modules() -> list[ModuleType]:
    """The imported modules that are neither installed packages nor parts of the framework."""
    others = ("fasterapi", "__main__")
    modules = list(sys.modules.values())
    return [module for module in modules if module.__name__.partition(".")[0] not in others and _source_path(module) is not None]


def import_folders() -> list[str]:
    """The folders that modules are imported from, in order, without those of installed packages, which type checkers know themselves."""
    folders = [str(Path(entry).resolve()) for entry in sys.path if Path(entry).is_dir()]
    folders.extend(_root(module) for module in [*own_modules(), sys.modules["fasterapi"]] if _source_path(module) is not None)
    return [folder for folder in dict.fromkeys(folders) if not f"{folder}{os.sep}".startswith(_INSTALLED)]


def _source_path(module: ModuleType) -> Path | None:
    """The file of a module that is not installed."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py"):
        return None
    path = Path(file).resolve()
    return None if str(path).startswith(_INSTALLED) else path


def _root(module: ModuleType) -> str:
    """The folder from which the module, or the package around it, was imported."""
    path = _source_path(module)
    assert path is not None
    depth = module.__name__.count(".") + (path.name == "__init__.py")
    return str(path.parents[depth])
