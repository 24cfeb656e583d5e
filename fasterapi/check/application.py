"""The application that `module:app` names."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

from fasterapi.app import Faster


class TargetError(Exception):
    """What cannot be checked at all; the message is one line that says what to do."""


def load_application(target: str) -> Faster:
    """Import the application, as a server that is started in this folder would: `load_application("main:app")`."""
    module_name, colon, attributes = target.partition(":")
    if not (module_name and colon and attributes):
        raise TargetError(f"{target!r} names no application. Write module:app, as in main:app or shop.main:app.")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    found: object = _import(module_name)
    path = module_name
    for attribute in attributes.split("."):
        if not hasattr(found, attribute):
            raise TargetError(f"{path} has no {attribute!r}. Write the name of the application in it, as in {module_name}:app.")
        found = getattr(found, attribute)
        path = f"{path}.{attribute}"
    if not isinstance(found, Faster):
        raise TargetError(f"{path} is no application, but of type {type(found).__name__}. Write the name of a Faster() object.")
    return found


def first_line(error: BaseException) -> str:
    """An exception in one line."""
    text, *_ = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            todo = "Run this in the folder that holds it, or set PYTHONPATH."
            raise TargetError(f"there is no module {error.name!r} here. {todo}") from error
        todo = "Install it, or run with --traceback to see what asks for it."
        raise TargetError(f"{name} cannot be imported: {first_line(error)}. {todo}") from error
    except (Exception, SystemExit) as error:
        raise TargetError(f"{name} cannot be imported: {first_line(error)}. Run with --traceback to see where.") from error
