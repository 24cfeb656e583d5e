"""Builds shapes from annotations."""

from __future__ import annotations

import collections
import collections.abc
import datetime
import decimal
import enum
import types
import typing
import uuid
from collections.abc import Callable
from typing import Any, Final, Literal, Union, cast, final, get_args, get_origin

import msgspec
from typing_extensions import override

from fasterapi.binding.aliases import is_alias
from fasterapi.binding.annotations import DICTS, LISTS, SETS, BareAnnotation, alias_target
from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints
from fasterapi.binding.models import ARRAY_STRUCT, ATTRS, DATACLASS, NAMED_TUPLE, STRUCT, TYPED_DICT, Model, read_model
from fasterapi.binding.pydantic_types import is_pydantics, misplaced
from fasterapi.binding.result_any import AnyShape, ShapeBook
from fasterapi.binding.result_containers import ArrayShape, DictShape, TupleShape
from fasterapi.binding.result_models import ModelShape
from fasterapi.binding.result_objects import NamedTupleShape, ObjectShape, TypedDictShape
from fasterapi.binding.result_scalars import BoundedShape, EnumShape, LiteralShape, NoneShape, ScalarShape, TextShape
from fasterapi.binding.result_shape import Shape
from fasterapi.binding.result_structs import ArrayStructShape, StructShape
from fasterapi.binding.result_unions import DeferredShape, NullableShape, UnionShape, UnsetShape
from fasterapi.binding.result_values import (
    prepare_bytes,
    prepare_date,
    prepare_datetime,
    prepare_decimal,
    prepare_integer,
    prepare_number,
    prepare_text,
    prepare_time,
    prepare_timedelta,
    prepare_uuid,
    write_bytes,
    write_duration,
)
from fasterapi.binding.validate import validator_for
from fasterapi.binding.validate_containers import Bounds, ListValidator, ManyTupleValidator, SetValidator, TupleValidator
from fasterapi.binding.validate_models import (
    ArrayStructValidator,
    AttrsValidator,
    DataclassValidator,
    NamedTupleValidator,
    StructValidator,
    TypedDictValidator,
)
from fasterapi.binding.validate_scalars import ConstrainedValidator
from fasterapi.binding.validate_temporal import ZoneValidator
from fasterapi.binding.validate_unions import TaggedUnionValidator
from fasterapi.binding.validator import Validator, Walk

_STREAMS: Final = (collections.deque, collections.abc.Iterator, collections.abc.Generator)
"""What a handler may return for an array, though no body becomes one."""

_PREPARATIONS: Final[dict[object, Callable[[object, Walk], object]]] = {
    str: prepare_text,
    int: prepare_integer,
    float: prepare_number,
    bool: prepare_number,
    bytes: prepare_bytes,
    decimal.Decimal: prepare_decimal,
    uuid.UUID: prepare_uuid,
    datetime.datetime: prepare_datetime,
    datetime.date: prepare_date,
    datetime.time: prepare_time,
    datetime.timedelta: prepare_timedelta,
}
_FORMATS: Final[dict[object, Callable[[Any, Walk], object]]] = {bytes: write_bytes, datetime.timedelta: write_duration}


