"""What an application answers, and with what, as `fasterapi routes` tells it."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import final

import msgspec

from fasterapi.app import Faster
from fasterapi.binding.graph import SignatureBook
from fasterapi.binding.markers import Dependency
from fasterapi.binding.parameters import ParameterError, marker_of
from fasterapi.binding.signature import SignatureError
from fasterapi.check.environment import own_modules
from fasterapi.check.names import Namer
from fasterapi.check.sources import Sources
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.routing.mount import HostTarget, Mount, MountDeclaration
from fasterapi.routing.table import Declaration
from fasterapi.routing.websocket_route import WebSocketDeclaration


class ListedRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One route, WebSocket or mount."""

    kind: str
    """`http`, `websocket`, `mount` or `host`."""
    methods: list[str]
    path: str
    name: str
    handler: str
    """The function that answers, or the application that is mounted."""
    file: str | None
    """As `main.py:12`; nothing for what was not written in Python."""
    dependencies: list[str]
    """All that is called for it, in the order of their declaration, each before what it depends on."""
    middleware: list[str]
    """What stands around its application, the outermost first."""


def listed_routes(app: Faster) -> list[ListedRoute]:
    """What an application answers, with all that is mounted in it; its own documentation is left out."""
    return list(_RouteLister().routes(app))


@final
class _RouteLister:
    def __init__(self) -> None:
        self._namer = Namer(own_modules(), Sources())

    def routes(self, app: Faster, prefix: str = "", around: Sequence[str] = ()) -> Iterator[ListedRoute]:
        middleware = [*around, *[self._label(item.cls) for item in app.user_middleware]]
        for declaration in app.routes:
            yield from self._routes_of(declaration, prefix, middleware, app)

    def _routes_of(self, declaration: Declaration, prefix: str, middleware: list[str], app: Faster) -> Iterator[ListedRoute]:
        if isinstance(declaration, RouteDeclaration | WebSocketDeclaration):
            callee = self._namer.callee(declaration.handler)
            yield ListedRoute(
                kind="http" if isinstance(declaration, RouteDeclaration) else "websocket",
                methods=sorted(declaration.methods) if isinstance(declaration, RouteDeclaration) else [],
                path=prefix + declaration.path,
                name=declaration.name,
                handler=callee.label,
                file=None if callee.place is None else str(callee.place),
                dependencies=self._dependencies(declaration, SignatureBook(app.dependency_overrides)),
                middleware=middleware,
            )
        elif isinstance(declaration, MountDeclaration):
            yield from self._mounted("mount", prefix + declaration.path, declaration.mount, middleware)
        elif isinstance(declaration, HostTarget):
            # Routes below a host begin with its name, as the addresses do that lead there.
            yield from self._mounted("host", declaration.pattern.text.removeprefix("/"), declaration.mount, middleware)

    def _mounted(self, kind: str, path: str, mount: Mount, middleware: list[str]) -> Iterator[ListedRoute]:
        yield ListedRoute(
            kind=kind,
            methods=[],
            path=path,
            name=mount.name or "",
            handler=self._label(mount.app),
            file=None,
            dependencies=[],
            middleware=middleware,
        )
        if isinstance(mount.app, Faster):
            yield from self.routes(mount.app, path.rstrip("/"), middleware)

    def _label(self, call: Callable[..., object]) -> str:
        return self._namer.callee(call).label

    def _dependencies(self, declaration: RouteDeclaration | WebSocketDeclaration, book: SignatureBook) -> list[str]:
        found: dict[Callable[..., object], None] = {}
        for dependency in declaration.dependencies:
            if dependency.provider is not None:
                _collect(dependency.provider, book, found)
        for provider in _providers(declaration.handler, book):
            _collect(provider, book, found)
        return [self._label(provider) for provider in found]


def _collect(provider: Callable[..., object], book: SignatureBook, found: dict[Callable[..., object], None]) -> None:
    call = book.overrides.get(provider, provider)
    if call in found:
        return
    found[call] = None
    for inner in _providers(call, book):
        _collect(inner, book, found)


def _providers(function: Callable[..., object], book: SignatureBook) -> Iterator[Callable[..., object]]:
    """What the parameters of a function are provided by. What start-up refuses is left to it, and to `fasterapi check`."""
    try:
        parameters = book.signature_of(function).parameters
    except SignatureError:
        return
    for parameter in parameters:
        try:
            marker = marker_of(parameter)
        except ParameterError:
            continue
        if isinstance(marker, Dependency):
            provider: object = marker.provider or parameter.annotation
            if callable(provider):
                yield provider
