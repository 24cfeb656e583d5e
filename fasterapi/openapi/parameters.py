"""The parameters of an operation, as the document has them."""

from __future__ import annotations

from typing import Annotated, Final, final

from fasterapi.binding.collected import GroupField, group_fields
from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.markers import MISSING, ParameterMarker
from fasterapi.binding.models import Model
from fasterapi.binding.parameters import DeclaredParameter, group_of, model_of
from fasterapi.binding.pydantic_groups import PydanticField, PydanticGroup
from fasterapi.openapi.components import INPUT
from fasterapi.openapi.definitions import defaults_of, write_default
from fasterapi.openapi.json_values import Json
from fasterapi.openapi.remarks import Remarks, Unwrapped
from fasterapi.openapi.schema_source import SchemaSource, has_own_title
from fasterapi.openapi.type_names import title_of


@final
class DescribedParameter:
    """A parameter's schema and what is said of it outside of the schema too."""

    def __init__(self, parameter: DeclaredParameter, source: SchemaSource, is_part: bool) -> None:
        """A part of a body is titled as a field of a model is."""
        marker = parameter.marker
        unwrapped = Unwrapped(parameter.whole, parameter.constraints)
        self.schema: Final[Json] = source.bare_schema(unwrapped, INPUT)
        self.remarks: Final[Remarks] = unwrapped.remarks
        for item in parameter.metadata:
            if item is not marker:
                self.remarks.add(item)
        self.remarks.add(marker)
        if not (has_own_title(self.schema) if is_part else "$ref" in self.schema):
            self.schema["title"] = title_of(parameter.name)
        write_default(self.schema, MISSING if parameter.fallback.required else parameter.fallback.value)
        remarks = self.remarks
        if unwrapped.is_pydantics:
            # All but the marker was read by pydantic.
            remarks = Remarks()
            remarks.add(marker)
        remarks.write(self.schema)


def parameter_objects(parameters: list[DeclaredParameter], source: SchemaSource) -> list[Json]:
    """The Parameter Objects (OpenAPI 3.1, 4.8.12); where two say the same name of the same place, one that is required holds."""
    found: dict[tuple[str, str], Json] = {}
    for parameter in parameters:
        if not parameter.marker.flag("include_in_schema", True):
            continue
        for written in _objects_of(parameter, source):
            key = (written["in"], written["name"])
            known = found.get(key)
            if known is None or written["required"] or not known["required"]:
                found[key] = written
    return list(found.values())


def _objects_of(parameter: DeclaredParameter, source: SchemaSource) -> list[Json]:
    group = group_of(parameter)
    if group is not None:
        return _pydantic_group_objects(parameter, group, source)
    model = model_of(parameter.annotation)
    if model is not None:
        return _group_objects(parameter, model, source)
    described = DescribedParameter(parameter, source, False)
    written = _object(parameter.name, parameter.marker.source, parameter.fallback.required, described.schema, described.remarks)
    write_examples(written, parameter.marker)
    return [written]


def _group_objects(parameter: DeclaredParameter, model: Model, source: SchemaSource) -> list[Json]:
    """The fields of a model, each of which is a parameter."""
    marker = parameter.marker
    groups: list[GroupField] = group_fields(model, marker.source, marker.flag("convert_underscores", True))
    defaults = defaults_of(model)
    objects: list[Json] = []
    for field, group in zip(model.fields, groups, strict=True):
        if not field.given:
            continue
        unwrapped = Unwrapped(field.annotation, NO_CONSTRAINTS)
        schema = source.bare_schema(unwrapped, INPUT)
        if "$ref" not in schema:
            schema["title"] = title_of(group.name.replace("-", "_"))
        write_default(schema, defaults.get(field.name, MISSING))
        unwrapped.remarks.write(schema)
        objects.append(_object(group.name, marker.source, field.required and parameter.fallback.required, schema, unwrapped.remarks))
    return objects


def _pydantic_group_objects(parameter: DeclaredParameter, group: PydanticGroup, source: SchemaSource) -> list[Json]:
    """The same for a model of pydantic."""
    may_be_absent = group.is_optional and not parameter.fallback.required
    objects: list[Json] = []
    for field in group.fields:
        remarks = Remarks()
        remarks.add(field.info)
        required = field.info.is_required() and not may_be_absent
        objects.append(_object(field.names[0][1], group.source, required, pydantic_field_schema(field, source), remarks))
    return objects


def pydantic_field_schema(field: PydanticField, source: SchemaSource) -> Json:
    """The schema of a field that is a parameter, or a field of a form."""
    schema = source.pydantic_schema(Annotated[field.info.annotation, field.info], NO_CONSTRAINTS, INPUT)
    if "$ref" not in schema:
        schema["title"] = field.info.title or title_of(field.names[0][0])
    return schema


def _object(name: str, place: str, required: bool, schema: Json, remarks: Remarks) -> Json:
    written: Json = {"name": name, "in": place, "required": required, "schema": schema}
    if remarks.description:
        written["description"] = remarks.description
    if remarks.deprecated:
        written["deprecated"] = True
    return written


def write_examples(written: Json, marker: ParameterMarker) -> None:
    """Put the examples of `openapi_examples` into a parameter or a media type."""
    examples = marker.options.get("openapi_examples")
    if examples:
        written["examples"] = examples
