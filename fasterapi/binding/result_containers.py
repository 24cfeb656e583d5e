"""How lists, sets, tuples and dicts leave."""

from __future__ import annotations

import collections.abc
import datetime
import decimal
import uuid
from collections.abc import Sequence
from typing import Any, Final, cast, final

from typing_extensions import override

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.result_filter import EVERYTHING, Filter
from fasterapi.binding.result_formats import key_of
from fasterapi.binding.result_shape import Dump, Shape
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_containers import Bounds
from fasterapi.binding.validator import LAX, Validator, Walk

_NO_ITERABLES: Final = (str, bytes, bytearray, collections.abc.Mapping)
_ENCODED_KEYS: Final = {str, int, float, decimal.Decimal, uuid.UUID, datetime.date, datetime.datetime, datetime.time}


def listed(value: object, walk: Walk) -> object:
    """The items of any iterable but text and mappings, which come back as they are."""
    if type(value) is list or isinstance(value, _NO_ITERABLES) or not isinstance(value, collections.abc.Iterable):
        return value
    walk.lower(LAX)
    return list(value)


def plain_items(items: Sequence[object], shapes: Sequence[Shape], chosen: Filter, dump: Dump, ordered: bool) -> object:
    """Each item by the shape of its place, or by the only shape. What has no order is filtered as its items are."""
    passed: list[object] = []
    complete = True
    walk = dump.walk
    only = shapes[0] if len(shapes) == 1 else None
    length = len(items)
    walk.path.append(0)
    for index, item in enumerate(items):
        within = chosen.at(index, length) if ordered else chosen
        if within is None:
            continue
        walk.path[-1] = index
        shape = shapes[index] if only is None else only
        found = shape.plain(item, within, dump)
        if found is not FAIL:
            passed.append(found)
        else:
            complete = False
            if walk.gives_up():
                break
    walk.path.pop()
    return passed if complete else FAIL


@final
class ArrayShape(Shape):
    """Items of one type, in any number: list, tuple, set, frozenset."""

    def __init__(self, item: Shape, validator: Validator, kinds: tuple[type[Any], ...], bounds: Bounds | None, ordered: bool) -> None:
        """`validator` takes a list; `kinds` are the types whose instances fit, the wanted one first."""
        super().__init__()
        self._item = item
        self._validator = validator
        self._kinds = kinds
        self._kind = kinds[0]
        self._bounds = bounds
        self._ordered = ordered

    @override
    def fits(self, value: object, depth: int) -> bool:
        if type(value) is not self._kind and not self.holds(value):
            return False
        items = cast("collections.abc.Collection[object]", value)
        bounds = self._bounds
        if bounds is not None and (bounds.too_short(len(items)) or bounds.too_long(len(items))):
            return False
        shape = self._item
        exact = shape.exact
        if type(value) is list:
            for item in cast("list[object]", value):
                if type(item) is not exact and not shape.fits(item, depth):
                    return False
            return True
        for item in items:
            if type(item) is not exact and not shape.fits(item, depth):
                return False
        return True

    @override
    def holds(self, value: object) -> bool:
        return type(value) in self._kinds

    @override
    def check(self, value: object, walk: Walk) -> object:
        return self._validator.check(self._listed(value, walk), walk)

    def _listed(self, value: object, walk: Walk) -> object:
        if len(self._kinds) == 1:
            return listed(value, walk)
        # A `Sequence` is not made of what has no order.
        return listed(value, walk) if isinstance(value, collections.abc.Sequence) else value

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = value if self.holds(value) and self._bounds is None else self.check(value, dump.walk)
        if found is FAIL:
            return FAIL
        return plain_items(list(cast("collections.abc.Collection[object]", found)), [self._item], chosen, dump, self._ordered)

    @override
    def label(self) -> str:
        return self._validator.label()

    @override
    def children(self) -> list[Validator]:
        return [self._item]


