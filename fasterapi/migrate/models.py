"""The models of a project, and what keeps each from being a Struct."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import libcst as cst

from fasterapi.migrate.fields import FieldError, ModelField, parts
from fasterapi.migrate.files import SourceFile, dotted

BASE_MODEL: Final = "pydantic.BaseModel"

CONFIGURATION: Final = {
    ("extra", "'forbid'"): "forbid_unknown_fields",
    ("extra", "'ignore'"): "",
    ("frozen", "True"): "frozen",
    # Answers are made of attributes anyway; what is validated is told so.
    ("from_attributes", "True"): "",
    ("orm_mode", "True"): "",
}
"""What a configuration says, and the option of a Struct for it; empty where the class needs none."""

_FROM_ATTRIBUTES: Final = ("from_attributes", "orm_mode")

_DECORATORS: Final = frozenset({"property", "classmethod", "staticmethod"})


class Model:
    """A class that is a model."""

    def __init__(self, file: SourceFile, node: cst.ClassDef) -> None:
        self.file = file
        self.node = node
        self.name: str = f"{file.module}.{node.name.value}" if file.module else node.name.value
        self.line: int = file.line(node.name)
        self.problem: tuple[int, str] | None = None
        """The first thing that keeps it from being a Struct, and its line."""
        self.options: list[str] = []
        """The options of the Struct."""
        self.related: set[str] = set()
        """The names in its bases and annotations: models that are among them change together with it, or not at all."""
        self.reads_attributes: bool = False
        """Whether it is made of other objects, by their attributes."""
        self.is_flat = True
        """Whether no other model is in it."""
        self.is_called = False

    def fail(self, line: int, reason: str) -> None:
        """Note what keeps it from being a Struct."""
        if self.problem is None:
            self.problem = (line, reason)

    def read(self) -> None:
        """Read the class."""
        for base in self.node.bases:
            meaning = self.file.meaning(base.value)
            if meaning is None:
                self.fail(self.line, "a base of it is more than a name")
            else:
                self.related.add(meaning)
        if self.node.keywords or self.node.decorators or len(self.node.bases) != 1:
            self.fail(self.line, "it has several bases, keywords or decorators")
        for statement in _statements(self.node):
            try:
                self._read(statement)
            except FieldError as error:
                self.fail(self.file.line(statement), str(error))

    def _read(self, statement: cst.CSTNode) -> None:
        if isinstance(statement, cst.AnnAssign):
            if self.is_class_variable(statement):
                self._check_class_variable(statement)
                return
            ModelField(statement, self.file)
            names = {self.file.meaning(part) for part in parts(statement.annotation.annotation)}
            self.related.update(name for name in names if name is not None)
        elif self.is_configuration(statement):
            for name, value in _settings(statement):
                self._configure(name, value)
        elif isinstance(statement, cst.FunctionDef):
            self._check_method(statement)
        elif isinstance(statement, cst.ClassDef):
            raise FieldError(f"it has an inner class {statement.name.value}")
        elif not isinstance(statement, cst.Pass | cst.Expr):
            raise FieldError("its body does more than declaring fields and methods")

    def is_class_variable(self, statement: cst.AnnAssign) -> bool:
        """Whether it declares no field."""
        return any(self.file.meaning(part) == "typing.ClassVar" for part in parts(statement.annotation.annotation))

    def _check_class_variable(self, statement: cst.AnnAssign) -> None:
        annotation = statement.annotation.annotation
        written = dotted(annotation.value if isinstance(annotation, cst.Subscript) else annotation)
        # In annotations that are texts, msgspec knows it by these names only.
        if written not in ("ClassVar", "typing.ClassVar"):
            raise FieldError(f"msgspec may take {written} for a field: write ClassVar")

    def is_configuration(self, statement: cst.CSTNode) -> bool:
        """Whether it is `model_config = ConfigDict(...)`, or `class Config`."""
        if isinstance(statement, cst.ClassDef):
            return statement.name.value == "Config" and not statement.bases
        if not isinstance(statement, cst.Assign) or dotted(statement.targets[0].target) != "model_config":
            return False
        return isinstance(statement.value, cst.Call) and self.file.meaning(statement.value.func) == "pydantic.ConfigDict"

    def _configure(self, name: str, value: cst.BaseExpression) -> None:
        text = repr(value.evaluated_value) if isinstance(value, cst.SimpleString) else dotted(value) or ""
        option = CONFIGURATION.get((name, text))
        if option is None:
            raise FieldError(f"its configuration {name}={text or '...'} has no counterpart")
        if option:
            self.options.append(option)
        if name in _FROM_ATTRIBUTES:
            self.reads_attributes = True

    def _check_method(self, method: cst.FunctionDef) -> None:
        name = method.name.value
        if name.startswith("__") and name not in ("__str__", "__repr__", "__len__", "__lt__"):
            raise FieldError(f"it has a {name} of its own")
        for decorator in method.decorators:
            if dotted(decorator.decorator) not in _DECORATORS:
                raise FieldError(f"its method {name} has a decorator")


def _settings(statement: cst.CSTNode) -> Iterator[tuple[str, cst.BaseExpression]]:
    """What a configuration says, by name."""
    if isinstance(statement, cst.Assign) and isinstance(statement.value, cst.Call):
        for argument in statement.value.args:
            yield argument.keyword.value if argument.keyword else "", argument.value
    elif isinstance(statement, cst.ClassDef):
        for setting in _statements(statement):
            if isinstance(setting, cst.Assign):
                yield dotted(setting.targets[0].target) or "", setting.value
            elif not isinstance(setting, cst.Pass | cst.Expr):
                raise FieldError("its configuration does more than naming values")


def _statements(node: cst.ClassDef) -> Iterator[cst.CSTNode]:
    for statement in node.body.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from statement.body
        else:
            yield statement


class Models:
    """The models of all files, by name."""

    def __init__(self, files: Sequence[SourceFile]) -> None:
        self._models: dict[str, Model] = {}
        candidates = [Model(file, node) for file in files for node in _classes(file.tree)]
        self._adopt(candidates)
        for model in self.all():
            model.read()
            model.is_flat = all(self.find(name) in (None, model) for name in _field_names(model))
        self._inherit()

    def all(self) -> list[Model]:
        """Every model."""
        return list(self._models.values())

    def find(self, meaning: str | None) -> Model | None:
        """The model of this name; the folder that is migrated may be above or below that of the imports."""
        if meaning is None:
            return None
        found = self._models.get(meaning)
        if found is not None or "." not in meaning:
            return found
        last = meaning.rpartition(".")[2]
        for name, model in self._models.items():
            if name.endswith(f".{last}") and (name.endswith(f".{meaning}") or meaning.endswith(f".{name}")):
                return model
        return None

    def settle(self) -> None:
        """Let what keeps one model from being a Struct keep those that are in it, that it is in, and that share a base with it."""
        related: dict[str, set[str]] = {name: set() for name in self._models}
        for model in self.all():
            for name in model.related:
                other = self.find(name)
                if other is not None and other is not model:
                    related[model.name].add(other.name)
                    related[other.name].add(model.name)
        waiting = [model for model in self.all() if model.problem is not None]
        while waiting:
            model = waiting.pop()
            for name in sorted(related[model.name]):
                other = self._models[name]
                if other.problem is None:
                    other.fail(other.line, f"{model.node.name.value}, which it is related to, cannot be one")
                    waiting.append(other)

    def fail_all(self, reason: str) -> None:
        """Keep all models as they are."""
        for model in self.all():
            model.fail(model.line, reason)

    def _inherit(self) -> None:
        """Let models read attributes as those do that they derive from."""
        bases = {model: [self.find(model.file.meaning(base.value)) for base in model.node.bases] for model in self.all()}
        found = True
        while found:
            heirs = [
                model for model in bases if not model.reads_attributes and any(base and base.reads_attributes for base in bases[model])
            ]
            for heir in heirs:
                heir.reads_attributes = True
            found = bool(heirs)

    def _adopt(self, candidates: Sequence[Model]) -> None:
        """Take the classes that have a model for a base, until there are no more."""
        found = True
        while found:
            found = False
            for candidate in candidates:
                meanings: list[str | None] = [candidate.file.meaning(base.value) for base in candidate.node.bases]
                is_model = any(meaning == BASE_MODEL or self.find(meaning) is not None for meaning in meanings)
                if is_model and candidate.name not in self._models:
                    self._models[candidate.name] = candidate
                    found = True


def _field_names(model: Model) -> Iterator[str]:
    for statement in _statements(model.node):
        if isinstance(statement, cst.AnnAssign):
            yield from (name for part in parts(statement.annotation.annotation) if (name := model.file.meaning(part)) is not None)


def _classes(tree: cst.Module) -> Iterator[cst.ClassDef]:
    """The classes of a module, without those inside of others and of functions."""
    for statement in tree.body:
        if isinstance(statement, cst.ClassDef):
            yield statement
