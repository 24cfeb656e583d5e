"""How models leave: each declared field of theirs, and nothing else that an object carries.

An instance of the model's class is believed to be one: it is not built anew, and its own checks do not run again. But each of
its fields must hold a value of the declared type, as nothing saw to that before, or one that can be converted to it.
"""

from __future__ import annotations

import collections.abc
import copy
import operator
from collections.abc import Callable
from typing import Any, Final, cast, final

import msgspec
from typing_extensions import override

from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import ARRAY_STRUCT, ATTRS, DATACLASS, NAMED_TUPLE, STRUCT, TYPED_DICT, Model, ModelField
from fasterapi.binding.result_containers import listed
from fasterapi.binding.result_filter import Filter
from fasterapi.binding.result_shape import FAIL, MAX_DEPTH, Dump, Shape, too_deep
from fasterapi.binding.result_sources import fields_given
from fasterapi.binding.validate_models import ModelValidator
from fasterapi.binding.validator import STRICT, Validator, Walk
from fasterapi.errors import ErrorItem

_as_tuple: Final = msgspec.structs.astuple
_set_field: Final = msgspec.structs.force_setattr


@final
class Default:
    """What stands for a field that is not given."""

    def __init__(self, value: object, factory: Callable[[], object] | None) -> None:
        self._value = value
        self._factory = factory

    def equals(self, value: object) -> bool:
        """Whether a field that has this value could as well not have been given."""
        default = self._value if self._factory is None else self._factory()
        return default is not MISSING and (value is default or bool(value == default))


