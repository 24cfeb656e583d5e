"""One WebSocket route's immutable record, and the declaration it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, final

from fasterapi.binding.graph import PlanBuilder, Problem, SignatureBook
from fasterapi.binding.markers import Dependency
from fasterapi.binding.plan import Call, Plan
from fasterapi.binding.signature import AWAITABLE_CALL, COROUTINE_CALL, SignatureError
from fasterapi.binding.specials import RequestSource
from fasterapi.routing.origins import AllowedOrigins
from fasterapi.routing.paths import PathError, PathPattern, parse_path
from fasterapi.routing.tree import PathTarget

_ANY_METHOD: Final[frozenset[str]] = frozenset()


@final
class WebSocketDeclaration:
    """What a decorator said of a WebSocket's handler, until start-up makes a route of it.

    Without `allowed_origins` any site may connect; `None` among them stands for clients that are no browsers. With
    `takes_websocket` the handler is called with the WebSocket alone, as Starlette's are, whatever it stands behind.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        dependencies: list[Dependency],
        name: str,
        allowed_origins: Sequence[str | None] | None = None,
        takes_websocket: bool = False,
    ) -> None:
        if not callable(endpoint):
            raise TypeError(f"{path}: {endpoint!r} cannot be called, so it is no handler. Write a function.")
        self.path: str = path
        self.endpoint: Callable[..., Any] = endpoint
        self.dependencies: list[Dependency] = dependencies
        self.name: str = name
        self.takes_websocket: bool = takes_websocket
        self.origins: AllowedOrigins | None = None if allowed_origins is None else AllowedOrigins(allowed_origins)

    @property
    def handler(self) -> Callable[..., Any]:
        """The function that answers."""
        return self.endpoint

    def included(self, prefix: str, dependencies: list[Dependency]) -> WebSocketDeclaration:
        """The same route below a prefix, behind other dependencies."""
        if not prefix and not dependencies:
            return self
        needed = [*dependencies, *self.dependencies]
        inner = WebSocketDeclaration(prefix + self.path, self.endpoint, needed, self.name, None, self.takes_websocket)
        inner.origins = self.origins
        return inner

    def __str__(self) -> str:
        return f"WebSocket {self.path}"


@final
class WebSocketRoute(PathTarget):
    """What answers WebSockets at one path; made at start-up and never changed."""

    def __init__(self, declaration: WebSocketDeclaration, pattern: PathPattern, plan: Plan) -> None:
        super().__init__(pattern, _ANY_METHOD)
        self.plan: Plan = plan
        self.declaration: WebSocketDeclaration = declaration


def build_websocket_route(declaration: WebSocketDeclaration, book: SignatureBook, problems: list[Problem]) -> WebSocketRoute | None:
    """Compile a declaration; `None` after its problems were noted."""
    try:
        pattern = parse_path(declaration.path)
        plan = _plan_of(declaration, pattern, book, problems)
    except (PathError, SignatureError) as error:
        problems.append(Problem(str(declaration), declaration.endpoint, str(error)))
        return None
    if plan is None:
        return None
    if plan.handler.kind not in (COROUTINE_CALL, AWAITABLE_CALL):
        problems.append(Problem(str(declaration), declaration.endpoint, "the handler of a WebSocket is a coroutine. Write `async def`."))
        return None
    return WebSocketRoute(declaration, pattern, plan)


def _plan_of(declaration: WebSocketDeclaration, pattern: PathPattern, book: SignatureBook, problems: list[Problem]) -> Plan | None:
    if declaration.takes_websocket:
        kind = book.signature_of(declaration.endpoint).call_kind
        return Plan([], Call(declaration.endpoint, kind, [RequestSource()], [], True, True), None)
    builder = PlanBuilder(str(declaration), pattern.parameter_names, book, problems, True)
    return builder.build(declaration.endpoint, declaration.dependencies)
