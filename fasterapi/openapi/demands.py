"""What the functions behind a route ask of a request: read off the signatures that start-up makes plans of."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, cast, final

from fasterapi.binding.graph import SignatureBook, is_provider
from fasterapi.binding.markers import BODY, COOKIE, FILE, FORM, HEADER, PATH, QUERY, Dependency
from fasterapi.binding.parameters import DeclaredParameter, ParameterReader, marker_of
from fasterapi.binding.signature import Parameter
from fasterapi.binding.specials import special_source
from fasterapi.openapi.components import component_name
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.security.scheme import SecurityScheme
from fasterapi.security.scopes import SecurityScopes

_PATH_NAME: Final = re.compile(r"{([^{}:]*)(?::\w+)?}")
_PLACES: Final = (PATH, QUERY, HEADER, COOKIE)
_BODIES: Final = (BODY, FORM, FILE)


@final
class Demands:
    """The parameters of a route's handler and of all its providers, and the security schemes among these.

    The handler stands first, then its providers in the order in which they are asked for, each with all that it depends on.
    """

    def __init__(self, declaration: RouteDeclaration, book: SignatureBook) -> None:
        self._book = book
        self._reader = ParameterReader(_PATH_NAME.findall(declaration.path))
        self._seen: set[tuple[object, tuple[str, ...]]] = set()
        self._places: dict[str, list[DeclaredParameter]] = {place: [] for place in _PLACES}
        self._bodies: dict[str, DeclaredParameter] = {}
        self.scopes: Final[dict[str, list[str]]] = {}
        """The scopes that are asked of each scheme, by its name."""
        self.schemes: Final[dict[str, SecurityScheme]] = {}
        """The security schemes, by name."""
        found = self._read(declaration.endpoint)
        for dependency in declaration.dependencies:
            self._follow(dependency, dependency.provider, ())
        for dependency, provider in found:
            self._follow(dependency, provider, ())

    @property
    def parameters(self) -> list[DeclaredParameter]:
        """Those of path, query, headers and cookies, in this order."""
        return [parameter for place in _PLACES for parameter in self._places[place]]

    @property
    def bodies(self) -> list[DeclaredParameter]:
        """Those of the body; a name stands once."""
        return list(self._bodies.values())

    def _read(self, function: Callable[..., object]) -> list[tuple[Dependency, object]]:
        """Take the function's own parameters, and give the providers that it depends on."""
        found: list[tuple[Dependency, object]] = []
        for parameter in self._book.signature_of(function).parameters:
            marker = marker_of(parameter)
            if isinstance(marker, Dependency):
                found.append((marker, marker.provider or parameter.annotation))
            elif not _is_given(parameter):
                declared = self._reader.declared(parameter)
                if declared.marker.source in _BODIES:
                    self._bodies.setdefault(declared.name, declared)
                else:
                    self._places[declared.marker.source].append(declared)
        return found

    def _follow(self, dependency: Dependency, provider: object, outer: Sequence[str]) -> None:
        scopes = (*outer, *[scope for scope in dependency.security_scopes if scope not in outer])
        if not is_provider(provider) or (provider, scopes) in self._seen:
            return
        self._seen.add((provider, scopes))
        if isinstance(provider, SecurityScheme):
            self._take_scheme(provider, scopes)
            if not provider.is_overridden():
                return
        for inner, inner_provider in self._read(cast("Callable[..., object]", provider)):
            self._follow(inner, inner_provider, scopes)

    def _take_scheme(self, scheme: SecurityScheme, scopes: Sequence[str]) -> None:
        name = component_name(scheme.scheme_name)
        self.schemes[name] = scheme
        asked = self.scopes.setdefault(name, [])
        asked.extend([scope for scope in scopes if scope not in asked])


def _is_given(parameter: Parameter) -> bool:
    """Whether a parameter gets something that the client does not choose: the request, the scopes."""
    annotation = parameter.annotation
    if isinstance(annotation, type) and issubclass(annotation, SecurityScopes):
        return True
    return special_source(annotation, parameter.default) is not None
