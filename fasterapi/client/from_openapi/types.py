"""The types of a document's schemas, as Python writes them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fasterapi.client.from_openapi.document import Document, DocumentError, Schema, mapping, sequence
from fasterapi.client.from_openapi.names import pascal_case, quoted, snake_case, unused

ANY: Final = "Any"
_PREFIX: Final = "#/components/schemas/"
_STRINGS: Final = {
    "date-time": "datetime.datetime",
    "date": "datetime.date",
    "time": "datetime.time",
    "duration": "datetime.timedelta",
    "uuid": "uuid.UUID",
    "binary": "bytes",
}
_UNNAMABLE: Final = re.compile(r"[\x00-\x1f\"\\]")
_SIMPLE: Final = {"integer": "int", "number": "float", "boolean": "bool", "null": "None"}


class Types:
    """Names each schema, and collects the definitions that their types need."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.names: dict[str, str] = {}
        """The Python names of the document's named schemas."""
        self.classes: dict[str, str] = {}
        """The definitions of classes, by name."""
        self.aliases: dict[str, str] = {}
        """The types that are given a name, by name."""
        self.used: set[str] = set()
        for name in document.schemas():
            self.names[name] = self._claim(pascal_case(name))

    def define_all(self) -> None:
        """Define every named schema."""
        for name, schema in self._document.schemas().items():
            if _is_class(self._flat(schema)):
                self._define_class(self.names[name], self._flat(schema))
        for name, schema in self._document.schemas().items():
            if not _is_class(self._flat(schema)):
                self.aliases[self.names[name]] = self.type_of(schema, self.names[name])

    def type_of(self, schema: Any, hint: str) -> str:
        """The type of a schema; `hint` names the class of one that has no name of its own."""
        given = mapping(schema)
        reference = given.get("$ref")
        if isinstance(reference, str):
            name = self.names.get(reference.removeprefix(_PREFIX).replace("~1", "/").replace("~0", "~"))
            return self.type_of(self._document.resolve(given), hint) if name is None else name
        if "const" in given:
            return _literal([given["const"]])
        if isinstance(given.get("enum"), list):
            return _literal(given["enum"])
        parts = sequence(given.get("allOf"))
        if parts:
            return self.type_of(parts[0], hint) if len(parts) == 1 and not given.get("properties") else self._anonymous(given, hint)
        choices = [*sequence(given.get("anyOf")), *sequence(given.get("oneOf"))]
        if choices:
            members = [self.type_of(choice, f"{hint}Option{number}") for number, choice in enumerate(choices, 1)]
            return _union([*members, *(["None"] if given.get("nullable") is True else [])])
        kind = given.get("type")
        if isinstance(kind, list):
            return _union([self.type_of({**given, "type": each}, hint) for each in kind])
        plain = self._type_of_kind(kind, given, hint)
        return _union([plain, "None"]) if given.get("nullable") is True else plain

    def _type_of_kind(self, kind: object, schema: Schema, hint: str) -> str:
        if kind == "string":
            return _STRINGS.get(str(schema.get("format")), "str")
        if isinstance(kind, str) and kind in _SIMPLE:
            return _SIMPLE[kind]
        if kind == "array":
            return f"list[{self.type_of(schema['items'], f'{hint}Item') if 'items' in schema else ANY}]"
        if kind == "object" or "properties" in schema or "additionalProperties" in schema:
            if schema.get("properties"):
                return self._anonymous(schema, hint)
            more = schema.get("additionalProperties")
            return f"dict[str, {self.type_of(more, f'{hint}Value') if isinstance(more, Mapping) and more else ANY}]"
        return ANY

    def _anonymous(self, schema: Schema, hint: str) -> str:
        """A class for a schema that stands where it is used."""
        flat = self._flat(schema)
        if not _is_class(flat):
            return self.type_of({name: value for name, value in flat.items() if name != "allOf"}, hint)
        name = self._claim(pascal_case(hint))
        self._define_class(name, flat)
        return name

    def _flat(self, schema: Any, depth: int = 0) -> Schema:
        """A schema with what it takes from others (`allOf`) in its own place."""
        given = mapping(schema)
        parts = sequence(given.get("allOf"))
        if not parts or depth > 16:
            return given
        merged: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
        for part in [*parts, {name: value for name, value in given.items() if name != "allOf"}]:
            flat = self._flat(self._document.resolve(part), depth + 1)
            merged.update({name: value for name, value in flat.items() if name not in ("properties", "required", "allOf")})
            merged["properties"].update(mapping(flat.get("properties")))
            merged["required"].extend(sequence(flat.get("required")))
        return merged

    def _define_class(self, name: str, schema: Schema) -> None:
        # Claimed before its fields are looked at, which may be of the same class.
        self.classes[name] = ""
        required = set(sequence(schema.get("required")))
        lines = [f"class {name}(msgspec.Struct, kw_only=True, omit_defaults=True):", f'    """{_sentence(schema, name)}"""', ""]
        fields: set[str] = set()
        for given, field_schema in mapping(schema.get("properties")).items():
            field = unused(snake_case(given), fields)
            fields.add(field)
            kind = self.type_of(field_schema, f"{name}_{given}")
            lines.append(f"    {_field(field, given, kind, given in required)}")
        self.classes[name] = "\n".join(lines)

    def _claim(self, name: str) -> str:
        claimed = unused(name, self.used)
        self.used.add(claimed)
        return claimed


