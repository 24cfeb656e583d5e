"""The schemas of pydantic's types, which pydantic writes itself.

Interpreted: it subclasses a class of pydantic, and is imported only by documents that have such a type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias, get_args

from pydantic.json_schema import CoreModeRef, DefsRef, GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from typing_extensions import override

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.pydantic_types import is_pydantic_model
from fasterapi.binding.pydantic_values import PydanticType
from fasterapi.openapi.components import INPUT, OUTPUT, PREFIX, Component
from fasterapi.openapi.json_values import Json

_MODES: Final[dict[int, JsonSchemaMode]] = {INPUT: "validation", OUTPUT: "serialization"}
_DIRECTIONS: Final = {"validation": INPUT, "serialization": OUTPUT}

_BRACKETS: Final = re.compile(r"([\[\],])")

_CoreRef: TypeAlias = str
"""What pydantic calls a type that has a definition: `app.models.Item:94012345`."""


class PydanticSchemas:
    """The schemas of pydantic's types in one document, whose definitions stand among its other components."""

    def __init__(self, component_of: Callable[[_CoreRef, str, str], Component]) -> None:
        """`component_of` gives the component of a type by pydantic's name for it, its name and its name with its module."""
        self._generator = _Generator(component_of)

    def schema(self, annotation: object, constraints: Constraints, mode: int) -> Json:
        """The schema of an annotation, a fresh one that may be added to."""
        known = PydanticType(annotation, constraints)
        return dict(self._generator.write(known.adapter.core_schema, _MODES[mode]))

    def define(self) -> None:
        """Give the components of all types that were met so far their definitions."""
        self._generator.define()


class _Generator(GenerateJsonSchema):
    """Writes schemas one by one, and refers to definitions by the placeholders of the document's components."""

    def __init__(self, component_of: Callable[[_CoreRef, str, str], Component]) -> None:
        super().__init__(ref_template=f"{PREFIX}{{model}}")
        self._component_of = component_of
        self._components: dict[DefsRef, tuple[Component, int]] = {}

    def write(self, schema: CoreSchema, mode: JsonSchemaMode) -> JsonSchemaValue:
        """The schema of a type, which is not the only one that is written."""
        self._mode = mode
        return self.generate_inner(schema)

    def define(self) -> None:
        """Hand on the definitions that were written."""
        for key, (component, direction) in self._components.items():
            definition: Json = self.definitions.get(key, {})
            text, feed, _ = definition.get("description", "").partition("\f")
            # Behind a form feed stands what is not for readers of the document.
            component.definitions[direction] = {**definition, "description": text.rstrip()} if feed else definition

    @override
    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        reference, mode = core_mode_ref
        # Behind the colon of each name stands a number that tells it from others of the same path.
        path = "".join([part.rsplit(":", 1)[0] for part in _BRACKETS.split(reference)])
        name = "".join([part.rpartition(".")[2] for part in _BRACKETS.split(path)])
        component = self._component_of(reference, name, path)
        direction = _DIRECTIONS[mode]
        # In each direction pydantic writes a definition of its own; where both are equal they get one name.
        component.depends_on_direction = True
        component.used[direction] = True
        key = DefsRef(component.placeholder(direction).removeprefix(PREFIX))
        self._components[key] = (component, direction)
        return key

    @override
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        written = super().default_schema(schema)
        # None is told where it is `None`, as in FastAPI.
        return (
            written if written.get("default", schema) is not None else {name: said for name, said in written.items() if name != "default"}
        )

    @override
    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        written: JsonSchemaValue = {"type": "string", "contentMediaType": "application/octet-stream"}
        if (self._config.ser_json_bytes if self.mode == "serialization" else self._config.val_json_bytes) == "base64":
            written["contentEncoding"] = "base64"
        self.update_with_validations(written, schema, self.ValidationsMapping.bytes)
        return written


def computes_fields(annotation: object) -> bool:
    """Whether a model in an annotation has fields that only an answer has, and which its schema in an answer must name."""
    pending: list[Any] = [annotation]
    seen: list[Any] = []
    while pending:
        current = pending.pop()
        if not is_pydantic_model(current):
            pending.extend(get_args(current))
        elif current not in seen:
            seen.append(current)
            if current.model_computed_fields:
                return True
            pending.extend([field.annotation for field in current.model_fields.values()])
    return False