class ModelShape(Shape):
    """What all models share. Fields are set after creation, because they may lead back to the model."""

    def __init__(self, model: Model, validator: ModelValidator) -> None:
        super().__init__()
        self.cls: Any = model.cls
        self.fields: list[ModelField] = sent_fields(model)
        self.shapes: list[Shape] = []
        self.validator = validator
        self.convertible = _is_convertible(model)

    def bind(self, shapes: dict[str, Shape]) -> None:
        """Set the shape of each field, by its name."""
        self.shapes = [shapes[field.name] for field in self.fields]
        self.validator.validators = [shapes[field.name] for field in self.validator.fields]

    def fit_all(self, values: tuple[object, ...], depth: int) -> bool:
        """Whether the values of all fields, in their order, fit."""
        for index, shape in enumerate(self.shapes):
            value = values[index]
            if type(value) is not shape.exact and not shape.fits(value, depth + 1):
                return False
        return True

    @override
    def holds(self, value: object) -> bool:
        return isinstance(value, self.cls)

    @override
    def check(self, value: object, walk: Walk) -> object:
        if type(value) is not dict and isinstance(value, self.cls):
            return self.check_instance(value, walk)
        given = fields_given(value, self.validator.fields, walk)
        if given is FAIL:
            return FAIL
        known = len(walk.errors)
        found = self.check_given(given, walk)
        if found is FAIL and given is not value:
            _point_at(value, given, walk.errors, known)
        return found

    def check_instance(self, value: object, walk: Walk) -> object:
        """What stands for an instance of the class."""
        if type(value) is not self.cls:
            walk.lower(STRICT)
        return value

    def check_given(self, given: object, walk: Walk) -> object:
        """The instance for fields by their names in JSON, or the refusal of what is none."""
        return self.validator.check(given, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        walk = dump.walk
        if walk.depth >= MAX_DEPTH:
            return too_deep(value, walk)
        walk.depth += 1
        found = value if self.holds(value) else self.check(value, walk)
        if found is not FAIL:
            found = self.plain_model(found, chosen, dump)
        walk.depth -= 1
        return found

    def plain_model(self, value: object, chosen: Filter, dump: Dump) -> object:
        """An instance of the class as an object or array, or `FAIL`."""
        raise NotImplementedError

    @override
    def label(self) -> str:
        return self.validator.label()

    @override
    def children(self) -> list[Validator]:
        return list(self.shapes)


def _is_convertible(model: Model) -> bool:
    """Whether `msgspec.convert` takes a model's fields from what we take them from, and runs no code of the class.

    It finds the fields of a model whose fields all have defaults in any object, even in a coroutine that nobody awaited.
    """
    if model.kind in {TYPED_DICT, NAMED_TUPLE}:
        return True
    if model.kind not in {STRUCT, DATACLASS} or not model.decodable or hasattr(model.cls, "__post_init__"):
        return False
    return all([field.name == field.key for field in model.fields]) and True in [field.required for field in model.fields]


def sent_fields(model: Model) -> list[ModelField]:
    """The fields that an answer shows, in the order in which the encoder writes them."""
    if model.kind == ATTRS:
        # As for the encoder, what attrs calls private stays so.
        return [field for field in model.fields if not field.name.startswith("_")]
    if model.kind not in {STRUCT, ARRAY_STRUCT}:
        return [field for field in model.fields if not field.init_only]
    position = {name: index for index, name in enumerate(model.cls.__struct_fields__)}
    return sorted(model.fields, key=lambda field: position[field.name])


def _point_at(value: object, given: object, errors: list[ErrorItem], known: int) -> None:
    """Let faults name what the handler returned, not the fields that were read from it."""
    for index in range(known, len(errors)):
        if errors[index]["input"] is given:
            errors[index]["input"] = value


class FieldsShape(ModelShape):
    """A model whose fields are attributes."""

    def __init__(self, model: Model, validator: ModelValidator, defaults: dict[str, Default]) -> None:
        super().__init__(model, validator)
        self.defaults: list[Default] = [defaults[field.name] for field in self.fields]

    def omits_defaults(self) -> bool:
        """Whether fields with their default value are never sent."""
        return False

    def plain_fields(self, value: object, chosen: Filter, dump: Dump) -> list[tuple[ModelField, object]] | None:
        """What is sent of each field, `None` after the faults were told."""
        walk = dump.walk
        skips_defaults = dump.exclude_defaults or self.omits_defaults()
        passed: list[tuple[ModelField, object]] = []
        complete = True
        for index, field in enumerate(self.fields):
            within = chosen.of(field.name)
            if within is None:
                continue
            item = getattr(value, field.name, MISSING)
            if item is msgspec.UNSET or (item is None and dump.exclude_none):
                continue
            if skips_defaults and self.defaults[index].equals(item):
                continue
            walk.path.append(field.key)
            found = walk.refuse("missing", "Field required", value) if item is MISSING else self.shapes[index].plain(item, within, dump)
            walk.path.pop()
            if found is not FAIL:
                passed.append((field, found))
            else:
                complete = False
                if walk.gives_up():
                    break
        return passed if complete else None

    @override
    def plain_model(self, value: object, chosen: Filter, dump: Dump) -> object:
        sent = self.plain_fields(value, chosen, dump)
        if sent is None:
            return FAIL
        passed: dict[str, object] = {}
        for field, item in sent:
            passed[field.key if dump.by_alias else field.name] = item
        return passed


class StructShape(FieldsShape):
    """A `msgspec.Struct` written as an object.

    With `marks_unset` a field that nobody set holds `UNSET` after `check`. A Struct does not know what its maker gave it: a field of
    an instance that has its default value counts as not set.
    """

    def __init__(self, model: Model, validator: ModelValidator, marks_unset: bool) -> None:
        super().__init__(model, validator, _struct_defaults(model))
        self.tag = model.tag
        self.tag_field = model.tag_field
        self._marks_unset = marks_unset
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
    def check_instance(self, value: object, walk: Walk) -> object:
        if type(value) is not self.cls:
            walk.lower(STRICT)
        if not self._marks_unset:
            return value
        if walk.depth >= MAX_DEPTH:
            return too_deep(value, walk)
        walk.depth += 1
        found = self._marked(value, walk)
        walk.depth -= 1
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
    def bind(self, shapes: dict[str, Shape]) -> None:
        super().bind(shapes)
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


@final
class ObjectShape(FieldsShape):
    """A dataclass or attrs class."""

    def __init__(self, model: Model, validator: ModelValidator, faithful: bool) -> None:
        super().__init__(model, validator, _object_defaults(model))
        self.faithful = faithful
        self._values_of: Callable[[object], object] | None = None
        names = [field.name for field in self.fields]
        if names:
            self._values_of = operator.attrgetter(*names)
        self._has_one = len(names) == 1

    @override
    def fits(self, value: object, depth: int) -> bool:
        if type(value) is not self.cls or depth >= MAX_DEPTH:
            return False
        values_of = self._values_of
        if values_of is None:
            return True
        try:
            values = values_of(value)
        except AttributeError:
            return False
        return self.fit_all((values,) if self._has_one else cast("tuple[object, ...]", values), depth)


def _struct_defaults(model: Model) -> dict[str, Default]:
    defaults: dict[str, Default] = {}
    for field in msgspec.structs.fields(model.cls):
        value = MISSING if field.default is msgspec.NODEFAULT else field.default
        factory = None if field.default_factory is msgspec.NODEFAULT else field.default_factory
        defaults[field.name] = Default(value, factory)
    return defaults


def _object_defaults(model: Model) -> dict[str, Default]:
    defaults = {field.name: Default(field.default, field.factory) for field in model.fields}
    if model.kind == ATTRS:
        for field, attribute in zip(model.fields, model.cls.__attrs_attrs__, strict=True):
            if not field.required:
                defaults[field.name] = _attrs_default(attribute.default)
    return defaults


def _attrs_default(default: Any) -> Default:
    if type(default).__name__ != "Factory":
        return Default(default, None)
    # One that is made from the instance stands for no value in particular.
    return Default(MISSING, None if default.takes_self else default.factory)


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
