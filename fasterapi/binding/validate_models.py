"""The second pass over models: objects (or arrays) with named fields."""

from __future__ import annotations

from typing import Any, Final, final

from typing_extensions import override

from fasterapi.binding.markers import MISSING
from fasterapi.binding.models import Model, ModelField
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.validate_choices import LiteralValidator
from fasterapi.binding.validate_containers import refuse_long
from fasterapi.binding.validator import ALWAYS, MAX_DEPTH, STRICT, Validator, Walk, too_deep

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

    @override
    def check(self, value: object, walk: Walk) -> object:
        if walk.depth >= MAX_DEPTH:
            return too_deep(value, walk)
        walk.depth += 1
        found = self.check_model(value, walk)
        walk.depth -= 1
        return found

    def check_model(self, value: object, walk: Walk) -> object:
        """The model built from the value, or `FAIL`."""
        raise NotImplementedError

    def check_field(self, index: int, value: dict[str, object], walk: Walk) -> object:
        """The converted value of a field, `MISSING` where a default stands in, or `FAIL`."""
        field = self.fields[index]
        walk.path.append(field.key)
        given = value.get(field.key, MISSING)
        if given is not MISSING:
            found = self.validators[index].check(given, walk)
        elif field.required:
            found = walk.refuse("missing", "Field required", value)
        else:
            found = MISSING
        walk.path.pop()
        return found

    def check_fields(self, value: dict[str, object], walk: Walk) -> dict[str, object] | None:
        """The converted fields that were given, by constructor argument, or `None` after the faults were told."""
        passed: dict[str, object] = {}
        complete = self.check_tag(value.get(self.model.tag_field, MISSING), self.model.tag_field, walk)
        for index, field in enumerate(self.fields):
            if not field.given:
                continue
            found = self.check_field(index, value, walk)
            if found is FAIL:
                complete = False
                if walk.gives_up():
                    return None
            elif found is not MISSING:
                passed[field.argument] = found
        if self.model.forbids_extra and not self.has_known_keys_only(value, walk):
            complete = False
        walk.add_fields(len(passed))
        return passed if complete else None

    def check_tag(self, given: object, place: str | int, walk: Walk) -> bool:
        """Whether the tag, where one is given, is this model's."""
        if self._tag is None or given is MISSING:
            return True
        walk.path.append(place)
        found = self._tag.check(given, walk)
        walk.path.pop()
        return found is not FAIL

    def has_known_keys_only(self, value: dict[str, object], walk: Walk) -> bool:
        """Whether no key stands for nothing, after those that do were told."""
        known = {field.key for field in self.fields}
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
    def check_model(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return walk.refuse(NOT_AN_OBJECT_KIND, NOT_AN_OBJECT, value)
        walk.lower(STRICT)
        arguments = self.check_fields(value, walk)
        return FAIL if arguments is None else self.build(arguments, value, walk)


@final
class ArrayStructValidator(ModelValidator):
    """A `msgspec.Struct` written as an array; its tag, if it has one, stands first."""

    @override
    def check_model(self, value: object, walk: Walk) -> object:
        if not isinstance(value, list):
            return walk.refuse("list_type", "Input should be a valid list", value)
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
    def check_model(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return refuse_dataclass(self.model.name, value, walk)
        arguments = self.check_fields(value, walk)
        walk.lower(STRICT)
        return FAIL if arguments is None else self.build(arguments, value, walk)


def refuse_dataclass(name: str, value: object, walk: Walk) -> object:
    """Refuse a value that is no object where a dataclass is wanted."""
    message = f"Input should be a dictionary or an instance of {name}"
    return walk.refuse_with("dataclass_type", message, value, {"class_name": name})


@final
class DataclassValidator(ModelValidator):
    """A dataclass, built without its `__init__` as the decoder and FastAPI build it; `__post_init__` is called."""

    @override
    def check_model(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return refuse_dataclass(self.model.name, value, walk)
        arguments = self.check_fields(value, walk)
        walk.lower(STRICT)
        return FAIL if arguments is None else self._build(arguments, value, walk)

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
    def check_model(self, value: object, walk: Walk) -> object:
        if not isinstance(value, dict):
            return walk.refuse("dict_type", "Input should be a valid dictionary", value)
        arguments = self.check_fields(value, walk)
        return FAIL if arguments is None else arguments


@final
class NamedTupleValidator(ModelValidator):
    """A `NamedTuple`, from an array, or from an object with its names."""

    @override
    def check_model(self, value: object, walk: Walk) -> object:
        if isinstance(value, list):
            walk.lower(STRICT)
            return self._check_array(value, walk)
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
        passed: list[object] = []
        for index, field in enumerate(self.fields):
            found = self.check_field(index, value, walk)
            if found is not FAIL:
                passed.append(field.default if found is MISSING else found)
            elif walk.gives_up():
                return FAIL
        if not self.has_known_keys_only(value, walk) or len(passed) < len(self.fields):
            return FAIL
        return self.model.cls(*passed)
