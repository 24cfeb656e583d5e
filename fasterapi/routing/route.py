"""One route's immutable record, and how start-up makes it of a declaration."""

from __future__ import annotations

from types import NoneType
from typing import Any, Final, cast, final

from typing_extensions import override

from fasterapi.binding.graph import PlanBuilder, Problem, SignatureBook
from fasterapi.binding.markers import MISSING
from fasterapi.binding.plan import Plan
from fasterapi.binding.results import ResultEncoder, encoder_for
from fasterapi.binding.signature import SignatureError
from fasterapi.binding.specials import UNSAID, Drafts
from fasterapi.binding.stream_items import stream_item, yields
from fasterapi.http.asgi_exchange import AsgiExchange
from fasterapi.http.exchange import Exchange
from fasterapi.http.head import json_head
from fasterapi.http.json_lines import JSONLinesResponse
from fasterapi.http.responses import JSONResponse, Response
from fasterapi.http.server_sent_events import EventSourceResponse
from fasterapi.routing.declaration import RouteDeclaration
from fasterapi.routing.paths import PathError, PathPattern, parse_path
from fasterapi.routing.tree import PathTarget

APPLICATIONS_LIMIT: Final = -1
"""The limit of a route's body where only the application has one."""


@final
class Route(PathTarget):
    """What answers one path and some methods; made at start-up and never changed."""

    def __init__(
        self, declaration: RouteDeclaration, pattern: PathPattern, plan: Plan, encoder: ResultEncoder, is_streamed: bool = False
    ) -> None:
        super().__init__(pattern, declaration.methods)
        said = declaration.response
        self.plan = plan
        self.declaration = declaration
        # Read by every request that comes by ASGI, and an attribute of an interpreted class is dear.
        self._endpoint: object = declaration.endpoint
        self.body_limit: int = APPLICATIONS_LIMIT if declaration.max_body_size is None else declaration.max_body_size
        self._status_code: int = UNSAID if said.status_code is None else said.status_code
        self._head = json_head(self._status_code or 200)
        self._encoder = encoder
        self._response_class: type[Response] | None = None if said.response_class is JSONResponse else said.response_class
        self.is_streamed: bool = is_streamed
        """Whether the handler yields: the encoder is one of its items then."""
        if is_streamed and self._response_class is None:
            self._response_class = JSONLinesResponse

    def enter(self, exchange: Exchange) -> None:
        """Let the exchange know what answers it."""
        exchange.matched = self
        if self.body_limit != APPLICATIONS_LIMIT:
            exchange.body_limit = self.body_limit
        if isinstance(exchange, AsgiExchange):
            # Middleware looks it up in the scope behind the answer, whether a handler asked for the scope or not.
            self.describe(exchange.announced)

    @override
    def describe(self, scope: dict[str, Any]) -> None:
        scope["endpoint"] = self._endpoint
        scope["route"] = self.declaration

    def answer(self, exchange: Exchange, result: object) -> None:
        """Send what the handler returned: a response as it is, anything else as its response model says."""
        if self._response_class is None and exchange.drafts is None and not isinstance(result, Response):
            exchange.respond(self._head, self._encoder.encode(result))
        else:
            response = self.response(exchange, result)
            if response.is_streamed:
                exchange.streamed = response
                exchange.has_afterwork = True
            else:
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
        draft = None if drafts is None else drafts.response
        status_code = self._status_code if draft is None else draft.status_code or self._status_code
        response_class = self._response_class
        if self.is_streamed:
            response: Response = self._stream_of(result, status_code)
        elif response_class is None:
            response = JSONResponse(self._encoder.encode(result), status_code or 200)
        elif status_code == UNSAID:
            response = response_class(self._encoder.plain(result))
        else:
            response = response_class(self._encoder.plain(result), status_code)
        if draft is not None:
            response.raw_headers.extend(draft.raw_headers)
        return response

    def _stream_of(self, items: object, status_code: int) -> Response:
        """What a handler yields as a response: events or lines of JSON, or the pieces of another response class."""
        response_class = self._response_class
        assert response_class is not None
        response = response_class(items) if status_code == UNSAID else response_class(items, status_code)
        if isinstance(response, JSONLinesResponse):
            response.encode = self._encoder.encode
        elif isinstance(response, EventSourceResponse):
            response.encode_item = self._encoder.encode
        return response


def build_route(declaration: RouteDeclaration, book: SignatureBook, problems: list[Problem]) -> Route | None:
    """Compile a declaration; `None` after its problems were noted."""
    try:
        pattern = parse_path(declaration.path)
    except PathError as error:
        problems.append(Problem(str(declaration), declaration.handler, str(error)))
        return None
    plan = _plan_of(declaration, pattern, book, problems)
    is_streamed = plan is not None and yields(book.signature_of(declaration.handler).call_kind)
    response_class = declaration.response.response_class or JSONResponse
    if is_streamed and response_class is not JSONResponse and not response_class.is_streamed:
        what = f"it yields, and {response_class.__name__} cannot be sent in pieces"
        problems.append(Problem(str(declaration), declaration.handler, f"{what}. Write response_class=StreamingResponse."))
        return None
    model = response_model_of(declaration, book)
    try:
        encoder = encoder_for(stream_item(model) if is_streamed else model, declaration.response.options)
    except (TypeError, ValueError, NameError) as fault:
        what = f"its response model cannot be sent: {fault}"
        problems.append(Problem(str(declaration), declaration.handler, f"{what} Write another one, or response_model=None."))
        return None
    return None if plan is None else Route(declaration, pattern, plan, encoder, is_streamed)


def _plan_of(declaration: RouteDeclaration, pattern: PathPattern, book: SignatureBook, problems: list[Problem]) -> Plan | None:
    builder = PlanBuilder(str(declaration), pattern.parameter_names, book, problems)
    if declaration.takes_request:
        return builder.build_for_connection(declaration.handler)
    plan = builder.build(declaration.handler, declaration.dependencies)
    if plan is not None and plan.body is not None:
        plan.body.needs_content_type = declaration.strict_content_type
    return plan


def response_model_of(declaration: RouteDeclaration, book: SignatureBook) -> object:
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
