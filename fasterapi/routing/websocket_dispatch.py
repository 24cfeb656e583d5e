"""From a WebSocket handshake to the end of its handler: match, bind, call, close; one coroutine a connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, cast, final

from fasterapi.asgi import Receive, Scope, Send
from fasterapi.binding.graph import GraphError, Problem, SignatureBook
from fasterapi.binding.plan import finish, provide
from fasterapi.binding.scalars import FAIL
from fasterapi.binding.specials import UNSAID, Drafts, drafts_of
from fasterapi.concurrency.cleanup import Cleanups
from fasterapi.errors import WebSocketRequestValidationError
from fasterapi.http.responses import PlainTextResponse, Response
from fasterapi.routing.dispatch import Overrides
from fasterapi.routing.mount import HostTarget, MountTarget, host_name, hosted_scope, mounted_scope
from fasterapi.routing.tree import RouteTree
from fasterapi.routing.websocket_end import FindHandler, WebSocketEnds, close, comes_of_departure, refuse
from fasterapi.routing.websocket_route import WebSocketRoute, build_websocket_route
from fasterapi.websocket import NORMAL_CLOSURE, WebSocket, WebSocketState

_UNANSWERED: Final = (
    "The handler returned without an answer to the handshake. Write `await websocket.accept()`, or `await websocket.close()` to refuse it."
)


@final
class WebSocketDispatcher:
    """Answers every WebSocket of an application.

    With middleware around the application it `hands_on` what nobody expected, as `WebSocketEnds` says.
    """

    def __init__(
        self,
        app: object,
        tree: RouteTree,
        overrides: Overrides,
        handler_for: FindHandler,
        hosts: Sequence[HostTarget] = (),
        hands_on: bool = False,
    ) -> None:
        self._app = app
        self._tree = tree
        self._overrides = overrides
        self._ends = WebSocketEnds(handler_for, hands_on)
        self._hosts: list[HostTarget] = list(hosts)
        self._overridden_by: dict[Callable[..., object], Callable[..., object]] = {}
        self._overridden_routes: dict[WebSocketRoute, WebSocketRoute] = {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one handshake, and stay with the WebSocket until it ends."""
        websocket: WebSocket[Any] = WebSocket(scope, receive, send)
        exchange = websocket.exchange
        exchange.app = self._app
        for host in self._hosts:
            params = host.match(host_name(exchange))
            if params is not None:
                await host.mount.app(hosted_scope(exchange, host, params), receive, send)
                return
        target = self._tree.match("GET", exchange.path, exchange.path_values)
        exchange.matched = target
        if isinstance(target, WebSocketRoute):
            await self._answer(self._overridden(target), websocket)
        elif isinstance(target, MountTarget):
            await target.mount.app(mounted_scope(exchange, target), receive, send)
        else:
            await close(websocket, NORMAL_CLOSURE, "")

    async def _answer(self, route: WebSocketRoute, websocket: WebSocket[Any]) -> None:
        exchange = websocket.exchange
        scope = exchange.scope()
        scope["endpoint"] = route.declaration.endpoint
        scope["route"] = route.declaration
        origins = route.declaration.origins
        if origins is not None and not origins.allow(exchange):
            await refuse(websocket, PlainTextResponse("Origin not allowed", 403), "")
            return
        # What providers and the handler draft as a response is the answer to the handshake.
        draft = Response(status_code=UNSAID)
        drafts_of(exchange).response = draft
        websocket.handshake_headers = draft.raw_headers
        exchange.handler_request = websocket
        try:
            await self._run(route, websocket)
        finally:
            # The WebSocket and its exchange know each other, which only this ends.
            exchange.handler_request = None

    async def _run(self, route: WebSocketRoute, websocket: WebSocket[Any]) -> None:
        """Run the handler, end the WebSocket, and clean up.

        Providers with clean-up see what the handler raised. Those of scope "function" end before the WebSocket is closed; the
        others end after it, unless something was raised: how that ends the WebSocket they can still change.
        """
        exchange = websocket.exchange
        cleanups = Cleanups()
        exchange.cleanups = cleanups
        error: BaseException | None = None
        try:
            await _call(route, websocket)
        except BaseException as raised:  # noqa: BLE001  # the providers must see a cancellation too
            error = raised
        error = await cleanups.leave_function(error)
        if error is None or comes_of_departure(websocket, error):
            error = await _end_normally(websocket) or error
        error = await cleanups.leave_request(error)
        if isinstance(error, Exception):
            await self._ends.end(websocket, error)
        elif error is not None:
            raise error
        else:
            await close(websocket, NORMAL_CLOSURE, "")

    def _overridden(self, route: WebSocketRoute) -> WebSocketRoute:
        """The route with other providers in the place of those that `dependency_overrides` names; for tests."""
        providers = self._overrides.providers
        if not providers:
            return route
        if self._overridden_by != providers:
            self._overridden_by = dict(providers)
            self._overridden_routes.clear()
        found = self._overridden_routes.get(route)
        if found is None:
            problems: list[Problem] = []
            found = build_websocket_route(route.declaration, SignatureBook(self._overridden_by), problems)
            if found is None:
                raise GraphError(problems)
            self._overridden_routes[route] = found
        return found


async def _call(route: WebSocketRoute, websocket: WebSocket[Any]) -> None:
    exchange = websocket.exchange
    plan = route.plan
    await provide(plan, exchange)
    if await finish(plan.handler, exchange) is FAIL:
        raise WebSocketRequestValidationError(exchange.errors or [])
    if websocket.application_state is WebSocketState.CONNECTING and not websocket.client_left:
        raise RuntimeError(_UNANSWERED)


async def _end_normally(websocket: WebSocket[Any]) -> BaseException | None:
    """Close the WebSocket and do what was to be done behind it; gives what is raised, for the providers to see."""
    try:
        await close(websocket, NORMAL_CLOSURE, "")
        background = cast(Drafts, websocket.exchange.drafts).background
        if background is not None:
            for failure in await background.run():
                websocket.exchange.report(failure)
    except BaseException as raised:  # noqa: BLE001  # the providers must see a cancellation too
        return raised
    return None
