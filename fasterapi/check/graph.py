"""The dependency graph of an application: what is called, and with what."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from fasterapi.binding.graph import SignatureBook
from fasterapi.binding.markers import MISSING, PATH, Dependency, ParameterMarker
from fasterapi.binding.parameters import marker_of
from fasterapi.binding.signature import AWAITABLE_CALL, Parameter
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.routing.paths import parse_path
from fasterapi.routing.websocket_route import WebSocketDeclaration
from fasterapi.security.scheme import SecurityScheme


@dataclass(frozen=True, slots=True)
class Argument:
    """What one parameter is given."""

    parameter: str
    annotation: object
    keyword_only: bool
    provider: Function | None
    path_name: str
    """The part of the path that it is given where the path has one of this name; empty where it never is."""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A handler or a provider; one for all the routes that need it."""

    call: Callable[..., object]
    call_kind: int
    arguments: Sequence[Argument]
    path_names: frozenset[str]
    """The parts of a path that it is given, and those that its providers are."""


@dataclass(frozen=True, slots=True)
class RouteGraph:
    """What is called for one route."""

    declaration: RouteDeclaration | WebSocketDeclaration
    converters: Mapping[str, str]
    """The converter of each part of the path, by name."""
    dependencies: Sequence[Function]
    """Those that the route, its routers and its application ask for, beside the handler's own."""
    handler: Function

    def __str__(self) -> str:
        return str(self.declaration)


class GraphReader:
    """Reads the graphs of routes in which start-up found no mistake; each function is read once."""

    def __init__(self, book: SignatureBook) -> None:
        self._book = book
        self._functions: dict[Callable[..., object], Function] = {}

    def read(self, declaration: RouteDeclaration | WebSocketDeclaration) -> RouteGraph:
        """The graph of one route."""
        providers = [dependency.provider for dependency in declaration.dependencies if dependency.provider is not None]
        converters = parse_path(declaration.path).converters
        return RouteGraph(declaration, converters, [self._provider(call) for call in providers], self._function(declaration.handler))

    def _provider(self, call: Callable[..., object]) -> Function:
        return self._function(self._book.overrides.get(call, call))

    def _function(self, call: Callable[..., object]) -> Function:
        known = self._functions.get(call)
        if known is None:
            known = self._read_function(call)
            self._functions[call] = known
        return known

    def _read_function(self, call: Callable[..., object]) -> Function:
        if isinstance(call, SecurityScheme) and not call.is_overridden():
            # The framework reads the credentials past `__call__`, which is declared to give the same.
            return Function(call, AWAITABLE_CALL, [Argument("request", object, False, None, "")], frozenset())
        signature = self._book.signature_of(call)
        arguments = [self._argument(parameter) for parameter in signature.parameters]
        path_names = {argument.path_name for argument in arguments if argument.path_name}
        inherited = [argument.provider.path_names for argument in arguments if argument.provider is not None]
        return Function(call, signature.call_kind, arguments, frozenset(path_names.union(*inherited)))

    def _argument(self, parameter: Parameter) -> Argument:
        marker = marker_of(parameter)
        provider: Function | None = None
        path_name = ""
        if isinstance(marker, Dependency):
            # Start-up made sure that the annotation is a class where the marker names no provider.
            provider = self._provider(marker.provider or cast("type", parameter.annotation))
        elif isinstance(marker, ParameterMarker):
            path_name = (marker.alias() or parameter.name) if marker.source == PATH else ""
        else:
            path_name = parameter.name
        annotation = object if parameter.annotation is MISSING else parameter.annotation
        return Argument(parameter.name, annotation, parameter.keyword_only, provider, path_name)
