"""One field of a model: what it declares, and the same for a Struct."""

# Interpreted: see `fasterapi.migrate`.

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import libcst as cst

from fasterapi.migrate.files import SourceFile, dotted

_NUMERIC: Final = frozenset({"ge", "gt", "le", "lt", "multiple_of"})
_SIZED: Final = frozenset({"min_length", "max_length"})
_TOLD: Final = frozenset({"title", "description", "examples"})
_NUMBERS: Final = frozenset({"int", "float"})
_TEXTS: Final = frozenset({"str", "bytes"})
_CONTAINERS: Final = frozenset({"list", "dict", "set", "frozenset", "tuple", "List", "Dict", "Set", "FrozenSet", "Tuple"})
_EMPTY: Final = frozenset({"list", "dict", "set", "frozenset", "tuple"})
"""What Structs have anew for each object where the default is an empty one."""
_EXACT: Final = frozenset({"int", "float", "str", "bool", "None"})
"""The types that a union may have several of."""

_KNOWN: Final = frozenset({"typing", "typing_extensions", "collections", "datetime", "decimal", "enum", "uuid"})
"""The modules whose types msgspec reads."""

FIELD: Final = "pydantic.Field"


class FieldError(Exception):
    """What a Struct has no field for; the message says what."""


class ModelField:
    """A field `name: annotation = value`, with what `Field(...)` says of it."""

    def __init__(self, statement: cst.AnnAssign, file: SourceFile) -> None:
        self._file = file
        self.annotation: cst.BaseExpression = statement.annotation.annotation
        self._meta: list[cst.Arg] = []
        self._value: cst.BaseExpression | None = statement.value
        self._factory: cst.BaseExpression | None = None
        if (dotted(statement.target) or "_").startswith("_"):
            raise FieldError("it has a private attribute")
        check_annotation(self.annotation, file)
        if self._is_field(statement.value):
            assert isinstance(statement.value, cst.Call)
            self._value = None
            self._read(statement.value.args)
        self._check_value()
        self._check_meta()

    def annotated(self) -> cst.Annotation:
        """The annotation of a Struct's field."""
        found = self._with_meta(self._swapped(self.annotation))
        return cst.Annotation(found)

    def value(self) -> cst.BaseExpression | None:
        """The default of a Struct's field."""
        if self._factory is not None:
            return cst.Call(cst.parse_expression("msgspec.field"), [_keyword("default_factory", self._factory)])
        value = self._value
        if isinstance(value, cst.List | cst.Dict | cst.Set) and value.elements:
            made = cst.Lambda(cst.Parameters(), value)
            return cst.Call(cst.parse_expression("msgspec.field"), [_keyword("default_factory", made)])
        return value

    def _is_field(self, value: cst.BaseExpression | None) -> bool:
        return isinstance(value, cst.Call) and self._file.meaning(value.func) == FIELD

    def _read(self, arguments: Sequence[cst.Arg]) -> None:
        for argument in arguments:
            name = "default" if argument.keyword is None and not argument.star else argument.keyword and argument.keyword.value
            if name == "default":
                self._value = None if isinstance(argument.value, cst.Ellipsis) else argument.value
            elif name == "default_factory":
                self._factory = argument.value
            elif name in _NUMERIC | _SIZED | _TOLD | {"pattern"}:
                self._meta.append(_keyword(str(name), argument.value))
            else:
                raise FieldError(f"Field({name or '**'}=...) has no counterpart")

    def _check_value(self) -> None:
        value = self._value
        if value is None or isinstance(value, cst.SimpleString | cst.Integer | cst.Float | cst.Name | cst.Attribute | cst.UnaryOperation):
            return
        if isinstance(value, cst.List | cst.Dict | cst.Set | cst.Tuple | cst.ConcatenatedString):
            return
        if isinstance(value, cst.Call) and not value.args and dotted(value.func) in _EMPTY:
            return
        raise FieldError("a default is made by a call, which pydantic copies for each object")

    def _check_meta(self) -> None:
        inner = _without_none(self.annotation, self._file)
        bare = dotted(inner.value if isinstance(inner, cst.Subscript) else inner)
        for argument in self._meta:
            assert argument.keyword is not None
            name = argument.keyword.value
            if (
                (name in _NUMERIC and bare not in _NUMBERS)
                or (name in _SIZED and bare not in _TEXTS | _CONTAINERS)
                or (name == "pattern" and bare != "str")
            ):
                raise FieldError(f"{name} holds for no {bare or 'type like this'} in msgspec")

    def _with_meta(self, annotation: cst.BaseExpression) -> cst.BaseExpression:
        """`Annotated[..., Meta(...)]`, inside of what may be `None`: constraints hold for one type only."""
        if not self._meta:
            return annotation
        inner = _without_none(annotation, self._file)
        found = _annotated(inner, self._meta)
        if inner is annotation:
            return found
        return cst.BinaryOperation(found, cst.BitOr(), cst.Name("None"))

    def _swapped(self, annotation: cst.BaseExpression) -> cst.BaseExpression:
        """`Annotated[int, Field(ge=0)]` with msgspec's word for it."""
        if not _is_annotated(annotation, self._file):
            return annotation
        assert isinstance(annotation, cst.Subscript)
        elements = []
        for element in annotation.slice:
            inside = element.slice.value if isinstance(element.slice, cst.Index) else None
            if self._is_field(inside):
                assert isinstance(inside, cst.Call)
                meta = inside.with_changes(func=cst.parse_expression("msgspec.Meta"))
                elements.append(element.with_changes(slice=cst.Index(meta)))
            else:
                elements.append(element)
        return annotation.with_changes(slice=elements)


