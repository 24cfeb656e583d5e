"""One route's immutable record, and the declaration it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, final

import msgspec

from fasterapi.binding.graph import PlanBuilder, Problem, SignatureBook
from fasterapi.binding.markers import Dependency
from fasterapi.binding.plan import Plan
from fasterapi.binding.signature import described
from fasterapi.http.exchange import Exchange
from fasterapi.http.head import ResponseHead, json_head
from fasterapi.http.responses import Response
from fasterapi.routing.paths import PathError, PathPattern, parse_path
from fasterapi.routing.tree import PathTarget

_encode: Final = msgspec.json.Encoder().encode


@final
class RouteDeclaration:
    """What a decorator said, until start-up makes a route of it."""

    def __init__(
        self,
        path: str,
        methods: frozenset[str],
        handler: Callable[..., Any],
        status_code: int,
        dependencies: list[Dependency],
        name: str,
    ) -> None:
        self.path = path
        self.methods = methods
        self.handler = handler
        self.status_code = status_code
        self.dependencies = dependencies
        self.name = name

    def included(self, prefix: str, dependencies: list[Dependency]) -> RouteDeclaration:
        """The same route below a prefix, behind other dependencies."""
        if not prefix and not dependencies:
            return self
        return RouteDeclaration(
            prefix + self.path, self.methods, self.handler, self.status_code, [*dependencies, *self.dependencies], self.name
        )

    def __str__(self) -> str:
        return f"{' '.join(sorted(self.methods))} {self.path}"


@final
class Route(PathTarget):
    """What answers one path and some methods; made at start-up and never changed."""

    def __init__(self, declaration: RouteDeclaration, pattern: PathPattern, plan: Plan) -> None:
        super().__init__(pattern, declaration.methods)
        self.plan = plan
        self.declaration = declaration
        self._head = json_head(declaration.status_code)

    def answer(self, exchange: Exchange, result: object) -> None:
        """Send what the handler returned: a response as it is, anything else as JSON."""
        if isinstance(result, Response):
            exchange.respond(result.head(), result.body)
        else:
            exchange.respond(self._head, _encode(result))

    def prepare(self, result: object) -> tuple[ResponseHead, bytes]:
        """The same answer, to be sent later."""
        if isinstance(result, Response):
            return result.head(), result.body
        return self._head, _encode(result)


def build_route(declaration: RouteDeclaration, book: SignatureBook, problems: list[Problem]) -> Route | None:
    """Compile a declaration; `None` after its problems were noted."""
    try:
        pattern = parse_path(declaration.path)
    except PathError as error:
        problems.append(Problem(str(declaration), described(declaration.handler), str(error)))
        return None
    builder = PlanBuilder(str(declaration), pattern.parameter_names, book, problems)
    plan = builder.build(declaration.handler, declaration.dependencies)
    return None if plan is None else Route(declaration, pattern, plan)


def check_dependencies(dependencies: Sequence[object] | None) -> list[Dependency]:
    """What stands in a `dependencies=[…]` list."""
    checked: list[Dependency] = []
    for dependency in dependencies or ():
        if not isinstance(dependency, Dependency):
            raise TypeError(f"dependencies takes Depends(...) entries, not {dependency!r}. Write Depends(your_function).")
        checked.append(dependency)
    return checked


def duplicate_warning(route: Route, earlier: Route) -> str:
    """Names the two routes of which the later one is never reached."""
    return (
        f"{route.declaration}: {described(route.declaration.handler)} is never called,"
        f" because {described(earlier.declaration.handler)} answers the same method and path. Remove one of them."
    )
