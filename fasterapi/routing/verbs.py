"""The decorators that declare routes, shared by applications and routers."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from mypy_extensions import mypyc_attr
from typing_extensions import Unpack

from fasterapi.asgi import ASGIApp
from fasterapi.routing.declaration import RouteOptions, WebSocketOptions

Handler = TypeVar("Handler", bound=Callable[..., Any])


@mypyc_attr(allow_interpreted_subclasses=True)
class Verbs:
    """Declares routes by decorators; each gives the handler back as it was."""

    # What applications and routers do each in their own way.

    def add_api_route(
        self, path: str, endpoint: Callable[..., Any], *, methods: Collection[str] | None = None, **options: Unpack[RouteOptions]
    ) -> None:
        """Declare that `endpoint` answers `methods` (GET when none are given) at `path`."""
        raise NotImplementedError

    def add_route(
        self,
        path: str,
        endpoint: Callable[[Any], Any],
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Declare a handler as Starlette has them: it takes the request alone and gives a response.

        As in FastAPI it stands outside of what a router says: it has neither the router's own prefix nor any dependencies.
        """
        raise NotImplementedError

    def add_api_websocket_route(
        self, path: str, endpoint: Callable[..., Any], name: str | None = None, **options: Unpack[WebSocketOptions]
    ) -> None:
        """Declare that `endpoint` speaks with the WebSockets at `path`."""
        raise NotImplementedError

    def add_websocket_route(self, path: str, endpoint: Callable[[Any], Any], name: str | None = None) -> None:
        """Declare a WebSocket's handler as Starlette has them, which stands outside of what a router says as `add_route`'s does."""
        raise NotImplementedError

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Have a function called at the server's `startup` or `shutdown`."""
        raise NotImplementedError

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        """Have another application answer everything below a path: `app.mount("/static", StaticFiles(directory="static"))`."""
        raise NotImplementedError

    def host(self, host: str, app: ASGIApp, name: str | None = None) -> None:
        """Have another application answer everything that goes to a host: `app.host("{tenant}.example.org", tenants)`."""
        raise NotImplementedError

    # The decorators.

    def api_route(
        self, path: str, *, methods: Collection[str] | None = None, **options: Unpack[RouteOptions]
    ) -> Callable[[Handler], Handler]:
        """Decorate a handler of several methods: `@router.api_route("/x", methods=["GET", "POST"])`."""

        def declare(handler: Handler) -> Handler:
            self.add_api_route(path, handler, methods=methods, **options)
            return handler

        return declare

    def get(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of GET, and of HEAD with it."""
        return self.api_route(path, methods=("GET",), **options)

    def post(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of POST."""
        return self.api_route(path, methods=("POST",), **options)

    def put(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of PUT."""
        return self.api_route(path, methods=("PUT",), **options)

    def patch(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of PATCH."""
        return self.api_route(path, methods=("PATCH",), **options)

    def delete(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of DELETE."""
        return self.api_route(path, methods=("DELETE",), **options)

    def head(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of HEAD, where it is another than that of GET."""
        return self.api_route(path, methods=("HEAD",), **options)

    def options(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of OPTIONS, where the list of allowed methods is not answer enough."""
        return self.api_route(path, methods=("OPTIONS",), **options)

    def trace(self, path: str, **options: Unpack[RouteOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of TRACE."""
        return self.api_route(path, methods=("TRACE",), **options)

    def route(
        self, path: str, methods: Collection[str] | None = None, name: str | None = None, include_in_schema: bool = True
    ) -> Callable[[Handler], Handler]:
        """Decorate a handler that takes the request alone, as Starlette's do: see `add_route`."""

        def declare(handler: Handler) -> Handler:
            self.add_route(path, handler, methods, name, include_in_schema)
            return handler

        return declare

    def websocket(self, path: str, name: str | None = None, **options: Unpack[WebSocketOptions]) -> Callable[[Handler], Handler]:
        """Decorate the handler of a WebSocket."""

        def declare(handler: Handler) -> Handler:
            self.add_api_websocket_route(path, handler, name, **options)
            return handler

        return declare

    def websocket_route(self, path: str, name: str | None = None) -> Callable[[Handler], Handler]:
        """Decorate a WebSocket's handler that takes the WebSocket alone: see `add_websocket_route`."""

        def declare(handler: Handler) -> Handler:
            self.add_websocket_route(path, handler, name)
            return handler

        return declare

    def on_event(self, event_type: str) -> Callable[[Handler], Handler]:
        """Decorate what runs at `startup` or `shutdown`; a `lifespan` does both in one function."""

        def declare(handler: Handler) -> Handler:
            self.add_event_handler(event_type, handler)
            return handler

        return declare
