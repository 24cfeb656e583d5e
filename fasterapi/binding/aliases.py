"""The objects that `type X = …` statements make."""

from __future__ import annotations

import sys
import types
import typing
from typing import Any


def is_alias(annotation: object) -> bool:
    """Whether an annotation is such an object."""
    # By name: `typing` has the class from Python 3.12 on, `typing_extensions` one of its own.
    return type(annotation).__name__ == "TypeAliasType"


def alias_meaning(alias: Any) -> Any:
    """What an alias stands for; before Python 3.12 one that names itself is written as a string."""
    namespace: dict[str, Any] = getattr(sys.modules.get(alias.__module__), "__dict__", {})
    holder = types.SimpleNamespace(__annotations__={"value": alias.__value__})
    return typing.get_type_hints(holder, namespace, include_extras=True)["value"]
