"""Where a callable, a parameter, a declared result or a variable is written."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import NamedTuple, TypeAlias

from fasterapi.binding.signature import innermost

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Place(NamedTuple):
    """A line of a file, shown relative to the working directory where the file is below that."""

    file: str
    line: int

    def __str__(self) -> str:
        path = Path(self.file)
        folder = Path.cwd()
        shown = path.relative_to(folder) if path.is_relative_to(folder) else path
        return f"{shown}:{self.line}"


class SourceFile:
    """What one file defines."""

    def __init__(self, path: str, tree: ast.Module) -> None:
        self.path = path
        self.classes: dict[str, ast.ClassDef] = {}
        """By qualified name."""
        self.variables: dict[str, int] = {}
        """The line on which each variable of the module or of a class in it is first assigned to, by qualified name."""
        self._tree = tree
        self._functions: dict[int, _Function] = {}
        self._lambdas: dict[int, _Function] | None = None
        self._read(tree.body, "")

    def function(self, first_line: int) -> _Function | None:
        """The function that begins on a line, as the interpreter counts: that of the first decorator."""
        found = self._functions.get(first_line)
        if found is None:
            if self._lambdas is None:
                self._lambdas = {node.lineno: node for node in ast.walk(self._tree) if isinstance(node, ast.Lambda)}
            found = self._lambdas.get(first_line)
        return found

    def place(self, node: ast.stmt | ast.expr | ast.arg) -> Place:
        """The line of a node."""
        return Place(self.path, node.lineno)

    def _read(self, statements: Iterable[ast.stmt], prefix: str | None) -> None:
        """Read a block; the prefix is that of qualified names, and missing where a function keeps them to itself."""
        for statement in statements:
            inner = prefix
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                self._functions[min([statement.lineno, *[decorator.lineno for decorator in statement.decorator_list]])] = statement
                inner = None
            elif prefix is None:
                pass
            elif isinstance(statement, ast.ClassDef):
                self.classes[prefix + statement.name] = statement
                inner = f"{prefix}{statement.name}."
            elif isinstance(statement, ast.Assign | ast.AnnAssign):
                for target in statement.targets if isinstance(statement, ast.Assign) else [statement.target]:
                    if isinstance(target, ast.Name):
                        self.variables.setdefault(prefix + target.id, target.lineno)
            for block in _blocks(statement):
                self._read(block, inner)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks within a compound statement."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for part in [*getattr(statement, "handlers", []), *getattr(statement, "cases", [])]:
        yield part.body


class Sources:
    """The source files that were looked at so far."""

    def __init__(self) -> None:
        self._files: dict[str, SourceFile | None] = {}

    def file(self, path: str) -> SourceFile | None:
        """What a file defines; `None` for what is no Python source."""
        if path not in self._files:
            try:
                self._files[path] = SourceFile(path, ast.parse(Path(path).read_bytes()))
            except (OSError, SyntaxError, ValueError):
                self._files[path] = None
        return self._files[path]

    def of_module(self, module: ModuleType | None) -> SourceFile | None:
        """What the file of a module defines."""
        path = getattr(module, "__file__", None)
        return self.file(path) if isinstance(path, str) and path.endswith(".py") else None

    def place(self, call: Callable[..., object]) -> Place | None:
        """The line of a callable's `def` or `class`; `None` for what was not written in Python."""
        if isinstance(call, type):
            found = self._class(call)
            return None if found is None else found[0].place(found[1])
        function = self._function(call)
        return None if function is None else function[0].place(function[1])

    def parameter_place(self, call: Callable[..., object], name: str) -> Place | None:
        """The line of a parameter: one of a model's generated `__init__` is a field of the class."""
        for owner in call.__mro__ if isinstance(call, type) else (call,):
            found = self._own_parameter(owner, name)
            if found is not None:
                return found
        return self.place(call)

    def result_place(self, call: Callable[..., object]) -> Place | None:
        """The line of a function's declared result."""
        function = self._function(call)
        if function is None:
            return None
        source, node = function
        returns = None if isinstance(node, ast.Lambda) else node.returns
        return source.place(node if returns is None else returns)

    def _own_parameter(self, owner: Callable[..., object], name: str) -> Place | None:
        function = self._function(owner)
        if function is not None:
            source, node = function
            for argument in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
                if argument.arg == name:
                    return source.place(argument)
        found = self._class(owner) if isinstance(owner, type) else None
        if found is not None:
            source, definition = found
            for statement in definition.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.target.id == name:
                    return source.place(statement)
        return None

    def _function(self, call: Callable[..., object]) -> tuple[SourceFile, _Function] | None:
        code = getattr(innermost(call), "__code__", None)
        if not isinstance(code, CodeType):
            return None
        source = self.file(code.co_filename)
        node = None if source is None else source.function(code.co_firstlineno)
        return None if source is None or node is None else (source, node)

    def _class(self, cls: type) -> tuple[SourceFile, ast.ClassDef] | None:
        source = self.of_module(sys.modules.get(cls.__module__))
        node = None if source is None else source.classes.get(cls.__qualname__)
        return None if source is None or node is None else (source, node)