@final
class TupleShape(Shape):
    """One type for each place: `tuple[int, str]`."""

    def __init__(self, items: list[Shape], validator: Validator) -> None:
        super().__init__()
        self._items = items
        self._validator = validator

    @override
    def fits(self, value: object, depth: int) -> bool:
        if not self.holds(value):
            return False
        for index, item in enumerate(cast("tuple[object, ...]", value)):
            if not self._items[index].fits(item, depth):
                return False
        return True

    @override
    def holds(self, value: object) -> bool:
        return type(value) is tuple and len(cast("tuple[object, ...]", value)) == len(self._items)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return self._validator.check(listed(value, walk), walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = value if self.holds(value) else self.check(value, dump.walk)
        if found is FAIL or not self._items:
            return found
        return plain_items(cast("tuple[object, ...]", found), self._items, chosen, dump, True)

    @override
    def label(self) -> str:
        return self._validator.label()

    @override
    def children(self) -> list[Validator]:
        return list(self._items)


@final
class DictShape(Shape):
    """Keys of one type and values of another; keys are sent as text."""

    def __init__(self, key: Shape, value: Shape, constraints: Constraints) -> None:
        super().__init__()
        self._key = key
        self._value = value
        self._has_bounds = not constraints.is_empty
        self._bounds = Bounds("Dictionary", constraints)
        self.faithful: bool = key.exact in _ENCODED_KEYS

    @override
    def fits(self, value: object, depth: int) -> bool:
        if type(value) is not dict:
            return False
        entries = cast("dict[object, object]", value)
        if self._has_bounds and (self._bounds.too_short(len(entries)) or self._bounds.too_long(len(entries))):
            return False
        exact_key = self._key.exact
        shape = self._value
        exact = shape.exact
        for key, item in entries.items():
            if type(key) is not exact_key and not self._key.fits(key, depth):
                return False
            if type(item) is not exact and not shape.fits(item, depth):
                return False
        return True

    @override
    def holds(self, value: object) -> bool:
        return type(value) is dict

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, collections.abc.Mapping):
            return walk.refuse("dict_type", "Input should be a valid dictionary", value)
        passed: dict[object, object] = {}
        complete = True
        for key, item in value.items():
            enter_key(key, walk)
            converted_key = self._checked_key(key, walk)
            converted = self._value.check(item, walk)
            walk.path.pop()
            if converted_key is FAIL or converted is FAIL:
                complete = False
                if walk.gives_up():
                    return FAIL
            else:
                passed[converted_key] = converted
        if not complete:
            return FAIL
        if self._bounds.too_short(len(passed)):
            return self._bounds.refuse_short(len(passed), value, walk)
        if self._bounds.too_long(len(passed)):
            return self._bounds.refuse_long(None, value, walk)
        return passed

    def _checked_key(self, key: object, walk: Walk) -> object:
        walk.path.append("[key]")
        converted = self._key.check(key, walk)
        walk.path.pop()
        return converted

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        walk = dump.walk
        found = value if self.holds(value) and not self._has_bounds else self.check(value, walk)
        if found is FAIL:
            return FAIL
        passed: dict[object, object] = {}
        complete = True
        for key, item in cast("dict[object, object]", found).items():
            within = chosen.of(key)
            if within is None:
                continue
            enter_key(key, walk)
            plain_key = self._key.plain(key, EVERYTHING, dump)
            plain_item = self._value.plain(item, within, dump)
            walk.path.pop()
            if plain_key is not FAIL and plain_item is not FAIL:
                passed[key_of(plain_key)] = plain_item
            else:
                complete = False
                if walk.gives_up():
                    break
        return passed if complete else FAIL

    @override
    def label(self) -> str:
        return f"dict[{self._key.label()},{self._value.label()}]"

    @override
    def children(self) -> list[Validator]:
        return [self._key, self._value]


def enter_key(key: object, walk: Walk) -> None:
    """Let the walk stand at the value of a key."""
    walk.path.append(key if isinstance(key, (str, int)) else str(key))
