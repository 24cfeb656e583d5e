"""What an application declares, and what start-up finds wrong in it."""

# Interpreted: see `fasterapi.check`.

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from fasterapi.app import Faster
from fasterapi.binding.graph import GraphError, Problem, SignatureBook
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.routing.paths import PathError, parse_path
from fasterapi.routing.route import build_route
from fasterapi.routing.tree import PathTarget, RouteTree
from fasterapi.routing.websocket_route import WebSocketDeclaration, build_websocket_route


def start_up_problems(app: Faster) -> list[Problem]:
    """What keeps the application from starting, or a route from being called with the providers that stand in for others."""
    with warnings.catch_warnings():
        # Routes that are never called are told by `hidden_routes`.
        warnings.simplefilter("ignore")
        try:
            app.compile()
        except GraphError as error:
            return error.problems
    problems: list[Problem] = []
    if app.dependency_overrides:
        book = SignatureBook(app.dependency_overrides)
        for declaration in app.router.declared():
            if isinstance(declaration, RouteDeclaration):
                build_route(declaration, book, problems)
            elif isinstance(declaration, WebSocketDeclaration):
                build_websocket_route(declaration, book, problems)
    return problems


@dataclass(frozen=True, slots=True)
class HiddenRoute:
    """A route that is never called for some of its methods, because an earlier one answers the same requests."""

    route: RouteDeclaration
    methods: Sequence[str]
    earlier: RouteDeclaration


def hidden_routes(declarations: Sequence[RouteDeclaration]) -> list[HiddenRoute]:
    """The routes of which earlier ones take requests away, with an entry for each of the earlier ones."""
    tree = RouteTree()
    declared: dict[PathTarget, RouteDeclaration] = {}
    found: list[HiddenRoute] = []
    for declaration in declarations:
        try:
            pattern = parse_path(declaration.path)
        except PathError:
            # Start-up tells this one.
            continue
        hidden: dict[RouteDeclaration, list[str]] = {}
        for methods in [frozenset([method]) for method in sorted(declaration.methods)] or [declaration.methods]:
            target = PathTarget(pattern, methods)
            declared[target] = declaration
            earlier = tree.add(target)
            if earlier is not None:
                hidden.setdefault(declared[earlier], []).extend(methods or earlier.methods)
        found.extend(HiddenRoute(declaration, methods, earlier) for earlier, methods in hidden.items())
    return found
