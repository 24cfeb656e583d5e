"""Names for Python of what documents name otherwise."""

from __future__ import annotations

import keyword
import re
from collections.abc import Container
from typing import Final

import msgspec

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# What a generated module has names for already, or what means something else within a class.
_TAKEN: Final = frozenset(
    {
        *("Annotated", "Any", "Body", "Cookie", "File", "Form", "Header", "Literal", "Path", "Query", "Response", "Router", "TypeAlias"),
        *("api", "bool", "bytes", "date", "datetime", "dict", "float", "int", "list", "msgspec", "object", "response", "result", "str"),
        *("time", "timedelta", "type", "uuid", "BASE_URL", "SERVERS"),
    }
)


def snake_case(text: str) -> str:
    """A name for functions, parameters and fields: `pageSize` becomes `page_size`."""
    name = "_".join(word.lower() for word in _WORDS.findall(text)) or "value"
    return _usable(f"n{name}" if name[0].isdigit() else name)


def pascal_case(text: str) -> str:
    """A name for classes: `user_list` becomes `UserList`."""
    name = "".join(word[0].upper() + word[1:] for word in _WORDS.findall(text)) or "Value"
    return _usable(f"N{name}" if name[0].isdigit() else name)


def unused(name: str, used: Container[str]) -> str:
    """The name, or one like it that is not used yet."""
    candidate = name
    number = 2
    while candidate in used:
        candidate = f"{name}_{number}"
        number += 1
    return candidate


def quoted(text: str) -> str:
    """The text as Python writes it, in double quotes."""
    return msgspec.json.encode(text).decode()


def _usable(name: str) -> str:
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in _TAKEN:
        return f"{name}_"
    return name
