"""The decorators that declare requests, shared by apps and routers.

Interpreted: reads what users declare.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, Literal, ParamSpec, TypedDict, TypeVar, cast, overload

from typing_extensions import Unpack

from fasterapi.client.auth import AuthLike
from fasterapi.client.config import merge_configs
from fasterapi.client.errors import DeclarationError
from fasterapi.client.hooks import EventHooks
from fasterapi.client.middleware.retry import RetryMiddleware
from fasterapi.client.options import SendOptions
from fasterapi.client.types import RequestConfig, TimeoutLike

Handler = TypeVar("Handler", bound=Callable[..., Any])
P = ParamSpec("P")

GRAPHQL: Final = "GRAPHQL"
WEBSOCKET: Final = "WEBSOCKET"

CONFIG_NAMES: Final = frozenset(RequestConfig.__annotations__)
DEFAULTS_NAMES: Final = frozenset(
    {"get_request", "post_request", "put_request", "patch_request", "delete_request", "head_request", "options_request"}
)


class VerbOptions(SendOptions, total=False):
    """What a request's decorator takes beside its URL."""

    allow_redirects: bool
    tags: Sequence[str] | None
    dependencies: Sequence[Any] | None
    get_request: RequestConfig
    post_request: RequestConfig
    put_request: RequestConfig
    patch_request: RequestConfig
    delete_request: RequestConfig
    head_request: RequestConfig
    options_request: RequestConfig


class GraphQLOptions(TypedDict, total=False):
    """What the decorator of a GraphQL request takes beside its URL and its query."""

    operation_type: Literal["query", "mutation"]
    operation_name: str
    headers: dict[str, str]
    cookies: dict[str, str]
    timeout: TimeoutLike
    auth: AuthLike | None
    response_model: Any
    retry: int | RetryMiddleware | None
    tags: Sequence[str] | None
    dependencies: Sequence[Any] | None


class WebSocketOptions(TypedDict, total=False):
    """What the decorator of a WebSocket takes beside its URL."""

    headers: dict[str, str]
    subprotocols: Sequence[str]
    reconnect: bool
    max_retries: int
    backoff_factor: float
    path_params: Mapping[str, object]
    ping_interval: float | None
    max_message_bytes: int
    tags: Sequence[str] | None


class Declared:
    """What a decorator noted: nothing of it is looked at before it is needed."""

    def __init__(self, method: str, url: str, handler: Callable[..., Any], options: Mapping[str, Any]) -> None:
        self.method = method
        self.url = url
        self.handler = handler
        self.options = options

    def config(self) -> RequestConfig:
        """How the request itself is configured, apart from what surrounds it."""
        own = {name: value for name, value in self.options.items() if name in CONFIG_NAMES}
        return merge_configs(self.options.get(f"{self.method.lower()}_request"), own)


class Revision:
    """Counts declarations anywhere, so that what was made of them is known to be old."""

    number: int = 0


class Verbs:
    """Declares requests by decorators; each gives the handler back as it was."""

    def __init__(self) -> None:
        self.declared: list[Declared] = []
        self.hooks: EventHooks = EventHooks()

    def request(self, method: str, url: str, **options: Unpack[VerbOptions]) -> Callable[[Handler], Handler]:
        """Declare a request of any method: `@app.request("PROPFIND", "/files")`."""
        return self._declare(method.upper(), url, options)

    def get(self, url: str, **options: Unpack[VerbOptions]) -> Callable[[Handler], Handler]:
        """Declare a GET: the function below handles its response."""
        return self._declare("GET", url, options)

    def post(self, url: str, **options: Unpack[VerbOptions]) -> Callable[[Handler], Handler]:
        """Declare a POST: the function below handles its response."""
        return self._declare("POST", url, options)

    def put(self, url: str, **options: Unpack[VerbOptions]) -> Callable[[Handler], Handler]:
        """Declare a PUT: the function below handles its response."""
        return self._declare("PUT", url, options)

    def patch(self, url: str, **options: Unpack[VerbOptions]) -> Callable[[Handler], Handler]:
        """Declare a PATCH: the function below handles its response."""
        return self._declare("PATCH", url, options)

    def delete(self, url: str, **options: Unpack[VerbOptions]) -> Callable[[Handler], Handler]:
        """Declare a DELETE: the function below handles its response."""
        return self._declare("DELETE", url, options)

    def head(self, url: str, **options: Unpack[VerbOptions]) -> Callable[[Handler], Handler]:
        """Declare a HEAD: the function below handles its response."""
        return self._declare("HEAD", url, options)

    def options(self, url: str, **options: Unpack[VerbOptions]) -> Callable[[Handler], Handler]:
        """Declare an OPTIONS: the function below handles its response."""
        return self._declare("OPTIONS", url, options)

    @overload
    def graphql(self, url: str, *, query: str, **options: Unpack[GraphQLOptions]) -> Callable[[Handler], Handler]: ...
    @overload
    def graphql(
        self, url: str, *, query: None = None, **options: Unpack[GraphQLOptions]
    ) -> Callable[[Callable[P, Any]], Callable[P, Coroutine[Any, Any, Any]]]: ...
    def graphql(self, url: str, *, query: str | None = None, **options: Unpack[GraphQLOptions]) -> Any:
        """Declare a GraphQL operation.

        With `query=` the function below handles what came back, its further parameters are the variables. Without it the
        function gives the operation: the query, or a dictionary with `query`, `variables` and `operation_name`; what comes of
        it is the data.

        Example:
            @app.graphql(url, query="query ($code: ID!) { country(code: $code) { name } }")
            async def country(data: Countries, code: str) -> str: ...
        """
        return self._declare(GRAPHQL, url, {**options, "query": query})

    def ws(self, url: str, **options: Unpack[WebSocketOptions]) -> Callable[[Handler], Handler]:
        """Declare a WebSocket: the function below has the conversation."""
        return self._declare(WEBSOCKET, url, options)

    def on_request(self, hook: Handler) -> Handler:
        """Decorate a function `(route, config)` that is told of each request before it is made."""
        return self.hooks.on_request(hook)

    def on_response(self, hook: Handler) -> Handler:
        """Decorate a function `(response)` that is told of each response."""
        return self.hooks.on_response(hook)

    def on_error(self, hook: Handler) -> Handler:
        """Decorate a function `(error, route)` that is told of each request that fails."""
        return self.hooks.on_error(hook)

    def _declare(self, method: str, url: str, options: Mapping[str, Any]) -> Callable[[Handler], Handler]:
        if not isinstance(cast(object, url), str):
            name = "ws" if method == WEBSOCKET else method.lower()
            raise DeclarationError(f"A request is declared with its URL. Write @app.{name}('/path') above {url!r}.")
        known = KNOWN_OPTIONS.get(method, KNOWN_OPTIONS[""])
        unknown = options.keys() - known
        if unknown:
            raise DeclarationError(
                f"{method} {url} is not declared with {', '.join(sorted(unknown))}. It takes {', '.join(sorted(known))}."
            )

        def declare(handler: Handler) -> Handler:
            if not callable(handler):
                raise DeclarationError(f"{method} {url}: {handler!r} is no function.")
            self.declared.append(Declared(method, url, handler, options))
            Revision.number += 1
            return handler

        return declare


KNOWN_OPTIONS: Final[dict[str, frozenset[str]]] = {
    "": frozenset(VerbOptions.__annotations__),
    GRAPHQL: frozenset({"query", *GraphQLOptions.__annotations__}),
    WEBSOCKET: frozenset(WebSocketOptions.__annotations__),
}
