"""The OpenAPI document of an application."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast, final

from fasterapi.binding.graph import GraphError, Problem
from fasterapi.binding.parameters import ParameterError
from fasterapi.binding.signature import SignatureError
from fasterapi.openapi.json_values import INEXPRESSIBLE, Json, as_json
from fasterapi.openapi.operations import OperationWriter
from fasterapi.routing.declaration import RouteDeclaration


@final
class DocumentBody:
    """What a document says beyond its head: paths, webhooks, components."""

    def __init__(self, routes: Iterable[object], webhooks: Iterable[object], separates_directions: bool) -> None:
        writer = OperationWriter(separates_directions)
        paths = _paths_of(routes, writer)
        webhook_paths = _paths_of(webhooks, writer)
        named = writer.schemas.finish(writer.definitions)
        self._references: Final = named.references
        definitions = {**named.definitions, **writer.definitions}
        components: Json = {}
        if definitions:
            components["schemas"] = {name: definitions[name] for name in sorted(definitions)}
        if writer.security_schemes:
            components["securitySchemes"] = writer.security_schemes
        self.components: Final[Json] = self._finished(components)
        self.paths: Final[Json] = self._finished(paths)
        self.webhooks: Final[Json] = self._finished(webhook_paths)

    def _finished(self, value: Any) -> Any:
        """A copy that is JSON throughout, with the names of components in it, and that no part of the application shares."""
        if type(value) is str:
            return self._references.get(value, value)
        if isinstance(value, dict):
            return {str(key): self._finished(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._finished(item) for item in value]
        if value is None or type(value) in (int, float, bool):
            return value
        found = as_json(value)
        if found is INEXPRESSIBLE:
            raise TypeError(f"{value!r} in the OpenAPI document cannot be written as JSON. Write it as text, number, list or dict.")
        return found


def _paths_of(routes: Iterable[object], writer: OperationWriter) -> Json:
    paths: dict[str, Json] = {}
    for route in routes:
        if isinstance(route, RouteDeclaration) and route.include_in_schema:
            try:
                operations = writer.operations(route)
            except (ParameterError, SignatureError) as fault:
                raise GraphError([Problem(str(route), route.endpoint, str(fault))]) from fault
            paths.setdefault(route.path_format, {}).update(operations)
    return cast(Json, paths)
