"""The declared requests of an app as an OpenAPI document."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Final

from fasterapi.binding.markers import BODY, COOKIE, FILE, FORM, HEADER, MISSING, PATH, QUERY
from fasterapi.client.auth import BasicAuth, BearerAuth, DigestAuth
from fasterapi.client.body import plain
from fasterapi.client.graphql import GraphQLErrorItem, GraphQLOperation, GraphQLResponse
from fasterapi.client.oauth2 import OAuth2ClientCredentials
from fasterapi.client.operations import HTTPOperation, Operation
from fasterapi.client.route import Argument
from fasterapi.client.target import complete_url, parse_target
from fasterapi.client.web.schemas import Json, Schemas
from fasterapi.client.websocket import WebSocketOperation

_URL: Final = re.compile(r"([^:]+://)(?:[^/?#]*@)?([^/?#]*)([^?#]*)")
# Of others OpenAPI knows nothing, but as extensions.
_METHODS: Final = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_PLACES: Final = {PATH: "path", QUERY: "query", HEADER: "header", COOKIE: "cookie"}
_SCHEMES: Final[tuple[tuple[type, str, Json], ...]] = (
    (BasicAuth, "basic", {"type": "http", "scheme": "basic"}),
    (BearerAuth, "bearer", {"type": "http", "scheme": "bearer"}),
    (DigestAuth, "digest", {"type": "http", "scheme": "digest"}),
    (OAuth2ClientCredentials, "oauth2", {"type": "http", "scheme": "bearer", "description": "OAuth 2.0, client credentials"}),
)


class Described:
    """One request: where it stands in the document, and the path that its values are read from."""

    def __init__(self, operation: HTTPOperation | GraphQLOperation, origin: str, path: str, item: Json) -> None:
        self.operation: HTTPOperation | GraphQLOperation = operation
        self.origin: str = origin
        self.path: str = path
        self.item: Json = item


class Description:
    """The document of an app's requests."""

    def __init__(self, title: str, version: str, description: str) -> None:
        self._info: Json = {"title": title, "version": version, **({"description": description} if description else {})}
        self._schemas = Schemas()
        self._security: Json = {}
        self._ids: set[str] = set()
        self._websockets: list[Json] = []
        self.requests: list[Described] = []

    def add_all(self, operations: Sequence[Operation]) -> None:
        """Add what is declared: requests as operations, WebSockets, of which OpenAPI knows nothing, beside them."""
        for operation in operations:
            if isinstance(operation, (HTTPOperation, GraphQLOperation)):
                self.requests.append(self._describe(operation))
            elif isinstance(operation, WebSocketOperation):
                self._websockets.append(self._websocket(operation))

    def document(self) -> Json:
        """The document; each request goes where it really goes."""
        return self._document([described.origin for described in self.requests], self._info)

    def page_document(self, servers: Sequence[str]) -> Json:
        """The document for a page, which asks these servers, and shows all that its reader is to see."""
        return self._document(servers, {**self._info, "description": self._page_text()})

    def _document(self, servers: Sequence[str], info: Json) -> Json:
        paths: Json = {}
        for described, server in zip(self.requests, servers, strict=True):
            method = described.operation.route.method.lower()
            if method not in _METHODS:
                method = f"x-{method}"
            # Requests may share a path and a method: on two hosts, or as operations of GraphQL. What follows a "#" is never sent.
            path = described.path if method not in paths.get(described.path, {}) else f"{described.path}#{described.item['operationId']}"
            paths.setdefault(path, {})[method] = {**described.item, "servers": [{"url": server}]}
        components = {"schemas": self._schemas.components, "securitySchemes": self._security}
        return {
            "openapi": "3.1.0",
            "info": info,
            **({"servers": [{"url": servers[0]}]} if len(set(servers)) == 1 else {}),
            "paths": paths,
            "components": {name: value for name, value in components.items() if value},
            **({"x-websockets": self._websockets} if self._websockets else {}),
        }

    def _page_text(self) -> str:
        """What pages say above the requests; their viewers show nothing of extensions."""
        parts = [str(self._info.get("description", ""))]
        if self._websockets:
            lines = [f"- **{socket['operationId']}** `{socket['url']}` {socket['summary']}" for socket in self._websockets]
            parts.append("\n".join(["### WebSockets", "", *lines, "", "They are conversations of a program, and not opened from here."]))
        return "\n\n".join(part for part in parts if part)

    def _describe(self, operation: HTTPOperation | GraphQLOperation) -> Described:
        item = self._named(operation)
        if isinstance(operation, GraphQLOperation):
            item["requestBody"] = self._graphql_body(operation)
            item["responses"] = self._graphql_responses(operation)
        else:
            parameters = self._parameters(operation)
            if parameters:
                item["parameters"] = parameters
            body = self._body(operation)
            if body is not None:
                item["requestBody"] = body
            item["responses"] = self._responses(operation)
        self._add_security(operation, item)
        return Described(operation, *_split(complete_url(operation.route.url, operation.route.base_url)), item)

    def _named(self, operation: Operation) -> Json:
        """How an operation is called, and what is said of it."""
        route = operation.route
        lines = (inspect.getdoc(route.handler) or "").splitlines()
        summary = lines[0] if lines else route.name.replace("_", " ").capitalize()
        item: Json = {"operationId": self._free_id(route.name), "summary": summary}
        if len(lines) > 1:
            item["description"] = "\n".join(lines[1:]).strip()
        if route.tags:
            item["tags"] = route.tags
        return item

    def _free_id(self, name: str) -> str:
        """The handler's name, which another handler may have as well."""
        free = name
        number = 1
        while free in self._ids:
            number += 1
            free = f"{name}_{number}"
        self._ids.add(free)
        return free

    def _websocket(self, operation: WebSocketOperation) -> Json:
        origin, path = _split(operation.address)
        socket: Json = {"url": origin + path, **self._named(operation)}
        if operation.subprotocols:
            socket["subprotocols"] = operation.subprotocols
        return socket

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
        schema = self._schema_of(argument, operation.route.path_params.get(argument.name, argument.default))
        is_required = argument.default is MISSING or argument.source == PATH
        return {"name": argument.alias, "in": _PLACES[argument.source], "required": is_required, "schema": schema}

    def _schema_of(self, argument: Argument, default: object) -> Json:
        schema = self._schemas.schema_of(argument.annotation)
        return schema if default is MISSING or default is None else {**schema, "default": plain(default)}

    def _body(self, operation: HTTPOperation) -> Json | None:
        asked = [argument for argument in operation.shape.arguments if argument.source in (BODY, FORM, FILE)]
        if not asked:
            declared = operation.route.json
            if declared is None:
                return None
            return {"content": {"application/json": {"schema": {}, "example": plain(declared)}}}
        if asked[0].source == BODY and len(asked) == 1:
            media = asked[0].media_type or "application/json"
            schema = self._schemas.schema_of(asked[0].annotation)
            return {"required": asked[0].default is MISSING, "content": {media: {"schema": schema}}}
        properties = {
            argument.alias: {"type": "string", "format": "binary"}
            if argument.source == FILE
            else self._schemas.schema_of(argument.annotation)
            for argument in asked
        }
        required = [argument.alias for argument in asked if argument.default is MISSING]
        return {"required": bool(required), "content": {_form_type(asked): {"schema": _object(properties, required)}}}

    def _responses(self, operation: HTTPOperation) -> Json:
        route = operation.route
        model = route.response_model if route.response_model is not None else operation.shape.body_annotation
        success: Json = {"description": "Success"}
        if model is not None:
            success["content"] = {"application/json": {"schema": self._schemas.schema_of(model)}}
        responses: Json = {"200": success}
        for status, given in route.responses.items():
            annotation = given.get("model") if isinstance(given, dict) else given
            content = {"application/json": {"schema": self._schemas.schema_of(annotation)}}
            responses[str(status)] = {"description": f"Status {status}", "content": content}
        return responses

    def _graphql_body(self, operation: GraphQLOperation) -> Json:
        """What is posted: the declared query, which is always the same, and variables.

        Nobody knows what a handler will ask for before it is called: then there are only the values that it makes its query of.
        """
        properties: Json = {}
        required: list[str] = []
        if operation.query is not None:
            properties["query"] = _always(operation.query)
            required.append("query")
        if operation.operation_name is not None:
            properties["operationName"] = _always(operation.operation_name)
        values = {argument.alias: self._schema_of(argument, argument.default) for argument in operation.variables}
        needed = [argument.alias for argument in operation.variables if argument.default is MISSING]
        if values:
            properties["variables"] = _object(values, needed)
        if needed:
            required.append("variables")
        body: Json = {"required": bool(required), "content": {"application/json": {"schema": _object(properties, required)}}}
        if operation.query is None:
            body["description"] = "The handler makes the query of these values."
        return body

    def _graphql_responses(self, operation: GraphQLOperation) -> Json:
        model = operation.route.response_model if operation.route.response_model is not None else operation.shape.body_annotation
        faults = {"type": "array", "items": self._schemas.schema_of(GraphQLErrorItem)}
        data: Json = {}
        if model not in (None, GraphQLResponse):
            # There may be none where there are faults.
            data = {"anyOf": [self._schemas.schema_of(model), {"type": "null"}]}
        schema = _object({"data": data, "errors": faults, "extensions": {"type": "object"}}, [])
        return {"200": {"description": "Data, or faults, or both", "content": {"application/json": {"schema": schema}}}}

    def _add_security(self, operation: Operation, item: Json) -> None:
        auth = operation.configured().get("auth")
        for kind, name, scheme in _SCHEMES:
            if isinstance(auth, kind) or (kind is BasicAuth and isinstance(auth, tuple)):
                self._security[name] = scheme
                item["security"] = [{name: []}]


def _always(value: str) -> Json:
    # Viewers fill in defaults, and some of them no constants.
    return {"type": "string", "const": value, "default": value}


def _object(properties: Json, required: Sequence[str]) -> Json:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def _split(url: str) -> tuple[str, str]:
    """The origin and the path of a URL with places in it; who asks there, and for what, is nobody's business."""
    found = _URL.match(url)
    assert found is not None, "complete_url gives none other"
    scheme, host, path = found.groups()
    origin = f"{scheme}{host}" if "{" in host else parse_target(scheme + host).origin
    return origin, path or "/"


def _form_type(asked: Sequence[Argument]) -> str:
    if asked[0].source == BODY:
        return "application/json"
    has_files = any(argument.source == FILE for argument in asked)
    return "multipart/form-data" if has_files else "application/x-www-form-urlencoded"
