"""The second pass over models: objects (or arrays) with named fields."""

from __future__ import annotations

from typing import Any, Final, final

from typing_extensions import override

from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import ARRAY_STRUCT, NAMED_TUPLE, Model, ModelField
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_choices import LiteralValidator
from fasterapi.binding.validate_containers import refuse_long
from fasterapi.binding.validator import ALWAYS, ARRAY, LAX, OBJECT, STRICT, Validator, Walk

NOT_AN_OBJECT_KIND: Final = "model_attributes_type"
NOT_AN_OBJECT: Final = "Input should be a valid dictionary or object to extract fields from"


class ModelValidator(Validator):
    """What all models share. Fields are set after creation, because they may lead back to the model."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        self.fields: list[ModelField] = model.fields
        self.validators: list[Validator] = []
        self._tag: Final = None if model.tag is None else LiteralValidator([model.tag])
        if not model.decodable:
            self.doubts = ALWAYS

    def check_fields(self, value: dict[str, object], walk: Walk) -> dict[str, object] | None:
        """The converted fields that were given, by constructor argument, or `None` after the faults were told."""
        if not walk.enter(value):
            return None
        passed: dict[str, object] = {}
        complete = self.check_tag(value.get(self.model.tag_field, MISSING), self.model.tag_field, walk)
        for index, field in enumerate(self.fields):
            if not field.given:
                continue
            given = value.get(field.key, MISSING)
            if given is MISSING and not field.required:
                continue
            walk.path.append(field.key)
            found = walk.refuse("missing", "Field required", value) if given is MISSING else self.validators[index].check(given, walk)
            walk.path.pop()
            if found is not FAIL:
                passed[field.argument] = found
                continue
            complete = False
            if walk.gives_up():
                break
        if self.model.forbids_extra and (complete or not walk.gives_up()) and not self._has_known_keys_only(value, walk):
            complete = False
        walk.leave()
        return passed if complete else None

    def check_tag(self, given: object, place: str | int, walk: Walk) -> bool:
        """Whether the tag, where one is given, is this model's."""
        if self._tag is None or given is MISSING:
            return True
        walk.path.append(place)
        found = self._tag.check(given, walk)
        walk.path.pop()
        return found is not FAIL

    def _has_known_keys_only(self, value: dict[str, object], walk: Walk) -> bool:
        known = {field.key for field in self.fields}
        if self._tag is not None:
            known.add(self.model.tag_field)
        complete = True
        for key, given in value.items():
            if key not in known:
                complete = False
                refuse_extra(key, given, walk)
                if walk.gives_up():
                    break
        return complete

    def build(self, arguments: dict[str, object], value: object, walk: Walk) -> object:
        """Call the class; a `ValueError` or failed `assert` of its own checks is a fault of the request."""
        try:
            return self.model.cls(**arguments)
        except ValueError as error:
            return refuse_value(error, value, walk)
        except AssertionError as error:
            return refuse_assertion(error, value, walk)

    @override
    def label(self) -> str:
        return self.model.name

    @override
    def shape(self) -> int:
        if self.model.kind == NAMED_TUPLE:
            return ARRAY | OBJECT
        return ARRAY if self.model.kind == ARRAY_STRUCT else OBJECT

    @override
    def children(self) -> list[Validator]:
        return list(self.validators)


def refuse_extra(key: str | int, given: object, walk: Walk) -> None:
    """Refuse a field that the model does not have."""
    walk.path.append(key)
    walk.refuse("extra_forbidden", "Extra inputs are not permitted", given)
    walk.path.pop()


def refuse_value(error: ValueError, value: object, walk: Walk) -> object:
    """Refuse what a model's own checks refused. The exception itself is `{}` in FastAPI's answers."""
    return walk.refuse_with("value_error", f"Value error, {error}", value, {"error": {}})


def refuse_assertion(error: AssertionError, value: object, walk: Walk) -> object:
    """Refuse what an `assert` in a model's own checks refused."""
    return walk.refuse_with("assertion_error", f"Assertion failed, {error}", value, {"error": {}})


