"""The operations of a document, as declared requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fasterapi.client.from_openapi.document import METHODS, Document, DocumentError, mapping, sequence
from fasterapi.client.from_openapi.names import pascal_case, quoted, snake_case, unused
from fasterapi.client.from_openapi.types import ANY, Types, sentence

_AMBIGUOUS: Final = re.compile(r"[\x00-\x20\x7f\"\\]")
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_WIDTH: Final = 120
_MARKERS: Final = {"query": "Query", "header": "Header", "cookie": "Cookie", "path": "Path"}
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
# What a handler of the response itself returns, by its type.
_ENDINGS: Final = {"None": "", "bytes": "return response.content", "str": "return response.text", ANY: "return response.json()"}
# These follow from the request itself (OpenAPI 3.1, 4.8.12.2.1).
_IGNORED_HEADERS: Final = frozenset({"accept", "content-type", "authorization"})


class OperationWriter:
    """Writes the functions of a module."""

    def __init__(self, document: Document, types: Types) -> None:
        self._document = document
        self._types = types

    def write_all(self) -> list[str]:
        """Every operation."""
        return [
            self._write(path, method, mapping(item[method]), sequence(item.get("parameters")))
            for path, item in self._document.paths().items()
            for method in METHODS
            if method in item
        ]

    def _write(self, path: str, method: str, operation: Mapping[str, Any], shared: Any) -> str:
        name = unused(_function_name(operation, path, method), self._types.used)
        self._types.used.add(name)
        hint = pascal_case(name)
        parameters = _Parameters()
        places = {place: parameters.claim(place) for place in _PLACE.findall(path)}
        for parameter in self._merged(shared, operation.get("parameters")):
            self._add_parameter(parameters, parameter, places, hint)
        self._add_body(parameters, self._document.resolve(operation.get("requestBody")), hint)
        kind, is_model = self._result(operation, hint)
        if not path.startswith("/") or _AMBIGUOUS.search(path) is not None:
            raise DocumentError(f"A path cannot be {path!r}: it begins with a slash and has no spaces, quotes or backslashes.")
        url = _PLACE.sub(lambda found: f"{{{places[found.group(1)]}}}", path)
        options = self._options(operation, is_model)
        verb = f'@api.{method}("{url}"' if method != "trace" else f'@api.request("TRACE", "{url}"'
        first = f"result: {kind}" if is_model else "response: Response"
        asked = [first, *(["*", *parameters.lines] if parameters.lines else [])]
        described = sentence(operation.get("summary") or operation.get("description") or f"{method.upper()} {path}")
        ending = "return result" if is_model else _ENDINGS[kind]
        head = f"async def {name}({', '.join(asked)}) -> {kind}:"
        if len(head) > _WIDTH:
            head = "\n".join([f"async def {name}(", *[f"    {each}," for each in asked], f") -> {kind}:"])
        lines = [f"{verb}{options})", head, f'    """{described}"""']
        return "\n".join([*lines, f"    {ending}"] if ending else lines)

    def _merged(self, shared: Any, own: Any) -> list[Mapping[str, Any]]:
        """The parameters of a path and of an operation, whose own win."""
        merged: dict[tuple[object, object], Mapping[str, Any]] = {}
        for given in [*sequence(shared), *sequence(own)]:
            parameter = self._document.resolve(given)
            merged[parameter.get("name"), parameter.get("in")] = parameter
        return list(merged.values())

    def _add_parameter(self, parameters: _Parameters, parameter: Mapping[str, Any], places: Mapping[str, str], hint: str) -> None:
        given, where = str(parameter.get("name")), str(parameter.get("in"))
        if where not in _MARKERS:
            raise DocumentError(f"A parameter {given!r} cannot be in {where!r}.")
        if where == "header" and given.lower() in _IGNORED_HEADERS:
            return
        content = list(mapping(parameter.get("content")).values())
        schema = mapping(content[0]).get("schema") if content else parameter.get("schema")
        kind = self._types.type_of(schema, f"{hint}_{given}")
        if where == "path":
            if given in places:
                parameters.add(places[given], kind, None, True)
            return
        name = parameters.claim(given)
        alias = "" if name == given and where == "query" else f"alias={quoted(given)}"
        marker = f"{_MARKERS[where]}({alias})" if alias or where != "query" else None
        parameters.add(name, kind, marker, parameter.get("required") is True)

    def _add_body(self, parameters: _Parameters, body: Mapping[str, Any], hint: str) -> None:
        content = mapping(body.get("content"))
        if not content:
            return
        is_required = body.get("required") is True
        json = next((media for media in content if _is_json(media)), None)
        form = next((media for media in content if media in _FORMS), None)
        if json is not None:
            kind = self._types.type_of(mapping(content[json]).get("schema"), f"{hint}_body")
            parameters.add(parameters.claim("body"), kind, "Body()", is_required)
        elif form is not None:
            self._add_form(parameters, self._document.resolve(mapping(content[form]).get("schema")), hint)
        else:
            media = next(iter(content))
            parameters.add(parameters.claim("body"), "bytes", f"Body(media_type={quoted(media)})", is_required)

    def _add_form(self, parameters: _Parameters, schema: Mapping[str, Any], hint: str) -> None:
        required = set(sequence(schema.get("required")))
        for given, field in mapping(schema.get("properties")).items():
            resolved = self._document.resolve(field)
            items = self._document.resolve(resolved.get("items"))
            is_file = _is_file(resolved) or (resolved.get("type") == "array" and _is_file(items))
            name = parameters.claim(given)
            kind = self._types.type_of(field, f"{hint}_{given}")
            if is_file:
                kind = "list[FileValue]" if resolved.get("type") == "array" else "FileValue"
            alias = "" if name == given else f"alias={quoted(given)}"
            parameters.add(name, kind, f"{'File' if is_file else 'Form'}({alias})", given in required)

    def _result(self, operation: Mapping[str, Any], hint: str) -> tuple[str, bool]:
        """The type of a success, and whether it is read as a model."""
        responses = mapping(operation.get("responses"))
        statuses = [status for status in responses if str(status).upper().startswith("2")] or [
            status for status in responses if str(status) == "default"
        ]
        kinds: list[str] = []
        for status in statuses:
            content = mapping(self._document.resolve(responses[status]).get("content"))
            json = next((media for media in content if _is_json(media)), None)
            if json is not None:
                schema = mapping(content[json]).get("schema")
                kinds.append(self._types.type_of(schema, f"{hint}_result") if schema else ANY)
            elif content and len(statuses) == 1:
                return ("str" if next(iter(content)).startswith("text/") else "bytes"), False
        if not kinds:
            return "None", False
        return (ANY, False) if ANY in kinds else (" | ".join(dict.fromkeys(kinds)), True)

    def _options(self, operation: Mapping[str, Any], is_model: bool) -> str:
        options: list[str] = []
        tags = [str(tag) for tag in sequence(operation.get("tags"))]
        if tags:
            options.append(f"tags=[{', '.join(map(quoted, tags))}]")
        errors: list[str] = []
        for status, given in mapping(operation.get("responses")).items():
            content = mapping(self._document.resolve(given).get("content"))
            json = next((media for media in content if _is_json(media)), None)
            schema = mapping(content[json]).get("schema") if json is not None else None
            if str(status).isdecimal() and int(status) >= 400 and schema:
                kind = self._types.type_of(schema, f"Error{status}")
                if kind != ANY:
                    errors.append(f"{status}: {kind}")
        if errors:
            options.append(f"responses={{{', '.join(errors)}}}")
        if not is_model:
            options.append("raise_for_status=True")
        return "".join(f", {option}" for option in options)


def _function_name(operation: Mapping[str, Any], path: str, method: str) -> str:
    """The operation's name, without the path and the method that frameworks of this family add to make it unique."""
    given = str(operation.get("operationId") or f"{method} {path}")
    added = f"{re.sub(r'[^0-9A-Za-z_]', '_', path)}_{method}"
    return snake_case(given.removesuffix(added) or given)


class _Parameters:
    """The parameters of one function."""

    def __init__(self) -> None:
        self._used: set[str] = {"result", "response"}
        self.lines: list[str] = []

    def claim(self, given: str) -> str:
        """A name for what the document names otherwise."""
        name = given if given.isidentifier() and snake_case(given) == given else snake_case(given)
        claimed = unused(name, self._used)
        self._used.add(claimed)
        return claimed

    def add(self, name: str, kind: str, marker: str | None, is_required: bool) -> None:
        """Add a parameter; one that is not required and not given is not sent."""
        if not is_required and kind != ANY and not kind.endswith("None"):
            kind = f"{kind} | None"
        annotation = kind if marker is None else f"Annotated[{kind}, {marker}]"
        self.lines.append(f"{name}: {annotation}" if is_required else f"{name}: {annotation} = None")


def _is_json(media: str) -> bool:
    kind = media.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _is_file(schema: Mapping[str, Any]) -> bool:
    return schema.get("format") == "binary" or "contentMediaType" in schema
