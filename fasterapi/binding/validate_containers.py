"""The second pass over arrays and objects that become lists, sets, tuples and dicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from typing_extensions import override

from fasterapi.binding.constraints import Constraints
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_scalars import AnyValidator
from fasterapi.binding.validator import ARRAY, LAX, OBJECT, Validator, Walk


@final
class Bounds:
    """How many items a container may have, and what it is called in the message that says so."""

    def __init__(self, name: str, constraints: Constraints) -> None:
        self._name = name
        self._least = constraints.min_length
        self._most = constraints.max_length

    def too_long(self, length: int) -> bool:
        """Whether `length` passes the upper bound."""
        return self._most is not None and length > self._most

    def too_short(self, length: int) -> bool:
        """Whether `length` stays under the lower bound."""
        return self._least is not None and length < self._least

    def refuse_long(self, length: int | None, value: object, walk: Walk) -> object:
        """Say what is allowed; `length` is told where it is known."""
        return refuse_long(self._name, self._most or 0, length, value, walk)

    def refuse_short(self, length: int, value: object, walk: Walk) -> object:
        """Say what is needed."""
        least = self._least or 0
        message = f"{self._name} should have at least {least} {_items(least)} after validation, not {length}"
        context: dict[str, object] = {"field_type": self._name, "min_length": least, "actual_length": length}
        return walk.refuse_with("too_short", message, value, context)


def refuse_long(name: str, most: int, length: int | None, value: object, walk: Walk) -> object:
    """Refuse an array with more than `most` items."""
    found = "more" if length is None else str(length)
    message = f"{name} should have at most {most} {_items(most)} after validation, not {found}"
    context: dict[str, object] = {"field_type": name, "max_length": most, "actual_length": length}
    return walk.refuse_with("too_long", message, value, context)


def _items(count: int) -> str:
    return "item" if count == 1 else "items"


def check_items(item: Validator, values: list[object], walk: Walk) -> list[object]:
    """The items that pass; fewer than were given when some were refused."""
    passed: list[object] = []
    path = walk.path
    path.append(0)
    for index, value in enumerate(values):
        path[-1] = index
        converted = item.check(value, walk)
        if converted is not FAIL:
            passed.append(converted)
        elif walk.gives_up():
            break
    path.pop()
    return passed


@final
class ListValidator(Validator):
    """An array as a `list`."""

    def __init__(self, item: Validator, constraints: Constraints, abstract: bool) -> None:
        super().__init__()
        self.is_bounded: bool = not constraints.is_empty
        self._item = item
        self._abstract = abstract
        self._bounds = Bounds("Value" if abstract else "List", constraints)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, list):
            return self._refuse(value, walk)
        length = len(value)
        if not self._abstract and self._bounds.too_long(length):
            return self._bounds.refuse_long(length, value, walk)
        passed = check_items(self._item, value, walk)
        if len(passed) < length:
            return FAIL
        if self._bounds.too_long(length):
            return self._bounds.refuse_long(length, value, walk)
        if self._bounds.too_short(length):
            return self._bounds.refuse_short(length, value, walk)
        return passed

    def _refuse(self, value: object, walk: Walk) -> object:
        if not self._abstract:
            return walk.refuse("list_type", "Input should be a valid list", value)
        if isinstance(value, str):
            if isinstance(self._item, AnyValidator):
                return value
            message = "'str' instances are not allowed as a Sequence value"
            return walk.refuse_with("sequence_str", message, value, {"type_name": "str"})
        return walk.refuse_with("is_instance_of", "Input should be an instance of Sequence", value, {"class": "Sequence"})

    @override
    def label(self) -> str:
        return f"{'sequence' if self._abstract else 'list'}[{self._item.label()}]"

    @override
    def shape(self) -> int:
        return ARRAY

    @override
    def children(self) -> list[Validator]:
        return [self._item]


@final
class SetValidator(Validator):
    """An array as a `set` or `frozenset`."""

    def __init__(self, item: Validator, constraints: Constraints, frozen: bool) -> None:
        super().__init__()
        self.is_bounded: bool = not constraints.is_empty
        self._item = item
        self._frozen = frozen
        self._bounds = Bounds("Frozenset" if frozen else "Set", constraints)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, list):
            if self._frozen:
                return walk.refuse("frozen_set_type", "Input should be a valid frozenset", value)
            return walk.refuse("set_type", "Input should be a valid set", value)
        walk.lower(LAX)
        known = len(walk.errors)
        passed, complete = self._distinct(value, walk)
        if self._bounds.too_long(len(passed)):
            del walk.errors[known:]
            return self._bounds.refuse_long(None, value, walk)
        if not complete:
            return FAIL
        if self._bounds.too_short(len(passed)):
            return self._bounds.refuse_short(len(passed), value, walk)
        return frozenset(passed) if self._frozen else passed

    def _distinct(self, values: list[object], walk: Walk) -> tuple[set[object], bool]:
        passed: set[object] = set()
        complete = True
        path = walk.path
        path.append(0)
        for index, value in enumerate(values):
            path[-1] = index
            converted = self._item.check(value, walk)
            if converted is FAIL or not _added(passed, converted, value, walk):
                complete = False
                if walk.gives_up():
                    break
            elif self._bounds.too_long(len(passed)):
                break
        path.pop()
        return passed, complete

    @override
    def label(self) -> str:
        return f"{'frozenset' if self._frozen else 'set'}[{self._item.label()}]"

    @override
    def shape(self) -> int:
        return ARRAY

    @override
    def children(self) -> list[Validator]:
        return [self._item]


def _added(passed: set[object], item: object, value: object, walk: Walk) -> bool:
    try:
        passed.add(item)
    except TypeError:
        walk.refuse("set_item_not_hashable", "Set items should be hashable", value)
        return False
    return True


@final
class ManyTupleValidator(Validator):
    """An array as a tuple of any length: `tuple[int, ...]`."""

    def __init__(self, item: Validator, constraints: Constraints) -> None:
        super().__init__()
        self.is_bounded: bool = not constraints.is_empty
        self._item = item
        self._bounds = Bounds("Tuple", constraints)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, list):
            return walk.refuse("tuple_type", "Input should be a valid tuple", value)
        walk.lower(LAX)
        known = len(walk.errors)
        passed = check_items(self._item, value, walk)
        if self._bounds.too_long(len(passed)):
            del walk.errors[known:]
            return self._bounds.refuse_long(len(value), value, walk)
        if self._bounds.too_short(len(passed)):
            return self._bounds.refuse_short(len(passed), value, walk)
        return FAIL if len(passed) < len(value) else tuple(passed)

    @override
    def label(self) -> str:
        return f"tuple[{self._item.label()}, ...]"

    @override
    def shape(self) -> int:
        return ARRAY

    @override
    def children(self) -> list[Validator]:
        return [self._item]


@final
class TupleValidator(Validator):
    """An array as a tuple of one type for each place: `tuple[int, str]`."""

    def __init__(self, items: Sequence[Validator]) -> None:
        super().__init__()
        self._items = list(items)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, list):
            return walk.refuse("tuple_type", "Input should be a valid tuple", value)
        walk.lower(LAX)
        wanted = len(self._items)
        if len(value) > wanted:
            return refuse_long("Tuple", wanted, len(value), value, walk)
        passed: list[object] = []
        path = walk.path
        path.append(0)
        for index, item in enumerate(self._items):
            path[-1] = index
            given = index < len(value)
            converted = item.check(value[index], walk) if given else walk.refuse("missing", "Field required", value)
            if converted is not FAIL:
                passed.append(converted)
            elif walk.gives_up():
                break
        path.pop()
        return FAIL if len(passed) < wanted else tuple(passed)

    @override
    def label(self) -> str:
        return f"tuple[{', '.join([item.label() for item in self._items])}]"

    @override
    def shape(self) -> int:
        return ARRAY

    @override
    def children(self) -> list[Validator]:
        return list(self._items)


@final
class DictValidator(Validator):
    """An object as a `dict`; keys are text and convert as text does."""

    def __init__(self, key: Validator, value: Validator, constraints: Constraints) -> None:
        super().__init__()
        self.is_bounded: bool = not constraints.is_empty
        self._key = key
        self._value = value
        self._bounds: Final = Bounds("Dictionary", constraints)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return walk.refuse("dict_type", "Input should be a valid dictionary", value)
        known = len(walk.errors)
        passed: dict[object, object] = {}
        complete = True
        path = walk.path
        for key, item in value.items():
            path.append(key)
            converted_key = self._checked_key(key, walk)
            converted = self._value.check(item, walk)
            path.pop()
            if converted_key is FAIL or converted is FAIL:
                complete = False
                if walk.gives_up():
                    return FAIL
                continue
            passed[converted_key] = converted
            if self._bounds.too_long(len(passed)):
                del walk.errors[known:]
                return self._bounds.refuse_long(None, value, walk)
        if not complete:
            return FAIL
        if self._bounds.too_short(len(passed)):
            return self._bounds.refuse_short(len(passed), value, walk)
        return passed

    def _checked_key(self, key: str, walk: Walk) -> object:
        walk.path.append("[key]")
        converted = self._key.check(key, walk)
        walk.path.pop()
        return converted

    @override
    def label(self) -> str:
        return f"dict[{self._key.label()},{self._value.label()}]"

    @override
    def shape(self) -> int:
        return OBJECT

    @override
    def children(self) -> list[Validator]:
        return [self._key, self._value]
