"""The declared requests of an app as an OpenAPI document."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, cast

import msgspec

from fasterapi.binding.markers import BODY, COOKIE, FILE, FORM, HEADER, MISSING, PATH, QUERY
from fasterapi.client.auth import BasicAuth, BearerAuth, DigestAuth
from fasterapi.client.body import plain
from fasterapi.client.models import has_pydantic
from fasterapi.client.oauth2 import OAuth2ClientCredentials
from fasterapi.client.operations import HTTPOperation, Operation
from fasterapi.client.route import Argument
from fasterapi.client.target import complete_url, parse_target

Json: TypeAlias = dict[str, Any]

_REFERENCE: Final = "#/components/schemas/{name}"
_PLACES: Final = {PATH: "path", QUERY: "query", HEADER: "header", COOKIE: "cookie"}
_SCHEMES: Final[tuple[tuple[type, str, Json], ...]] = (
    (BasicAuth, "basic", {"type": "http", "scheme": "basic"}),
    (BearerAuth, "bearer", {"type": "http", "scheme": "bearer"}),
    (DigestAuth, "digest", {"type": "http", "scheme": "digest"}),
    (OAuth2ClientCredentials, "oauth2", {"type": "http", "scheme": "bearer", "description": "OAuth 2.0, client credentials"}),
)


class Described:
    """One request: where it stands in the document, and the path that its values are read from."""

    def __init__(self, operation: HTTPOperation, origin: str, path: str, item: Json) -> None:
        self.operation: HTTPOperation = operation
        self.origin: str = origin
        self.path: str = path
        self.item: Json = item


class Description:
    """The document of an app's requests."""

    def __init__(self, title: str, version: str, description: str) -> None:
        self._info = {"title": title, "version": version, **({"description": description} if description else {})}
        self._schemas: Json = {}
        self._security: Json = {}
        self.requests: list[Described] = []

    def add_all(self, operations: Sequence[Operation], base_url: str | None) -> None:
        """Add the requests over HTTP that end in handlers of responses."""
        for operation in operations:
            if isinstance(operation, HTTPOperation):
                self.requests.append(self._describe(operation, base_url))

    def document(self, server_of: Sequence[str] | None = None) -> Json:
        """The document; `server_of` stands in for where each request really goes."""
        paths: Json = {}
        for number, described in enumerate(self.requests):
            method = described.operation.route.method.lower()
            # Two requests may share a path, on two hosts for example: what follows a "#" is never sent.
            path = described.path if method not in paths.get(described.path, {}) else f"{described.path}#{number}"
            server = described.origin if server_of is None else server_of[number]
            paths.setdefault(path, {})[method] = {**described.item, "servers": [{"url": server}]}
        components = {"schemas": self._schemas, "securitySchemes": self._security}
        return {
            "openapi": "3.1.0",
            "info": self._info,
            "paths": paths,
            "components": {name: value for name, value in components.items() if value},
        }

    def _describe(self, operation: HTTPOperation, base_url: str | None) -> Described:
        route = operation.route
        origin, path = _split(complete_url(route.url, route.base_url or base_url))
        handler = route.handler
        lines = (inspect.getdoc(handler) or "").splitlines()
        item: Json = {"operationId": route.name, "summary": lines[0] if lines else route.name.replace("_", " ").capitalize()}
        if len(lines) > 1:
            item["description"] = "\n".join(lines[1:]).strip()
        if route.tags:
            item["tags"] = route.tags
        parameters = self._parameters(operation)
        if parameters:
            item["parameters"] = parameters
        body = self._body(operation)
        if body is not None:
            item["requestBody"] = body
        item["responses"] = self._responses(operation)
        self._add_security(operation, item)
        return Described(operation, origin, path, item)

    def _parameters(self, operation: HTTPOperation) -> list[Json]:
        found = [
            self._parameter(operation, argument)
            for argument in operation.shape.arguments
            if argument.dependency is None and argument.source in _PLACES
        ]
        for name in operation.shape.unasked:
            given = operation.route.path_params.get(name)
            schema = {} if given is None else {"default": plain(given)}
            found.append({"name": name, "in": "path", "required": True, "schema": schema})
        return found

    def _parameter(self, operation: HTTPOperation, argument: Argument) -> Json:
        schema = self.schema_of(argument.annotation)
        default = operation.route.path_params.get(argument.name, argument.default)
        if default is not MISSING and default is not None:
            schema = {**schema, "default": plain(default)}
        is_required = argument.default is MISSING or argument.source == PATH
        return {"name": argument.alias, "in": _PLACES[argument.source], "required": is_required, "schema": schema}

    def _body(self, operation: HTTPOperation) -> Json | None:
        asked = [argument for argument in operation.shape.arguments if argument.source in (BODY, FORM, FILE)]
        if not asked:
            declared = operation.route.json
            if declared is None:
                return None
            return {"content": {"application/json": {"schema": {}, "example": plain(declared)}}}
        if asked[0].source == BODY and len(asked) == 1:
            media = asked[0].media_type or "application/json"
            return {"required": asked[0].default is MISSING, "content": {media: {"schema": self.schema_of(asked[0].annotation)}}}
        properties = {
            argument.alias: {"type": "string", "format": "binary"} if argument.source == FILE else self.schema_of(argument.annotation)
            for argument in asked
        }
        required = [argument.alias for argument in asked if argument.default is MISSING]
        schema = {"type": "object", "properties": properties, **({"required": required} if required else {})}
        return {"required": bool(required), "content": {_form_type(asked): {"schema": schema}}}

    def _responses(self, operation: HTTPOperation) -> Json:
        route = operation.route
        model = route.response_model if route.response_model is not None else operation.shape.body_annotation
        success: Json = {"description": "Success"}
        if model is not None:
            success["content"] = {"application/json": {"schema": self.schema_of(model)}}
        responses: Json = {"200": success}
        for status, given in route.responses.items():
            annotation = given.get("model") if isinstance(given, dict) else given
            content = {"application/json": {"schema": self.schema_of(annotation)}}
            responses[str(status)] = {"description": f"Status {status}", "content": content}
        return responses

    def _add_security(self, operation: HTTPOperation, item: Json) -> None:
        auth = operation.configured().get("auth")
        for kind, name, scheme in _SCHEMES:
            if isinstance(auth, kind) or (kind is BasicAuth and isinstance(auth, tuple)):
                self._security[name] = scheme
                item["security"] = [{name: []}]

    def schema_of(self, annotation: object) -> Json:
        """The schema of a type; of one that has none, that anything may stand there."""
        try:
            if has_pydantic(annotation):
                adapter: Any = sys.modules["pydantic"].TypeAdapter(annotation)
                schema: Json = adapter.json_schema(ref_template=_REFERENCE.replace("{name}", "{model}"))
                self._schemas.update(schema.pop("$defs", {}))
                return schema
            (found,), components = msgspec.json.schema_components([cast(Any, annotation)], ref_template=_REFERENCE)
        except (TypeError, ValueError):
            return {}
        self._schemas.update(components)
        return found


def _split(url: str) -> tuple[str, str]:
    """The origin and the path of a URL with places in it."""
    begin = url.find("/", url.index("://") + 3)
    if begin < 0:
        return url, "/"
    return parse_target(url[:begin]).origin if "{" not in url[:begin] else url[:begin], url[begin:].partition("?")[0]


def _form_type(asked: Sequence[Argument]) -> str:
    if asked[0].source == BODY:
        return "application/json"
    has_files = any(argument.source == FILE for argument in asked)
    return "multipart/form-data" if has_files else "application/x-www-form-urlencoded"
