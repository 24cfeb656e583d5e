"""What types are called in the document."""

from __future__ import annotations

import types
import typing
from typing import Any, Literal, get_args, get_origin


def type_name(annotation: object, with_module: bool) -> str:
    """The name of a type with its arguments, with the path of its module or without.

    Example: `type_name(Page[Item], with_module=False)` is `"Page[Item]"`.
    """
    origin: Any = get_origin(annotation)
    if origin is None:
        return _plain_name(annotation, with_module)
    arguments = get_args(annotation)
    if origin is Literal:
        return f"Literal[{', '.join([repr(argument) for argument in arguments])}]"
    name = "Union" if origin is typing.Union or origin is types.UnionType else _plain_name(origin, with_module)
    return f"{name}[{', '.join([type_name(argument, with_module) for argument in arguments])}]"


def title_of(name: str) -> str:
    """A name as a title: `item_id` is "Item Id"."""
    return name.title().replace("_", " ").strip()


def _plain_name(annotation: object, with_module: bool) -> str:
    if annotation is ...:
        return "..."
    name: str | None = getattr(annotation, "__qualname__" if with_module else "__name__", None) or getattr(annotation, "__name__", None)
    if name is None:
        return str(annotation)
    module: str = getattr(annotation, "__module__", "builtins")
    return f"{module}.{name}" if with_module and module != "builtins" else name
