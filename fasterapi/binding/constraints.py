"""Bounds on a value (`ge`, `max_length`, `pattern` …), wherever they were written, held together.

Bounds from several sources all hold, where FastAPI keeps the last of a name.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, NewType, cast, final, get_args, get_origin

import msgspec

from fasterapi.binding.aliases import is_alias
from fasterapi.binding.scalar_limits import Limits, limits_for
from fasterapi.errors import ErrorItem, Location

_NAMES: Final = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz")
_DEEPEST: Final = 100
"""More aliases of aliases than this are taken for a circle."""


@final
class Constraints:
    """What a value must keep to, beyond having its type.

    Example: `Constraints(ge=1, le=100)`.
    """

    def __init__(
        self,
        *,
        gt: object = None,
        ge: object = None,
        lt: object = None,
        le: object = None,
        multiple_of: object = None,
        min_length: int | None = None,
        max_length: int | None = None,
        pattern: str | None = None,
        tz: bool | None = None,
    ) -> None:
        self.gt: Final = gt
        self.ge: Final = ge
        self.lt: Final = lt
        self.le: Final = le
        self.multiple_of: Final = multiple_of
        self.min_length: Final = min_length
        self.max_length: Final = max_length
        self.pattern: Final = pattern
        self.tz: Final = tz
        values = (gt, ge, lt, le, multiple_of, min_length, max_length, pattern, tz)
        self.written: Final[dict[str, object]] = {name: value for name, value in zip(_NAMES, values, strict=True) if value is not None}
        """The constraints that are asked, by name."""
        self._limits: dict[type, Limits] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return not self.written

    def merged(self, other: Constraints) -> Constraints:
        """Both held together: of two bounds of one name the tighter one."""
        return Constraints(
            gt=_tighter("gt", self.gt, other.gt),
            ge=_tighter("ge", self.ge, other.ge),
            lt=_tighter("lt", self.lt, other.lt),
            le=_tighter("le", self.le, other.le),
            multiple_of=_only_one("multiple_of", self.multiple_of, other.multiple_of),
            min_length=cast("int | None", _tighter("min_length", self.min_length, other.min_length)),
            max_length=cast("int | None", _tighter("max_length", self.max_length, other.max_length)),
            pattern=cast("str | None", _only_one("pattern", self.pattern, other.pattern)),
            tz=cast("bool | None", _only_one("tz", self.tz, other.tz)),
        )

    def fault(self, value: object, given: object, location: Location) -> ErrorItem | None:
        """The first constraint that a number, date, time, text or bytes value breaks; `given` is what the client reads as its input.

        Values of other types have no faults. Raises `TypeError` where a constraint cannot apply to a value of this type.
        """
        if not self.written:
            return None
        kind = type(value)
        limits = self._limits.get(kind)
        if limits is None:
            limits = self._limits[kind] = limits_for(kind, self.written)
        return limits.fault(value, given, location)


NO_CONSTRAINTS: Final = Constraints()
"""Nothing is asked."""


def _tighter(name: str, one: object, other: object) -> object:
    if one is None or other is None:
        return other if one is None else one
    try:
        one_is_higher = bool(cast(Any, one) > other)
    except TypeError:
        raise TypeError(f"{name} is written twice, as {one!r} and as {other!r}, which cannot be compared. Write one of them.") from None
    return one if one_is_higher == (name in {"gt", "ge", "min_length"}) else other


def _only_one(name: str, one: object, other: object) -> object:
    if one is None or other is None or one == other:
        return other if one is None else one
    raise ValueError(f"{name} is written twice, as {one!r} and as {other!r}. Write one that says both.")


def constraints_of_meta(meta: msgspec.Meta) -> Constraints:
    """The constraints in a `msgspec.Meta` of an `Annotated` type."""
    return Constraints(
        gt=meta.gt,
        ge=meta.ge,
        lt=meta.lt,
        le=meta.le,
        multiple_of=meta.multiple_of,
        min_length=meta.min_length,
        max_length=meta.max_length,
        pattern=meta.pattern,
        tz=meta.tz,
    )


def constraints_of(item: object) -> Constraints:
    """The constraints in one item of `Annotated`: `Constraints`, `msgspec.Meta`, `annotated_types.Ge` and such, `pydantic.Field`."""
    if isinstance(item, Constraints):
        return item
    if isinstance(item, msgspec.Meta):
        return constraints_of_meta(item)
    # Both packages name them alike; by the name of the package, as neither need be installed.
    if type(item).__module__.partition(".")[0] not in {"annotated_types", "pydantic"}:
        return NO_CONSTRAINTS
    asked: dict[str, Any] = {name: getattr(item, name, None) for name in _NAMES}
    constraints = Constraints(**asked)
    for part in getattr(item, "metadata", ()):
        constraints = constraints.merged(constraints_of(part))
    return constraints


def unwrap(annotation: object, constraints: Constraints) -> tuple[object, Constraints]:
    """The type inside `Annotated`, `NewType` and `type` aliases, with the constraints met on the way added to those given."""
    for _ in range(_DEEPEST):
        origin = get_origin(annotation)
        if origin is Annotated:
            inner, *items = get_args(annotation)
            for item in items:
                constraints = constraints.merged(constraints_of(item))
            annotation = inner
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif is_alias(annotation):
            annotation = cast(Any, annotation).__value__
        elif is_alias(origin):
            annotation = cast(Any, origin).__value__[get_args(annotation)]
        else:
            return annotation, constraints
    raise TypeError(f"{annotation!r} is an alias of itself. Write the type that it stands for.")
