"""Builds the validators of the second pass from annotations."""

from __future__ import annotations

import collections.abc
import datetime
import decimal
import enum
import ipaddress
import pathlib
import types
import typing
import uuid
from collections.abc import Callable
from typing import Any, Final, Literal, Union, cast, final, get_args, get_origin

import msgspec

from fasterapi.binding.aliases import is_alias
from fasterapi.binding.annotations import DICTS, LISTS, SETS, BareAnnotation, alias_target
from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints
from fasterapi.binding.models import (
    ARRAY_STRUCT,
    ATTRS,
    DATACLASS,
    NAMED_TUPLE,
    STRUCT,
    TYPED_DICT,
    Model,
    read_model,
)
from fasterapi.binding.pydantic_types import is_pydantics, misplaced
from fasterapi.binding.pydantic_validator import PydanticValidator
from fasterapi.binding.scalars import Converter, converter_for
from fasterapi.binding.validate_choices import EnumValidator, LiteralValidator
from fasterapi.binding.validate_containers import DictValidator, ListValidator, ManyTupleValidator, SetValidator, TupleValidator
from fasterapi.binding.validate_models import (
    ArrayStructValidator,
    AttrsValidator,
    DataclassValidator,
    ModelValidator,
    NamedTupleValidator,
    StructValidator,
    TypedDictValidator,
)
from fasterapi.binding.validate_scalars import (
    AnyValidator,
    BoolValidator,
    BytesValidator,
    ConstrainedValidator,
    DecimalValidator,
    FloatValidator,
    IntValidator,
    NamedTextValidator,
    NoneValidator,
    RawValidator,
    StrValidator,
    UuidValidator,
)
from fasterapi.binding.validate_temporal import DatetimeValidator, DateValidator, TimedeltaValidator, TimeValidator, ZoneValidator
from fasterapi.binding.validate_unions import DeferredValidator, NullableValidator, TaggedUnionValidator, UnionValidator
from fasterapi.binding.validator import DoubtedValidator, Validator

__all__ = ["Validator", "validator_for"]

_models: Final[dict[object, ModelValidator]] = {}
"""One validator for each model class: an app names the same models in many routes."""

_SIZES: Final = frozenset({"min_length", "max_length"})

_SCALARS: Final[dict[object, Callable[[Converter], Validator]]] = {
    int: IntValidator,
    float: FloatValidator,
    bool: BoolValidator,
    bytes: BytesValidator,
    decimal.Decimal: DecimalValidator,
    uuid.UUID: UuidValidator,
    datetime.datetime: DatetimeValidator,
    datetime.date: DateValidator,
    datetime.time: TimeValidator,
    datetime.timedelta: TimedeltaValidator,
}

_ADDRESSES: Final[dict[object, tuple[str, str]]] = {
    ipaddress.IPv4Address: ("ip_v4_address", "IPv4 address"),
    ipaddress.IPv6Address: ("ip_v6_address", "IPv6 address"),
    ipaddress.IPv4Network: ("ip_v4_network", "IPv4 network"),
    ipaddress.IPv6Network: ("ip_v6_network", "IPv6 network"),
    ipaddress.IPv4Interface: ("ip_v4_interface", "IPv4 interface"),
    ipaddress.IPv6Interface: ("ip_v6_interface", "IPv6 interface"),
}

_MODEL_VALIDATORS: Final[dict[int, Callable[[Model], ModelValidator]]] = {
    STRUCT: StructValidator,
    ARRAY_STRUCT: ArrayStructValidator,
    DATACLASS: DataclassValidator,
    TYPED_DICT: TypedDictValidator,
    NAMED_TUPLE: NamedTupleValidator,
    ATTRS: AttrsValidator,
}


