"""The schemas of types, in the words of FastAPI's."""

from __future__ import annotations

import collections
import collections.abc
import datetime
import decimal
import enum
import ipaddress
import pathlib
import types
import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, Literal, Union, cast, final, get_args, get_origin

import msgspec
from typing_extensions import override

from fasterapi.binding.aliases import is_alias
from fasterapi.binding.annotations import DICTS, LISTS, SETS, alias_target
from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints
from fasterapi.binding.models import ARRAY_STRUCT, STRUCT, Model, read_model
from fasterapi.http.uploads import UploadFile
from fasterapi.openapi.bounds import write_bounds
from fasterapi.openapi.components import INPUT, OUTPUT, Component, NamedComponents, spread
from fasterapi.openapi.definitions import choice_of, define_enum, define_model
from fasterapi.openapi.json_values import Json, as_json
from fasterapi.openapi.remarks import Unwrapped
from fasterapi.openapi.schema_source import SchemaSource
from fasterapi.openapi.type_names import type_name

if TYPE_CHECKING:
    from fasterapi.openapi.pydantic_schemas import PydanticSchemas

_BINARY: Final[Json] = {"type": "string", "contentMediaType": "application/octet-stream"}
_SCALARS: Final[dict[object, Json]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    bytes: _BINARY,
    bytearray: _BINARY,
    memoryview: _BINARY,
    UploadFile: _BINARY,
    None: {"type": "null"},
    types.NoneType: {"type": "null"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    datetime.date: {"type": "string", "format": "date"},
    datetime.time: {"type": "string", "format": "time"},
    datetime.timedelta: {"type": "string", "format": "duration"},
    uuid.UUID: {"type": "string", "format": "uuid"},
    ipaddress.IPv4Address: {"type": "string", "format": "ipv4"},
    ipaddress.IPv6Address: {"type": "string", "format": "ipv6"},
    ipaddress.IPv4Network: {"type": "string", "format": "ipv4network"},
    ipaddress.IPv6Network: {"type": "string", "format": "ipv6network"},
    ipaddress.IPv4Interface: {"type": "string", "format": "ipv4interface"},
    ipaddress.IPv6Interface: {"type": "string", "format": "ipv6interface"},
}
_STREAMS: Final = (
    collections.deque,
    collections.abc.Sequence,
    collections.abc.Iterator,
    collections.abc.Generator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncIterator,
    collections.abc.AsyncGenerator,
)
_ARRAYS: Final = (*LISTS, *_STREAMS)
_NULL: Final[Json] = {"type": "null"}


@final
class SchemaBook(SchemaSource):
    """The schemas of one document; models are defined once, when all of them are known."""

    def __init__(self, separates_directions: bool) -> None:
        """Without `separates_directions` what an answer gives is described as what a request gives."""
        self._separates_directions = separates_directions
        self._components: dict[object, Component] = {}
        self._models: dict[object, Model] = {}
        self._pending: list[tuple[Component, int]] = []
        self._defining: Component | None = None
        self._pydantic: PydanticSchemas | None = None

    @override
    def bare_schema(self, unwrapped: Unwrapped, mode: int) -> Json:
        if unwrapped.is_pydantics:
            return self.pydantic_schema(unwrapped.annotation, unwrapped.constraints, mode)
        schema = self._typed(unwrapped.annotation, mode if self._separates_directions else INPUT)
        write_bounds(schema, unwrapped.constraints)
        return schema

    @override
    def pydantic_schema(self, annotation: object, constraints: Constraints, mode: int) -> Json:
        # Imported late: without a type of pydantic's nobody needs pydantic.
        from fasterapi.openapi.pydantic_schemas import PydanticSchemas, computes_fields

        if self._pydantic is None:
            self._pydantic = PydanticSchemas(self._component_of)
        is_split = self._separates_directions or computes_fields(annotation)
        return self._pydantic.schema(annotation, constraints, mode if is_split else INPUT)

    @override
    def depend_on_direction(self) -> None:
        if self._defining is not None:
            self._defining.depends_on_direction = True

    def finish(self, taken: Collection[str]) -> NamedComponents:
        """Define all that was referred to, under other names than those that are taken; no schema may be asked for after this."""
        if self._pydantic is not None:
            self._pydantic.define()
        while True:
            self._define_pending()
            components = list(self._components.values())
            spread(components)
            self._pending = [(component, mode) for component in components for mode in (INPUT, OUTPUT) if component.lacks(mode)]
            if not self._pending:
                return NamedComponents(components, taken)

    def _typed(self, annotation: Any, mode: int) -> Json:
        origin = get_origin(annotation)
        kind = annotation if origin is None else origin
        arguments = get_args(annotation)
        if isinstance(kind, collections.abc.Hashable) and kind in _SCALARS:
            return dict(_SCALARS[kind])
        if kind is Union or kind is types.UnionType:
            return self._union(arguments, mode)
        if kind is Literal:
            return choice_of([as_json(argument) for argument in arguments])
        if is_alias(kind):
            return self._reference(annotation, mode)
        container = self._container(kind, arguments, annotation, mode)
        if container is not None:
            return container
        return self._of_class(kind, annotation, mode)

    def _of_class(self, kind: Any, annotation: Any, mode: int) -> Json:
        if not isinstance(kind, type):
            return {}
        if kind is decimal.Decimal:
            self.depend_on_direction()
            return {"anyOf": [{"type": "number"}, {"type": "string"}]} if mode == INPUT else {"type": "string"}
        if issubclass(kind, pathlib.PurePath):
            return {"type": "string", "format": "path"}
        if issubclass(kind, UploadFile):
            return dict(_BINARY)
        if annotation in self._components or issubclass(kind, enum.Enum):
            return self._reference(annotation, mode)
        model = read_model(annotation)
        if model is None:
            return {}
        self._models[annotation] = model
        return self._reference(annotation, mode)

    def _container(self, kind: Any, arguments: tuple[Any, ...], annotation: Any, mode: int) -> Json | None:
        if kind is tuple:
            return self._tuple(arguments, annotation, mode)
        if kind in DICTS:
            return self._mapping(arguments, mode)
        if kind in _ARRAYS:
            return {"type": "array", "items": self._item(arguments[0], mode) if arguments else {}}
        if kind in SETS or kind is frozenset:
            return {"type": "array", "items": self._item(arguments[0], mode) if arguments else {}, "uniqueItems": True}
        return None

    def _tuple(self, arguments: tuple[Any, ...], annotation: Any, mode: int) -> Json:
        if len(arguments) == 2 and arguments[1] is ...:
            return {"type": "array", "items": self._item(arguments[0], mode)}
        if not arguments and get_origin(annotation) is None:
            return {"type": "array", "items": {}}
        schema: Json = {"type": "array", "minItems": len(arguments), "maxItems": len(arguments)}
        if arguments:
            schema["prefixItems"] = [self._item(argument, mode) for argument in arguments]
        return schema

    def _mapping(self, arguments: tuple[Any, ...], mode: int) -> Json:
        if not arguments:
            return {"type": "object", "additionalProperties": True}
        keys = self._item(arguments[0], mode)
        values = self._item(arguments[1], mode)
        schema: Json = {"type": "object"}
        pattern = keys.pop("pattern", None)
        if pattern is not None:
            schema["patternProperties"] = {pattern: values}
        else:
            schema["additionalProperties"] = values or True
        if "$ref" in keys or keys.get("type") == "string":
            keys.pop("type", None)
            if keys:
                schema["propertyNames"] = keys
        return schema

    def _item(self, annotation: Any, mode: int) -> Json:
        return self.schema(annotation, NO_CONSTRAINTS, mode)

    def _union(self, arguments: tuple[Any, ...], mode: int) -> Json:
        chosen = [member for member in arguments if member is not types.NoneType and member is not msgspec.UnsetType]
        members = self._members(chosen, mode)
        if types.NoneType in arguments:
            members.append(dict(_NULL))
        return members[0] if len(members) == 1 else {"anyOf": members}

    def _members(self, chosen: list[Any], mode: int) -> list[Json]:
        """The schemas of the members of a union; Structs that a tag tells apart are one, at the place of the first."""
        models = [_tagged_model(member) for member in chosen]
        tagged = [index for index, model in enumerate(models) if model is not None]
        members: list[Json] = []
        for index, member in enumerate(chosen):
            if len(tagged) > 1 and index in tagged:
                if index == tagged[0]:
                    members.append(self._tagged([(chosen[one], cast(Model, models[one])) for one in tagged], mode))
                continue
            schema = self._item(member, mode)
            for part in schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]:
                if part not in members:
                    members.append(part)
        return members

    def _tagged(self, choices: list[tuple[Any, Model]], mode: int) -> Json:
        references = [self._item(annotation, mode) for annotation, _ in choices]
        if choices[0][1].kind == ARRAY_STRUCT:
            # A discriminator names a property, which an array has not.
            return {"oneOf": references}
        mapping = {str(model.tag): reference["$ref"] for (_, model), reference in zip(choices, references, strict=True)}
        return {"oneOf": references, "discriminator": {"propertyName": choices[0][1].tag_field, "mapping": mapping}}

    def _reference(self, annotation: Any, mode: int) -> Json:
        component = self._components.get(annotation)
        if component is None:
            component = self._component_of(annotation, type_name(annotation, False), type_name(annotation, True))
            self._pending.append((component, mode))
        component.used[mode] = True
        if self._defining is not None:
            self._defining.refers.add(component)
        return {"$ref": component.placeholder(mode)}

    def _component_of(self, key: object, name: str, path: str) -> Component:
        """The component of a type, by what nothing else in the document is."""
        component = self._components.get(key)
        if component is None:
            component = self._components[key] = Component(key, len(self._components), name, path)
        return component

    def _define_pending(self) -> None:
        while self._pending:
            component, mode = self._pending.pop()
            self._defining = component
            component.definitions[mode] = self._define(component.annotation, mode)
            self._defining = None

    def _define(self, annotation: Any, mode: int) -> Json:
        origin = get_origin(annotation)
        kind = annotation if origin is None else origin
        if is_alias(kind):
            return self._item(alias_target(kind, get_args(annotation)), mode)
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return define_enum(kind)
        return define_model(annotation, self._models[annotation], mode, self)


def _tagged_model(member: Any) -> Model | None:
    annotation = Unwrapped(member, NO_CONSTRAINTS).annotation
    origin = get_origin(annotation) or annotation
    if not isinstance(origin, type) or not issubclass(origin, msgspec.Struct) or origin.__struct_config__.tag is None:
        return None
    model = read_model(annotation)
    return model if model is not None and model.kind in (STRUCT, ARRAY_STRUCT) else None
