"""What a file does with models: which variable holds which, what is called on it, and what no Struct could stand in for."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

from typing import Final, NamedTuple

import libcst as cst
from typing_extensions import override

from fasterapi.migrate.fields import FIELD, union_members
from fasterapi.migrate.files import SourceFile, dotted
from fasterapi.migrate.models import BASE_MODEL, Model, Models

OF_OBJECTS: Final = frozenset({"model_dump", "model_dump_json", "model_copy", "dict", "json", "copy"})
OF_CLASSES: Final = frozenset({"model_validate", "model_validate_json", "parse_obj", "parse_raw", "from_orm"})
_COMMON: Final = frozenset({"json", "copy"})
"""Methods that many other objects have."""

_TAKES: Final = {"model_dump": {"mode"}, "model_copy": {"update"}, "copy": {"update"}, "model_validate": {"from_attributes"}}
_KNOWN: Final = frozenset({"pydantic.BaseModel", FIELD, "pydantic.ConfigDict"})


class Use(NamedTuple):
    """A call that is written otherwise for Structs."""

    method: str
    """Empty where the class itself is called with `**`."""
    model: Model | None
    """`None` where only the name of the method tells that it is a model's."""


class UseReader(cst.CSTVisitor):
    """Reads one file: collects its uses, and notes on models, or on all of them, what keeps them as they are."""

    def __init__(self, file: SourceFile, models: Models) -> None:
        self.uses: dict[cst.Call, Use] = {}
        self.unclear: list[tuple[int, str]] = []
        """What keeps all models as they are if any of them stays as it is, and its line."""
        self.obstacles: list[tuple[int, str]] = []
        """What keeps all models as they are."""
        self.remarks: list[tuple[int, str]] = []
        self._file = file
        self._models = models
        self._variables: list[dict[str, Model]] = [{}]
        self._classes: list[Model | None] = []

    # Where names are known.

    @override
    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._classes.append(self._models.find(self._file.meaning(node.name)))

    @override
    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._classes.pop()

    @override
    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        known = dict(self._variables[-1])
        parameters = node.params
        for parameter in [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]:
            model = None if parameter.annotation is None else self._held(parameter.annotation.annotation)
            known.pop(parameter.name.value, None)
            if model is not None:
                known[parameter.name.value] = model
        owner = self._classes[-1] if self._classes else None
        if owner is not None and parameters.params and parameters.params[0].name.value == "self":
            known["self"] = owner
        self._variables.append(known)

    @override
    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._variables.pop()

    @override
    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        model = self._held(node.annotation.annotation)
        if model is not None and isinstance(node.target, cst.Name):
            self._variables[-1][node.target.value] = model

    @override
    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            if isinstance(target.target, cst.Name):
                self._variables[-1].pop(target.target.value, None)
                model = self._made(node.value)
                if model is not None:
                    self._variables[-1][target.target.value] = model

    def _held(self, annotation: cst.BaseExpression) -> Model | None:
        """The model that a variable with an annotation holds."""
        members = [member for member in union_members(annotation, self._file) if dotted(member) != "None"]
        if len(members) == 1:
            return self._held(members[0])
        if isinstance(annotation, cst.Subscript) and (self._file.meaning(annotation.value) or "").endswith(".Annotated"):
            first = annotation.slice[0].slice
            return self._held(first.value) if isinstance(first, cst.Index) else None
        return self._models.find(self._file.meaning(annotation))

    def _made(self, value: cst.BaseExpression) -> Model | None:
        """The model that an expression makes an object of."""
        if not isinstance(value, cst.Call):
            return None
        direct = self._models.find(self._file.meaning(value.func))
        if direct is not None or not isinstance(value.func, cst.Attribute):
            return direct
        if value.func.attr.value in OF_CLASSES:
            return self._models.find(self._file.meaning(value.func.value))
        return self._receiver(value.func.value) if value.func.attr.value in ("model_copy", "copy") else None

    def _receiver(self, value: cst.BaseExpression) -> Model | None:
        if isinstance(value, cst.Name):
            return self._variables[-1].get(value.value)
        return self._made(value)

    # What is done with them.

    @override
    def visit_Call(self, node: cst.Call) -> None:
        called = self._models.find(self._file.meaning(node.func))
        if called is not None:
            called.is_called = True
            if any(argument.star == "**" for argument in node.args):
                self.uses[node] = Use("", called)
        elif isinstance(node.func, cst.Attribute):
            self._method(node, node.func)
        elif dotted(node.func) == "dict" and node.args and not node.args[0].star:
            model = self._receiver(node.args[0].value)
            if model is not None:
                model.fail(self._file.line(node), "dict(...) is made of it, and a Struct is no sequence of pairs")

    def _method(self, node: cst.Call, function: cst.Attribute) -> None:
        name = function.attr.value
        line = self._file.line(node)
        of_class = self._models.find(self._file.meaning(function.value))
        model = of_class if name in OF_CLASSES else self._receiver(function.value)
        if name not in OF_OBJECTS | OF_CLASSES or (model is None and name in _COMMON):
            return
        if model is None and (self._is_foreign(function.value) or not (name.startswith("model_") or name == "dict")):
            return
        said = {argument.keyword.value if argument.keyword else "" for argument in node.args}
        allowed = _TAKES.get(name, set()) | ({""} if name in OF_CLASSES else set())
        if said - allowed or any(argument.star for argument in node.args):
            self._refuse(model, line, f"{name}({', '.join(sorted(said - allowed)) or '*'}) has no counterpart")
            return
        self.uses[node] = Use(name, model)
        if model is None:
            self.unclear.append((line, f"it cannot be told whose {name}() this is"))

    def _is_foreign(self, value: cst.BaseExpression) -> bool:
        """Whether it is a class that another package has."""
        meaning = self._file.imports.get((dotted(value) or "").partition(".")[0])
        return meaning is not None and meaning.partition(".")[0] not in self._file.roots

    @override
    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = node.attr.value
        if (name.startswith("model_") or name in ("__fields__", "update_forward_refs")) and name not in OF_OBJECTS | OF_CLASSES:
            self._refuse(
                self._receiver(node.value) or self._models.find(self._file.meaning(node.value)),
                self._file.line(node),
                f"there is no {name}",
            )
        meaning = self._file.meaning(node)
        if meaning is not None and meaning.startswith("pydantic."):
            self._pydantic(node, meaning)

    @override
    def visit_Name(self, node: cst.Name) -> None:
        meaning = self._file.imports.get(node.value)
        if meaning is not None and meaning.startswith("pydantic."):
            self._pydantic(node, meaning)

    @override
    def visit_Import(self, node: cst.Import) -> bool:
        return False

    @override
    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def _pydantic(self, node: cst.CSTNode, meaning: str) -> None:
        """A name of pydantic: inside of models they are judged with the fields."""
        if self._classes and self._classes[-1] is not None:
            return
        if meaning == FIELD:
            self.remarks.append(
                (self._file.line(node), "pydantic's Field stands outside of a model: write Query, Body, ... or msgspec.Meta")
            )
        elif meaning not in _KNOWN or meaning == BASE_MODEL:
            self.obstacles.append((self._file.line(node), f"{meaning} is used here, which Structs have no part in"))

    @override
    def visit_BinaryOperation(self, node: cst.BinaryOperation) -> None:
        self._union(node)

    @override
    def visit_Subscript(self, node: cst.Subscript) -> None:
        self._union(node)

    def _union(self, node: cst.BaseExpression) -> None:
        found = [model for member in union_members(node, self._file) if (model := self._models.find(self._file.meaning(member)))]
        if len(found) > 1:
            for model in found:
                model.fail(self._file.line(node), "a union has several models, which Structs need tags for")

    def _refuse(self, model: Model | None, line: int, reason: str) -> None:
        if model is None:
            self.obstacles.append((line, reason))
        else:
            model.fail(line, reason)
