"""Models of pydantic whose fields are parameters each: of a query, of headers, of cookies, of a form."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Any, final, get_args, get_origin

from typing_extensions import override

from fasterapi.binding.collected import is_sequence, validated
from fasterapi.binding.form_sources import form_values
from fasterapi.binding.markers import COOKIE, HEADER, ParameterMarker
from fasterapi.binding.pydantic_types import is_json_text, is_pydantic_model
from fasterapi.binding.sources import Fallback, Source
from fasterapi.binding.texts import texts_of
from fasterapi.binding.validator import Validator
from fasterapi.errors import ErrorItem, Location
from fasterapi.http.exchange import Exchange


@final
class PydanticField:
    """One field of a model: the keys by which the model takes it, and the name in the request for each."""

    def __init__(self, name: str, info: Any, names: list[tuple[str, str]], takes_many: bool) -> None:
        self.name = name
        self.info: Any = info
        self.names = names
        """The one that is wanted most first."""
        self.takes_many = takes_many

    def chosen(self, given: Mapping[str, object], ignores_case: bool) -> tuple[str, str]:
        """The first of its names that a request has, or else the first."""
        for pair in self.names:
            if (pair[1].lower() if ignores_case else pair[1]) in given:
                return pair
        return self.names[0]


@final
class PydanticGroup:
    """A model as a request gives it field by field.

    Example: `PydanticGroup(Filters, "query", False, False).fields[0].names == [("limit", "limit")]`.
    """

    def __init__(self, model: Any, source: str, convert_underscores: bool, is_optional: bool) -> None:
        self.source = source
        self.is_optional = is_optional
        config: Mapping[str, object] = model.model_config
        self.fields: list[PydanticField] = [
            _field(name, info, config, source, convert_underscores) for name, info in model.model_fields.items()
        ]
        names = [name for field in self.fields for _, name in field.names]
        self._own = frozenset([name.lower() for name in names] if source == HEADER else names)
        self._minds_others = config.get("extra") in ("allow", "forbid")
        self.tells_names: bool = source == HEADER and bool(config.get("loc_by_alias", True))

    def is_given(self, given: Mapping[str, object]) -> bool:
        """Whether a request gives anything of it."""
        return not self.is_optional or not self._own.isdisjoint(given) or (self._minds_others and bool(given))


@final
class PydanticGroupSource(Source):
    """A model, each field of which is a parameter of its own."""

    def __init__(self, group: PydanticGroup, validator: Validator, fallback: Fallback) -> None:
        self._group = group
        self._location: Location = (group.source,)
        self._validator = validator
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        group = self._group
        texts = texts_of(group.source, exchange)
        if not group.is_given(texts):
            return self._fallback.value_at(self._location, exchange)
        of_header = group.source == HEADER
        given: dict[str, object] = {}
        taken: set[str] = set()
        renamed: dict[str | int, str] = {}
        for field in group.fields:
            key, name = field.chosen(texts, of_header)
            read_name = name.lower() if of_header else name
            values = texts.get(read_name)
            if values is not None:
                given[key] = values if field.takes_many else values[0 if of_header else -1]
            taken.add(read_name)
            if of_header:
                # A header is not read by the field's own spelling, which proxies may drop or let a client forge.
                taken.update([own.lower() for own, converted in field.names if own != converted])
                if key != name:
                    renamed[field.name] = name
        _add_others(texts, taken, given)
        known = exchange.error_count()
        value = validated(self._validator, given, self._location, exchange)
        if renamed and group.tells_names:
            _tell_names((exchange.errors or [])[known:], renamed)
        return value


@final
class PydanticFormSource(Source):
    """A model, each field of which is a field of the form; an empty text is none."""

    def __init__(self, group: PydanticGroup, validator: Validator, fallback: Fallback) -> None:
        self._group = group
        self._validator = validator
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        values = form_values(exchange)
        location: Location = ("body",)
        if not self._group.is_given(values):
            return self._fallback.value_at(location, exchange)
        given: dict[str, object] = {}
        taken: set[str] = set()
        for field in self._group.fields:
            for key, name in field.names:
                taken.add(name)
                found = values.get(name)
                if found is not None and (field.takes_many or found[-1] != ""):
                    given[key] = found if field.takes_many else found[-1]
                    break
        _add_others(values, taken, given)
        return validated(self._validator, given, location, exchange)


def pydantic_group(annotation: object, source: str, convert_underscores: bool) -> PydanticGroup | None:
    """The group that an annotation asks for: a `BaseModel`, or an optional one; `None` for anything else."""
    if is_pydantic_model(annotation):
        return PydanticGroup(annotation, source, convert_underscores, False)
    if get_origin(annotation) in (typing.Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not types.NoneType]
        if len(members) == 1 and is_pydantic_model(members[0]):
            return PydanticGroup(members[0], source, convert_underscores, True)
    return None


def _field(name: str, info: Any, config: Mapping[str, object], source: str, convert_underscores: bool) -> PydanticField:
    if any(isinstance(said, ParameterMarker) for said in (info.default, *info.metadata)):
        raise TypeError(f"its field {name!r} is written with a marker of a parameter, which pydantic does not know. Write Field(...).")
    takes_many = is_sequence(info.annotation) and source != COOKIE and not is_json_text(tuple(info.metadata))
    return PydanticField(name, info, _names(name, info, config, convert_underscores and source == HEADER), takes_many)


def _names(name: str, info: Any, config: Mapping[str, object], convert_underscores: bool) -> list[tuple[str, str]]:
    """The keys of a field with the name in the request for each, by the aliases and the configuration of its model."""
    own_name = name.replace("_", "-") if convert_underscores else name
    if config.get("validate_by_alias") is False:
        return [(name, own_name)]
    alias = info.validation_alias
    choices: list[object] = getattr(alias, "choices", [])
    if choices and all(isinstance(choice, str) for choice in choices):
        names = [(str(choice), str(choice)) for choice in choices]
    else:
        key: str = alias if isinstance(alias, str) and alias else info.alias or name
        names = [(key, own_name if key == name else key)]
    by_name = config.get("validate_by_name", config.get("populate_by_name", False))
    if by_name and name not in [key for key, _ in names]:
        names.append((name, own_name))
    return names


def _add_others(given: Mapping[str, list[Any]], taken: set[str], found: dict[str, object]) -> None:
    """Hand the model what no field asked for, which it may keep or refuse."""
    for name, values in given.items():
        if name not in taken:
            found[name] = values[0] if len(values) == 1 else values


def _tell_names(errors: list[ErrorItem], names: Mapping[str | int, str]) -> None:
    """Faults name the header, not the field."""
    for error in errors:
        location = error["loc"]
        if len(location) > 1 and location[1] in names:
            error["loc"] = (location[0], names[location[1]], *location[2:])
