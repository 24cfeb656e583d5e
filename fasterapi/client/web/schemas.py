"""The schemas of types that requests and responses are declared with."""

from __future__ import annotations

import sys
from typing import Any, Final, TypeAlias, cast

import msgspec

from fasterapi.client.models import has_pydantic

Json: TypeAlias = dict[str, Any]

_PREFIX: Final = "#/components/schemas/"


class Schemas:
    """The schemas of one document: what has a name stands among its components, once."""

    def __init__(self) -> None:
        self.components: Json = {}
        self._own: Json = {}
        """The components as their makers wrote them, by the names that they have here."""

    def schema_of(self, annotation: object) -> Json:
        """The schema of a type; of one that has none, that anything may stand there."""
        try:
            if has_pydantic(annotation):
                adapter: Any = sys.modules["pydantic"].TypeAdapter(annotation)
                schema: Json = adapter.json_schema(ref_template=_PREFIX + "{model}")
                return self._add(schema, schema.pop("$defs", {}))
            (schema,), components = msgspec.json.schema_components([cast(Any, annotation)], ref_template=_PREFIX + "{name}")
        except (TypeError, ValueError, KeyError):
            # msgspec knows no two types of one name and module within a third.
            return {}
        return self._add(schema, components)

    def _add(self, schema: Json, components: Json) -> Json:
        names = {name: self._name_for(name, component) for name, component in components.items()}
        for name, component in components.items():
            self._own[names[name]] = component
            self.components[names[name]] = _renamed(component, names)
        return cast(Json, _renamed(schema, names))

    def _name_for(self, name: str, component: Json) -> str:
        """The name itself, unless another type of that name was here before."""
        free = name
        number = 1
        while self._own.get(free, component) != component:
            number += 1
            free = f"{name}_{number}"
        return free


def _renamed(schema: object, names: dict[str, str]) -> object:
    """The schema, with its references to other names."""
    if isinstance(schema, list):
        return [_renamed(item, names) for item in schema]
    if not isinstance(schema, dict):
        return schema
    renamed = {name: _renamed(value, names) for name, value in schema.items()}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        name = reference.removeprefix(_PREFIX)
        renamed["$ref"] = _PREFIX + names.get(name, name)
    return renamed
