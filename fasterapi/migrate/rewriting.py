"""Models as Structs, and what is done with them as what is done with Structs."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import libcst as cst
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, RemoveImportsVisitor
from typing_extensions import override

from fasterapi.migrate.fields import ModelField
from fasterapi.migrate.files import SourceFile
from fasterapi.migrate.findings import Finding
from fasterapi.migrate.models import BASE_MODEL, Model
from fasterapi.migrate.uses import Use

_NOTHING: Final = cst.SimpleWhitespace("")
_EQUAL: Final = cst.AssignEqual(whitespace_before=_NOTHING, whitespace_after=_NOTHING)
_COMMA: Final = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
_LAX: Final = cst.Arg(cst.Name("False"), keyword=cst.Name("strict"), equal=_EQUAL)
"""As pydantic reads texts for numbers."""


class ModelRewriter(cst.CSTTransformer):
    """Rewrites one file; the nodes of models and uses are those of its tree."""

    def __init__(self, file: SourceFile, uses: Mapping[cst.Call, Use], models: Mapping[str, Model]) -> None:
        super().__init__()
        self.findings: list[Finding] = []
        self._file = file
        self._uses = uses
        self._models = {model.node: model for model in models.values() if model.file is file}
        self._names = frozenset(models)

    @override
    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        model = self._models.get(original_node)
        if model is None:
            return updated_node
        base = updated_node.bases[0]
        if self._file.meaning(original_node.bases[0].value) == BASE_MODEL:
            base = base.with_changes(value=cst.parse_expression("msgspec.Struct"))
        options = [cst.Arg(cst.Name("True"), keyword=cst.Name(name), equal=_EQUAL) for name in dict.fromkeys(["kw_only", *model.options])]
        body = updated_node.body
        statements = [
            new
            for before, after in zip(original_node.body.body, body.body, strict=True)
            if (new := self._statement(model, before, after)) is not None
        ]
        kept = statements or [cst.SimpleStatementLine([cst.Pass()])]
        if model.is_called:
            text = f"calls of {model.node.name.value}(...) are no longer validated; msgspec.convert(values, {model.node.name.value}) is"
            self.findings.append(Finding(self._file.shown, model.line, text))
        return updated_node.with_changes(
            bases=[base.with_changes(comma=_COMMA)], keywords=_separated(options), body=body.with_changes(body=kept)
        )

    def _statement(self, model: Model, before: cst.CSTNode, after: cst.CSTNode) -> cst.CSTNode | None:
        """A statement of a model's body, for the body of a Struct; nothing in the place of its configuration."""
        if model.is_configuration(before):
            return None
        if not isinstance(before, cst.SimpleStatementLine) or not isinstance(after, cst.SimpleStatementLine):
            return after
        statement = before.body[0]
        if model.is_configuration(statement):
            return None
        if not isinstance(statement, cst.AnnAssign) or model.is_class_variable(statement):
            return after
        field = ModelField(statement, self._file)
        value = field.value()
        equal = cst.MaybeSentinel.DEFAULT if value is None else _kept_equal(statement)
        changed = statement.with_changes(annotation=field.annotated(), value=value, equal=equal)
        return after.with_changes(body=[changed])

    @override
    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        use = self._uses.get(original_node)
        if use is None or (use.model is not None and use.model.name not in self._names):
            return updated_node
        if not use.method:
            return _call("msgspec.convert", _values(updated_node), cst.Arg(updated_node.func), _LAX)
        function = updated_node.func
        assert isinstance(function, cst.Attribute)
        return self._method(original_node, use, function.value, updated_node.args)

    def _method(self, node: cst.Call, use: Use, receiver: cst.BaseExpression, arguments: Sequence[cst.Arg]) -> cst.BaseExpression:
        told = {argument.keyword.value if argument.keyword else "": argument.value for argument in arguments}
        value = cst.Arg(told.get("", receiver))
        match use.method:
            case "model_dump" | "dict":
                return self._dump(node, use, cst.Arg(receiver), is_json="mode" in told)
            case "model_dump_json" | "json":
                return cst.Call(cst.Attribute(_call("msgspec.json.encode", cst.Arg(receiver)), cst.Name("decode")))
            case "model_copy" | "copy":
                changes = [cst.Arg(told["update"], star="**")] if "update" in told else []
                return _call("msgspec.structs.replace", cst.Arg(receiver), *changes)
            case "model_validate_json" | "parse_raw":
                type_argument = cst.Arg(receiver, keyword=cst.Name("type"), equal=_EQUAL)
                return _call("msgspec.json.decode", value, type_argument, _LAX)
            case _:
                reads_attributes = use.method == "from_orm" or (use.model is not None and use.model.reads_attributes)
                said = told.get("from_attributes", cst.Name("True") if reads_attributes else None)
                attributes = [] if said is None else [cst.Arg(said, keyword=cst.Name("from_attributes"), equal=_EQUAL)]
                return _call("msgspec.convert", value, cst.Arg(receiver), _LAX, *attributes)

    def _dump(self, node: cst.Call, use: Use, receiver: cst.Arg, *, is_json: bool) -> cst.Call:
        if is_json:
            return _call("msgspec.to_builtins", receiver)
        if use.model is not None and use.model.is_flat:
            return _call("msgspec.structs.asdict", receiver)
        text = "msgspec.to_builtins makes texts of dates, UUIDs, Decimals and the like, where model_dump left them as they are"
        self.findings.append(Finding(self._file.shown, self._file.line(node), text))
        return _call("msgspec.to_builtins", receiver)


def with_imports(tree: cst.Module, file: SourceFile) -> cst.Module:
    """The same with the imports that the rewriting calls for, and without those of pydantic that nothing uses any more."""
    context = CodemodContext()
    if "msgspec." in tree.code:
        AddImportsVisitor.add_needed_import(context, "msgspec")
    if "Annotated[" in tree.code and "Annotated" not in file.imports:
        AddImportsVisitor.add_needed_import(context, "typing", "Annotated")
    for name in ("BaseModel", "ConfigDict", "Field"):
        RemoveImportsVisitor.remove_unused_import(context, "pydantic", name)
    RemoveImportsVisitor.remove_unused_import(context, "pydantic")
    return RemoveImportsVisitor(context).transform_module(AddImportsVisitor(context).transform_module(tree))


def _values(call: cst.Call) -> cst.Arg:
    """What a model is called with, as one mapping."""
    if len(call.args) == 1:
        return cst.Arg(call.args[0].value)
    return cst.Arg(cst.Call(cst.Name("dict"), call.args))


def _kept_equal(statement: cst.AnnAssign) -> cst.AssignEqual:
    return statement.equal if isinstance(statement.equal, cst.AssignEqual) else cst.AssignEqual()


def _call(function: str, *arguments: cst.Arg) -> cst.Call:
    return cst.Call(cst.parse_expression(function), _separated(list(arguments)))


def _separated(arguments: list[cst.Arg]) -> list[cst.Arg]:
    return [*[argument.with_changes(comma=_COMMA) for argument in arguments[:-1]], arguments[-1]]
