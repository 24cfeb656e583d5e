"""What all shapes share. A shape knows how values of one declared type leave in an answer.

A result goes one of two ways. Where it `fits` — every value in it has exactly the declared type, so that nothing can hide
in it — the encoder writes it as it stands. Else it is converted (`check`, which is the validator's) and taken apart
(`plain`) into what the declaration names and nothing else.
"""

from __future__ import annotations

from typing import Any, Final, final

from fasterapi.binding.result_filter import Filter
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validator import MAX_DEPTH, Validator, Walk, too_deep

__all__ = ["FAIL", "MAX_DEPTH", "Dump", "Shape", "is_faithful", "too_deep"]


@final
class Dump:
    """One result that is taken apart: the walk over it, and what the route's options leave out."""

    def __init__(self, walk: Walk, by_alias: bool, exclude_none: bool, exclude_defaults: bool) -> None:
        self.walk = walk
        self.by_alias = by_alias
        self.exclude_none = exclude_none
        self.exclude_defaults = exclude_defaults


class Shape(Validator):
    """How values of one type are checked, converted and written."""

    def __init__(self) -> None:
        super().__init__()
        self.exact: type[Any] | None = None
        """A value of exactly this type fits without a further look."""
        self.faithful = True
        """Whether the encoder writes a fitting value, apart from what stands within it, as FastAPI does."""

    def fits(self, value: object, depth: int) -> bool:
        """Whether everything in a value has exactly the type that is declared for it."""
        raise NotImplementedError

    def holds(self, value: object) -> bool:
        """Whether the value itself, whatever stands within it, has the declared type."""
        raise NotImplementedError

    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        """The value as the encoder is to write it, cut to what is declared, or `FAIL` after the faults were told."""
        raise NotImplementedError


def is_faithful(root: Shape) -> bool:
    """Whether the encoder writes fitting values of a shape, and all that stands within them, as FastAPI does."""
    seen: set[int] = set()
    pending: list[Validator] = [root]
    while pending:
        shape = pending.pop()
        if id(shape) in seen:
            continue
        seen.add(id(shape))
        if isinstance(shape, Shape) and not shape.faithful:
            return False
        pending.extend(shape.children())
    return True


UNSERIALIZABLE: Final = "unserializable"
"""The kind of fault of a value that JSON has no form for."""
