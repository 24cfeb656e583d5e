"""How models leave: each declared field of theirs, and nothing else that an object carries.

An instance of the model's class is believed to be one: it is not built anew, and its own checks do not run again. But each of
its fields must hold a value of the declared type, as nothing saw to that before, or one that can be converted to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import msgspec
from typing_extensions import override

from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import ARRAY_STRUCT, ATTRS, DATACLASS, NAMED_TUPLE, STRUCT, TYPED_DICT, Model, ModelField
from fasterapi.binding.result_filter import Filter
from fasterapi.binding.result_shape import Dump, Shape
from fasterapi.binding.result_sources import fields_given
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_models import ModelValidator
from fasterapi.binding.validator import STRICT, Validator, Walk
from fasterapi.errors import ErrorItem


@final
class Default:
    """What stands for a field that is not given."""

    def __init__(self, value: object, factory: Callable[[], object] | None) -> None:
        self.value = value
        self._factory = factory

    def equals(self, value: object) -> bool:
        """Whether a field that has this value could as well not have been given."""
        default = self.value if self._factory is None else self._factory()
        return default is not MISSING and (value is default or bool(value == default))


def defaults_of(model: Model) -> dict[str, Default]:
    """The default of each field, by its name."""
    defaults = {field.name: Default(field.default, field.factory) for field in model.fields}
    if model.kind in {STRUCT, ARRAY_STRUCT}:
        for member in msgspec.structs.fields(model.cls):
            value = MISSING if member.default is msgspec.NODEFAULT else member.default
            factory = None if member.default_factory is msgspec.NODEFAULT else member.default_factory
            defaults[member.name] = Default(value, factory)
    elif model.kind == ATTRS:
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
class DefaultShape(Shape):
    """A field whose default has another type than the field: `name: str = None`, which is sent nevertheless."""

    def __init__(self, inner: Shape, default: object, untyped: Shape) -> None:
        super().__init__()
        self._inner = inner
        self._default = default
        self._untyped = untyped

    @override
    def fits(self, value: object, depth: int) -> bool:
        if value is self._default:
            return self._untyped.fits(value, depth)
        return self._inner.fits(value, depth)

    @override
    def holds(self, value: object) -> bool:
        return value is self._default or self._inner.holds(value)

    @override
    def check(self, value: object, walk: Walk) -> object:
        return value if value is self._default else self._inner.check(value, walk)

    @override
    def plain(self, value: object, chosen: Filter, dump: Dump) -> object:
        shape = self._untyped if value is self._default else self._inner
        return shape.plain(value, chosen, dump)

    @override
    def label(self) -> str:
        return self._inner.label()

    @override
    def children(self) -> list[Validator]:
        return [self._inner, self._untyped]


class ModelShape(Shape):
    """What all models share. Fields are set after creation, because they may lead back to the model."""

    def __init__(self, model: Model, validator: ModelValidator) -> None:
        super().__init__()
        self.cls: Any = model.cls
        self.fields: list[ModelField] = sent_fields(model)
        self.shapes: list[Shape] = []
        """How each field is sent."""
        self.checks: list[Shape] = []
        """How each field is read from what is no instance of the class."""
        self.validator = validator
        self.convertible: bool = _is_convertible(model)
        defaults = defaults_of(model)
        self.defaults: list[Default] = [defaults[field.name] for field in self.fields]

    def bind(self, shapes: dict[str, Shape], untyped: Shape) -> None:
        """Set the shape of each field, by its name; `untyped` is the one of values of any type."""
        self.checks = [shapes[field.name] for field in self.fields]
        self.shapes = []
        for index, shape in enumerate(self.checks):
            default = self.defaults[index].value
            if default is not MISSING and default is not msgspec.UNSET and not shape.fits(default, 0):
                self.shapes.append(DefaultShape(shape, default, untyped))
            else:
                self.shapes.append(shape)
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
        if not walk.enter(value):
            return FAIL
        found = value if self.holds(value) else self.check(value, walk)
        if found is not FAIL:
            found = self.plain_model(found, chosen, dump)
        walk.leave()
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
    """Whether `msgspec.convert` takes a dict's entries for the fields that we take them for, and runs no code of the class."""
    if model.kind in {TYPED_DICT, NAMED_TUPLE}:
        return True
    if model.kind not in {STRUCT, DATACLASS} or not model.decodable or hasattr(model.cls, "__post_init__"):
        return False
    # The defaults of a dataclass it leaves in the class, where the encoder does not find them.
    leaves_defaults = model.kind == DATACLASS and model.cls.__dictoffset__ != 0
    return not [field for field in model.fields if field.key != field.name or (leaves_defaults and not field.required)]


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
