"""What one parameter asks for: read at start-up from its annotation, its markers and its default."""

from __future__ import annotations

import types
import typing
from collections.abc import Sequence
from typing import Annotated, Final, final, get_args, get_origin

import msgspec

from fasterapi.binding.body import JsonBody
from fasterapi.binding.body_reader import BodySlot
from fasterapi.binding.collected import GroupSource, SequenceSource, group_fields, is_sequence
from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints, constraints_of
from fasterapi.binding.form_sources import FormBodyReader, FormFieldSource, FormModelSource, FormSequenceSource, UploadSource
from fasterapi.binding.markers import BODY, COOKIE, FILE, FORM, HEADER, MISSING, PATH, QUERY, Dependency, ParameterMarker
from fasterapi.binding.models import Model, read_model
from fasterapi.binding.pydantic_groups import PydanticFormSource, PydanticGroup, PydanticGroupSource, pydantic_group
from fasterapi.binding.pydantic_types import field_beside, is_json_text, is_pydantics
from fasterapi.binding.pydantic_values import PydanticConverter
from fasterapi.binding.scalars import Converter, converter_for
from fasterapi.binding.signature import Parameter
from fasterapi.binding.sources import CookieSource, Fallback, HeaderSource, PathSource, QuerySource, Source
from fasterapi.binding.validate import validator_for
from fasterapi.http.uploads import UploadFile

_MARKERS: Final = (ParameterMarker, Dependency)

NO_UPLOAD: Final = 0
ONE_UPLOAD: Final = 1
MANY_UPLOADS: Final = 2


class ParameterError(Exception):
    """A parameter that cannot be read; the message says what to write instead."""


@final
class DeclaredParameter:
    """What a parameter that is no dependency asks for."""

    def __init__(self, name: str, parameter: Parameter, marker: ParameterMarker, constraints: Constraints, fallback: Fallback) -> None:
        self.name = name
        """Its name in the request."""
        self.annotation: object = _annotation(parameter)
        self.whole: object = _whole(parameter)
        """The annotation with all that stands around it, where that is for pydantic to read."""
        self.metadata: tuple[object, ...] = parameter.metadata
        """What `Annotated` carried."""
        self.marker = marker
        """The one that is written, or understood."""
        self.constraints = constraints
        """All that are written, in the marker and beside it."""
        self.fallback = fallback


