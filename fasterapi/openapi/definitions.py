"""The definitions of models and enums."""

from __future__ import annotations

import enum
import inspect
from typing import Any, Final, cast

import msgspec

from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import ARRAY_STRUCT, ATTRS, NAMED_TUPLE, STRUCT, Model, ModelField
from fasterapi.openapi.components import INPUT
from fasterapi.openapi.json_values import INEXPRESSIBLE, Json, as_json
from fasterapi.openapi.schema_source import SchemaSource
from fasterapi.openapi.type_names import title_of, type_name

_EMPTY_CONTAINERS: Final = (list, dict, set, bytearray)
_TYPES: Final[dict[type, str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}


def define_model(annotation: object, model: Model, mode: int, source: SchemaSource) -> Json:
    """The definition of a model class."""
    if model.kind in (ARRAY_STRUCT, NAMED_TUPLE):
        return _define_row(annotation, model, mode, source)
    properties: Json = {}
    required: list[str] = []
    if model.tag is not None:
        properties[model.tag_field] = {**choice_of([model.tag]), "title": title_of(model.tag_field)}
        required.append(model.tag_field)
    defaults = defaults_of(model)
    for field in fields_of(model, mode, source):
        properties[field.key] = field_schema(field, defaults, mode, source)
        if field.required:
            required.append(field.key)
    definition: Json = {"type": "object", "properties": properties, "title": _title(annotation, model)}
    if required:
        definition["required"] = required
    if model.forbids_extra:
        definition["additionalProperties"] = False
    return _described(definition, model.cls)


def define_enum(members: type[enum.Enum]) -> Json:
    """The definition of an enum: its values."""
    values = [as_json(member.value) for member in members]
    definition = choice_of(values)
    if "const" in definition:
        definition = {"type": definition["type"], "enum": values} if "type" in definition else {"enum": values}
    return _described({**definition, "title": members.__name__}, members)


def choice_of(values: list[Any]) -> Json:
    """The schema of one of several values."""
    kinds = {type(value) for value in values}
    schema: Json = {"const": values[0]} if len(values) == 1 else {"enum": values}
    if len(kinds) == 1:
        kind = _TYPES.get(kinds.pop())
        if kind is not None:
            schema["type"] = kind
    return schema


def fields_of(model: Model, mode: int, source: SchemaSource) -> list[ModelField]:
    """The fields that a request gives, or an answer."""
    fields: list[ModelField] = []
    for field in model.fields:
        if not field.given or field.init_only:
            source.depend_on_direction()
        if field.given if mode == INPUT else not field.init_only:
            fields.append(field)
    return fields


def field_schema(field: ModelField, defaults: dict[str, object], mode: int, source: SchemaSource) -> Json:
    """The schema of one field, with its default."""
    schema = source.titled_schema(field.annotation, NO_CONSTRAINTS, mode, field.key)
    write_default(schema, defaults.get(field.name, MISSING))
    return schema


def write_default(schema: Json, default: object) -> None:
    """Put a default into the schema; none is told where it is `None`, as in FastAPI, or where JSON has nothing for it."""
    if default is MISSING or default is None:
        return
    value = as_json(default)
    if value is not INEXPRESSIBLE:
        schema["default"] = value


def defaults_of(model: Model) -> dict[str, object]:
    """The defaults of the fields that have a fixed one, by name."""
    if model.kind in (STRUCT, ARRAY_STRUCT):
        return _struct_defaults(model.cls)
    if model.kind == ATTRS:
        fixed = {field.name for field in model.fields if not field.required}
        attributes = [attribute for attribute in model.cls.__attrs_attrs__ if attribute.name in fixed]
        # A default that is made anew each time is a `Factory`.
        return {attribute.name: attribute.default for attribute in attributes if not hasattr(attribute.default, "takes_self")}
    return {field.name: field.default for field in model.fields}


def _struct_defaults(cls: type[msgspec.Struct]) -> dict[str, object]:
    defaults: dict[str, object] = {}
    for field in msgspec.structs.fields(cls):
        if field.default is not msgspec.NODEFAULT and field.default is not msgspec.UNSET:
            defaults[field.name] = field.default
        elif field.default_factory in _EMPTY_CONTAINERS:
            # What stands in a Struct as `= []`.
            defaults[field.name] = cast(Any, field.default_factory)()
    return defaults


def _define_row(annotation: object, model: Model, mode: int, source: SchemaSource) -> Json:
    """A model that travels as an array."""
    items: list[Json] = []
    least = 0
    if model.tag is not None:
        items.append(choice_of([model.tag]))
        least = 1
    defaults = defaults_of(model)
    for field in model.fields:
        items.append(field_schema(field, defaults, mode, source))
        least += field.required
    definition: Json = {"type": "array", "title": _title(annotation, model), "minItems": least}
    if items:
        definition["prefixItems"] = items
    if model.forbids_extra:
        definition["maxItems"] = len(items)
    return _described(definition, model.cls)


def _title(annotation: object, model: Model) -> str:
    return type_name(annotation, False) if model.kind in (STRUCT, ARRAY_STRUCT) else model.cls.__name__


def _described(definition: Json, cls: type) -> Json:
    """The definition with the docstring that somebody wrote; dataclasses and named tuples are given one by Python."""
    written: str | None = cls.__dict__.get("__doc__")
    if written and not written.startswith(f"{cls.__name__}(") and written != "An enumeration.":
        # Behind a form feed stands what is not for readers of the document.
        definition["description"] = inspect.cleandoc(written).partition("\f")[0].strip()
    return definition
