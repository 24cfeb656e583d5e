"""What a browser sent, as values of a declared request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import unquote

import msgspec

from fasterapi.asgi import Scope
from fasterapi.binding.markers import BODY, FILE, FORM, HEADER, PATH, QUERY
from fasterapi.client.graphql import GraphQLOperation
from fasterapi.client.operations import HTTPOperation
from fasterapi.client.route import Argument
from fasterapi.errors import HTTPException
from fasterapi.http.request import Request
from fasterapi.http.uploads import UploadFile

_PLACE: Final = re.compile(r"\\\{(\w+)\\\}")


class Refusal(Exception):
    """A request that is not answered as it was meant."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status: int = status


class Sent:
    """What arrived from a page."""

    def __init__(
        self, path: str, query: Mapping[str, Sequence[str]], headers: Mapping[str, str], body: bytes, fields: Mapping[str, Sequence[object]]
    ) -> None:
        self.path: str = path
        self.query: Mapping[str, Sequence[str]] = query
        self.headers: Mapping[str, str] = headers
        self.body: bytes = body
        self.fields: Mapping[str, Sequence[object]] = fields
        """Those of a form, if the body is one."""


async def read_fields(scope: Scope, body: bytes) -> dict[str, list[object]]:
    """The fields of a form: texts, and files as they are uploaded once more; raises `Refusal` for a form that is none."""

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    fields: dict[str, list[object]] = {}
    try:
        async with Request(scope, receive).form() as form:
            for name, value in form.multi_items():
                field = (value.filename, await value.read(), value.content_type) if isinstance(value, UploadFile) else value
                fields.setdefault(name, []).append(field)
    except HTTPException as error:
        raise Refusal(error.status_code, str(error.detail)) from error
    return fields


def read_values(operation: HTTPOperation | GraphQLOperation, template: str, sent: Sent) -> dict[str, object]:
    """The values of an operation, by the names of its handler's parameters; raises `Refusal` for what is not declared."""
    places = _match(template, sent.path)
    return _variables(operation, sent.body) if isinstance(operation, GraphQLOperation) else _values(operation, places, sent)


def _match(template: str, path: str) -> dict[str, str]:
    """The values that stand in the places of a path."""
    pattern = _PLACE.sub(r"(?P<\1>[^/]+)", re.escape(template))
    found = re.fullmatch(pattern, path)
    if found is None:
        raise Refusal(404, f"The request is declared for {template}.")
    return {name: unquote(value) for name, value in found.groupdict().items()}


def _values(operation: HTTPOperation, places: Mapping[str, str], sent: Sent) -> dict[str, object]:
    values: dict[str, object] = dict(places)
    bodies = [argument for argument in operation.shape.arguments if argument.source == BODY]
    for argument in operation.shape.arguments:
        given: object = None
        if argument.source == PATH:
            given = places.get(argument.name)
        elif argument.source == QUERY:
            texts = sent.query.get(argument.alias)
            given = texts if texts is None or _takes_many(argument) else texts[-1]
        elif argument.source == HEADER:
            given = sent.headers.get(argument.alias.lower())
        elif argument.source in (FORM, FILE):
            fields = sent.fields.get(argument.alias)
            given = fields if fields is None or _takes_many(argument) else fields[-1]
        elif argument.source == BODY and sent.body:
            given = _body_value(argument, sent.body, is_only=len(bodies) == 1)
        if given is not None:
            values[argument.name] = given if argument.source == FILE else _converted(given, argument.annotation)
    return values


def _variables(operation: GraphQLOperation, body: bytes) -> dict[str, object]:
    """The variables of a GraphQL operation; what it asks for is declared, and stays what it is."""
    decoded = _decoded(body) if body else {}
    if not isinstance(decoded, dict):
        raise Refusal(422, "The body of a GraphQL request is an object with 'variables'.")
    if decoded.get("query", operation.query) != operation.query:
        made = "made by the handler" if operation.query is None else "another one"
        raise Refusal(403, f"The query that is declared is {made}. Send its variables alone.")
    given = decoded.get("variables") or {}
    if not isinstance(given, dict):
        raise Refusal(422, "'variables' is an object.")
    return {
        argument.name: _converted(given[argument.alias], argument.annotation) for argument in operation.variables if argument.alias in given
    }


def _body_value(argument: Argument, body: bytes, *, is_only: bool) -> object:
    if argument.media_type not in (None, "application/json"):
        return body
    decoded = _decoded(body)
    if is_only:
        return decoded
    return cast(object, decoded.get(argument.alias)) if isinstance(decoded, dict) else None


def _decoded(body: bytes) -> object:
    try:
        return cast(object, msgspec.json.decode(body))
    except msgspec.DecodeError as error:
        raise Refusal(422, f"The body is not JSON: {error}") from error


def _takes_many(argument: Argument) -> bool:
    return "list" in str(argument.annotation)


def _converted(given: object, annotation: object) -> object:
    """The value as the handler declares it, where it can become that; the service says what is wrong where it cannot."""
    try:
        return cast(object, msgspec.convert(given, cast(Any, annotation), strict=False))
    except (TypeError, ValueError, msgspec.MsgspecError):
        return given
