"""All that an application's paths lead to, made of its declarations at start-up."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TypeAlias, final

from fasterapi.binding.graph import Problem, SignatureBook
from fasterapi.binding.signature import described
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.routing.mount import HostTarget, MountDeclaration, MountTarget
from fasterapi.routing.paths import PathError, parse_path
from fasterapi.routing.reverse import NamedPath
from fasterapi.routing.route import Route, build_route
from fasterapi.routing.tree import PathTarget, RouteTree
from fasterapi.routing.websocket_route import WebSocketDeclaration, WebSocketRoute, build_websocket_route

Declaration: TypeAlias = RouteDeclaration | WebSocketDeclaration | MountDeclaration | HostTarget
"""What routers declare."""


@final
class RouteTable:
    """The trees of paths, for requests and for WebSockets, and the hosts that go before them."""

    def __init__(self, declared: Sequence[Declaration], book: SignatureBook, problems: list[Problem]) -> None:
        self.requests: RouteTree = RouteTree()
        self.websockets: RouteTree = RouteTree()
        self.hosts: list[HostTarget] = []
        for declaration in declared:
            if isinstance(declaration, RouteDeclaration):
                _add(self.requests, build_route(declaration, book, problems))
            elif isinstance(declaration, WebSocketDeclaration):
                _add(self.websockets, build_websocket_route(declaration, book, problems))
            elif isinstance(declaration, HostTarget):
                self.hosts.append(declaration)
            else:
                self._mount(declaration, problems)

    def _mount(self, declaration: MountDeclaration, problems: list[Problem]) -> None:
        try:
            target = MountTarget(declaration)
        except PathError as error:
            problems.append(Problem(f"mount {declaration.path}", declaration.mount.app, str(error)))
            return
        _add(self.requests, target)
        self.websockets.add(target)


def named_paths(declared: Sequence[Declaration]) -> list[NamedPath]:
    """The paths that URLs are made of; those that start-up refuses are left out."""
    found: list[NamedPath] = []
    for declaration in declared:
        try:
            if isinstance(declaration, RouteDeclaration):
                found.append(NamedPath(declaration.name, parse_path(declaration.path), "http", None))
            elif isinstance(declaration, WebSocketDeclaration):
                found.append(NamedPath(declaration.name, parse_path(declaration.path), "websocket", None))
            elif isinstance(declaration, MountDeclaration):
                target = MountTarget(declaration)
                found.append(NamedPath(target.name, target.pattern, "http", target.mount))
        except PathError:
            continue
    return found


def _add(tree: RouteTree, target: PathTarget | None) -> None:
    if target is None:
        return
    earlier = tree.add(target)
    if earlier is not None:
        warnings.warn(
            f"{_declared(target)}: {_named(target)} is never called,"
            f" because {_named(earlier)} answers the same method and path. Remove one of them.",
            stacklevel=2,
        )


def _declared(target: PathTarget) -> str:
    if isinstance(target, Route):
        return str(target.declaration)
    return str(target.declaration) if isinstance(target, WebSocketRoute) else f"mount {target.pattern.text}"


def _named(target: PathTarget) -> str:
    if isinstance(target, Route):
        return described(target.declaration.handler)
    return described(target.declaration.handler) if isinstance(target, WebSocketRoute) else "what is mounted there"
