"""From a request to its answer: match, bind, call, encode; one coroutine a request.

What a client got wrong is a value until it is answered here; only what handlers raise is an exception.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, cast, final
from urllib.parse import quote

from fasterapi._compat import Raw
from fasterapi.binding.faults import encode_faults
from fasterapi.binding.form_sources import FormBodyReader
from fasterapi.binding.graph import GraphError, Problem, SignatureBook
from fasterapi.binding.plan import finish, provide
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.signature import COROUTINE_CALL
from fasterapi.concurrency.cleanup import Cleanups
from fasterapi.errors import HTTPException, RequestValidationError
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, NO_LIMIT, Exchange, ExchangeHandler
from fasterapi.http.forms import read_form
from fasterapi.http.forms_limits import FormFault, FormLimits
from fasterapi.http.head import ResponseHead, json_head
from fasterapi.http.request import ClientDisconnect
from fasterapi.http.responses import JSONResponse, PlainTextResponse, Response
from fasterapi.routing.route import Route, build_route
from fasterapi.routing.tree import RouteTree

_logger: Final = logging.getLogger("fasterapi")

_UNPROCESSABLE: Final = json_head(422)
_FORM_LIMITS: Final = FormLimits()
_SWALLOWED: Final = (
    "A dependency with yield caught what was raised and raised nothing itself, so there is no answer to send."
    " Write `raise` at the end of its except block."
)


@final
class Overrides:
    """Providers by the one they stand in for; an application and its dispatchers share it."""

    def __init__(self) -> None:
        self.providers: dict[Callable[..., object], Callable[..., object]] = {}


@final
class Dispatcher(ExchangeHandler):
    """Answers every request to an application's routes."""

    def __init__(
        self,
        app: object,
        tree: RouteTree,
        *,
        redirect_slashes: bool,
        max_body_size: int | None,
        overrides: Overrides,
    ) -> None:
        self._app = app
        self._tree = tree
        self._overrides = overrides
        self._overridden_by: dict[Callable[..., object], Callable[..., object]] = {}
        self._overridden_routes: dict[Route, Route] = {}
        self._redirect_slashes = redirect_slashes
        self._max_body_size = NO_LIMIT if max_body_size is None else max_body_size

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        target = self._tree.match(exchange.method, exchange.path, exchange.path_values)
        if target is None:
            self._answer_unmatched(exchange)
            return
        route = cast(Route, target)
        if self._overrides.providers:
            route = self._overridden(route)
        exchange.app = self._app
        exchange.matched = route
        exchange.body_limit = self._max_body_size
        plan = route.plan
        if plan.has_cleanup:
            await self._handle_with_cleanup(route, exchange)
            return
        body = plan.body
        try:
            if body is not None:
                outcome = await exchange.read_body(self._max_body_size)
                if outcome != BODY_COMPLETE or not body.decode(exchange):
                    _answer_body_fault(exchange, outcome)
                    return
            if plan.providers:
                await provide(plan, exchange)
            call = plan.handler
            if call.kind == COROUTINE_CALL:
                result = call.start(exchange)
                if result is not FAIL:
                    result = await Raw(cast("Coroutine[Any, Any, object]", result))
            else:
                result = await finish(call, exchange)
            if result is FAIL:
                exchange.respond(_UNPROCESSABLE, encode_faults(exchange))
            else:
                route.answer(exchange, result)
        except Exception as error:  # noqa: BLE001  # whatever a handler raises ends as an answer
            _answer_exception(exchange, error)
        if exchange.has_afterwork:
            await _run_background(exchange)
            await _close(exchange)

    async def _handle_with_cleanup(self, route: Route, exchange: Exchange) -> None:
        """The same, with something to clean up after the answer: a form's files, generators among the providers.

        The generators see what the handler raises. Those of scope "function" end before the answer is sent, and can still
        change it by raising; the others end after it.
        """
        try:
            await self._respond_and_clean_up(route, exchange)
        finally:
            await _close(exchange)

    async def _respond_and_clean_up(self, route: Route, exchange: Exchange) -> None:
        cleanups = Cleanups()
        exchange.cleanups = cleanups
        response: Response | None = None
        error: BaseException | None = None
        try:
            response = await self._respond(route, exchange)
        except BaseException as raised:  # noqa: BLE001  # the providers must see a cancellation too
            error = raised
        was_raised = error is not None
        error = await cleanups.leave_function(error)
        if error is None and response is not None:
            exchange.respond(response.head(), response.body)
            await _run_background(exchange)
            error = await cleanups.leave_request(None)
            if error is not None:
                _report_unhandled(exchange, error)
        elif not exchange.responded():
            error = await cleanups.leave_request(error)
            if isinstance(error, Exception):
                _answer_exception(exchange, error)
            elif error is not None:
                raise error
            elif was_raised:
                _answer_exception(exchange, RuntimeError(_SWALLOWED))

    async def _respond(self, route: Route, exchange: Exchange) -> Response | None:
        """The answer, or `None` where the body ended the request before any provider ran; raises what providers are to see."""
        plan = route.plan
        body = plan.body
        if body is not None:
            if isinstance(body, FormBodyReader):
                form = await read_form(exchange, _FORM_LIMITS)
                if isinstance(form, FormFault):
                    _answer_form_fault(exchange, form)
                    return None
                await body.take(form, exchange)
            else:
                outcome = await exchange.read_body(self._max_body_size)
                if outcome != BODY_COMPLETE or not body.decode(exchange):
                    _answer_body_fault(exchange, outcome)
                    return None
        await provide(plan, exchange)
        result = await finish(plan.handler, exchange)
        if result is FAIL:
            raise RequestValidationError(exchange.errors or [])
        return route.response(exchange, result)

    def _overridden(self, route: Route) -> Route:
        """The route with other providers in the place of those that `dependency_overrides` names; for tests."""
        if self._overridden_by != self._overrides.providers:
            self._overridden_by = dict(self._overrides.providers)
            self._overridden_routes.clear()
        found = self._overridden_routes.get(route)
        if found is None:
            problems: list[Problem] = []
            found = build_route(route.declaration, SignatureBook(self._overridden_by), problems)
            if found is None:
                raise GraphError(problems)
            self._overridden_routes[route] = found
        return found

    def _answer_unmatched(self, exchange: Exchange) -> None:
        allowed = self._tree.allowed_methods(exchange.path)
        if allowed:
            if "OPTIONS" not in allowed:
                allowed = sorted([*allowed, "OPTIONS"])
            headers = {"allow": ", ".join(allowed)}
            if exchange.method == "OPTIONS":
                exchange.respond(ResponseHead(204, [(b"allow", headers["allow"].encode("ascii"))]), b"")
            else:
                _answer_detail(exchange, 405, "Method Not Allowed", headers)
            return
        location = self._slash_location(exchange)
        if location is None:
            _answer_detail(exchange, 404, "Not Found", None)
        else:
            exchange.respond(ResponseHead(307, [(b"location", location)]), b"")

    def _slash_location(self, exchange: Exchange) -> bytes | None:
        """Where the same path with, or without, its last slash leads, if it leads anywhere.

        A location that begins with two slashes would name another host (RFC 3986, 4.2), so such paths are not redirected.
        """
        path = exchange.path
        if not self._redirect_slashes or path == "/" or path.startswith("//"):
            return None
        other = path.rstrip("/") if path.endswith("/") else path + "/"
        if not other or not self._tree.allowed_methods(other):
            return None
        location = quote(other, safe="/:@!$&'()*+,;=~").encode("ascii")
        query = exchange.query_string()
        return location + b"?" + query if query else location