def _field(field: str, given: str, kind: str, is_required: bool) -> str:
    """One line of a class. What is not required and not given is not sent."""
    if _UNNAMABLE.search(given) is not None:
        raise DocumentError(f"A property cannot be called {given!r}: there are quotes, backslashes or control characters in it.")
    if is_required:
        return f"{field}: {kind}" if field == given else f"{field}: {kind} = msgspec.field(name={quoted(given)})"
    kind = kind if kind == ANY else f"{kind} | msgspec.UnsetType"
    return (
        f"{field}: {kind} = msgspec.UNSET"
        if field == given
        else f"{field}: {kind} = msgspec.field(name={quoted(given)}, default=msgspec.UNSET)"
    )


def _is_class(schema: Schema) -> bool:
    has_choices = schema.get("anyOf") or schema.get("oneOf") or "enum" in schema or isinstance(schema.get("type"), list)
    return bool(schema.get("properties")) and not has_choices


def _literal(values: list[Any]) -> str:
    simple = [value for value in values if isinstance(value, (str, int, bool)) and value is not None]
    members = [f"Literal[{', '.join(quoted(value) if isinstance(value, str) else repr(value) for value in simple)}]"] if simple else []
    if any(value is None for value in values):
        members.append("None")
    return _union(members) if len(simple) + values.count(None) == len(values) and members else ANY


def _union(members: list[str]) -> str:
    unique = list(dict.fromkeys(part for member in members for part in _members(member)))
    if ANY in unique:
        return ANY
    return " | ".join([*[member for member in unique if member != "None"], *(["None"] if "None" in unique else [])])


def _members(kind: str) -> list[str]:
    """The members of a union, none of them cut in two: a literal may have any text."""
    found: list[str] = [""]
    depth, quote, is_escaped = 0, "", False
    for character in kind:
        if quote:
            quote = quote if is_escaped or character != quote else ""
            is_escaped = character == "\\" and not is_escaped
        elif character in "'\"":
            quote = character
        elif character == "|" and not depth:
            found.append("")
            continue
        else:
            depth += {"[": 1, "]": -1}.get(character, 0)
        found[-1] += character
    return [member.strip() for member in found]


def _sentence(schema: Schema, name: str) -> str:
    return sentence(schema.get("description") or schema.get("title") or name)


def sentence(text: object) -> str:
    """The first line of a description, as a docstring may have it."""
    line = str(text).strip().splitlines()[0] if str(text).strip() else "…"
    line = line.replace("\\", "\\\\").replace('"', "'")
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."
