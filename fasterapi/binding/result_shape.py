"""What all shapes share. A shape knows how values of one declared type leave in an answer.

A result goes one of two ways. Where it `fits` — every value in it has exactly the declared type, so that nothing can hide
in it — the encoder writes it as it stands. Else it is converted (`check`, which is the validator's) and taken apart
(`plain`) into what the declaration names and nothing else.
"""

from __future__ import annotations

from typing import Any, final

from fasterapi.binding.result_filter import Filter
from fasterapi.binding.validator import Validator, Walk


@final
class Dump:
    """One result that is taken apart: the walk over it, and what the route's options leave out."""

    def __init__(self, walk: Walk, by_alias: bool, exclude_unset: bool, exclude_defaults: bool, exclude_none: bool) -> None:
        self.walk = walk
        self.by_alias = by_alias
        self.exclude_unset = exclude_unset
        self.exclude_defaults = exclude_defaults
        self.exclude_none = exclude_none


class Shape(Validator):
    """How values of one type are checked, converted and written."""

    def __init__(self) -> None:
        super().__init__()
        self.exact: type[Any] | None = None
        """A value of exactly this type fits without a further look."""
        self.faithful = True
        """Whether the encoder writes a fitting value, apart from what stands within it, as FastAPI does."""
        self.convertible = True
        """Whether `msgspec.convert` makes the same of a value as `check`, or refuses it."""

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
    for shape in _all_within(root):
        if not shape.faithful:
            return False
    return True


def is_convertible(root: Shape) -> bool:
    """Whether `msgspec.convert` may stand in for `check`, for a shape and all that stands within it."""
    for shape in _all_within(root):
        if not shape.convertible:
            return False
    return True


def has_any_of(types: tuple[type[Any], ...], root: Shape) -> bool:
    """Whether values of one of these types may stand in a value of a shape."""
    for shape in _all_within(root):
        if shape.exact in types:
            return True
    return False


def _all_within(root: Shape) -> list[Shape]:
    found: list[Shape] = []
    seen: set[int] = set()
    pending: list[Validator] = [root]
    while pending:
        shape = pending.pop()
        if id(shape) not in seen and isinstance(shape, Shape):
            seen.add(id(shape))
            found.append(shape)
            pending.extend(shape.children())
    return found
