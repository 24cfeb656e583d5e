"""How Structs leave."""

from __future__ import annotations

import collections.abc
import copy
import inspect
from collections.abc import Callable
from typing import Any, Final, cast, final

import msgspec
from typing_extensions import override

from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import Model
from fasterapi.binding.result_containers import listed
from fasterapi.binding.result_filter import Filter
from fasterapi.binding.result_models import FieldsShape
from fasterapi.binding.result_shape import Dump, Shape
from fasterapi.binding.result_sources import AttributeReader
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_models import ModelValidator
from fasterapi.binding.validator import MAX_DEPTH, STRICT, Walk

_as_tuple: Final = msgspec.structs.astuple
_set_field: Final = msgspec.structs.force_setattr


class StructShape(FieldsShape):
    """A `msgspec.Struct` written as an object.

    With `marks_unset` a field that nobody set holds `UNSET` after `check`. A Struct does not know what its maker gave it: a field of
    an instance that has its default value counts as not set.
    """

    def __init__(self, model: Model, validator: ModelValidator, marks_unset: bool) -> None:
        super().__init__(model, validator)
        self.tag: str | int | None = model.tag
        self.tag_field: str = model.tag_field
        self._marks_unset = marks_unset
        self._reader = AttributeReader([field.name for field in self.fields])
        self._make = None if marks_unset else _maker_of(model)
        self._row_type: type[Any] | None = None
        """The class of the last object that gave its attributes: most lists are of one class, and telling what a class is costs more."""
        self._subclass: type[Any] | None = None
        """The class of the last instance that was cut."""
        self._omits_defaults: bool = model.cls.__struct_config__.omit_defaults

    @override
    def omits_defaults(self) -> bool:
        return self._omits_defaults

    @override
    def fits(self, value: object, depth: int) -> bool:
        if type(value) is not self.cls or depth >= MAX_DEPTH:
            return False
        return self.fit_all(_as_tuple(cast("msgspec.Struct", value)), depth)

    @override
    def check(self, value: object, walk: Walk) -> object:
        kind = type(value)
        if kind is self.cls or kind is self._subclass:
            return self.check_instance(value, walk)
        if kind is self._row_type:
            found = self._from_row(value, walk)
            if found is not MISSING:
                return found
        found = super().check(value, walk)
        if self._make is not None and found is not FAIL and kind is not self._subclass and not isinstance(value, collections.abc.Mapping):
            self._row_type = kind
        return found

    def _from_row(self, value: object, walk: Walk) -> object:
        """The instance for an object that has all fields as attributes; `MISSING` for any other."""
        values = self._reader.values(value)
        make = self._make
        if values is None or make is None or walk.depth >= MAX_DEPTH:
            return MISSING
        known = len(walk.errors)
        arguments = list(values)
        walk.depth += 1
        for index, shape in enumerate(self.checks):
            item = arguments[index]
            if type(item) is shape.exact:
                continue
            walk.path.append(self.fields[index].key)
            found = FAIL if item is msgspec.UNSET else shape.check(item, walk)
            walk.path.pop()
            if found is FAIL:
                # The other way tells the faults, in the order of the annotations.
                del walk.errors[known:]
                walk.depth -= 1
                return MISSING
            arguments[index] = found
        walk.depth -= 1
        walk.lower(STRICT)
        walk.add_fields(len(arguments))
        return make(*arguments)

    @override
    def check_instance(self, value: object, walk: Walk) -> object:
        if type(value) is not self.cls:
            walk.lower(STRICT)
        if self._marks_unset:
            return self._with_marks(value, walk)
        return value if type(value) is self.cls else self._cut(value)

    def _cut(self, value: object) -> object:
        """An instance of a subclass as one of the class itself, which the encoder may write."""
        make = self._make
        values = None if make is None else self._reader.values(value)
        if make is None or values is None:
            return value
        self._subclass = type(value)
        return make(*values)

    def _with_marks(self, value: object, walk: Walk) -> object:
        if not walk.enter(value):
            return FAIL
        found = self._marked(value, walk)
        walk.leave()
        return found

    def _marked(self, value: object, walk: Walk) -> object:
        marked = cast("msgspec.Struct", copy.copy(value))
        complete = True
        for index, field in enumerate(self.fields):
            item = getattr(value, field.name)
            if item is not msgspec.UNSET and not self.defaults[index].equals(item):
                walk.path.append(field.key)
                found = self.shapes[index].check(item, walk)
                walk.path.pop()
                complete = complete and found is not FAIL
                _set_field(marked, field.name, found)
            else:
                _set_field(marked, field.name, msgspec.UNSET)
        return marked if complete else FAIL

    @override
    def check_given(self, given: object, walk: Walk) -> object:
        found = self.validator.check(given, walk)
        if self._marks_unset and found is not FAIL and isinstance(given, dict):
            for field in self.fields:
                if field.key not in given:
                    _set_field(cast("msgspec.Struct", found), field.name, msgspec.UNSET)
        return found

    @override
    def plain_model(self, value: object, chosen: Filter, dump: Dump) -> object:
        found = super().plain_model(value, chosen, dump)
        if found is FAIL or self.tag is None or chosen.of(self.tag_field) is None:
            return found
        return {self.tag_field: self.tag, **cast("dict[str, object]", found)}


@final
class ArrayStructShape(StructShape):
    """A `msgspec.Struct` written as an array; `by_name` takes its fields from an object."""

    def __init__(self, model: Model, validator: ModelValidator, by_name: ModelValidator, marks_unset: bool) -> None:
        super().__init__(model, validator, marks_unset)
        self._by_name = by_name

    @override
    def bind(self, shapes: dict[str, Shape], untyped: Shape) -> None:
        super().bind(shapes, untyped)
        self._by_name.validators = self.validator.validators

    @override
    def check_given(self, given: object, walk: Walk) -> object:
        if isinstance(given, dict):
            return self._by_name.check(given, walk)
        return self.validator.check(listed(given, walk), walk)

    @override
    def plain_model(self, value: object, chosen: Filter, dump: Dump) -> object:
        sent = self.plain_fields(value, chosen, dump)
        if sent is None:
            return FAIL
        first: list[object] = [] if self.tag is None else [self.tag]
        return first + [item for _, item in sent]


def _maker_of(model: Model) -> Callable[..., object] | None:
    """The class, where calling it with the values of its fields, in their order, runs no code of its own."""
    if hasattr(model.cls, "__post_init__"):
        return None
    parameters = inspect.signature(model.cls).parameters.values()
    if [parameter for parameter in parameters if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD]:
        return None
    return cast("Callable[..., object]", model.cls)
