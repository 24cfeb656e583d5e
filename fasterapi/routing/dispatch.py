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
from fasterapi.binding.graph import GraphError, Problem, SignatureBook
from fasterapi.binding.plan import Plan, finish, provide
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.signature import COROUTINE_CALL
from fasterapi.concurrency.cleanup import Cleanups
from fasterapi.errors import HTTPException, RequestValidationError
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, Exchange, ExchangeHandler
from fasterapi.http.head import ResponseHead, json_head
from fasterapi.http.responses import JSONResponse, PlainTextResponse
from fasterapi.routing.route import Route, build_route
from fasterapi.routing.tree import RouteTree

_logger: Final = logging.getLogger("fasterapi")

_UNPROCESSABLE: Final = json_head(422)
_NO_LIMIT: Final = 1 << 62


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
        tree: RouteTree,
        *,
        redirect_slashes: bool,
        max_body_size: int | None,
        overrides: Overrides,
    ) -> None:
        self._tree = tree
        self._overrides = overrides
        self._overridden_by: dict[Callable[..., object], Callable[..., object]] = {}
        self._overridden_routes: dict[Route, Route] = {}
        self._redirect_slashes = redirect_slashes
        self._max_body_size = _NO_LIMIT if max_body_size is None else max_body_size

    async def handle(self, exchange: Exchange) -> None:
        target = self._tree.match(exchange.method, exchange.path, exchange.path_values)
        if target is None:
            self._answer_unmatched(exchange)
            return
        route = cast(Route, target)
        if self._overrides.providers:
            route = self._overridden(route)
        plan = route.plan
        if plan.has_cleanup:
            await self._handle_with_cleanup(route, exchange)
            return
        try:
            if plan.body is not None and not await self._read_body(plan, exchange):
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

    async def _handle_with_cleanup(self, route: Route, exchange: Exchange) -> None:
        """The same, with generators among the providers: they see what the handler raises, and end after it.

        Those of scope "function" end before the answer is sent, and can still change it by raising; the others end after it.
        """
        cleanups = Cleanups()
        exchange.cleanups = cleanups
        prepared: tuple[ResponseHead, bytes] | None = None
        error: BaseException | None = None
        try:
            prepared = await self._prepare(route, exchange)
            if prepared is None:
                return
        except BaseException as raised:  # noqa: BLE001  # the providers must see a cancellation too
            error = raised
        error = await cleanups.leave_function(error)
        if error is None and prepared is not None:
            exchange.respond(prepared[0], prepared[1])
            await exchange.flush()
            error = await cleanups.leave_request(None)
            if error is not None:
                _report_unhandled(exchange, error)
            return
        error = await cleanups.leave_request(error)
        if error is None:
            error = RuntimeError(
                "A dependency with yield caught what was raised and raised nothing itself, so there is no answer to send."
                " Write `raise` at the end of its except block."
            )
        if not isinstance(error, Exception):
            raise error
        _answer_exception(exchange, error)

    async def _prepare(self, route: Route, exchange: Exchange) -> tuple[ResponseHead, bytes] | None:
        """The answer, or `None` where the request ended before any provider ran; raises what providers are to see."""
        plan = route.plan
        if plan.body is not None and not await self._read_body(plan, exchange):
            return None
        await provide(plan, exchange)
        result = await finish(plan.handler, exchange)
        if result is FAIL:
            raise RequestValidationError(exchange.errors or [])
        return route.prepare(result)

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

    async def _read_body(self, plan: Plan, exchange: Exchange) -> bool:
        """Whether the handler may go on: the body came whole, within its limit, and is what it says it is."""
        body = plan.body
        assert body is not None
        outcome = await exchange.read_body(self._max_body_size)
        if outcome == BODY_COMPLETE:
            if body.decode(exchange):
                return True
            exchange.respond(_UNPROCESSABLE, encode_faults(exchange))
        elif outcome != BODY_CUT_OFF:
            _answer_detail(exchange, 413, "Content Too Large", None)
        return False

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


def _answer_exception(exchange: Exchange, error: Exception) -> None:
    if isinstance(error, HTTPException):
        try:
            _answer_detail(exchange, error.status_code, error.detail, error.headers)
        except (TypeError, ValueError) as failure:
            _answer_unhandled(exchange, failure)
    elif isinstance(error, RequestValidationError):
        exchange.errors = error.errors()
        exchange.respond(_UNPROCESSABLE, encode_faults(exchange))
    else:
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