@final
class ParameterReader:
    """Reads the parameters of the functions behind one route."""

    def __init__(self, path_names: Sequence[str]) -> None:
        self._path_names = list(path_names)
        self.form: FormBodyReader | None = None
        """How the form is read, where a parameter asks for one."""

    def declared(self, parameter: Parameter) -> DeclaredParameter:
        """What a parameter that is no dependency asks for. Raises `ParameterError`, or `TypeError` for impossible constraints."""
        marker = marker_of(parameter)
        constraints = _constraints(parameter)
        if isinstance(marker, ParameterMarker):
            constraints = constraints.merged(marker.constraints)
            self._check_place(parameter, marker)
        else:
            marker = ParameterMarker(self._unmarked(parameter, constraints), ..., None, {})
        return DeclaredParameter(_name(parameter, marker), parameter, marker, constraints, _fallback(parameter, marker))

    def source_of(self, parameter: Parameter) -> Source:
        """Where a parameter that is no dependency comes from. Raises `ParameterError`, or `TypeError` for impossible constraints."""
        declared = self.declared(parameter)
        marker = declared.marker
        constraints = declared.constraints
        fallback = declared.fallback
        annotation = declared.annotation
        name = declared.name
        if marker.source == BODY:
            return BodySlot(name, annotation, JsonBody(declared.whole, constraints), fallback, marker.flag("embed", False))
        if marker.source in (FORM, FILE):
            return self._form_source(parameter, declared)
        converter = _converter_for(declared)
        if converter is None:
            return self._collected(parameter, declared)
        if marker.source == PATH:
            return PathSource(self._path_names.index(name), name, converter)
        if marker.source == QUERY:
            return QuerySource(name, converter, fallback)
        if marker.source == COOKIE:
            return CookieSource(name, converter, fallback)
        return HeaderSource(name, converter, fallback)

    def _unmarked(self, parameter: Parameter, constraints: Constraints) -> str:
        """What a parameter without a marker asks for: a name of the path, a scalar of the query, or else the body."""
        if parameter.name in self._path_names:
            return PATH
        if upload_shape(_annotation(parameter)) != NO_UPLOAD:
            return FILE
        return BODY if converter_for(_whole(parameter), constraints) is None else QUERY

    def _check_place(self, parameter: Parameter, marker: ParameterMarker) -> None:
        if marker.source == PATH:
            name = _name(parameter, marker)
            if name not in self._path_names:
                raise ParameterError(f"the path has no {{{name}}}, which parameter {parameter.name!r} asks for. Add it to the path.")
        elif parameter.name in self._path_names:
            what = f"parameter {parameter.name!r} is {marker.source.title()}(), and the path has {{{parameter.name}}} too"
            raise ParameterError(f"{what}. Write Path(), or rename one of them.")

    def _form_source(self, parameter: Parameter, declared: DeclaredParameter) -> Source:
        form = self.form or FormBodyReader()
        self.form = form
        name = declared.name
        annotation = declared.annotation
        fallback = declared.fallback
        shape = upload_shape(annotation)
        if shape != NO_UPLOAD:
            return UploadSource(name, shape == MANY_UPLOADS, fallback)
        if declared.marker.source == FILE:
            form.want_content(name)
        validator = validator_for(declared.whole, declared.constraints)
        converter = _converter_for(declared)
        if converter is not None:
            return FormFieldSource(name, converter, validator, fallback)
        group = group_of(declared)
        if group is not None:
            return PydanticFormSource(group, validator, fallback)
        model = model_of(annotation)
        if model is not None:
            return FormModelSource(group_fields(model, FORM, False), validator, fallback, _is_union(annotation))
        if is_sequence(annotation) and _holds_scalars(annotation):
            return FormSequenceSource(name, validator, fallback)
        what = f"parameter {parameter.name!r} is {annotation!r}, which a form cannot give"
        raise ParameterError(f"{what}. Write a scalar, a list of scalars, a model, bytes or UploadFile.")

    def _collected(self, parameter: Parameter, declared: DeclaredParameter) -> Source:
        """A parameter of several texts: all values of one name, or a model of several names."""
        annotation = declared.annotation
        marker = declared.marker
        fallback = declared.fallback
        if marker.source == PATH:
            raise ParameterError(
                f"parameter {parameter.name!r} is {annotation!r}, which a part of the path cannot give. Write a scalar type."
            )
        group = group_of(declared)
        model = model_of(annotation)
        is_one_name = group is None and model is None and is_sequence(annotation) and _holds_scalars(annotation)
        if group is not None or model is not None or is_one_name:
            validator = validator_for(declared.whole, declared.constraints)
            if group is not None:
                return PydanticGroupSource(group, validator, fallback)
            if model is not None:
                fields = group_fields(model, marker.source, marker.flag("convert_underscores", True))
                return GroupSource(marker.source, fields, validator, fallback, _is_union(annotation))
            return SequenceSource(marker.source, declared.name, validator, fallback)
        what = f"parameter {parameter.name!r} is {annotation!r}, which the {marker.source} cannot give"
        raise ParameterError(f"{what}. Write a scalar, a list of scalars or a model, or read it with Body().")


def marker_of(parameter: Parameter) -> ParameterMarker | Dependency | None:
    """The marker, which stands as the default or in `Annotated`, where the last one holds."""
    annotated = [item for item in parameter.metadata if isinstance(item, _MARKERS)]
    if isinstance(parameter.default, _MARKERS):
        if annotated:
            what = f"parameter {parameter.name!r} has {annotated[-1]!r} in Annotated and {parameter.default!r} as its default"
            raise ParameterError(f"{what}. Keep one of them.")
        return parameter.default
    if not annotated:
        return None
    marker = annotated[-1]
    if isinstance(marker, ParameterMarker) and marker.default is not MISSING:
        what = f"parameter {parameter.name!r} has its default inside Annotated"
        raise ParameterError(f"{what}. Write it behind the annotation: = {marker.default!r}.")
    return marker


