"""How dataclasses, attrs classes, `TypedDict`s and `NamedTuple`s leave."""

from __future__ import annotations

import collections.abc
from typing import Any, cast, final

from typing_extensions import override

from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import Model
from fasterapi.binding.result_containers import listed
from fasterapi.binding.result_filter import Filter
from fasterapi.binding.result_models import FieldsShape, ModelShape
from fasterapi.binding.result_shape import Dump
from fasterapi.binding.result_sources import AttributeReader
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_models import ModelValidator
from fasterapi.binding.validator import MAX_DEPTH, Walk


@final
class ObjectShape(FieldsShape):
    """A dataclass or attrs class."""

    def __init__(self, model: Model, validator: ModelValidator, faithful: bool) -> None:
        super().__init__(model, validator)
        self.faithful = faithful
        self._reader = AttributeReader([field.name for field in self.fields])
        self._is_slotted = model.cls.__dictoffset__ == 0

    @override
    def fits(self, value: object, depth: int) -> bool:
        if type(value) is not self.cls or depth >= MAX_DEPTH:
            return False
        if self._is_slotted:
            values = self._reader.values(value)
            return values is not None and self.fit_all(values, depth)
        return self._fits_entries(cast(Any, value).__dict__, depth + 1)

    def _fits_entries(self, entries: dict[str, object], depth: int) -> bool:
        """The same for the `__dict__` of an instance: the encoder misses defaults that stand in the class alone."""
        for index, field in enumerate(self.fields):
            item = entries.get(field.name, MISSING)
            shape = self.shapes[index]
            if type(item) is not shape.exact and (item is MISSING or not shape.fits(item, depth)):
                return False
        return True


@final
class TypedDictShape(ModelShape):
    """A `TypedDict`."""

    @override
    def fits(self, value: object, depth: int) -> bool:
        if type(value) is not dict or depth >= MAX_DEPTH:
            return False
        entries = cast("dict[object, object]", value)
        known = 0
        for index, field in enumerate(self.fields):
            item = entries.get(field.name, MISSING)
            if item is MISSING:
                if field.required:
                    return False
                continue
            known += 1
            shape = self.shapes[index]
            if type(item) is not shape.exact and not shape.fits(item, depth + 1):
                return False
        return known == len(entries)

    @override
    def holds(self, value: object) -> bool:
        return type(value) is dict

    @override
    def check(self, value: object, walk: Walk) -> object:
        is_other_mapping = not isinstance(value, dict) and isinstance(value, collections.abc.Mapping)
        return self.validator.check(dict(cast("collections.abc.Mapping[object, object]", value)) if is_other_mapping else value, walk)

    @override
    def plain_model(self, value: object, chosen: Filter, dump: Dump) -> object:
        walk = dump.walk
        passed: dict[str, object] = {}
        complete = True
        for index, field in enumerate(self.fields):
            within = chosen.of(field.name)
            item = cast("dict[str, object]", value).get(field.name, MISSING)
            if within is None or (item is None and dump.exclude_none) or (item is MISSING and not field.required):
                continue
            walk.path.append(field.name)
            found = walk.refuse("missing", "Field required", value) if item is MISSING else self.shapes[index].plain(item, within, dump)
            walk.path.pop()
            if found is FAIL:
                complete = False
                if walk.gives_up():
                    break
            passed[field.name] = found
        return passed if complete else FAIL


@final
class NamedTupleShape(ModelShape):
    """A `NamedTuple`, written as an array."""

    @override
    def fits(self, value: object, depth: int) -> bool:
        if type(value) is not self.cls or depth >= MAX_DEPTH:
            return False
        return self.fit_all(cast("tuple[object, ...]", value), depth)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if self.fits(value, walk.depth):
            return value
        if isinstance(value, collections.abc.Mapping):
            return self.validator.check(dict(value), walk)
        return self.validator.check(listed(value, walk), walk)

    @override
    def plain_model(self, value: object, chosen: Filter, dump: Dump) -> object:
        items = cast("tuple[object, ...]", value)
        passed: list[object] = []
        complete = True
        walk = dump.walk
        for index, shape in enumerate(self.shapes):
            within = chosen.at(index, len(items))
            if within is None:
                continue
            walk.path.append(self.fields[index].name)
            found = shape.plain(items[index], within, dump)
            walk.path.pop()
            complete = complete and found is not FAIL
            passed.append(found)
        return passed if complete else FAIL