def check_annotation(annotation: cst.BaseExpression, file: SourceFile) -> None:
    """Raise `FieldError` for types that Structs read otherwise than models do, or not at all."""
    for node in parts(annotation):
        meaning = file.meaning(node) if isinstance(node, cst.Name | cst.Attribute) else None
        if meaning is not None and meaning.startswith("pydantic.") and meaning != FIELD:
            raise FieldError(f"msgspec has no {meaning.removeprefix('pydantic.')}")
        if meaning is not None and _is_foreign(str(dotted(node)), meaning, file):
            raise FieldError(f"msgspec may not know {meaning}")
        if isinstance(node, cst.Call) and file.meaning(node.func) == FIELD:
            names = {argument.keyword.value if argument.keyword else "default" for argument in node.args}
            if names - (_NUMERIC | _SIZED | _TOLD | {"pattern"}):
                raise FieldError("Field(...) in Annotated says more than constraints")
        members = union_members(node, file)
        if len([member for member in members if dotted(member) != "None"]) > 1 and any(dotted(member) not in _EXACT for member in members):
            raise FieldError("msgspec tells the members of a union apart only where each is of another kind")


def _is_foreign(path: str, meaning: str, file: SourceFile) -> bool:
    """Whether a type comes from a package that is neither the project's own nor one that msgspec knows."""
    is_imported = path.partition(".")[0] in file.imports
    return is_imported and meaning != FIELD and meaning.partition(".")[0] not in _KNOWN | file.roots


def parts(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """All expressions within one, itself among them, and those in texts; paths of attributes are taken as a whole."""
    visitor = _Parts()
    node.visit(visitor)
    found = visitor.found
    for text in [part for part in found if isinstance(part, cst.SimpleString)]:
        try:
            inner = cst.parse_expression(str(text.evaluated_value))
        except cst.ParserSyntaxError:
            continue
        if not isinstance(inner, cst.SimpleString):
            found = [*found, *parts(inner)]
    return found


def union_members(node: cst.CSTNode, file: SourceFile) -> list[cst.BaseExpression]:
    """The members of `A | B` and of `Union[A, B]`; none for anything else."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        return [*(union_members(node.left, file) or [node.left]), *(union_members(node.right, file) or [node.right])]
    if isinstance(node, cst.Subscript) and file.meaning(node.value) in ("typing.Union", "typing.Optional"):
        members = [element.slice.value for element in node.slice if isinstance(element.slice, cst.Index)]
        return [*members, cst.Name("None")] if file.meaning(node.value) == "typing.Optional" else members
    return []


class _Parts(cst.CSTVisitor):
    def __init__(self) -> None:
        self.found: list[cst.BaseExpression] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.BaseExpression):
            self.found.append(node)
        return not isinstance(node, cst.Attribute)


def _without_none(annotation: cst.BaseExpression, file: SourceFile) -> cst.BaseExpression:
    """`int` of `int | None`."""
    members = [member for member in union_members(annotation, file) if dotted(member) != "None"]
    return members[0] if len(members) == 1 else annotation


def _is_annotated(annotation: cst.BaseExpression, file: SourceFile) -> bool:
    return isinstance(annotation, cst.Subscript) and file.meaning(annotation.value) in (
        "typing.Annotated",
        "typing_extensions.Annotated",
    )


def _annotated(inner: cst.BaseExpression, meta: Sequence[cst.Arg]) -> cst.Subscript:
    said = cst.Call(cst.parse_expression("msgspec.Meta"), _spaced(meta))
    return cst.Subscript(
        cst.Name("Annotated"),
        [
            cst.SubscriptElement(cst.Index(inner), comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))),
            cst.SubscriptElement(cst.Index(said)),
        ],
    )


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    nothing = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=nothing, whitespace_after=nothing)
    return cst.Arg(value, keyword=cst.Name(name), equal=equal)


def _spaced(arguments: Sequence[cst.Arg]) -> list[cst.Arg]:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return [*[argument.with_changes(comma=comma) for argument in arguments[:-1]], arguments[-1]]