def validator_for(annotation: object, constraints: Constraints) -> Validator:
    """The validator of an annotation, which holds `constraints` too.

    Raises `TypeError` for what no JSON value can become, and `TypeError` or `ValueError` for bounds that make no sense for it.
    Example: `validator_for(dict[str, int], NO_CONSTRAINTS)`.
    """
    if is_pydantics(annotation):
        return PydanticValidator(annotation, constraints)
    builder = _Builder()
    validator = builder.build(annotation, constraints)
    # Only now: where one model cannot be read, none that leads to it may be remembered.
    _models.update(builder.models)
    return validator


@final
class _Builder:
    """One build: the models that it has met, and the aliases that it is inside of, which may name themselves."""

    def __init__(self) -> None:
        self.models: dict[object, ModelValidator] = {}
        self._aliases: dict[object, DeferredValidator] = {}

    def build(self, annotation: object, constraints: Constraints) -> Validator:
        bare = BareAnnotation(annotation, constraints)
        validator = self._bounded(bare.annotation, bare.constraints)
        if bare.aware is not None:
            validator = ZoneValidator(validator, bare.aware)
        if bare.unknown_to_decoder:
            validator = DoubtedValidator(validator)
        return validator

    def _bounded(self, annotation: Any, constraints: Constraints) -> Validator:
        """Containers count their own items, and what may be null passes its bounds on; the rest is checked after conversion."""
        origin = get_origin(annotation)
        kind = annotation if origin is None else origin
        arguments = get_args(annotation)
        container = self._container(kind, arguments, annotation, constraints)
        if container is not None:
            return container
        if kind is Union or kind is types.UnionType:
            return self._union(arguments, constraints)
        validator = self._alias(kind, arguments) if is_alias(kind) else self._plain(kind, arguments, annotation)
        return _constrained(validator, annotation, constraints)

    def _plain(self, kind: Any, arguments: tuple[Any, ...], annotation: Any) -> Validator:
        if kind is Any or kind is object:
            return AnyValidator()
        if kind is None or kind is types.NoneType:
            return NoneValidator()
        if kind is Literal:
            return LiteralValidator(arguments)
        if kind is str:
            return StrValidator()
        if kind is msgspec.Raw:
            return RawValidator()
        if is_pydantics(annotation):
            raise misplaced(annotation)
        model = self._model(annotation)
        if model is not None:
            return model
        if isinstance(kind, type) and issubclass(kind, enum.Enum) and kind.__members__:
            return EnumValidator(kind, _number_converter(kind))
        return _scalar(kind, annotation)

    def _container(self, kind: Any, arguments: tuple[Any, ...], annotation: Any, constraints: Constraints) -> Validator | None:
        validator = self._sized(kind, arguments, annotation, constraints)
        if validator is not None and not constraints.written.keys() <= _SIZES:
            raise _misplaced(annotation, constraints)
        return validator

    def _sized(self, kind: Any, arguments: tuple[Any, ...], annotation: Any, constraints: Constraints) -> Validator | None:
        if kind is tuple:
            return self._tuple(arguments, annotation, constraints)
        if kind in DICTS:
            key, value = arguments or (Any, Any)
            return DictValidator(self._item(key), self._item(value), constraints)
        if kind in LISTS:
            return ListValidator(self._item(arguments[0] if arguments else Any), constraints, False)
        if kind is collections.abc.Sequence:
            return ListValidator(self._item(arguments[0] if arguments else Any), constraints, True)
        if kind in SETS or kind is frozenset:
            return SetValidator(self._item(arguments[0] if arguments else Any), constraints, kind is frozenset)
        return None

    def _tuple(self, arguments: tuple[Any, ...], annotation: Any, constraints: Constraints) -> Validator:
        if annotation in (tuple, typing.Tuple):  # noqa: UP006 - the two spellings without items; `tuple[()]` is another type
            return ManyTupleValidator(AnyValidator(), constraints)
        if len(arguments) == 2 and arguments[1] is ...:
            return ManyTupleValidator(self._item(arguments[0]), constraints)
        if not constraints.is_empty:
            raise _misplaced(annotation, constraints)
        return TupleValidator([self._item(argument) for argument in arguments])

    def _item(self, annotation: Any) -> Validator:
        return self.build(annotation, NO_CONSTRAINTS)

    def _alias(self, alias: Any, arguments: tuple[Any, ...]) -> Validator:
        named = (alias, arguments)
        if named in self._aliases:
            return self._aliases[named]
        deferred = self._aliases[named] = DeferredValidator()
        deferred.target = self._item(alias_target(alias, arguments))
        del self._aliases[named]
        return deferred.target

    def _model(self, annotation: Any) -> Validator | None:
        if not isinstance(annotation, collections.abc.Hashable):
            return None
        known = _models.get(annotation) or self.models.get(annotation)
        if known is not None:
            return known
        model = read_model(annotation)
        if model is None:
            return None
        validator = self.models[annotation] = _MODEL_VALIDATORS[model.kind](model)
        validator.validators = [self._item(field.annotation) for field in model.fields]
        return validator

    def _union(self, members: tuple[Any, ...], constraints: Constraints) -> Validator:
        chosen = [member for member in members if member is not types.NoneType and member is not msgspec.UnsetType]
        if len(chosen) == 1:
            union = self.build(chosen[0], constraints)
        else:
            choices = _with_tagged_grouped([self._item(member) for member in chosen])
            union = choices[0] if len(choices) == 1 else UnionValidator(choices)
            union = _constrained(union, Union[tuple(chosen)], constraints)  # noqa: UP007 - made at run time
        if types.NoneType not in members:
            return union
        # The decoder knows bounds on `int`, but not on `int | None`.
        return NullableValidator(union if constraints.is_empty else DoubtedValidator(union))


