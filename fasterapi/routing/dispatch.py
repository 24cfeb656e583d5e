"""From a request to its answer: match, bind, call, encode; one coroutine a request.

What a client got wrong is a value until it is answered here; only what handlers raise is an exception.

Whatever is awaited after an exception stands behind its handler, and never in a `finally`: compiled code loses an exception
that is on its way while a coroutine waits.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, cast, final
from urllib.parse import quote

from fasterapi._compat import Raw
from fasterapi.binding.body_reader import BodyReader, sent_body
from fasterapi.binding.form_sources import FormBodyReader
from fasterapi.binding.graph import GraphError, Problem, SignatureBook
from fasterapi.binding.plan import finish, provide
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.signature import COROUTINE_CALL
from fasterapi.concurrency.cleanup import Cleanups
from fasterapi.errors import RequestValidationError
from fasterapi.http.exchange import BODY_COMPLETE, BODY_CUT_OFF, NO_LIMIT, Exchange, ExchangeHandler
from fasterapi.http.forms import read_form
from fasterapi.http.forms_limits import FormFault, FormLimits
from fasterapi.http.head import ResponseHead
from fasterapi.http.responses import Response
from fasterapi.routing.answers import Answers, report
from fasterapi.routing.mount import HostTarget, Mount, MountTarget, hand_over, host_name, hosted_scope, mounted_scope
from fasterapi.routing.route import Route, build_route
from fasterapi.routing.tree import RouteTree

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
        hosts: Sequence[HostTarget],
        answers: Answers,
        redirect_slashes: bool,
        max_body_size: int | None,
        form_limits: FormLimits,
        overrides: Overrides,
    ) -> None:
        self._app = app
        self._tree = tree
        self._hosts = list(hosts)
        self._answers = answers
        self._overrides = overrides
        self._overridden_by: dict[Callable[..., object], Callable[..., object]] = {}
        self._overridden_routes: dict[Route, Route] = {}
        self._redirect_slashes = redirect_slashes
        self._form_limits = form_limits
        self._max_body_size = NO_LIMIT if max_body_size is None else max_body_size

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request.

        Raises where an answer broke off in the middle, for the door to close the connection, and hands on what the boundary
        around the middleware is to answer.
        """
        await self.handle_found(exchange, self.find(exchange))

    def find(self, exchange: Exchange) -> Route | None:
        """Let the exchange know what answers it: a route, or `None` where that is another application, or nothing."""
        exchange.app = self._app
        exchange.body_limit = self._max_body_size
        if self._hosts and self._is_hosted(exchange):
            return None
        target = self._tree.match(exchange.method, exchange.path, exchange.path_values)
        if not isinstance(target, Route):
            exchange.matched = target
            return None
        if self._overrides.providers:
            target = self._overridden(target)
        target.enter(exchange)
        return target

    async def handle_found(self, exchange: Exchange, route: Route | None) -> None:
        """Answer a request for which `find` was asked."""
        if route is None:
            await self._handle_without_route(exchange)
            return
        plan = route.plan
        if plan.has_cleanup:
            await self._handle_with_cleanup(route, exchange)
            return
        body = plan.body
        is_refused = False
        failure: Exception | None = None
        try:
            if body is not None:
                outcome = await exchange.read_body(exchange.body_limit)
                if outcome != BODY_COMPLETE or not body.decode(exchange):
                    await self.answer_body_fault(exchange, body, outcome)
                    is_refused = True
            if not is_refused:
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
                    await self.answer_faults(exchange, body)
                else:
                    route.answer(exchange, result)
        except Exception as error:  # noqa: BLE001  # whatever a handler raises ends as an answer
            failure = error
        if failure is not None or exchange.has_afterwork:
            await self.settle(exchange, failure)
            # An exception knows this frame: nothing here may know it any more.
            failure = None

    async def answer_faults(self, exchange: Exchange, reader: BodyReader | None) -> None:
        """Tell the client all that is wrong with its request."""
        await self._answers.answer_faults(exchange, reader)

    async def _handle_without_route(self, exchange: Exchange) -> None:
        for host in self._hosts:
            params = host.match(host_name(exchange))
            if params is not None:
                await self._hand_over(exchange, host.mount, hosted_scope(exchange, host, params))
                break
        else:
            mounted = cast("MountTarget | None", exchange.matched)
            if mounted is None:
                await self._answer_unmatched(exchange)
            else:
                await self._hand_over(exchange, mounted.mount, mounted_scope(exchange, mounted))
        if exchange.has_afterwork:
            await self._do_afterwork(exchange)

    def _is_hosted(self, exchange: Exchange) -> bool:
        """Whether the request goes to the host of another application."""
        host = host_name(exchange)
        for target in self._hosts:
            if target.match(host) is not None:
                return True
        return False

    async def _hand_over(self, exchange: Exchange, mount: Mount, scope: dict[str, Any]) -> None:
        failure: Exception | None = None
        try:
            await hand_over(exchange, mount, scope)
        except Exception as error:
            if exchange.responded():
                raise
            failure = error
        if failure is not None:
            await self._answers.answer(exchange, failure)

    async def _handle_with_cleanup(self, route: Route, exchange: Exchange) -> None:
        """The same, with something to clean up after the answer: a form's files, generators among the providers.

        The generators see what the handler raises. Those of scope "function" end before the answer is sent, and can still
        change it by raising; the others end after it.
        """
        failure: BaseException | None = None
        try:
            await self._respond_and_clean_up(route, exchange)
        except BaseException as raised:  # noqa: BLE001  # raised again below
            failure = raised
        await _close(exchange)
        if failure is not None:
            raise failure

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
            error = await _send(exchange, response)
            is_whole = error is None
            error = await cleanups.leave_request(error)
            if error is not None:
                await self._answer_late(exchange, error, is_whole)
            if is_whole:
                return
        elif not exchange.responded():
            error = await cleanups.leave_request(error)
            if error is not None:
                await self._answer_late(exchange, error, False)
            elif was_raised:
                await self._answers.answer(exchange, RuntimeError(_SWALLOWED))
        # What was answered in the place of the handler may come in pieces, and have work behind it.
        await self._send_streamed(exchange)
        await _run_background(exchange)

    async def _respond(self, route: Route, exchange: Exchange) -> Response | None:
        """The answer, or `None` where the body ended the request before any provider ran; raises what providers are to see."""
        plan = route.plan
        body = plan.body
        if body is not None:
            if isinstance(body, FormBodyReader):
                form = await read_form(exchange, self._form_limits)
                if isinstance(form, FormFault):
                    await self._answer_form_fault(exchange, form)
                    return None
                await body.take(form, exchange)
            else:
                outcome = await exchange.read_body(exchange.body_limit)
                if outcome != BODY_COMPLETE or not body.decode(exchange):
                    await self.answer_body_fault(exchange, body, outcome)
                    return None
        await provide(plan, exchange)
        result = await finish(plan.handler, exchange)
        if result is FAIL:
            raise RequestValidationError(exchange.errors or [], body=sent_body(exchange, body))
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

    async def _do_afterwork(self, exchange: Exchange) -> None:
        """What is left when the handler is done: an answer in pieces, background tasks, files to close."""
        failure: BaseException | None = None
        try:
            await self._send_streamed(exchange)
            await _run_background(exchange)
        except BaseException as raised:  # noqa: BLE001  # raised again below
            failure = raised
        await _close(exchange)
        if failure is not None:
            raise failure

    async def _send_streamed(self, exchange: Exchange) -> None:
        streamed = exchange.streamed
        if streamed is None:
            return
        failure: Exception | None = None
        try:
            await cast(Response, streamed).stream(exchange)
        except Exception as error:
            if exchange.responded():
                raise
            failure = error
        if failure is not None:
            exchange.streamed = None
            await self._answers.answer(exchange, failure)
            await self._send_streamed(exchange)

    async def settle(self, exchange: Exchange, failure: Exception | None) -> None:
        """Answer what was raised, and do what is left when the handler is done."""
        if failure is not None:
            await self._answer_raised(exchange, failure)
        if exchange.has_afterwork:
            await self._do_afterwork(exchange)

    async def _answer_raised(self, exchange: Exchange, error: Exception) -> None:
        failure: BaseException | None = None
        try:
            await self._answers.answer(exchange, error)
        except BaseException as raised:  # noqa: BLE001  # raised again below
            failure = raised
        if failure is not None:
            await _close(exchange)
            raise failure

    async def _answer_late(self, exchange: Exchange, error: BaseException, is_whole: bool) -> None:
        """Deal with what is raised when the answer may have gone out, `is_whole` or not."""
        if is_whole:
            report(exchange, error)
        elif isinstance(error, Exception) and not exchange.responded():
            await self._answers.answer(exchange, error)
        else:
            raise error

    async def _answer_unmatched(self, exchange: Exchange) -> None:
        allowed = self._tree.allowed_methods(exchange.path)
        if allowed:
            if "OPTIONS" not in allowed:
                allowed = sorted([*allowed, "OPTIONS"])
            names = ", ".join(allowed)
            if exchange.method == "OPTIONS":
                exchange.respond(ResponseHead(204, [(b"allow", names.encode("ascii"))]), b"")
            else:
                await self._answers.refuse(exchange, 405, "Method Not Allowed", {"allow": names})
            return
        location = self._slash_location(exchange)
        if location is None:
            await self._answers.refuse(exchange, 404, "Not Found", None)
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
        root = exchange.root_path().rstrip("/")
        location = quote(root + other, safe="/:@!$&'()*+,;=~").encode("ascii")
        query = exchange.query_string()
        return location + b"?" + query if query else location

    async def answer_body_fault(self, exchange: Exchange, reader: BodyReader | None, outcome: int) -> None:
        """Refuse a body that could not be read, or is no JSON."""
        if outcome == BODY_COMPLETE:
            await self.answer_faults(exchange, reader)
        elif outcome != BODY_CUT_OFF:
            await self._answers.refuse(exchange, 413, "Content Too Large", None)

    async def _answer_form_fault(self, exchange: Exchange, fault: FormFault) -> None:
        if not fault.client_left:
            await self._answers.refuse(exchange, fault.status, fault.message, None)


async def _send(exchange: Exchange, response: Response) -> BaseException | None:
    """Send the answer and do what waits behind it; gives what was raised while the answer was not whole."""
    if response.is_streamed:
        try:
            await response.stream(exchange)
        except BaseException as raised:  # noqa: BLE001  # the providers must see a cancellation too
            return raised
    else:
        exchange.respond(response.head(), response.body)
    await _run_background(exchange)
    return None


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
