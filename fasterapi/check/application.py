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


def load_application(target: str, folder: Path | None = None, *, factory: bool = False) -> Faster:
    """Import the application, as a server that is started in this folder would: `load_application("main:app")`.

    With `factory` the name is that of a function that returns it.
    """
    found = load_object(target, folder or Path.cwd(), factory=factory)
    if not isinstance(found, Faster):
        path = target.replace(":", ".")
        raise TargetError(f"{path} is no application, but of type {type(found).__name__}. Write the name of a Faster() object.")
    return found


def load_object(target: str, folder: Path, *, factory: bool = False) -> object:
    """Import what `module:name` names, or have a function of this name make it, with a folder to import from before all others."""
    module_name, colon, attributes = target.partition(":")
    if not (module_name and colon and attributes):
        raise TargetError(f"{target!r} names no application. Write module:app, as in main:app or shop.main:app.")
    entry = str(folder.resolve())
    if sys.path[0] != entry:
        sys.path.insert(0, entry)
    found: object = _import(module_name)
    path = module_name
    for attribute in attributes.split("."):
        if not hasattr(found, attribute):
            raise TargetError(f"{path} has no {attribute!r}. Write the name of the application in it, as in {module_name}:app.")
        found = getattr(found, attribute)
        path = f"{path}.{attribute}"
    return _made_by(found, target) if factory else found


def first_line(error: BaseException) -> str:
    """An exception in one line."""
    text, *_ = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _made_by(function: object, target: str) -> object:
    if not callable(function):
        raise TargetError(f"{target} is no function. Write the name of one that returns the application, or leave out --factory.")
    try:
        return function()
    except (Exception, SystemExit) as error:
        raise TargetError(f"{target} makes no application: {first_line(error)}. Run with --traceback to see where.") from error


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
