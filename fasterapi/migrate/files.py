"""The sources of a project: their trees, the lines of their nodes, and the names that they import."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

_PASSED_OVER: Final = frozenset({"__pycache__", "build", "dist", "node_modules", "site-packages", "venv"})


class SourceFile:
    """One file."""

    def __init__(self, path: Path, root: Path, content: bytes, roots: frozenset[str]) -> None:
        self.path = path
        relative = path.relative_to(root)
        self.shown: str = str(path)
        parts = relative.with_suffix("").parts
        self.module: str = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        """Its module, as seen from the folder that is migrated."""
        self.package: str = self.module if parts[-1] == "__init__" else self.module.rpartition(".")[0]
        # As bytes: the encoding and the ends of lines are those of the file.
        self.content: bytes = content
        # A tree whose nodes are all different objects, as metadata needs them.
        self._wrapper = MetadataWrapper(cst.parse_module(self.content))
        self.tree: cst.Module = self._wrapper.module
        self.roots = roots
        """The names that imports of the project's own modules begin with."""
        self._positions = self._wrapper.resolve(PositionProvider)
        self.imports: Mapping[str, str] = dict(_imported(self.tree, self.package))
        """What imported names stand for: `{"Base": "pydantic.BaseModel"}`."""

    def line(self, node: cst.CSTNode) -> int:
        """The line that a node begins on."""
        position = self._positions[node]
        assert not isinstance(position, type)
        return int(position.start.line)

    def meaning(self, node: cst.BaseExpression) -> str | None:
        """What a name or a path of attributes stands for: an import, or something of this very module."""
        path = dotted(node)
        if path is None:
            return None
        first, dot, rest = path.partition(".")
        if first in self.imports:
            return self.imports[first] + dot + rest
        return f"{self.module}.{path}" if self.module else path


def sources(path: Path) -> Iterator[Path]:
    """The Python files below a folder, or the one file that is named; those of environments and of builds are passed over."""
    if path.is_file():
        yield path
        return
    for found in sorted(path.rglob("*.py")):
        folders = found.relative_to(path).parts[:-1]
        if not any(folder in _PASSED_OVER or folder.startswith(".") for folder in folders):
            yield found


def dotted(node: cst.BaseExpression | None) -> str | None:
    """`a.b.c` as a text; `None` for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        before = dotted(node.value)
        return None if before is None else f"{before}.{node.attr.value}"
    return None


def source_module(node: cst.ImportFrom, package: str) -> str:
    """The full name of the module that something is imported from."""
    name = dotted(node.module) or ""
    if not node.relative:
        return name
    parts = package.split(".") if package else []
    kept = parts[: len(parts) - (len(node.relative) - 1)]
    return ".".join([*kept, *([name] if name else [])])


class _Imports(cst.CSTVisitor):
    def __init__(self, package: str) -> None:
        self.found: list[tuple[str, str]] = []
        self._package = package

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:  # noqa: N802 - libcst calls it by the name of the node
        if isinstance(node.names, cst.ImportStar):
            return
        module = source_module(node, self._package)
        for alias in node.names:
            name = alias.evaluated_name
            self.found.append((alias.evaluated_alias or name, f"{module}.{name}" if module else name))

    def visit_Import(self, node: cst.Import) -> None:  # noqa: N802 - as above
        for alias in node.names:
            name = alias.evaluated_name
            first = name.partition(".")[0]
            self.found.append((alias.evaluated_alias, name) if alias.evaluated_alias else (first, first))


def _imported(tree: cst.Module, package: str) -> list[tuple[str, str]]:
    visitor = _Imports(package)
    tree.visit(visitor)
    return visitor.found