@final
class StructValidator(ModelValidator):
    """A `msgspec.Struct` written as an object."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return walk.refuse(NOT_AN_OBJECT_KIND, NOT_AN_OBJECT, value)
        arguments = self.check_fields(value, walk)
        if arguments is None:
            return FAIL
        walk.lower(STRICT)
        walk.add_fields(len(arguments))
        return self.build(arguments, value, walk)


@final
class ArrayStructValidator(ModelValidator):
    """A `msgspec.Struct` written as an array; its tag, if it has one, stands first."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, list):
            return walk.refuse("list_type", "Input should be a valid list", value)
        if not walk.enter(value):
            return FAIL
        found = self._check_array(value, walk)
        walk.leave()
        return found

    def _check_array(self, value: list[object], walk: Walk) -> object:
        walk.lower(STRICT)
        first = 0 if self.model.tag is None else 1
        complete = first == 0 or self.check_tag(value[0] if value else None, 0, walk)
        most = first + len(self.fields)
        if self.model.forbids_extra and len(value) > most:
            return refuse_long("List", most, len(value), value, walk)
        arguments: dict[str, object] = {}
        path = walk.path
        path.append(0)
        for index, field in enumerate(self.fields):
            path[-1] = place = first + index
            if place < len(value):
                found = self.validators[index].check(value[place], walk)
            elif field.required:
                found = walk.refuse("missing", "Field required", value)
            else:
                continue
            if found is not FAIL:
                arguments[field.argument] = found
                continue
            complete = False
            if walk.gives_up():
                break
        path.pop()
        walk.add_fields(len(arguments))
        return self.build(arguments, value, walk) if complete else FAIL


@final
class AttrsValidator(ModelValidator):
    """An attrs class."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return refuse_dataclass(self.model.name, value, walk)
        arguments = self.check_fields(value, walk)
        if arguments is None:
            return FAIL
        walk.lower(STRICT)
        walk.add_fields(len(arguments))
        return self.build(arguments, value, walk)


def refuse_dataclass(name: str, value: object, walk: Walk) -> object:
    """Refuse a value that is no object where a dataclass is wanted."""
    message = f"Input should be a dictionary or an instance of {name}"
    return walk.refuse_with("dataclass_type", message, value, {"class_name": name})


@final
class DataclassValidator(ModelValidator):
    """A dataclass, built without its `__init__` as the decoder and FastAPI build it; `__post_init__` is called."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return refuse_dataclass(self.model.name, value, walk)
        arguments = self.check_fields(value, walk)
        if arguments is None:
            return FAIL
        walk.lower(STRICT)
        walk.add_fields(len(arguments))
        return self._build(arguments, value, walk)

    def _build(self, arguments: dict[str, object], value: object, walk: Walk) -> object:
        cls = self.model.cls
        instance = cls.__new__(cls)
        init_only: list[object] = []
        for field in self.fields:
            item = arguments.get(field.argument, MISSING)
            if item is MISSING:
                item = field.default if field.factory is None else field.factory()
            if field.init_only:
                init_only.append(item)
            elif item is not MISSING:
                object.__setattr__(instance, field.name, item)
        return self._post_init(instance, init_only, value, walk)

    def _post_init(self, instance: Any, init_only: list[object], value: object, walk: Walk) -> object:
        if not hasattr(instance, "__post_init__"):
            return instance
        try:
            instance.__post_init__(*init_only)
        except ValueError as error:
            return refuse_value(error, value, walk)
        except AssertionError as error:
            return refuse_assertion(error, value, walk)
        return instance


@final
class TypedDictValidator(ModelValidator):
    """A `TypedDict`; keys that it does not have are dropped."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return walk.refuse("dict_type", "Input should be a valid dictionary", value)
        arguments = self.check_fields(value, walk)
        if arguments is None:
            return FAIL
        walk.add_fields(len(arguments))
        return arguments


@final
class NamedTupleValidator(ModelValidator):
    """A `NamedTuple`, from an array, or from an object with its names."""

    @override
    def check(self, value: object, walk: Walk) -> object:
        if isinstance(value, list):
            walk.lower(LAX)
            if not walk.enter(value):
                return FAIL
            found = self._check_array(value, walk)
            walk.leave()
            return found
        if isinstance(value, dict):
            walk.lower(STRICT)
            return self._check_object(value, walk)
        name = self.model.name
        message = f"Input should be a tuple, list, dictionary or an instance of {name}"
        return walk.refuse_with("named_tuple_type", message, value, {"class_name": name})

    def _check_array(self, value: list[object], walk: Walk) -> object:
        if len(value) > len(self.fields):
            return refuse_long("NamedTuple", len(self.fields), len(value), value, walk)
        passed: list[object] = []
        path = walk.path
        path.append(0)
        for index, field in enumerate(self.fields):
            path[-1] = index
            if index < len(value):
                found = self.validators[index].check(value[index], walk)
            elif field.required:
                found = walk.refuse("missing", "Field required", value)
            else:
                found = field.default
            if found is not FAIL:
                passed.append(found)
            elif walk.gives_up():
                break
        path.pop()
        return FAIL if len(passed) < len(self.fields) else self.model.cls(*passed)

    def _check_object(self, value: dict[str, object], walk: Walk) -> object:
        passed = self.check_fields(value, walk)
        return FAIL if passed is None else self.model.cls(*[passed.get(field.name, field.default) for field in self.fields])
