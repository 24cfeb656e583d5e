"""A whole project, rewritten."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import libcst as cst

from fasterapi.migrate.files import SourceFile, sources
from fasterapi.migrate.findings import Finding
from fasterapi.migrate.imports import ImportRewriter
from fasterapi.migrate.models import Model, Models
from fasterapi.migrate.rewriting import ModelRewriter, with_imports
from fasterapi.migrate.uses import UseReader

_File = TypeVar("_File")

_REQUIREMENT: Final = re.compile(r"^\s*[\"']?(fastapi|starlette)(?![\w-])\s*(\[|[<>=~!;,\"']|$)", re.IGNORECASE)
_REQUIREMENT_FILES: Final = ("pyproject.toml", "requirements*.txt", "requirements/*.txt")


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after."""

    path: Path
    before: bytes
    after: bytes


@dataclass(frozen=True, slots=True)
class Migration:
    """What is to be written, and what a person has to look at."""

    files: int
    changes: Sequence[Change]
    findings: Sequence[Finding]


def migrate(path: Path, tell: Callable[[str], None] | None = None) -> Migration:
    """Rewrite a folder, or one file; nothing is written. `tell` is told how far it is."""
    project = _Project(path, tell or _be_silent)
    project.read()
    project.judge()
    project.rewrite()
    findings = sorted({*project.findings, *_requirements(path)})
    return Migration(len(project.files), project.changes, findings)


def _be_silent(_how_far: str) -> None: ...


class _Project:
    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        self.findings: list[Finding] = []
        self.changes: list[Change] = []
        self.files: list[SourceFile] = []
        self._path = path
        self._tell = tell
        self._root = path if path.is_dir() else path.parent
        self._readers: dict[SourceFile, UseReader] = {}
        self._structs: dict[str, Model] = {}

    def _told(self, files: Sequence[_File], what: str) -> Iterator[_File]:
        for number, file in enumerate(files):
            self._tell(f"{number} of {len(files)} files {what}")
            yield file

    def read(self) -> None:
        """Read the sources."""
        paths = list(sources(self._path))
        roots = frozenset([self._root.resolve().name, *[path.relative_to(self._root).parts[0].removesuffix(".py") for path in paths]])
        for path in self._told(paths, "read"):
            try:
                self.files.append(SourceFile(path, self._root, path.read_bytes(), roots))
            except (cst.ParserSyntaxError, UnicodeDecodeError, LookupError) as error:
                line = error.raw_line if isinstance(error, cst.ParserSyntaxError) else 1
                self.findings.append(Finding(str(path), line, "is no Python that can be read, and was left"))

    def judge(self) -> None:
        """Find the models, and those among them that become Structs."""
        models = Models(self.files)
        for file in self._told(self.files, "judged"):
            reader = UseReader(file, models)
            file.tree.visit(reader)
            self._readers[file] = reader
            self.findings += [Finding(file.shown, line, text) for line, text in reader.remarks]
            self.findings += list(_extensions(file))
        self._tell_obstacles(models)
        models.settle()
        unclear = [(file, line, text) for file, reader in self._readers.items() for line, text in reader.unclear]
        if unclear and any(model.problem for model in models.all()):
            self.findings += [Finding(file.shown, line, text) for file, line, text in unclear]
            models.fail_all("it cannot be told which objects are models")
        elif models.all():
            self.findings += [Finding(file.shown, line, f"{text}: it was taken for that of a model") for file, line, text in unclear]
        for model in models.all():
            if model.problem is None:
                self._structs[model.name] = model
            else:
                line, reason = model.problem
                self.findings.append(Finding(model.file.shown, line, f"{model.node.name.value} stays a model of pydantic: {reason}"))

    def _tell_obstacles(self, models: Models) -> None:
        for file, reader in self._readers.items():
            if reader.obstacles and models.all():
                self.findings += [Finding(file.shown, line, text) for line, text in reader.obstacles]
                models.fail_all(f"of what {file.shown}:{reader.obstacles[0][0]} does")

    def rewrite(self) -> None:
        """Rewrite models, what is done with them, and imports."""
        for file in self._told(self.files, "rewritten"):
            models = ModelRewriter(file, self._readers[file].uses if self._structs else {}, self._structs)
            tree = file.tree.visit(models)
            assert isinstance(tree, cst.Module)
            # Lines are told as they are now, before anything is written.
            imports = ImportRewriter(file)
            after = file.tree.visit(imports)
            if tree.code != file.tree.code:
                after = self._again(file, with_imports(tree, file))
            assert isinstance(after, cst.Module)
            self.findings += [*models.findings, *imports.findings]
            if after.bytes != file.content:
                self.changes.append(Change(file.path, file.content, after.bytes))

    def _again(self, file: SourceFile, tree: cst.Module) -> cst.Module:
        rewritten = SourceFile(file.path, self._root, tree.bytes, file.roots)
        return rewritten.tree.visit(ImportRewriter(rewritten))


def _extensions(file: SourceFile) -> Iterator[Finding]:
    """Packages that build on FastAPI, which know nothing of this one."""
    for name in dict.fromkeys(meaning.partition(".")[0] for meaning in file.imports.values()):
        if name.startswith(("fastapi_", "starlette_")):
            yield Finding(file.shown, 1, f"{name} is made for FastAPI: look for what does the same here")


def _requirements(path: Path) -> Iterator[Finding]:
    folder = path if path.is_dir() else path.parent
    for pattern in _REQUIREMENT_FILES:
        for found in sorted(folder.glob(pattern)):
            for line, text in enumerate(found.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
                if _REQUIREMENT.match(text):
                    wanted = text.strip().strip(",").strip("\"'")
                    yield Finding(str(found), line, f"asks for {wanted}: write fasterapi-framework instead")
