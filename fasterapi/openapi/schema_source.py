"""The one interface that definitions and parameters ask for the schemas of types."""

from __future__ import annotations

from typing import Any

from fasterapi.binding.constraints import Constraints
from fasterapi.openapi.json_values import Json
from fasterapi.openapi.remarks import Unwrapped
from fasterapi.openapi.type_names import title_of


class SchemaSource:
    """Gives the schemas of types; one for the whole document."""

    def bare_schema(self, unwrapped: Unwrapped, mode: int) -> Json:
        """The schema of an annotation that was unwrapped, with its bounds and without what is said of it."""
        raise NotImplementedError

    def pydantic_schema(self, annotation: object, constraints: Constraints, mode: int) -> Json:
        """The schema of an annotation as pydantic writes it."""
        raise NotImplementedError

    def depend_on_direction(self) -> None:
        """Note that what is being defined is another thing in a request than in an answer."""
        raise NotImplementedError

    def schema(self, annotation: Any, constraints: Constraints, mode: int) -> Json:
        """The schema of an annotation, a fresh one that may be added to."""
        unwrapped = Unwrapped(annotation, constraints)
        schema = self.bare_schema(unwrapped, mode)
        unwrapped.remarks.write(schema)
        return schema

    def titled_schema(self, annotation: Any, constraints: Constraints, mode: int, name: str) -> Json:
        """The same for a field of a model: with a title made of its name, unless the type has one itself."""
        unwrapped = Unwrapped(annotation, constraints)
        schema = self.bare_schema(unwrapped, mode)
        if not has_own_title(schema):
            schema["title"] = title_of(name)
        unwrapped.remarks.write(schema)
        return schema


def has_own_title(schema: Json) -> bool:
    """Whether a schema refers to a component, or to one and `null`."""
    if "$ref" in schema:
        return True
    members: list[Json] = schema.get("anyOf", [])
    return len(members) == 2 and members[1] == {"type": "null"} and has_own_title(members[0])
