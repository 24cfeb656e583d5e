"""The application: where routes are declared, and where servers come in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from mypy_extensions import mypyc_attr
from typing_extensions import Unpack

from fasterapi.asgi import Receive, Scope, Send
from fasterapi.binding.graph import GraphError, Problem, SignatureBook
from fasterapi.http.asgi_exchange import AsgiExchange, send_response
from fasterapi.http.exchange import ExchangeHandler
from fasterapi.lifespan import Lifespan, run_lifespan
from fasterapi.routing.dispatch import Dispatcher, Overrides
from fasterapi.routing.route import Route, build_route, duplicate_warning
from fasterapi.routing.router import FasterRouter
from fasterapi.routing.tree import RouteTree
from fasterapi.routing.verbs import RouteOptions, Verbs

DEFAULT_MAX_BODY_SIZE: Final = 16 * 1024 * 1024
"""How large a body may be where the application says nothing else: far more than any document, far less than a memory."""


@mypyc_attr(allow_interpreted_subclasses=True)
class Faster(Verbs):
    """An application.

    Example:
        app = Faster()

        @app.get("/users/{user_id}")
        async def read_user(user_id: int) -> dict[str, int]:
            return {"user_id": user_id}
    """

    def __init__(
        self,
        *,
        dependencies: Sequence[object] | None = None,
        lifespan: Lifespan | None = None,
        redirect_slashes: bool = True,
        max_body_size: int | None = DEFAULT_MAX_BODY_SIZE,
    ) -> None:
        self.router: FasterRouter = FasterRouter(dependencies=dependencies)
        self.redirect_slashes = redirect_slashes
        self.max_body_size = max_body_size
        self._overrides = Overrides()
        self._lifespan = lifespan
        self._dispatcher: Dispatcher | None = None

    @property
    def dependency_overrides(self) -> dict[Callable[..., Any], Callable[..., Any]]:
        """For tests: providers by the one they stand in for."""
        return self._overrides.providers

    @dependency_overrides.setter
    def dependency_overrides(self, providers: dict[Callable[..., Any], Callable[..., Any]]) -> None:
        self._overrides.providers = providers

    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], *, methods: Sequence[str] | None = None, **options: Unpack[RouteOptions]
    ) -> None:
        """Declare that `endpoint` answers `methods` (GET when none are given) at `path`."""
        self.router.add_api_route(path, endpoint, methods=methods, **options)
        self._dispatcher = None

    def include_router(self, router: FasterRouter, *, prefix: str = "", dependencies: Sequence[object] | None = None) -> None:
        """Add the routes of a router, below a prefix and behind dependencies."""
        self.router.include_router(router, prefix=prefix, dependencies=dependencies)
        self._dispatcher = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entrance."""
        kind = scope["type"]
        if kind == "http":
            dispatcher = self._dispatcher
            if dispatcher is None:
                dispatcher = self.compile()
            exchange = AsgiExchange(cast("dict[str, Any]", scope), receive, send)
            await dispatcher.handle(exchange)
            await send_response(exchange)
        elif kind == "lifespan":
            await run_lifespan(scope, receive, send, self, self._lifespan, self.compile)
        else:
            raise RuntimeError(f"This application does not answer {kind!r} connections.")

    def exchange_handler(self) -> ExchangeHandler | None:
        """What answers requests past the ASGI interface, for servers of ours."""
        return self._dispatcher or self.compile()

    def compile(self) -> Dispatcher:
        """Make the route records; done at start-up, and again after a route was added.

        Raises `GraphError` with every mistake in every handler.
        """
        tree = RouteTree()
        problems: list[Problem] = []
        book = SignatureBook({})
        for declaration in self.router.declarations():
            route = build_route(declaration, book, problems)
            if route is None:
                continue
            earlier = tree.add(route)
            if earlier is not None:
                warnings.warn(duplicate_warning(route, cast(Route, earlier)), stacklevel=2)
        if problems:
            raise GraphError(problems)
        dispatcher = Dispatcher(
            self, tree, redirect_slashes=self.redirect_slashes, max_body_size=self.max_body_size, overrides=self._overrides
        )
        self._dispatcher = dispatcher
        return dispatcher
