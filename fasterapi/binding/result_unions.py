"""How values of one type or another leave."""

from __future__ import annotations

from typing import Final, final

import msgspec
from typing_extensions import override

from fasterapi.binding.result_any import AnyShape
from fasterapi.binding.result_filter import Filter
from fasterapi.binding.result_models import ModelShape
from fasterapi.binding.result_shape import Dump, Shape
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_unions import TaggedUnionValidator, UnionValidator
from fasterapi.binding.validator import EXACT, MAX_DEPTH, NO_FIELDS, Outcome, Validator, Walk

_ALIVE: Final = 0


@final
class NullableShape(Shape):
    """`T | None`."""

    def __init__(self, inner: Shape) -> None:
        super().__init__()
        self._inner = inner

    @override
    def fits(self, value: object, depth: int) -> bool:
        return value is None or type(value) is self._inner.exact or self._inner.fits(value, depth)

    @override
    def holds(self, value: object) -> bool:
        return value is None or self._inner.holds(value)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return None if value is None else self._inner.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        return None if value is None else self._inner.plain(value, chosen, dump)

    @override
    def label(self) -> str:
        return f"nullable[{self._inner.label()}]"

    @override
    def children(self) -> list[Validator]:
        return [self._inner]


@final
class UnsetShape(Shape):
    """`T | UnsetType`: a field of a Struct that is not sent while it is `UNSET`."""

    def __init__(self, inner: Shape) -> None:
        super().__init__()
        self._inner = inner

    @override
    def fits(self, value: object, depth: int) -> bool:
        return value is msgspec.UNSET or self._inner.fits(value, depth)

    @override
    def holds(self, value: object) -> bool:
        return value is msgspec.UNSET or self._inner.holds(value)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return value if value is msgspec.UNSET else self._inner.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        return self._inner.plain(value, chosen, dump)

    @override
    def label(self) -> str:
        return self._inner.label()

    @override
    def children(self) -> list[Validator]:
        return [self._inner]


@final
class UnionShape(Shape):
    """`A | B`: the choice that the value is of, else the one that takes it best.

    `by_tag` finds the choice for an object whose tag tells it.
    """

    def __init__(self, choices: list[Shape], by_tag: TaggedUnionValidator | None) -> None:
        super().__init__()
        self.convertible = False
        self._choices = choices
        self._by_tag = by_tag
        # What fits `Any` may fit another choice better.
        self._telling = [choice for choice in choices if not isinstance(choice, AnyShape)]
        self._validator: Final = UnionValidator(list(choices))

    @override
    def fits(self, value: object, depth: int) -> bool:
        for choice in self._telling:
            if type(value) is choice.exact or choice.fits(value, depth):
                return True
        return False

    @override
    def holds(self, value: object) -> bool:
        for choice in self._choices:
            if choice.holds(value):
                return True
        return False

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, (list, dict)):
            # The validator knows by their identity which values it was asked before, so they must live as long as the walk:
            # a property or a generator makes values that would not, and another would take over their identity.
            walk.outcomes[_ALIVE, id(value)] = Outcome(value, EXACT, NO_FIELDS)
        if self._by_tag is not None and type(value) is dict:
            return self._by_tag.check(value, walk)
        return self._validator.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        choice = self._choice(value, dump.walk)
        if choice is None:
            value = self.check(value, dump.walk)
            choice = None if value is FAIL else self._choice(value, dump.walk)
        return FAIL if choice is None else choice.plain(value, chosen, dump)

    def _choice(self, value: object, walk: Walk) -> Shape | None:
        """The choice that the value is of: with all that stands within it, by its own class, or with what converts."""
        holding = [choice for choice in self._choices if choice.holds(value)]
        if len(holding) < 2:
            return holding[0] if holding else None
        for choice in holding:
            if choice.fits(value, walk.depth):
                return choice
        for choice in holding:
            if isinstance(choice, ModelShape) and type(value) is choice.cls:
                return choice
        for choice in holding:
            if _takes(choice, value, walk):
                return choice
        return holding[0]

    @override
    def label(self) -> str:
        return self._validator.label()

    @override
    def children(self) -> list[Validator]:
        return list(self._choices)


def _takes(choice: Shape, value: object, walk: Walk) -> bool:
    was_quiet = walk.quiet
    walk.quiet = True
    found = choice.check(value, walk)
    walk.quiet = was_quiet
    return found is not FAIL


@final
class DeferredShape(Shape):
    """Stands for an alias that names itself (`type Tree = list[Tree]`) until the alias is read to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.convertible = False
        self.target: Shape | None = None

    @override
    def fits(self, value: object, depth: int) -> bool:
        target = self.target
        assert target is not None
        return depth < MAX_DEPTH and target.fits(value, depth + 1)

    @override
    def holds(self, value: object) -> bool:
        target = self.target
        assert target is not None
        return target.holds(value)

    @override
    def check(self, value: object, walk: Walk) -> object:
        target = self.target
        assert target is not None
        if not walk.enter(value):
            return FAIL
        found = target.check(value, walk)
        walk.leave()
        return found

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        target = self.target
        assert target is not None
        walk = dump.walk
        if not walk.enter(value):
            return FAIL
        found = target.plain(value, chosen, dump)
        walk.leave()
        return found

    @override
    def label(self) -> str:
        return "..."

    @override
    def children(self) -> list[Validator]:
        return [] if self.target is None else [self.target]
