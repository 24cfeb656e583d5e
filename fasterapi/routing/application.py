"""What an application does with requests: the ASGI entrance, and what stands between it and the routes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, cast

from mypy_extensions import mypyc_attr
from typing_extensions import Unpack, override

from fasterapi._compat import COROUTINE, Raw
from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.binding.graph import GraphError, Problem, SignatureBook
from fasterapi.binding.scalars import FAIL
from fasterapi.concurrency.subinterpreters import close_pools
from fasterapi.datastructures.url_path import URLPath
from fasterapi.http.asgi_exchange import BODY_UNFINISHED, AsgiExchange, send_response
from fasterapi.http.asgi_stream import start_message
from fasterapi.http.exchange import BODY_COMPLETE, ExchangeHandler
from fasterapi.http.forms_limits import FormLimits
from fasterapi.lifespan import EventHandlers, LifespanContext, LifespanState, between, joined, run_lifespan
from fasterapi.middleware.record import Middleware, MiddlewareFactory, P
from fasterapi.routing.answers import Answers
from fasterapi.routing.declaration import GroupOptions, RouteOptions, WebSocketOptions
from fasterapi.routing.dispatch import Dispatcher, Overrides
from fasterapi.routing.error_boundary import ErrorBoundary
from fasterapi.routing.exception_handlers import ExceptionHandler, ExceptionKey
from fasterapi.routing.router import FasterRouter
from fasterapi.routing.table import Declaration, RouteTable
from fasterapi.routing.verbs import Handler, Verbs
from fasterapi.routing.websocket_dispatch import WebSocketDispatcher

DEFAULT_MAX_BODY_SIZE: Final = 16 * 1024 * 1024
"""How large a body may be where the application says nothing else: far more than any document, far less than a memory."""


async def _begin_nothing() -> None:
    """Pools begin when they are first asked for work."""


_POOLS: Final[LifespanContext] = between(_begin_nothing, close_pools)


@mypyc_attr(allow_interpreted_subclasses=True)
class Application(Verbs):
    """What an application is made of behind its settings: a router, what is compiled of it, and the middleware around it."""

    def __init__(
        self,
        router: FasterRouter,
        *,
        debug: bool,
        root_path: str,
        max_body_size: int | None,
        form_limits: FormLimits,
        user_middleware: list[Middleware],
        exception_handlers: dict[Any, ExceptionHandler],
    ) -> None:
        self.router: FasterRouter = router
        self.debug: bool = debug
        self.root_path: str = root_path
        """What the application stands below for its clients, instead of what the server says."""
        self.max_body_size: int | None = max_body_size
        self.form_limits: FormLimits = form_limits
        """Those of the forms that handlers declare; `request.form()` takes its own."""
        self.user_middleware: list[Middleware] = user_middleware
        """The outermost first."""
        self.exception_handlers: dict[Any, ExceptionHandler] = exception_handlers
        self._overrides = Overrides()
        self._revision = -1
        self._dispatcher: Dispatcher | None = None
        self._websockets: WebSocketDispatcher | None = None
        self._stack: ASGIApp | None = None

    @property
    def dependency_overrides(self) -> dict[Callable[..., Any], Callable[..., Any]]:
        """For tests: providers by the one they stand in for."""
        return self._overrides.providers

    @dependency_overrides.setter
    def dependency_overrides(self, providers: dict[Callable[..., Any], Callable[..., Any]]) -> None:
        self._overrides.providers = providers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: PLR0912, PLR0915  # as is said below
        """The ASGI entrance."""
        announced = cast("dict[str, Any]", scope)
        if self.root_path:
            announced["root_path"] = self.root_path
        if self.user_middleware or announced["type"] != "http":
            await self._enter(announced, scope, receive, send)
            return
        dispatcher = self._dispatcher
        if dispatcher is None or self._revision != self.router.revision:
            dispatcher = self.compile()
        exchange = AsgiExchange(announced, receive, send)
        route = dispatcher.find(exchange)
        if route is None or not route.plan.is_direct:
            await dispatcher.handle_found(exchange, route)
            await send_response(exchange)
            return
        # What `handle_found`, `read_body` and `send_response` do, for most requests, without the three coroutines that they would be.
        plan = route.plan
        body = plan.body
        outcome = BODY_COMPLETE
        result: object = FAIL
        failure: Exception | None = None
        try:
            if body is not None:
                outcome = exchange.announced_outcome(exchange.body_limit)
                if outcome == BODY_COMPLETE:
                    waiting = receive()
                    message = cast("Mapping[str, Any]", await Raw(waiting)) if isinstance(waiting, COROUTINE) else await waiting
                    outcome = exchange.take_body(message, exchange.body_limit)
                    if outcome == BODY_UNFINISHED:
                        outcome = await exchange.read_rest(message, exchange.body_limit)
            if outcome != BODY_COMPLETE or (body is not None and not body.decode(exchange)):
                await dispatcher.answer_body_fault(exchange, body, outcome)
            else:
                result = plan.handler.start(exchange)
                if result is FAIL:
                    await dispatcher.answer_faults(exchange, body)
                else:
                    route.answer(exchange, await Raw(cast("Coroutine[Any, Any, object]", result)))
        except Exception as error:  # noqa: BLE001  # whatever a handler raises ends as an answer
            failure = error
        if failure is not None or exchange.has_afterwork:
            await dispatcher.settle(exchange, failure)
            # An exception knows this frame: nothing here may know it any more.
            failure = None
        head = exchange.head
        if head is None or exchange.is_flushed:
            return
        sending = send(start_message(head, len(exchange.payload)))
        if isinstance(sending, COROUTINE):
            await Raw(sending)
        else:
            await sending
        sending = send(exchange.body_message(head))
        if isinstance(sending, COROUTINE):
            await Raw(sending)
        else:
            await sending

    async def _enter(self, announced: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
        """The entrance of what is no request, and of all where middleware stands around the routes."""
        if not self.user_middleware:
            await self._answer(scope, receive, send)
            return
        stack = self._stack
        if stack is None:
            stack = self._build_stack()
        announced["app"] = self
        await stack(scope, receive, send)

    def exchange_handler(self) -> ExchangeHandler | None:
        """What answers requests past the ASGI interface, for servers of ours; middleware and `root_path` need ASGI."""
        return None if self.user_middleware or self.root_path else self._current_dispatcher()

    def compile(self) -> Dispatcher:
        """Make the route records; done at start-up, and again after the routes were changed.

        Raises `GraphError` with every mistake in every handler.
        """
        revision = self.router.revision
        problems: list[Problem] = []
        table = RouteTable([*self.document_routes(), *self.router.declared()], SignatureBook({}), problems)
        if problems:
            raise GraphError(problems)
        hands_on = bool(self.user_middleware)
        answers = Answers(self.exception_handlers, debug=self.debug, hands_on=hands_on)
        dispatcher = Dispatcher(
            self,
            table.requests,
            hosts=table.hosts,
            answers=answers,
            redirect_slashes=self.router.redirect_slashes,
            max_body_size=self.max_body_size,
            form_limits=self.form_limits,
            overrides=self._overrides,
        )
        self._websockets = WebSocketDispatcher(self, table.websockets, self._overrides, answers.find, table.hosts, hands_on)
        self._dispatcher = dispatcher
        self._revision = revision
        return dispatcher

    def document_routes(self) -> Sequence[Declaration]:
        """The routes of the documentation, which go before those of the router."""
        return ()

    def add_middleware(self, middleware_class: MiddlewareFactory[P], *args: P.args, **kwargs: P.kwargs) -> None:
        """Put a middleware around the application and all that was added before: `app.add_middleware(GZipMiddleware, minimum_size=500)`."""
        if self._dispatcher is not None:
            raise RuntimeError("The application runs already, so it can have no further middleware. Add it before the first request.")
        self.user_middleware.insert(0, Middleware(middleware_class, *args, **kwargs))

    def add_exception_handler(self, exc_class_or_status_code: ExceptionKey, handler: ExceptionHandler) -> None:
        """Have a function answer the exceptions of a class, or those `HTTPException`s that have a status code."""
        self.exception_handlers[exc_class_or_status_code] = handler

    def exception_handler(self, exc_class_or_status_code: ExceptionKey) -> Callable[[Handler], Handler]:
        """Decorate what answers the exceptions of a class, or those `HTTPException`s that have a status code."""

        def declare(handler: Handler) -> Handler:
            self.add_exception_handler(exc_class_or_status_code, handler)
            return handler

        return declare

    def include_router(self, router: FasterRouter, *, prefix: str = "", **options: Unpack[GroupOptions]) -> None:
        """Add the routes of a router, below a prefix and with what else holds for all of them; those that it gets later too."""
        self.router.include_router(router, prefix=prefix, **options)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the first route with this name and these parameters: `app.url_path_for("read_user", user_id=7)`.

        Raises `NoMatchFound` where there is none.
        """
        return self.router.url_path_for(name, **path_params)

    @property
    def routes(self) -> Sequence[Declaration]:
        """What the application and the routers in it declare."""
        return self.router.routes

    @property
    def on_startup(self) -> EventHandlers:
        """What runs before the first request: `@app.on_startup` above a function adds it."""
        return self.router.on_startup

    @property
    def on_shutdown(self) -> EventHandlers:
        """What runs after the last request: `@app.on_shutdown` above a function adds it."""
        return self.router.on_shutdown

    @property
    def startup_handlers(self) -> EventHandlers:
        """`on_startup`, as FasterAPI's users know it."""
        return self.router.on_startup

    @property
    def shutdown_handlers(self) -> EventHandlers:
        """`on_shutdown`, as FasterAPI's users know it."""
        return self.router.on_shutdown

    # Declared with the application, held by its router.

    @override
    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], *, methods: Collection[str] | None = None, **options: Unpack[RouteOptions]
    ) -> None:
        self.router.add_api_route(path, endpoint, methods=methods, **options)

    @override
    def add_route(
        self,
        path: str,
        endpoint: Callable[[Any], Any],
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        self.router.add_route(path, endpoint, methods, name, include_in_schema)

    @override
    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], name: str | None = None, **options: Unpack[WebSocketOptions]
    ) -> None:
        self.router.add_api_websocket_route(path, endpoint, name, **options)

    @override
    def add_websocket_route(self, path: str, endpoint: Callable[[Any], Any], name: str | None = None) -> None:
        self.router.add_websocket_route(path, endpoint, name)

    @override
    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        self.router.add_event_handler(event_type, func)

    @override
    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        self.router.mount(path, app, name)

    @override
    def host(self, host: str, app: ASGIApp, name: str | None = None) -> None:
        self.router.host(host, app, name)

    def _current_dispatcher(self) -> Dispatcher:
        dispatcher = self._dispatcher
        return self.compile() if dispatcher is None or self._revision != self.router.revision else dispatcher

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer behind the middleware."""
        kind = scope["type"]
        if kind == "http":
            dispatcher = self._current_dispatcher()
            exchange = AsgiExchange(cast("dict[str, Any]", scope), receive, send)
            await dispatcher.handle(exchange)
            await send_response(exchange)
        elif kind == "websocket":
            self._current_dispatcher()
            websockets = self._websockets
            assert websockets is not None
            await websockets.handle(scope, receive, send)
        elif kind == "lifespan":
            await run_lifespan(scope, receive, send, self._live)
        else:
            raise RuntimeError(f"This application does not answer {kind!r} connections.")

    def _live(self) -> AbstractAsyncContextManager[LifespanState]:
        self._current_dispatcher()
        return joined([_POOLS, self.router.lifespan_context], self)

    def _build_stack(self) -> ASGIApp:
        """The middleware, the first of the list outermost, and around it what answers errors that come through all of it."""
        app: ASGIApp = self._answer
        for middleware in reversed(self.user_middleware):
            app = middleware.wrap(app)
        stack = ErrorBoundary(app, Answers(self.exception_handlers, debug=self.debug, hands_on=False))
        self._stack = stack
        return stack
