"""Whether a type is one that pydantic alone knows how to read and write; told without importing pydantic.

An annotation with such a type anywhere in it is pydantic's as a whole: what stands around its models is then checked and
written by the same rules, and faults have one order. Without pydantic in the process nothing is.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import sys
import types
import typing
from collections import deque
from typing import Annotated, Any, Final, Literal, NewType, TypeVar, get_args, get_origin

import msgspec

from fasterapi.binding.aliases import alias_meaning, is_alias
from fasterapi.binding.models import ATTRS, read_model, replace_variables
from fasterapi.http.uploads import UploadFile

_HOOK: Final = "__get_pydantic_core_schema__"
_BOUNDS: Final = frozenset({"pattern", "min_length", "max_length"})
"""What pydantic keeps in a form of its own, and our own checks know too."""
_held: Final[dict[object, bool]] = {}
"""What was found of annotations: an app names the same ones in many routes."""
_COMPLEX: Final = (collections.abc.Mapping, collections.abc.Sequence, collections.abc.Set, deque, UploadFile)


def is_pydantics(annotation: object, metadata: tuple[object, ...] = ()) -> bool:
    """Whether pydantic alone can read and write values of an annotation, which had `metadata` around it.

    Example: `is_pydantics(list[Item])` is true for a `BaseModel`, false for a Struct.
    """
    if "pydantic" not in sys.modules:
        # Nobody can have made a class, or an instruction, of what is not there.
        return False
    return any(_is_instruction(item) for item in metadata) or _is_known_to_hold(annotation)


def is_scalar(annotation: object) -> bool:
    """Whether one text stands for a value: what is no model, mapping or collection, as FastAPI sees it."""
    if is_alias(annotation):
        return is_scalar(alias_meaning(annotation))
    origin = get_origin(annotation)
    if origin is typing.Union or origin is types.UnionType:
        return all(is_scalar(member) for member in get_args(annotation))
    if origin is Annotated:
        return is_scalar(get_args(annotation)[0])
    return not (_is_complex(annotation) or _is_complex(origin) or hasattr(origin, _HOOK))


def field_beside(metadata: tuple[object, ...]) -> Any:
    """The `Field` of pydantic's in `Annotated`, of several the last, `None` without one; it may name a parameter, or make its default."""
    fields = [item for item in metadata if type(item).__name__ == "FieldInfo" and _is_of_pydantic(item)]
    return fields[-1] if fields else None


def is_json_text(metadata: tuple[object, ...]) -> bool:
    """Whether pydantic's `Json` stands around a type: one text stands for a value then, whatever the type."""
    return any(type(item).__name__ == "Json" and _is_of_pydantic(item) for item in metadata)


def is_pydantic_model(annotation: object) -> bool:
    """Whether it is a `BaseModel`: a class with fields that a query or a form can give one by one."""
    return isinstance(annotation, type) and hasattr(annotation, "__pydantic_validator__") and hasattr(annotation, "model_fields")


def misplaced(annotation: object) -> TypeError:
    """What to raise where a class that pydantic knows nothing of has a field of a type of pydantic's."""
    name = annotation.__qualname__ if isinstance(annotation, type) else str(annotation)
    return TypeError(
        f"{name} is pydantic's, and stands in a msgspec.Struct or attrs class, which pydantic does not know. "
        f"Make that class a BaseModel or a dataclass, or {name} a msgspec.Struct."
    )


def _is_known_to_hold(annotation: object) -> bool:
    try:
        known = _held.get(annotation)
    except TypeError:
        # One with something in it that has no hash.
        return _holds(annotation)
    if known is None:
        known = _held[annotation] = _holds(annotation)
    return known


def _holds(annotation: object) -> bool:
    """Whether a type of pydantic's stands anywhere in an annotation."""
    seen: list[object] = []
    pending: list[Any] = [annotation]
    while pending:
        current = pending.pop()
        if any(known is current for known in seen):
            continue
        seen.append(current)
        origin = get_origin(current)
        if origin is Literal:
            continue
        if origin is Annotated:
            inner, *items = get_args(current)
            if any(_is_instruction(item) for item in items):
                return True
            pending.append(inner)
        elif isinstance(current, NewType):
            pending.append(current.__supertype__)
        elif isinstance(current, TypeVar):
            pending.append(replace_variables(current, {}))
        elif is_alias(current):
            pending.append(alias_meaning(current))
        elif isinstance(current, list):
            # The parameters of a `Callable`.
            pending.extend(current)
        elif _is_pydantics_class(current) or _is_pydantics_class(origin):
            return True
        else:
            pending.extend(get_args(current))
            pending.extend(_fields_of(current))
            pending.append(origin)
    return False


def _is_pydantics_class(cls: object) -> bool:
    if not isinstance(cls, type) or issubclass(cls, UploadFile):
        return False
    return hasattr(cls, "__pydantic_validator__") or hasattr(cls, _HOOK)


def _fields_of(annotation: object) -> list[object]:
    """The types of the fields of a class that is pydantic's where one of them is."""
    cls = get_origin(annotation) or annotation
    if not isinstance(cls, type) or issubclass(cls, msgspec.Struct):
        return []
    try:
        model = read_model(annotation)
    except (NameError, TypeError):
        # Those who build something of it tell it better.
        return []
    return [] if model is None or model.kind == ATTRS else [field.annotation for field in model.fields]


def _is_instruction(item: object) -> bool:
    """Whether an item of `Annotated` asks for something that only pydantic does: not for mere bounds and descriptions."""
    if hasattr(item, _HOOK):
        return True
    if not _is_of_pydantic(item):
        return False
    if type(item).__name__ == "FieldInfo":
        field: Any = item
        return field.discriminator is not None or any(_is_instruction(part) for part in field.metadata)
    asked: dict[str, object] = getattr(item, "__dict__", {})
    return any(value is not None and name not in _BOUNDS for name, value in asked.items())


def _is_of_pydantic(item: object) -> bool:
    return type(item).__module__.partition(".")[0] == "pydantic"


def _is_complex(cls: object) -> bool:
    if not isinstance(cls, type) or issubclass(cls, (str, bytes)):
        return False
    return issubclass(cls, _COMPLEX) or dataclasses.is_dataclass(cls) or hasattr(cls, "__pydantic_fields__")
