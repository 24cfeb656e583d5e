"""The responses of an operation, as the document has them."""

from __future__ import annotations

import http.client
import inspect
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, final

from fasterapi.binding.constraints import NO_CONSTRAINTS
from fasterapi.binding.graph import SignatureBook
from fasterapi.binding.markers import MISSING
from fasterapi.binding.stream_items import stream_item, yields
from fasterapi.http.head import allows_body
from fasterapi.http.responses import JSONResponse, RedirectResponse, Response
from fasterapi.http.server_sent_events import EventSourceResponse
from fasterapi.openapi.components import OUTPUT, PREFIX
from fasterapi.openapi.json_values import Json, merge_into
from fasterapi.openapi.schema_source import SchemaSource
from fasterapi.openapi.type_names import title_of
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.routing.route import response_model_of

_RANGES: Final = {
    "1XX": "Information",
    "2XX": "Success",
    "3XX": "Redirection",
    "4XX": "Client Error",
    "5XX": "Server Error",
    "default": "Default Response",
}
_UNPROCESSABLE: Final = ("422", "4XX", "default")

VALIDATION_ERROR: Final[Json] = {
    "title": "ValidationError",
    "type": "object",
    "properties": {
        "loc": {"title": "Location", "type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}},
        "msg": {"title": "Message", "type": "string"},
        "type": {"title": "Error Type", "type": "string"},
        "input": {"title": "Input"},
        "ctx": {"title": "Context", "type": "object"},
    },
    "required": ["loc", "msg", "type"],
}
"""One fault of a request."""

HTTP_VALIDATION_ERROR: Final[Json] = {
    "title": "HTTPValidationError",
    "type": "object",
    "properties": {"detail": {"title": "Detail", "type": "array", "items": {"$ref": f"{PREFIX}ValidationError"}}},
}
"""The answer to a request with faults."""


@final
class DeclaredResult:
    """What a handler gives: one value, or many that are sent one by one."""

    def __init__(self, declaration: RouteDeclaration, book: SignatureBook) -> None:
        model = response_model_of(declaration, book)
        self.is_streamed: Final = yields(book.signature_of(declaration.endpoint).call_kind)
        self.model: Final = stream_item(model) if self.is_streamed else model
        """What the value is to fit, or each of many; `MISSING` where nothing says it."""


def response_objects(declaration: RouteDeclaration, result: DeclaredResult, unique_id: str, source: SchemaSource) -> Json:
    """The Response Objects (OpenAPI 3.1, 4.8.17) by their status: the route's own first, then what `responses=` says."""
    documentation = declaration.documentation
    response_class = declaration.response.response_class or JSONResponse
    status = declaration.response.status_code or _usual_status(response_class)
    own: Json = {"description": documentation.response_description}
    if allows_body(status):
        content = _content(response_class, result, unique_id, source)
        if content:
            own["content"] = content
    responses: Json = {str(status): own}
    for said_status, said in documentation.responses.items():
        _add_response(responses, str(said_status), said, response_class, unique_id, source)
    return responses


def add_validation_error(responses: Json) -> bool:
    """Say what a request with faults is answered, unless the route says it; whether it was said here."""
    if any(status in responses for status in _UNPROCESSABLE):
        return False
    content = {"application/json": {"schema": {"$ref": f"{PREFIX}HTTPValidationError"}}}
    responses["422"] = {"description": "Validation Error", "content": content}
    return True


def _content(response_class: type[Response], result: DeclaredResult, unique_id: str, source: SchemaSource) -> Json:
    """The Media Type Objects (OpenAPI 3.1, 4.8.14) of what a response class sends."""
    is_json = issubclass(response_class, JSONResponse)
    if result.is_streamed and (is_json or issubclass(response_class, EventSourceResponse)):
        item = {} if result.model is MISSING else _model_schema(result.model, f"StreamItem_{unique_id}", source)
        # As an array, which OpenAPI 3.2 reads the schema of a stream as; `itemSchema` is not part of OpenAPI 3.1.
        if is_json:
            return {"application/jsonl": {"schema": {"type": "array", "items": item}}}
        return {"text/event-stream": {"schema": {"type": "array", "items": _event_schema(item)}}}
    if response_class.media_type is None:
        return {}
    schema: Json = {"type": "string"}
    if is_json:
        schema = {} if result.model is MISSING else _model_schema(result.model, f"Response_{unique_id}", source)
    return {response_class.media_type: {"schema": schema}}


def _event_schema(item: Json) -> Json:
    """A server-sent event, whose data are an item as JSON where there is one."""
    data: Json = {"type": "string"}
    if item:
        data |= {"contentMediaType": "application/json", "contentSchema": item}
    fields = {"data": data, "event": {"type": "string"}, "id": {"type": "string"}, "retry": {"type": "integer", "minimum": 0}}
    schema: Json = {"type": "object", "properties": fields}
    return {**schema, "required": ["data"]} if item else schema


def _model_schema(model: object, name: str, source: SchemaSource) -> Json:
    schema = source.schema(model, NO_CONSTRAINTS, OUTPUT)
    if "$ref" not in schema:
        schema.setdefault("title", title_of(name))
    return schema


def _add_response(
    responses: Json, status: str, said: Mapping[str, Any], response_class: type[Response], unique_id: str, source: SchemaSource
) -> None:
    key = "default" if status.lower() == "default" else status.upper()
    # A copy: what the user wrote may stand in several routes.
    addition: Json = deepcopy({name: value for name, value in said.items() if name != "model"})
    model = said.get("model")
    if model is not None:
        content = addition.setdefault("content", {}).setdefault(response_class.media_type or "application/json", {})
        merge_into(content.setdefault("schema", {}), _model_schema(model, f"Response_{status}_{unique_id}", source))
    response = responses.setdefault(key, {})
    description = addition.get("description") or response.get("description") or _status_text(key)
    merge_into(response, addition)
    response["description"] = description


def _status_text(key: str) -> str:
    if key in _RANGES:
        return _RANGES[key]
    return http.client.responses.get(int(key), "Additional Response") if key.isdigit() else "Additional Response"


def _usual_status(response_class: type[Response]) -> int:
    """The status of a response class where nothing else is said."""
    if response_class is JSONResponse:
        return 200
    if issubclass(response_class, RedirectResponse):
        return 307
    try:
        parameter = inspect.signature(response_class).parameters.get("status_code")
    except (TypeError, ValueError):
        return 200
    return parameter.default if parameter is not None and isinstance(parameter.default, int) else 200
