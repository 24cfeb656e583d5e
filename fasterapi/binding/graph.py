"""From a handler to its plan: what each parameter asks for, who provides it, and every mistake in it.

All mistakes of a graph are collected, so that one start shows all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, cast, final

import msgspec

from fasterapi.binding.body import JsonBody
from fasterapi.binding.body_reader import BodyReader
from fasterapi.binding.constraints import NO_CONSTRAINTS, Constraints, constraints_of_meta
from fasterapi.binding.markers import BODY, COOKIE, HEADER, MISSING, PATH, QUERY, Dependency, ParameterMarker
from fasterapi.binding.plan import Call, Plan
from fasterapi.binding.scalars import Converter, converter_for
from fasterapi.binding.signature import GENERATOR_CALL, Parameter, Signature, SignatureError, described, read_signature
from fasterapi.binding.sources import BodySource, CookieSource, Fallback, HeaderSource, PathSource, ProvidedSource, QuerySource, Source

_TEXT_SOURCES: Final = (PATH, QUERY, HEADER, COOKIE)


@final
class Problem:
    """A mistake in the graph of a handler: who made it, and what to write instead."""

    def __init__(self, route: str, function: str, message: str) -> None:
        self.route = route
        self.function = function
        self.message = message

    def __str__(self) -> str:
        return f"{self.route}: {self.function}: {self.message}"


@final
class SignatureBook:
    """The signatures read so far: providers are shared by many handlers."""

    def __init__(self) -> None:
        self._signatures: dict[object, Signature] = {}

    def signature_of(self, call: Callable[..., object]) -> Signature:
        """The signature, read at the first need."""
        known = self._signatures.get(call)
        if known is None:
            known = read_signature(call)
            self._signatures[call] = known
        return known


@final
class PlanBuilder:
    """Builds the plan of one handler."""

    def __init__(self, route: str, path_names: Sequence[str], book: SignatureBook, problems: list[Problem]) -> None:
        self._route = route
        self._path_names = list(path_names)
        self._book = book
        self._problems = problems
        self._providers: list[Call] = []
        self._provided_at: dict[object, int] = {}
        self._visiting: list[Callable[..., object]] = []
        self._body: BodyReader | None = None
        self._body_parameter = ""

    def build(self, handler: Callable[..., object], dependencies: Sequence[Dependency]) -> Plan | None:
        """The plan; `None` after problems were found."""
        before = len(self._problems)
        for dependency in dependencies:
            if dependency.provider is None:
                self._report(handler, "`dependencies=[Depends()]` names no provider. Write Depends(your_function).")
            else:
                self._provide(dependency.provider, dependency)
        call = self._call(handler, True)
        if call is None or len(self._problems) > before:
            return None
        return Plan(self._providers, call, self._body)

    def _report(self, function: Callable[..., object], message: str) -> None:
        self._problems.append(Problem(self._route, described(function), message))

    def _call(self, function: Callable[..., object], is_handler: bool) -> Call | None:
        """One node of the graph, after all that it depends on."""
        try:
            signature = self._book.signature_of(function)
        except SignatureError as error:
            self._report(function, str(error))
            return None
        if signature.call_kind == GENERATOR_CALL:
            self._report(function, "it is a generator, which is not supported yet. Return the value instead of yielding it.")
            return None
        sources: list[Source] = []
        keywords: list[str] = []
        for parameter in signature.parameters:
            source = self._source(function, parameter)
            if source is not None:
                sources.append(source)
            if parameter.keyword_only:
                keywords.append(parameter.name)
        return Call(function, signature.call_kind, sources, keywords, is_handler)

    def _source(self, function: Callable[..., object], parameter: Parameter) -> Source | None:
        dependency = _marked(parameter, Dependency)
        if isinstance(dependency, Dependency):
            return self._provided_source(function, parameter, dependency)
        marker = _marked(parameter, ParameterMarker)
        constraints = _constraints(parameter)
        if isinstance(marker, ParameterMarker):
            constraints = constraints.merged(marker.constraints)
        else:
            marker = self._unmarked(parameter, constraints)
        if marker.source == BODY:
            return self._body_source(function, parameter, marker, constraints)
        converter = converter_for(_annotation(parameter), constraints)
        if converter is None:
            what = f"parameter {parameter.name!r} is {parameter.annotation!r}"
            self._report(function, f"{what}, which one text of the {marker.source} cannot give.")
            return None
        return self._text_source(function, parameter, marker, converter)

    def _unmarked(self, parameter: Parameter, constraints: Constraints) -> ParameterMarker:
        """What a parameter without a marker asks for: a path name, a scalar of the query, or else the body."""
        if parameter.name in self._path_names:
            return ParameterMarker(PATH, ..., None, {})
        if converter_for(_annotation(parameter), constraints) is not None:
            return ParameterMarker(QUERY, ..., None, {})
        return ParameterMarker(BODY, ..., None, {})

    def _text_source(
        self, function: Callable[..., object], parameter: Parameter, marker: ParameterMarker, converter: Converter
    ) -> Source | None:
        name = marker.alias() or parameter.name
        if marker.source == PATH:
            if name not in self._path_names:
                self._report(function, f"the path has no {{{name}}}, which parameter {parameter.name!r} asks for. Add it to the path.")
                return None
            return PathSource(self._path_names.index(name), name, converter)
        fallback = _fallback(parameter, marker)
        if marker.source == QUERY:
            return QuerySource(name, converter, fallback)
        if marker.source == COOKIE:
            return CookieSource(name, converter, fallback)
        if marker.alias() is None and marker.flag("convert_underscores", True):
            name = name.replace("_", "-")
        return HeaderSource(name, converter, fallback)

    def _body_source(
        self, function: Callable[..., object], parameter: Parameter, marker: ParameterMarker, constraints: Constraints
    ) -> Source | None:
        if self._body is not None:
            names = f"{self._body_parameter!r} and {parameter.name!r}"
            self._report(function, f"parameters {names} are both the JSON body. Put them into one Struct.")
            return None
        try:
            self._body = BodyReader(JsonBody(_annotation(parameter), constraints), _fallback(parameter, marker))
        except TypeError as error:
            self._report(function, f"parameter {parameter.name!r} cannot be read from a JSON body: {error}")
            return None
        self._body_parameter = parameter.name
        return BodySource()

    def _provided_source(self, function: Callable[..., object], parameter: Parameter, dependency: Dependency) -> Source | None:
        provider = dependency.provider
        if provider is None:
            if not isinstance(parameter.annotation, type):
                what = f"Depends() of parameter {parameter.name!r}"
                self._report(function, f"{what} needs a class as its annotation, or a provider: Depends(your_function).")
                return None
            provider = cast("Callable[..., object]", parameter.annotation)
        index = self._provide(provider, dependency)
        return None if index is None else ProvidedSource(index)

    def _provide(self, provider: Callable[..., object], dependency: Dependency) -> int | None:
        """The place of a provider's result; a cached provider runs once for all that ask for it."""
        if dependency.use_cache and provider in self._provided_at:
            return self._provided_at[provider]
        if provider in self._visiting:
            names = " -> ".join(described(call) for call in [*self._visiting[self._visiting.index(provider) :], provider])
            self._report(provider, f"it depends on itself: {names}. Break the circle.")
            return None
        self._visiting.append(provider)
        call = self._call(provider, False)
        self._visiting.pop()
        if call is None:
            return None
        index = len(self._providers)
        self._providers.append(call)
        if dependency.use_cache:
            self._provided_at[provider] = index
        return index


def _marked(parameter: Parameter, kind: type) -> object:
    """The marker of this kind, as the default or in `Annotated`, where the last one holds."""
    if isinstance(parameter.default, kind):
        return parameter.default
    for item in reversed(parameter.metadata):
        if isinstance(item, kind):
            return item
    return None


def _annotation(parameter: Parameter) -> object:
    """The declared type; without one, text is taken as it is, as FastAPI does."""
    return object if parameter.annotation is MISSING else parameter.annotation


def _constraints(parameter: Parameter) -> Constraints:
    """What `Annotated` asks of the value."""
    constraints: Constraints = NO_CONSTRAINTS
    for item in parameter.metadata:
        if isinstance(item, msgspec.Meta):
            constraints = constraints.merged(constraints_of_meta(item))
    return constraints


def _default(parameter: Parameter, marker: ParameterMarker) -> object:
    """The value after `=`; where that is the marker itself, the marker's own."""
    if parameter.default is MISSING or isinstance(parameter.default, ParameterMarker):
        return marker.default
    return parameter.default


def _fallback(parameter: Parameter, marker: ParameterMarker) -> Fallback:
    default = _default(parameter, marker)
    return Fallback(default is MISSING and marker.default_factory is None, default, marker.default_factory)
