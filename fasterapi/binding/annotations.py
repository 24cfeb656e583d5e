"""What validators and shapes have in common when they are built from an annotation: how it is taken out of its wrapping."""

from __future__ import annotations

import collections.abc
import typing
from typing import Annotated, Any, Final, NewType, NotRequired, Required, TypeVar, final, get_args, get_origin

import msgspec
import typing_extensions

from fasterapi.binding.aliases import alias_meaning
from fasterapi.binding.constraints import Constraints, constraints_of
from fasterapi.binding.markers import ParameterMarker
from fasterapi.binding.models import replace_variables

LISTS: Final = (list, collections.abc.MutableSequence, collections.abc.Collection, collections.abc.Iterable)
SETS: Final = (set, collections.abc.Set, collections.abc.MutableSet)
DICTS: Final = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
"""The classes that stand for an array, an array of different items, an object."""

_WRAPPERS: Final = (Required, NotRequired, typing_extensions.ReadOnly, typing.Final)


@final
class BareAnnotation:
    """An annotation without what was wrapped around it, and what the wrapping said.

    Example: `BareAnnotation(Annotated[int, msgspec.Meta(ge=1)], NO_CONSTRAINTS).annotation` is `int`.
    """

    def __init__(self, annotation: Any, constraints: Constraints) -> None:
        self.annotation: Any = annotation
        self.constraints: Constraints = constraints
        self.aware: bool | None = None
        """Whether a time zone is wanted, or forbidden, where the wrapping speaks of it."""
        self.unknown_to_decoder: bool = False
        """Whether it holds bounds that a decoder does not see."""
        while True:
            wrapped = self.annotation
            origin = get_origin(wrapped)
            if origin is Annotated:
                self.annotation, *metadata = get_args(wrapped)
                self._read(metadata)
            elif origin in _WRAPPERS:
                self.annotation = get_args(wrapped)[0]
            elif isinstance(wrapped, NewType):
                self.annotation = wrapped.__supertype__
            elif isinstance(wrapped, TypeVar):
                self.annotation = replace_variables(wrapped, {})
            else:
                return

    def _read(self, metadata: list[object]) -> None:
        for item in metadata:
            found = item.constraints if isinstance(item, ParameterMarker) else constraints_of(item)
            if not found.is_empty:
                self.constraints = self.constraints.merged(found)
            if not isinstance(item, msgspec.Meta):
                self.unknown_to_decoder = self.unknown_to_decoder or not found.is_empty
            elif item.tz is not None:
                self.aware = item.tz


def alias_target(alias: Any, arguments: tuple[Any, ...]) -> Any:
    """What an alias stands for with these type arguments."""
    table = dict(zip(alias.__type_params__, arguments, strict=False))
    meaning = alias_meaning(alias)
    return replace_variables(meaning, table) if table else meaning
