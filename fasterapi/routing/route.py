"""One route's immutable record, and the declaration it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import NoneType
from typing import Any, cast, final

from fasterapi.binding.graph import PlanBuilder, Problem, SignatureBook
from fasterapi.binding.markers import MISSING, Dependency
from fasterapi.binding.plan import Plan
from fasterapi.binding.results import ResultEncoder, ResultOptions, encoder_for
from fasterapi.binding.signature import SignatureError, described
from fasterapi.binding.specials import UNSAID, Drafts
from fasterapi.http.exchange import Exchange
from fasterapi.http.head import json_head
from fasterapi.http.responses import JSONResponse, Response
from fasterapi.routing.paths import PathError, PathPattern, parse_path
from fasterapi.routing.tree import PathTarget


@final
class ResponseDeclaration:
    """What a decorator said of the answer."""

    def __init__(self, model: object, options: ResultOptions, response_class: type[Response] | None, status_code: int) -> None:
        self.model = model
        self.options = options
        self.response_class = response_class
        self.status_code = status_code


@final
class RouteDeclaration:
    """What a decorator said, until start-up makes a route of it."""

    def __init__(
        self,
        path: str,
        methods: frozenset[str],
        handler: Callable[..., Any],
        response: ResponseDeclaration,
        dependencies: list[Dependency],
        name: str,
    ) -> None:
        self.path = path
        self.methods = methods
        self.handler = handler
        self.response = response
        self.dependencies = dependencies
        self.name = name

    def included(self, prefix: str, dependencies: list[Dependency]) -> RouteDeclaration:
        """The same route below a prefix, behind other dependencies."""
        if not prefix and not dependencies:
            return self
        return RouteDeclaration(
            prefix + self.path, self.methods, self.handler, self.response, [*dependencies, *self.dependencies], self.name
        )

    def __str__(self) -> str:
        return f"{' '.join(sorted(self.methods))} {self.path}"


@final
class Route(PathTarget):
    """What answers one path and some methods; made at start-up and never changed."""

    def __init__(self, declaration: RouteDeclaration, pattern: PathPattern, plan: Plan, encoder: ResultEncoder) -> None:
        super().__init__(pattern, declaration.methods)
        self.plan = plan
        self.declaration = declaration
        self._head = json_head(declaration.response.status_code)
        self._encoder = encoder
        self._response_class = declaration.response.response_class

    def answer(self, exchange: Exchange, result: object) -> None:
        """Send what the handler returned: a response as it is, anything else as its response model says."""
        if self._response_class is None and exchange.drafts is None and not isinstance(result, Response):
            exchange.respond(self._head, self._encoder.encode(result))
        else:
            response = self.response(exchange, result)
            exchange.respond(response.head(), response.body)

    def response(self, exchange: Exchange, result: object) -> Response:
        """The same as a response, with what the handler drafted for it."""
        drafts = cast("Drafts | None", exchange.drafts)
        response = result if isinstance(result, Response) else self._response_of(result, drafts)
        if drafts is not None and response.background is None:
            response.background = drafts.background
        if response.background is not None:
            exchange.background = response.background
            exchange.has_afterwork = True
        return response

    def _response_of(self, result: object, drafts: Drafts | None) -> Response:
        status_code = self.declaration.response.status_code
        draft = None if drafts is None else drafts.response
        if draft is not None and draft.status_code != UNSAID:
            status_code = draft.status_code
        response_class = self._response_class
        if response_class is None:
            response: Response = JSONResponse(self._encoder.encode(result), status_code)
        else:
            response = response_class(self._encoder.plain(result), status_code)
        if draft is not None:
            response.raw_headers.extend(draft.raw_headers)
        return response


def build_route(declaration: RouteDeclaration, book: SignatureBook, problems: list[Problem]) -> Route | None:
    """Compile a declaration; `None` after its problems were noted."""
    try:
        pattern = parse_path(declaration.path)
    except PathError as error:
        problems.append(Problem(str(declaration), declaration.handler, str(error)))
        return None
    builder = PlanBuilder(str(declaration), pattern.parameter_names, book, problems)
    plan = builder.build(declaration.handler, declaration.dependencies)
    try:
        encoder = encoder_for(_response_model(declaration, book), declaration.response.options)
    except (TypeError, ValueError, NameError) as fault:
        what = f"its response model cannot be sent: {fault}"
        problems.append(Problem(str(declaration), declaration.handler, f"{what} Write another one, or response_model=None."))
        return None
    return None if plan is None else Route(declaration, pattern, plan, encoder)


def _response_model(declaration: RouteDeclaration, book: SignatureBook) -> object:
    """What the result is to fit: `response_model`, else the declared result, where that is no response."""
    model = declaration.response.model
    if model is not MISSING:
        return MISSING if model is None else model
    try:
        result = book.signature_of(declaration.handler).result
    except SignatureError:
        return MISSING
    # A handler that declares to return nothing declares no model, as in FastAPI.
    return MISSING if result is NoneType or (isinstance(result, type) and issubclass(result, Response)) else result


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
