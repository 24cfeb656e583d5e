"""Files and lines: where a callable, a parameter or a variable is written."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import ast
import os
import site
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple, TypeAlias

from fasterapi.binding.signature import innermost

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_SITE_KEYS: Final = ("stdlib", "platstdlib", "purelib", "platlib")


class Place(NamedTuple):
    """A line of a file, which is shown relative to the working directory where it is below that."""

    file: str
    line: int

    def __str__(self) -> str:
        path = Path(self.file)
        here = Path.cwd()
        shown = path.relative_to(here) if path.is_relative_to(here) else path
        return f"{shown}:{self.line}"


class SourceFile:
    """What one file defines, and where."""

    def __init__(self, tree: ast.Module) -> None:
        self.functions: dict[int, _Function] = {}
        """By the line on which the interpreter lets a function begin: that of its first decorator."""
        self.classes: dict[str, ast.ClassDef] = {}
        """By qualified name."""
        self.imported: set[str] = set()
        """The global names that imports bind."""
        self.variables: dict[str, int] = {}
        """The lines on which global names are assigned to."""
        self._read_functions(tree)
        self._read_classes(tree.body, "")
        self._read_globals(tree)

    def _read_functions(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions[min([node.lineno, *[decorator.lineno for decorator in node.decorator_list]])] = node
            elif isinstance(node, ast.Lambda):
                self.functions.setdefault(node.lineno, node)

    def _read_classes(self, body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                self.classes[prefix + node.name] = node
                self._read_classes(node.body, f"{prefix}{node.name}.")

    def _read_globals(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self.imported.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        for statement in tree.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
            for target in targets:
                if isinstance(target, ast.Name):
                    self.variables[target.id] = statement.lineno


class Sources:
    """The source files looked at so far."""

    def __init__(self) -> None:
        self._files: dict[str, SourceFile | None] = {}

    def file(self, path: str) -> SourceFile | None:
        """What a file defines; nothing of one that is no Python source."""
        if path not in self._files:
            try:
                self._files[path] = SourceFile(ast.parse(Path(path).read_bytes()))
            except (OSError, SyntaxError, ValueError):
                self._files[path] = None
        return self._files[path]

    def place_of(self, call: Callable[..., object]) -> Place | None:
        """Where a callable is defined: the line of its `def` or `class`."""
        if isinstance(call, type):
            return self._class_place(call)
        function = _code_place(call)
        if function is None:
            return None
        node = self._function(function)
        return function if node is None else Place(function.file, node.lineno)

    def parameter_place(self, call: Callable[..., object], name: str) -> Place | None:
        """Where a parameter stands; that of a dataclass or another model is a line of the class."""
        for owner in call.__mro__ if isinstance(call, type) else (call,):
            found = self._own_parameter(owner, name)
            if found is not None:
                return found
        return self.place_of(call)

    def result_place(self, call: Callable[..., object]) -> Place | None:
        """Where the declared result of a function stands."""
        function = _code_place(call)
        node = None if function is None else self._function(function)
        if function is None or node is None or isinstance(node, ast.Lambda) or node.returns is None:
            return self.place_of(call)
        return Place(function.file, node.returns.lineno)

    def _own_parameter(self, owner: Callable[..., object], name: str) -> Place | None:
        function = _code_place(owner)
        node = None if function is None else self._function(function)
        if function is not None and node is not None:
            arguments = node.args
            for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
                if argument.arg == name:
                    return Place(function.file, argument.lineno)
        place = self._class_place(owner) if isinstance(owner, type) else None
        for statement in [] if place is None else self._class(owner).body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.target.id == name:
                return Place(place.file, statement.lineno)
        return None
