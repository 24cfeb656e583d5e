"""The swap of imports, and of the names that come with them."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from typing_extensions import override

from fasterapi.migrate.counterparts import RENAMED, SOURCES, counterpart, module_counterpart
from fasterapi.migrate.files import SourceFile, dotted
from fasterapi.migrate.findings import Finding

_Line = cst.SimpleStatementLine


def _root(name: str | None) -> str:
    return (name or "").partition(".")[0]


class _Names(cst.CSTVisitor):
    """All names and texts of a file."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.texts: list[cst.SimpleString] = []
        self.modules: set[str] = set()
        """What `import a.b` imports, and binds no other name to."""

    @override
    def visit_Import(self, node: cst.Import) -> None:
        self.modules.update(alias.evaluated_name for alias in node.names if alias.asname is None)

    @override
    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)

    @override
    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        self.texts.append(node)


class ImportRewriter(cst.CSTTransformer):
    """Rewrites the imports of one file, and the names that are called otherwise here."""

    def __init__(self, file: SourceFile) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self._file = file
        seen = _Names()
        file.tree.visit(seen)
        texts = {str(text.evaluated_value) for text in seen.texts}
        self._renames = {
            old: new
            for old, new in RENAMED.items()
            if file.imports.get(old) == f"fastapi.{old}" and new not in seen.names and not any(old in text for text in texts)
        }
        """Not where a text might be an annotation, which would go on meaning the old name; that one stays valid."""
        plain = [name for name in seen.modules if _root(name) == "fastapi"]
        self._is_module = bool(plain) and all(module_counterpart(name) is not None for name in plain)
        """Whether `fastapi.` becomes `fasterapi.` wherever it stands."""
        self._tell_texts(seen.texts)

    def _tell(self, node: cst.CSTNode, message: str) -> None:
        self.findings.append(Finding(self._file.shown, self._file.line(node), message))

    def _tell_texts(self, texts: Sequence[cst.SimpleString]) -> None:
        for text in texts:
            value = str(text.evaluated_value)
            if _root(value) in SOURCES and "." in value and value.replace(".", "").replace("_", "").isalnum():
                self._tell(text, f"the text {value!r} names a module or a logger of {_root(value)}")

    @override
    def visit_Import(self, node: cst.Import) -> bool:
        return False

    @override
    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    @override
    def leave_SimpleStatementLine(self, original_node: _Line, updated_node: _Line) -> _Line | cst.FlattenSentinel[_Line]:
        statement = original_node.body[0]
        if len(original_node.body) != 1:
            return updated_node
        if isinstance(statement, cst.ImportFrom):
            return self._from(original_node, statement)
        return self._plain(original_node, statement) if isinstance(statement, cst.Import) else updated_node

    def _plain(self, line: _Line, statement: cst.Import) -> _Line:
        """`import fastapi`, `import starlette.responses as answers`."""
        names = [self._swapped(statement, alias) for alias in statement.names]
        return line.with_changes(body=[statement.with_changes(names=names)])

    def _swapped(self, statement: cst.Import, alias: cst.ImportAlias) -> cst.ImportAlias:
        name = alias.evaluated_name
        if _root(name) not in SOURCES:
            return alias
        found = module_counterpart(name)
        if found is None or (alias.asname is None and _root(name) == "fastapi" and not self._is_module):
            self._tell(statement, f"fasterapi has no module in the place of {name}")
        elif alias.asname is None and name.startswith("starlette"):
            self._tell(statement, f"`import {name}` was left: write `import {found}`, and so where it is used")
        else:
            return alias.with_changes(name=cst.parse_expression(found))
        return alias

    def _from(self, line: _Line, statement: cst.ImportFrom) -> _Line | cst.FlattenSentinel[_Line]:
        """`from fastapi import FastAPI, Depends`: a line for each module that has some of the names."""
        module = dotted(statement.module)
        if statement.relative or module is None or _root(module) not in SOURCES:
            return line
        if isinstance(statement.names, cst.ImportStar):
            self._tell(statement, f"`from {module} import *` was left: import the names that are used")
            return line
        groups: dict[str, list[cst.ImportAlias]] = {}
        for alias in statement.names:
            name = alias.evaluated_name
            found = counterpart(module, name)
            if found is None:
                self._tell(statement, f"fasterapi has nothing in the place of {module}.{name}")
            new = self._renames.get(name, name) if alias.asname is None else name
            groups.setdefault(found or module, []).append(alias.with_changes(name=cst.Name(new)))
        lines = [self._line(line, statement, name, names, first=place == 0) for place, (name, names) in enumerate(groups.items())]
        return lines[0] if len(lines) == 1 else cst.FlattenSentinel(lines)

    def _line(self, line: _Line, statement: cst.ImportFrom, module: str, names: list[cst.ImportAlias], *, first: bool) -> _Line:
        is_whole = not isinstance(statement.names, cst.ImportStar) and len(names) == len(statement.names)
        parenthesised = statement.lpar is not None
        if not is_whole and not parenthesised:
            names = [name.with_changes(comma=cst.MaybeSentinel.DEFAULT) for name in names]
        changed = statement.with_changes(module=cst.parse_expression(module), names=names)
        return line.with_changes(body=[changed], leading_lines=line.leading_lines if first else [])

    @override
    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self._renames.get(original_node.value, original_node.value))

    @override
    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    @override
    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        if self._is_module and dotted(original_node.value) == "fastapi":
            name = original_node.attr.value
            if counterpart("fastapi", name) is None:
                self._tell(original_node, f"fasterapi has nothing in the place of fastapi.{name}")
            return cst.Attribute(cst.Name("fasterapi"), cst.Name(RENAMED.get(name, name)))
        return updated_node.with_changes(attr=original_node.attr)