def model_of(annotation: object) -> Model | None:
    """The model class of an annotation, or of an optional one."""
    if _is_union(annotation):
        members = [member for member in get_args(annotation) if member is not types.NoneType]
        return read_model(members[0]) if len(members) == 1 else None
    return read_model(annotation)


def group_of(declared: DeclaredParameter) -> PydanticGroup | None:
    """The model of pydantic that a parameter is, or may be, where its fields are parameters each."""
    return pydantic_group(declared.annotation, declared.marker.source, declared.marker.flag("convert_underscores", True))


def upload_shape(annotation: object) -> int:
    """Whether a parameter is an uploaded file, or several."""
    if _is_union(annotation):
        members = [member for member in get_args(annotation) if member is not types.NoneType]
        return upload_shape(members[0]) if len(members) == 1 else NO_UPLOAD
    if isinstance(annotation, type) and issubclass(annotation, UploadFile):
        return ONE_UPLOAD
    arguments = get_args(annotation)
    if is_sequence(annotation) and arguments and upload_shape(arguments[0]) == ONE_UPLOAD:
        return MANY_UPLOADS
    return NO_UPLOAD


def _is_union(annotation: object) -> bool:
    return get_origin(annotation) in (typing.Union, types.UnionType)


def _holds_scalars(annotation: object) -> bool:
    for member in get_args(annotation):
        inner = member if not is_sequence(member) else None
        if inner is None:
            if not _holds_scalars(member):
                return False
        elif inner not in (..., types.NoneType) and converter_for(inner, NO_CONSTRAINTS) is None:
            return False
    return True


def _name(parameter: Parameter, marker: ParameterMarker) -> str:
    alias = marker.alias()
    if alias is None and marker.source != PATH:
        alias = getattr(field_beside(parameter.metadata), "alias", None)
    if alias is not None:
        return alias
    if marker.source == HEADER and marker.flag("convert_underscores", True):
        return parameter.name.replace("_", "-")
    return parameter.name


def _annotation(parameter: Parameter) -> object:
    """The declared type; without one, anything will do, as in FastAPI."""
    return object if parameter.annotation is MISSING else parameter.annotation


def _whole(parameter: Parameter) -> object:
    """The annotation with what `Annotated` carried, where pydantic alone knows what one of them means."""
    annotation = _annotation(parameter)
    if not parameter.metadata or not is_pydantics(annotation, parameter.metadata):
        return annotation
    return Annotated[(annotation, *parameter.metadata)]


def _constraints(parameter: Parameter) -> Constraints:
    """What `Annotated` asks of the value, but for what pydantic reads there itself."""
    left_to_pydantic = is_pydantics(_annotation(parameter), parameter.metadata)
    constraints: Constraints = NO_CONSTRAINTS
    for item in parameter.metadata:
        if not left_to_pydantic or isinstance(item, msgspec.Meta):
            constraints = constraints.merged(constraints_of(item))
    return constraints


def _converter_for(declared: DeclaredParameter) -> Converter | None:
    """What makes the value of one text, `None` where it takes several."""
    if is_json_text(declared.metadata):
        return PydanticConverter(declared.whole, declared.constraints)
    return converter_for(declared.whole, declared.constraints)


def _fallback(parameter: Parameter, marker: ParameterMarker) -> Fallback:
    """The value after `=`; where that is the marker itself, the marker's own."""
    default = marker.default if parameter.default is MISSING or isinstance(parameter.default, ParameterMarker) else parameter.default
    if marker.source == PATH:
        return Fallback(True, None, None)
    factory = marker.default_factory
    if default is MISSING and factory is None:
        factory = getattr(field_beside(parameter.metadata), "default_factory", None)
    return Fallback(default is MISSING and factory is None, default, factory)