@final
class Shapes(ShapeBook):
    """All shapes that were built so far: an app names the same models in many routes.

    With `marks_unset` they tell which fields of a Struct were not set.
    """

    def __init__(self, marks_unset: bool) -> None:
        self._marks_unset = marks_unset
        self._models: dict[object, ModelShape] = {}
        self._aliases: dict[object, DeferredShape] = {}
        self._any = AnyShape(self, True)
        self.undeclared: Final[Shape] = AnyShape(self, False)
        """For results of handlers that declare none."""

    def shape_of(self, annotation: object) -> Shape:
        """The shape of an annotation. Raises `TypeError` for what cannot be sent as JSON.

        Example: `shapes.shape_of(list[Item])`.
        """
        return self._build(annotation, NO_CONSTRAINTS)

    @override
    def shape_of_class(self, cls: type[Any]) -> Shape | None:
        return self._model(cls)

    def _build(self, annotation: object, constraints: Constraints) -> Shape:
        bare = BareAnnotation(annotation, constraints)
        shape = self._bounded(bare.annotation, bare.constraints)
        if bare.aware is None:
            return shape
        return BoundedShape(shape, ZoneValidator(shape, bare.aware), NO_CONSTRAINTS, bare.aware)

    def _bounded(self, annotation: Any, constraints: Constraints) -> Shape:
        """Containers count their own items, and what may be null passes its bounds on; the rest is held against them alone."""
        origin = get_origin(annotation)
        kind = annotation if origin is None else origin
        arguments = get_args(annotation)
        container = self._container(kind, arguments, annotation, constraints)
        if container is not None:
            if not constraints.is_empty and kind not in _STREAMS:
                _check_bounds(annotation, constraints)
            return container
        if kind is Union or kind is types.UnionType:
            return self._union(arguments, constraints)
        shape = self._alias(kind, arguments) if is_alias(kind) else self._plain(kind, arguments, annotation)
        return _held(shape, annotation, constraints)

    def _plain(self, kind: Any, arguments: tuple[Any, ...], annotation: Any) -> Shape:
        if kind is Any or kind is object or kind is msgspec.Raw:
            return self._any
        if is_pydantics(annotation):
            raise misplaced(annotation)
        model = self._model(annotation)
        if model is not None:
            return model
        try:
            validator = validator_for(annotation, NO_CONSTRAINTS)
        except TypeError:
            raise TypeError(
                f"{annotation!r} cannot be sent as JSON. Return a msgspec.Struct, dataclass, TypedDict, NamedTuple or attrs class, "
                "a list, set, tuple or dict of them, or a type that is written as one number or text."
            ) from None
        if kind is Literal:
            return LiteralShape(arguments, validator, self._any)
        if kind is None or kind is types.NoneType:
            return NoneShape(validator)
        if issubclass(kind, enum.Enum):
            return EnumShape(kind, validator, self._any)
        prepare = _PREPARATIONS.get(kind)
        if prepare is None:
            return TextShape(kind, validator)
        return ScalarShape(kind, validator, prepare, _FORMATS.get(kind))

    def _container(self, kind: Any, arguments: tuple[Any, ...], annotation: Any, constraints: Constraints) -> Shape | None:
        if kind is tuple:
            return self._tuple(arguments, annotation, constraints)
        if kind in DICTS:
            key, value = (self.shape_of(argument) for argument in arguments or (Any, Any))
            return DictShape(key, value, constraints)
        if kind in LISTS or kind in _STREAMS:
            item = self._first(arguments)
            return ArrayShape(item, ListValidator(item, constraints, False), (list,), _bounds(constraints), True)
        if kind is collections.abc.Sequence:
            item = self._first(arguments)
            return ArrayShape(item, ListValidator(item, constraints, True), (list, tuple), _bounds(constraints), True)
        if kind in SETS or kind is frozenset:
            item = self._first(arguments)
            frozen = kind is frozenset
            validator = SetValidator(item, constraints, frozen)
            return ArrayShape(item, validator, (frozenset if frozen else set,), _bounds(constraints), False)
        return None

    def _first(self, arguments: tuple[Any, ...]) -> Shape:
        return self.shape_of(arguments[0]) if arguments else self._any

    def _tuple(self, arguments: tuple[Any, ...], annotation: Any, constraints: Constraints) -> Shape:
        # The two spellings without items; `tuple[()]` is another type.
        if annotation in (tuple, typing.Tuple):  # noqa: UP006
            return ArrayShape(self._any, ManyTupleValidator(self._any, constraints), (tuple,), _bounds(constraints), True)
        if len(arguments) == 2 and arguments[1] is ...:
            item = self.shape_of(arguments[0])
            return ArrayShape(item, ManyTupleValidator(item, constraints), (tuple,), _bounds(constraints), True)
        items = [self.shape_of(argument) for argument in arguments]
        return TupleShape(items, TupleValidator(cast("list[Validator]", items)))

    def _alias(self, alias: Any, arguments: tuple[Any, ...]) -> Shape:
        named = (alias, arguments)
        if named in self._aliases:
            return self._aliases[named]
        deferred = self._aliases[named] = DeferredShape()
        try:
            deferred.target = self.shape_of(alias_target(alias, arguments))
        finally:
            del self._aliases[named]
        return deferred.target

    def _model(self, annotation: Any) -> Shape | None:
        known = self._models.get(annotation)
        if known is not None:
            return known
        try:
            model = read_model(annotation)
        except NameError as error:
            raise TypeError(f"an annotation of {annotation!r} cannot be read: {error}. Import it at run time too.") from error
        if model is None:
            return None
        shape = self._models[annotation] = self._model_shape(model)
        try:
            shape.bind({field.name: self._field(field.annotation) for field in model.fields}, self._any)
        except BaseException:
            del self._models[annotation]
            raise
        return shape

    def _field(self, annotation: Any) -> Shape:
        shape = self.shape_of(annotation)
        return UnsetShape(shape) if msgspec.UnsetType in get_args(BareAnnotation(annotation, NO_CONSTRAINTS).annotation) else shape

    def _model_shape(self, model: Model) -> ModelShape:
        if model.kind == STRUCT:
            return StructShape(model, StructValidator(model), self._marks_unset)
        if model.kind == ARRAY_STRUCT:
            return ArrayStructShape(model, ArrayStructValidator(model), StructValidator(model), False)
        if model.kind == DATACLASS:
            # The encoder knows the fields of a dataclass only from its `__init__`.
            return ObjectShape(model, DataclassValidator(model), model.decodable)
        if model.kind == ATTRS:
            # The encoder sends whatever else stands in the `__dict__` of an instance.
            return ObjectShape(model, AttrsValidator(model), False)
        if model.kind == TYPED_DICT:
            return TypedDictShape(model, TypedDictValidator(model))
        assert model.kind == NAMED_TUPLE
        return NamedTupleShape(model, NamedTupleValidator(model))

    def _union(self, members: tuple[Any, ...], constraints: Constraints) -> Shape:
        chosen = [member for member in members if member is not types.NoneType and member is not msgspec.UnsetType]
        if len(chosen) == 1:
            union = self._build(chosen[0], constraints)
        else:
            choices = [self.shape_of(member) for member in chosen]
            union = _held(UnionShape(choices, _by_tag(choices)), Union[tuple(chosen)], constraints)  # noqa: UP007 - made at run time
        return NullableShape(union) if types.NoneType in members else union


def _held(shape: Shape, annotation: Any, constraints: Constraints) -> Shape:
    if constraints.is_empty:
        return shape
    _check_bounds(annotation, constraints)
    return BoundedShape(shape, ConstrainedValidator(shape, constraints), constraints, None)


def _check_bounds(annotation: Any, constraints: Constraints) -> None:
    """Refuse bounds that make no sense for their type, in the words of those who know."""
    validator_for(annotation, constraints)


def _bounds(constraints: Constraints) -> Bounds | None:
    """What counts the items of a container; its validator has the words."""
    return None if constraints.is_empty else Bounds("", constraints)


def _by_tag(choices: list[Shape]) -> TaggedUnionValidator | None:
    """What finds the choice for an object by its tag, where all choices are Structs with one."""
    by_tag: dict[str | int, Validator] = {}
    tag_field = ""
    for choice in choices:
        if not isinstance(choice, StructShape) or choice.tag is None:
            return None
        by_tag[choice.tag] = choice
        tag_field = choice.tag_field
    return TaggedUnionValidator(tag_field, by_tag, False)