def _constrained(validator: Validator, annotation: Any, constraints: Constraints) -> Validator:
    if constraints.is_empty:
        return validator
    # Making a converter checks that the bounds make sense for the type.
    if converter_for(annotation, constraints) is None:
        raise _misplaced(annotation, constraints)
    return ConstrainedValidator(validator, constraints)


def _misplaced(annotation: Any, constraints: Constraints) -> TypeError:
    asked = ", ".join([f"{name}={value!r}" for name, value in constraints.written.items()])
    return TypeError(f"{asked} does not apply to {annotation}. Write it only on the type that is meant: Annotated[type, Meta(...)].")


def _number_converter(members: type[enum.Enum]) -> Converter | None:
    if issubclass(members, int):
        return converter_for(int, NO_CONSTRAINTS)
    return converter_for(float, NO_CONSTRAINTS) if issubclass(members, float) else None


def _scalar(kind: Any, annotation: Any) -> Validator:
    converter = converter_for(kind, NO_CONSTRAINTS)
    if converter is not None:
        if kind in _SCALARS:
            return _SCALARS[kind](converter)
        if kind in _ADDRESSES:
            fault, words = _ADDRESSES[kind]
            return NamedTextValidator(converter, kind.__name__.lower(), fault, f"Input is not a valid {words}", kind)
        if isinstance(kind, type) and issubclass(kind, pathlib.PurePath):
            return NamedTextValidator(converter, "path", "path_type", f"Input is not a valid path for {kind!r}", None)
    raise TypeError(
        f"{annotation!r} cannot be read from JSON. Use a msgspec.Struct, dataclass, TypedDict, NamedTuple or attrs class, "
        "a list, set, tuple or dict of them, or a type that is written as one number or text."
    )


def _with_tagged_grouped(choices: list[Validator]) -> list[Validator]:
    """Structs with a tag become one choice, at the place of the first."""
    tagged = [choice for choice in choices if isinstance(choice, ModelValidator) and choice.model.tag is not None]
    if len(tagged) < 2:
        return choices
    by_tag = {cast("str | int", choice.model.tag): cast(Validator, choice) for choice in tagged}
    group = TaggedUnionValidator(tagged[0].model.tag_field, by_tag, tagged[0].model.kind == ARRAY_STRUCT)
    grouped: list[Validator] = []
    for choice in choices:
        if choice is tagged[0]:
            grouped.append(group)
        elif choice not in tagged:
            grouped.append(choice)
    return grouped
