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
from fasterapi.routing.paths import PathPattern
from fasterapi.routing.tree import PathTarget

_encode: Final = msgspec.json.Encoder().encode


@final
class RouteDeclaration:
    """What a decorator said, until start-up makes a route of it."""

    def __init__(
        self,
        pattern: PathPattern,
        methods: frozenset[str],
        handler: Callable[..., Any],
        status_code: int,
        dependencies: Sequence[object],
        name: str,
    ) -> None:
        self.pattern = pattern
        self.methods = methods
        self.handler = handler
        self.status_code = status_code
        self.dependencies = [check_dependency(dependency) for dependency in dependencies]
        self.name = name

    def __str__(self) -> str:
        return f"{' '.join(sorted(self.methods))} {self.pattern.text}"


@final
class Route(PathTarget):
    """What answers one path and some methods; made at start-up and never changed."""

    def __init__(self, declaration: RouteDeclaration, plan: Plan) -> None:
        super().__init__(declaration.pattern, declaration.methods)
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
    builder = PlanBuilder(str(declaration), declaration.pattern.parameter_names, book, problems)
    plan = builder.build(declaration.handler, declaration.dependencies)
    return None if plan is None else Route(declaration, plan)


def check_dependency(dependency: object) -> Dependency:
    """What stands in a `dependencies=[…]` list."""
    if isinstance(dependency, Dependency):
        return dependency
    raise TypeError(f"dependencies takes Depends(...) entries, not {dependency!r}. Write Depends(your_function).")


def duplicate_warning(route: Route, earlier: Route) -> str:
    """Names the two routes of which the later one is never reached."""
    return (
        f"{route.declaration}: {described(route.declaration.handler)} is never called,"
        f" because {described(earlier.declaration.handler)} answers the same method and path. Remove one of them."
    )
