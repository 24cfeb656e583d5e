"""The request body of an operation, as the document has it."""

from __future__ import annotations

from typing import Final, cast

from fasterapi.binding.markers import BODY, FILE
from fasterapi.binding.models import Model
from fasterapi.binding.parameters import DeclaredParameter, group_of, model_of
from fasterapi.binding.pydantic_groups import PydanticGroup
from fasterapi.openapi.components import INPUT
from fasterapi.openapi.definitions import defaults_of, field_schema, fields_of
from fasterapi.openapi.json_values import Json
from fasterapi.openapi.parameters import DescribedParameter, pydantic_field_schema, write_examples
from fasterapi.openapi.schema_source import SchemaSource

_JSON: Final = "application/json"
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"


def request_body(bodies: list[DeclaredParameter], unique_id: str, source: SchemaSource) -> tuple[Json | None, Json | None]:
    """The Request Body Object (OpenAPI 3.1, 4.8.13), and the definition `Body_…` where the body has a part for each parameter."""
    if not bodies:
        return None, None
    first = bodies[0]
    definition: Json | None = None
    media: Json
    if len(bodies) == 1 and _is_whole(first):
        media = {"schema": DescribedParameter(first, source, False).schema}
        write_examples(media, first.marker)
    else:
        definition = _parts(bodies, f"Body_{unique_id}", source)
        media = {"schema": definition}
    body: Json = {"content": {_media_type(bodies): media}}
    if any(parameter.fallback.required for parameter in bodies):
        body["required"] = True
    return body, definition


def _is_whole(parameter: DeclaredParameter) -> bool:
    """Whether a parameter that stands alone is all of the body, and not a key of it."""
    if parameter.marker.source == BODY:
        return not parameter.marker.flag("embed", False)
    return model_of(parameter.annotation) is not None or group_of(parameter) is not None


def _media_type(bodies: list[DeclaredParameter]) -> str:
    said = {cast("str | None", parameter.marker.options.get("media_type")) for parameter in bodies}
    if len(said) == 1:
        media_type = said.pop()
        if media_type is not None:
            return media_type
    sources = {parameter.marker.source for parameter in bodies}
    if FILE in sources:
        return _MULTIPART
    return _JSON if BODY in sources else _URLENCODED


def _parts(bodies: list[DeclaredParameter], title: str, source: SchemaSource) -> Json:
    properties: Json = {}
    required: list[str] = []
    for parameter in bodies:
        model = None if parameter.marker.source == BODY else model_of(parameter.annotation)
        if model is not None:
            required.extend(_write_fields(model, properties, parameter.fallback.required, source))
            continue
        group = None if parameter.marker.source == BODY else group_of(parameter)
        if group is not None:
            required.extend(_write_pydantic_fields(group, properties, parameter.fallback.required, source))
            continue
        part = DescribedParameter(parameter, source, True).schema
        if parameter.marker.source == FILE:
            _mark_files(part)
        properties[parameter.name] = part
        if parameter.fallback.required:
            required.append(parameter.name)
    schema: Json = {"type": "object", "title": title, "properties": properties}
    if required:
        schema["required"] = required
    return schema


def _mark_files(schema: Json) -> None:
    """Say of contents that they are files, as generators of clients know it from OpenAPI 3.0 (3.0.4, 4.7.14.2)."""
    if "contentMediaType" in schema:
        schema["format"] = "binary"
    for member in schema.get("anyOf", ()):
        _mark_files(member)
    if "items" in schema:
        _mark_files(schema["items"])


def _write_fields(model: Model, properties: Json, is_required: bool, source: SchemaSource) -> list[str]:
    """The fields of a model stand among the other fields of a form."""
    defaults = defaults_of(model)
    fields = fields_of(model, INPUT, source)
    for field in fields:
        properties[field.key] = field_schema(field, defaults, INPUT, source)
    return [field.key for field in fields if field.required and is_required]


def _write_pydantic_fields(group: PydanticGroup, properties: Json, is_required: bool, source: SchemaSource) -> list[str]:
    """The same for a model of pydantic."""
    for field in group.fields:
        properties[field.names[0][1]] = pydantic_field_schema(field, source)
    return [field.names[0][1] for field in group.fields if field.info.is_required() and is_required]
