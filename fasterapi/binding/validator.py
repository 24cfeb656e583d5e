"""What every validator of the second pass shares: the walk over a plain value, and the limits that bound it.

A validator takes what a JSON parser gave and returns the declared type, converted as leniently as FastAPI converts it,
or `FAIL` after it said on the walk what was wrong. Nothing is raised on the way.
"""

from __future__ import annotations

from typing import Final, final

from typing_extensions import override

from fasterapi.binding.scalars import FAIL
from fasterapi.errors import ErrorItem, Location

LAX: Final = 0
"""The value was converted from another kind of value, such as a number from text."""
STRICT: Final = 1
"""The value was taken over without loss: an integer as a float, an object as a model."""
EXACT: Final = 2
"""The value had the declared type already."""

NO_FIELDS: Final = -1
"""The count of given fields where no model was met."""

MAX_DEPTH: Final = 255
"""How many models may stand within each other in a body that needs the second pass; FastAPI's limit too.

A body that fits at once is decoded without it, as deep as the decoder goes.
"""

MAX_ERRORS: Final = 1000
"""After so many faults the rest of a body is not looked at, so that a small bad body cannot become a huge answer."""

_TOO_DEEP_KIND: Final = "recursion_depth_exceeded"
_TOO_DEEP: Final = "Recursion error - maximum validation depth exceeded"

ALWAYS: Final = 1
"""A doubt about the decoder: it does not read this type as FastAPI does, so only the second pass may."""
NOT_FINITE: Final = 2
"""A doubt about the decoder: it takes NaN and infinities in text for this type."""
FRACTION: Final = 4
"""A doubt about the decoder: it rounds what stands behind the microseconds, where FastAPI cuts it off."""
LINE_END: Final = 8
"""A doubt about the decoder: a pattern's `$` lets a line break at the end of the text pass, where FastAPI does not."""


@final
class Outcome:
    """How one union did on one value, kept because a union within a union is asked the same again."""

    def __init__(self, value: object, exactness: int, fields: int) -> None:
        self.value = value
        self.exactness = exactness
        self.fields = fields
        self.told = 0
        """How often the faults of all choices were told."""


@final
class Walk:
    """One pass over one value: where it stands, what it found, how well the value fitted."""

    def __init__(self, location: Location, errors: list[ErrorItem]) -> None:
        self.path: list[str | int] = list(location)
        self.errors = errors
        self.quiet = False
        self.depth: int = 0
        self.exactness: int = EXACT
        self.fields: int = NO_FIELDS
        self.outcomes: dict[tuple[int, int], Outcome] = {}

    def location(self) -> Location:
        """Where the walk stands."""
        return tuple(self.path)

    def refuse(self, kind: str, message: str, given: object) -> object:
        """Keep a fault of the value at hand."""
        if not self.quiet:
            self.errors.append({"type": kind, "loc": tuple(self.path), "msg": message, "input": given})
        return FAIL

    def refuse_with(self, kind: str, message: str, given: object, context: dict[str, object]) -> object:
        """Keep a fault that has details."""
        if not self.quiet:
            self.errors.append({"type": kind, "loc": tuple(self.path), "msg": message, "input": given, "ctx": context})
        return FAIL

    def gives_up(self) -> bool:
        """Whether one more fault would not be told: nobody listens, or enough were kept."""
        return self.quiet or len(self.errors) >= MAX_ERRORS

    def enter(self, value: object) -> bool:
        """Go into a value, unless it stands within too many others."""
        if self.depth >= MAX_DEPTH:
            too_deep(value, self)
            return False
        self.depth += 1
        return True

    def leave(self) -> None:
        """Come back out."""
        self.depth -= 1

    def lower(self, exactness: int) -> None:
        """The value fitted no better than this."""
        self.exactness = min(self.exactness, exactness)

    def add_fields(self, count: int) -> None:
        """A model was met that this many fields were given for."""
        self.fields = count if self.fields == NO_FIELDS else self.fields + count


TEXT: Final = 1
"""Written as text."""
INTEGER: Final = 2
"""Written as a number without a fraction."""
ARRAY: Final = 4
"""Written as an array."""
OBJECT: Final = 8
"""Written as an object."""


class Validator:
    """Checks and converts one declared type."""

    def __init__(self) -> None:
        self.doubts = 0
        self.is_bounded = False
        """Whether it has bounds beyond its type."""

    def validate(self, value: object, location: Location, errors: list[ErrorItem]) -> object:
        """The converted value, or `FAIL` after at least one fault was appended to `errors`.

        Example: `validator_for(list[int], NO_CONSTRAINTS).validate(["1"], ("body",), errors) == [1]`.
        """
        walk = Walk(location, errors)
        try:
            return self.check(value, walk)
        except RecursionError:
            # Only the interpreted build comes here: its stack may end before MAX_DEPTH models with containers in between.
            return too_deep(value, Walk(location, errors))

    def check(self, value: object, walk: Walk) -> object:
        """The converted value, or `FAIL` after the faults were told to the walk."""
        raise NotImplementedError

    def label(self) -> str:
        """The name in the location of a fault within a union."""
        raise NotImplementedError

    def shape(self) -> int:
        """As what it is written in JSON, where that keeps others of the same shape out of a union that the decoder can read."""
        return 0

    def children(self) -> list[Validator]:
        """The validators that this one asks."""
        return []


@final
class DoubtedValidator(Validator):
    """A type with bounds that the decoder does not know of, so that it may not read the type alone."""

    def __init__(self, inner: Validator) -> None:
        super().__init__()
        self._inner = inner
        self.doubts = ALWAYS

    @override
    def check(self, value: object, walk: Walk) -> object:
        return self._inner.check(value, walk)

    @override
    def label(self) -> str:
        return self._inner.label()

    @override
    def shape(self) -> int:
        return self._inner.shape()

    @override
    def children(self) -> list[Validator]:
        return [self._inner]


def doubts_within(root: Validator) -> int:
    """All doubts about the decoder in a validator and everything below it."""
    doubts = 0
    seen: set[int] = set()
    pending = [root]
    while pending:
        validator = pending.pop()
        if id(validator) in seen:
            continue
        seen.add(id(validator))
        doubts |= validator.doubts
        pending.extend(validator.children())
    return doubts


def too_deep(value: object, walk: Walk) -> object:
    """Refuse a value that stands within too many others."""
    return walk.refuse(_TOO_DEEP_KIND, _TOO_DEEP, value)
