"""The fields of a model class, read once: `msgspec.Struct`, dataclass, `TypedDict`, `NamedTuple`, attrs class."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, NotRequired, Required, TypeVar, Union, cast, final, get_args, get_origin

import msgspec
import typing_extensions

from fasterapi.binding.markers import MISSING

STRUCT: Final = 0
ARRAY_STRUCT: Final = 1
"""A Struct written as an array (`array_like=True`)."""
DATACLASS: Final = 2
TYPED_DICT: Final = 3
NAMED_TUPLE: Final = 4
ATTRS: Final = 5


@final
class ModelField:
    """One field: its names in Python and in JSON, its annotation, what stands in where it is not given."""

    def __init__(
        self, name: str, key: str, annotation: object, default: object, factory: Callable[[], object] | None, required: bool
    ) -> None:
        self.name = name
        self.key = key
        self.annotation = annotation
        self.default = default
        self.factory = factory
        self.required = required
        self.argument = name
        self.given = True
        """Whether a request may give it: `False` for `field(init=False)`."""
        self.init_only = False
        """Whether it is an `InitVar`, which only `__post_init__` sees."""


@final
class Model:
    """A model class and its fields, in the order in which faults are told."""

    def __init__(self, kind: int, cls: type, name: str, fields: list[ModelField]) -> None:
        self.kind = kind
        self.cls: Any = cls
        self.name = name
        self.fields = fields
        self.tag: str | int | None = None
        self.tag_field = ""
        self.forbids_extra = False
        self.decodable = True
        """Whether the decoder builds it as FastAPI would; not so where a field is closed to requests or converted."""


def read_model(annotation: object) -> Model | None:
    """The fields of a model class or of a generic one with its arguments (`Page[Item]`), `None` for anything else."""
    origin = get_origin(annotation)
    cls = annotation if origin is None else origin
    if not isinstance(cls, type):
        return None
    kind = _kind_of(cls)
    if kind < 0:
        return None
    arguments = get_args(annotation)
    hints = _resolved_hints(cls, arguments)
    name = cls.__name__
    if arguments and kind == STRUCT:
        name += f"[{', '.join([getattr(argument, '__name__', str(argument)) for argument in arguments])}]"
    model = Model(kind, cls, name, [])
    if kind == STRUCT:
        _read_struct(model, hints)
    elif kind == DATACLASS:
        _read_dataclass(model, hints)
    elif kind == ATTRS:
        _read_attrs(model, hints)
    elif kind == TYPED_DICT:
        _read_typed_dict(model, hints)
    else:
        _read_named_tuple(model, hints)
        model.forbids_extra = True
    return model


def _kind_of(cls: type) -> int:
    if hasattr(cls, "__pydantic_validator__"):
        # A pydantic dataclass looks like a plain one, but has checks of its own, which must not be skipped.
        return -1
    if issubclass(cls, msgspec.Struct):
        return STRUCT
    if dataclasses.is_dataclass(cls):
        return DATACLASS
    if typing_extensions.is_typeddict(cls):
        return TYPED_DICT
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return NAMED_TUPLE
    return ATTRS if hasattr(cls, "__attrs_attrs__") else -1


def _read_struct(model: Model, hints: Mapping[str, object]) -> None:
    config = cast("type[msgspec.Struct]", model.cls).__struct_config__
    if config.array_like:
        model.kind = ARRAY_STRUCT
    model.tag = config.tag
    model.tag_field = config.tag_field or ""
    model.forbids_extra = config.forbid_unknown_fields
    fields = [
        ModelField(field.name, field.encode_name, hints[field.name], MISSING, None, field.required)
        for field in msgspec.structs.fields(model.cls)
    ]
    if model.kind == STRUCT:
        # Keyword-only fields stand last in the class; faults are told in the order of the annotations.
        position = {name: index for index, name in enumerate(hints)}
        fields.sort(key=lambda field: position[field.name])
    model.fields = fields


def _read_dataclass(model: Model, hints: Mapping[str, object]) -> None:
    table: Mapping[str, dataclasses.Field[object]] = model.cls.__dataclass_fields__
    for name, field in table.items():
        hint = hints[name]
        if get_origin(hint) is ClassVar or hint is ClassVar:
            continue
        default = MISSING if field.default is dataclasses.MISSING else field.default
        factory = None if field.default_factory is dataclasses.MISSING else field.default_factory
        found = ModelField(name, name, hint, default, factory, default is MISSING and factory is None)
        found.given = field.init
        found.init_only = isinstance(hint, dataclasses.InitVar)
        if found.init_only:
            found.annotation = cast(Any, hint).type
        if not found.given or found.init_only:
            model.decodable = False
        model.fields.append(found)


def _read_attrs(model: Model, hints: Mapping[str, object]) -> None:
    for attribute in model.cls.__attrs_attrs__:
        name: str = attribute.name
        found = ModelField(name, name, hints.get(name, Any), MISSING, None, attribute.default is _nothing(attribute))
        found.argument = attribute.alias
        found.given = attribute.init
        if not found.given or attribute.converter is not None:
            model.decodable = False
        model.fields.append(found)


def _nothing(attribute: object) -> object:
    """The marker of attrs for "no default", without importing attrs."""
    return getattr(inspect.getmodule(type(attribute)), "NOTHING", None)


def _read_typed_dict(model: Model, hints: Mapping[str, object]) -> None:
    required: frozenset[str] = model.cls.__required_keys__
    for name, hint in hints.items():
        # In a module with string annotations the class itself does not see these two.
        origin = get_origin(hint)
        is_required = origin is Required or (origin is not NotRequired and name in required)
        model.fields.append(ModelField(name, name, hint, MISSING, None, is_required))


def _read_named_tuple(model: Model, hints: Mapping[str, object]) -> None:
    defaults: Mapping[str, object] = model.cls._field_defaults
    for name in model.cls._fields:
        model.fields.append(ModelField(name, name, hints.get(name, Any), defaults.get(name, MISSING), None, name not in defaults))


def _resolved_hints(cls: type, arguments: tuple[object, ...]) -> dict[str, object]:
    """All annotations with names resolved and type variables replaced by what they stand for, base classes first."""
    hints: dict[str, object] = typing.get_type_hints(cls, include_extras=True)
    bound = _type_arguments(cls, arguments)
    owners: dict[str, type] = {}
    for base in reversed(cls.__mro__):
        if base in bound:
            for name in inspect.get_annotations(base):
                owners[name] = base
    empty: dict[object, object] = {}
    return {name: replace_variables(hint, bound.get(owners.get(name, cls), empty)) for name, hint in hints.items()}


def _type_arguments(cls: type, arguments: tuple[object, ...]) -> dict[type, dict[object, object]]:
    """What each class among the bases got for its own type variables."""
    bound: dict[type, dict[object, object]] = {}
    pending: list[tuple[type, tuple[object, ...]]] = [(cls, arguments)]
    while pending:
        current, given = pending.pop()
        # A generic class without arguments leaves its variables open.
        table: dict[object, object] = dict(zip(getattr(current, "__parameters__", ()), given, strict=False))
        bound[current] = table
        for base in current.__dict__.get("__orig_bases__", current.__bases__):
            origin = get_origin(base) or base
            if isinstance(origin, type) and origin not in (object, typing.Generic) and origin not in bound:
                pending.append((origin, tuple([replace_variables(argument, table) for argument in get_args(base)])))
    return bound


def replace_variables(hint: Any, table: Mapping[object, object]) -> object:
    """The hint with each type variable replaced; one that got nothing stands for its bound, its constraints, or anything."""
    if isinstance(hint, TypeVar):
        if hint in table:
            return table[hint]
        if hint.__constraints__:
            return Union[hint.__constraints__]  # noqa: UP007 - a tuple of types
        return Any if hint.__bound__ is None else hint.__bound__
    if isinstance(hint, dataclasses.InitVar):
        return dataclasses.InitVar(cast(Any, replace_variables(hint.type, table)))
    variables = getattr(hint, "__parameters__", ())
    if not variables or isinstance(hint, type):
        return hint
    return hint[tuple([replace_variables(variable, table) for variable in variables])]