async def _run_background(exchange: Exchange) -> None:
    """Bring the answer on its way, then do what is to be done behind it."""
    await exchange.flush()
    background = exchange.background
    if background is not None:
        for error in await background.run():
            exchange.report(error)


async def _close(exchange: Exchange) -> None:
    """Let go of what the request holds; the request and its exchange know each other, which only this ends."""
    exchange.handler_request = None
    form = exchange.form
    if form is not None:
        await form.close()


def _answer_body_fault(exchange: Exchange, outcome: int) -> None:
    if outcome == BODY_COMPLETE:
        exchange.respond(_UNPROCESSABLE, encode_faults(exchange))
    elif outcome != BODY_CUT_OFF:
        _answer_detail(exchange, 413, "Content Too Large", None)


def _answer_form_fault(exchange: Exchange, fault: FormFault) -> None:
    if not fault.client_left:
        _answer_detail(exchange, fault.status, fault.message, None)


def _answer_exception(exchange: Exchange, error: Exception) -> None:
    if isinstance(error, HTTPException):
        try:
            _answer_detail(exchange, error.status_code, error.detail, error.headers)
        except (TypeError, ValueError) as failure:
            _answer_unhandled(exchange, failure)
    elif isinstance(error, RequestValidationError):
        exchange.errors = error.errors()
        exchange.respond(_UNPROCESSABLE, encode_faults(exchange))
    elif not isinstance(error, ClientDisconnect):
        _answer_unhandled(exchange, error)


def _answer_detail(exchange: Exchange, status: int, detail: object, headers: Mapping[str, str] | None) -> None:
    response = JSONResponse({"detail": detail}, status, headers)
    exchange.respond(response.head(), response.body)


def _answer_unhandled(exchange: Exchange, error: Exception) -> None:
    _report_unhandled(exchange, error)
    response = PlainTextResponse("Internal Server Error", 500)
    exchange.respond(response.head(), response.body)


def _report_unhandled(exchange: Exchange, error: BaseException) -> None:
    """The client learns nothing of a bug, the log learns everything, once."""
    _logger.error("%s %s raised %s", exchange.method, ascii(exchange.path), type(error).__name__, exc_info=error)
    if isinstance(error, Exception):
        exchange.report(error)
