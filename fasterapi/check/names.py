"""How a callable is written in another module, so that type checkers see there what it is declared as."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MethodType, ModuleType
from typing import Final

from fasterapi.check.sources import Place, Sources

ANYTHING: Final = "anything"
"""The rendered name of a value of type `Any`."""

_INTERPRETER_MADE: Final = (type, MethodType, type(len), type(lambda: None))


@dataclass(frozen=True, slots=True, eq=False)
class Callee:
    """A callable and how it is written."""

    call: Callable[..., object]
    label: str
    """Its name as its own module writes it, for messages."""
    place: Place | None
    expression: str | None
    """Its name as another module writes it; `None` where no module has one."""
    reason: str = ""
    """Why there is no expression."""

    def __str__(self) -> str:
        return self.label if self.place is None else f"{self.label} ({self.place})"


class _NamelessError(Exception):
    """No module has a name for a value; the message says why."""


@dataclass(frozen=True, slots=True)
class _Name:
    expression: str
    label: str
    place: Place | None = None
    """The line of the variable, where it is one."""


class Namer:
    """Finds names, and keeps what must be imported and declared for them."""

    def __init__(self, modules: Iterable[ModuleType], sources: Sources) -> None:
        self._sources = sources
        self._callees: dict[int, Callee] = {}
        self._variables = _variables(modules, sources)
        self.aliases: dict[str, str] = {}
        """What modules are imported as, by name."""
        self.instances: dict[str, str] = {}
        """Values that no module names: what each is called, and its class."""

    def callee(self, call: Callable[..., object]) -> Callee:
        """A callable with its name, looked for once."""
        known = self._callees.get(id(call))
        if known is None:
            known = self._find(call)
            self._callees[id(call)] = known
        return known

    def _find(self, call: Callable[..., object]) -> Callee:
        place = self._sources.place(call)
        try:
            name = self._name(call)
        except _NamelessError as error:
            label = getattr(call, "__qualname__", None) or f"{type(call).__qualname__}()"
            return Callee(call, label, place, None, str(error))
        return Callee(call, name.label, name.place or place, name.expression)

    def _name(self, value: object) -> _Name:
        found = self._by_own_name(value) or self._by_variable(value)
        if found is not None:
            return found
        if isinstance(value, functools.partial):
            inner = self._name(value.func)
            fixed = ["", *[ANYTHING for _ in value.args], *[f"{keyword}={ANYTHING}" for keyword in value.keywords]]
            return _Name(f"partial({inner.expression}{', '.join(fixed)})", f"partial({inner.label})")
        if isinstance(value, MethodType) and getattr(value.__self__, value.__name__, None) == value:
            owner = self._name(value.__self__)
            return _Name(f"{owner.expression}.{value.__name__}", f"{owner.label}.{value.__name__}")
        if isinstance(value, _INTERPRETER_MADE) or hasattr(value, "__wrapped__"):
            raise _NamelessError(_why_nameless(value))
        return self._instance(value)

    def _by_own_name(self, value: object) -> _Name | None:
        """The name that a function or class got where it was defined, if its module still knows it by that."""
        module_name = getattr(value, "__module__", None)
        qualified_name = getattr(value, "__qualname__", None)
        if not isinstance(module_name, str) or not isinstance(qualified_name, str) or "<" in qualified_name:
            return None
        found: object = sys.modules.get(module_name)
        for part in qualified_name.split("."):
            found = getattr(found, part, None)
        if found is value or (isinstance(found, MethodType) and found == value):
            return _Name(f"{self._alias(module_name)}.{qualified_name}", qualified_name)
        return None

    def _by_variable(self, value: object) -> _Name | None:
        """The global variable, or the variable of a class, that holds this very object."""
        found = self._variables.get(id(value))
        if found is None:
            return None
        module, path = found
        source = self._sources.of_module(module)
        line = None if source is None else source.variables.get(path)
        place = None if source is None or line is None else Place(source.path, line)
        return _Name(f"{self._alias(module.__name__)}.{path}", path, place)

    def _instance(self, value: object) -> _Name:
        """A value that stands nowhere but in `Depends(...)`: its class says what it gives."""
        cls = self._by_own_name(type(value))
        if cls is None:
            raise _NamelessError(_why_nameless(type(value)))
        name = f"instance_{len(self.instances) + 1}"
        self.instances[name] = cls.expression
        return _Name(name, f"{cls.label}()")

    def _alias(self, module_name: str) -> str:
        return self.aliases.setdefault(module_name, f"module_{len(self.aliases) + 1}")


def _variables(modules: Iterable[ModuleType], sources: Sources) -> dict[int, tuple[ModuleType, str]]:
    """The global variables of modules, and those of their classes, by the identity of what they hold.

    A variable that is assigned to comes before one that is imported: strict type checkers let no module hand on what it imports.
    """
    found: dict[int, tuple[ModuleType, str]] = {}
    imported: dict[int, tuple[ModuleType, str]] = {}
    for module in modules:
        source = sources.of_module(module)
        for path, value in _members(module, vars(module), ""):
            is_assigned = source is not None and path in source.variables
            (found if is_assigned else imported).setdefault(id(value), (module, path))
    return {**imported, **found}


def _members(module: ModuleType, namespace: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in list(namespace.items()):
        if not isinstance(value, ModuleType):
            yield prefix + name, value
        if isinstance(value, type) and value.__module__ == module.__name__ and value.__qualname__ == prefix + name:
            yield from _members(module, vars(value), f"{prefix}{name}.")


def _why_nameless(value: object) -> str:
    qualified_name = str(getattr(value, "__qualname__", ""))
    if "<lambda>" in qualified_name:
        return "is a lambda that has no name"
    if "<locals>" in qualified_name:
        return "is defined inside a function"
    return "is not what its module has under its name: a decorator or another definition has taken that over"
