"""An app of outgoing requests.

Interpreted: users add attributes to it and subclass it, and its methods carry the signatures of handlers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, Self, TypeVar, overload

from fasterapi.asgi import ASGIApp
from fasterapi.client.auth import AuthLike
from fasterapi.client.certificates import ClientCertificate, Verify
from fasterapi.client.config import merge_configs
from fasterapi.client.cookies import CookieJar
from fasterapi.client.engine import Engine, Settings
from fasterapi.client.errors import DeclarationError, FastHTTPError
from fasterapi.client.graphql import GraphQLOperation
from fasterapi.client.guard import Guard
from fasterapi.client.lifespan import Borrowed, Lifespan, Opened
from fasterapi.client.limits import DEFAULT_TIMEOUT, Limits
from fasterapi.client.middleware.base import Middlewares, middlewares_of
from fasterapi.client.middleware.logs import LOGGER, LoggingMiddleware, log_failure, log_response, prepare_logging
from fasterapi.client.middleware.signing import RequestSigner, SigningMiddleware
from fasterapi.client.operations import HTTPOperation, Operation
from fasterapi.client.request_id import new_request_id
from fasterapi.client.results import Outcome, Results
from fasterapi.client.router import Router, Surroundings
from fasterapi.client.target import complete_url, parse_target
from fasterapi.client.transport import Transport
from fasterapi.client.types import RequestConfig, TimeoutLike
from fasterapi.client.verbs import GRAPHQL, WEBSOCKET, Declared, Revision
from fasterapi.client.websocket import WebSocketOperation
from fasterapi.datastructures.state import State

if TYPE_CHECKING:
    from fasterapi.client.web.describe import Description

P = ParamSpec("P")
T = TypeVar("T")


class FastHTTP(Router):
    """Declares outgoing requests as functions and runs them.

    Example:
        app = FastHTTP(base_url="https://api.example.com")

        @app.get("/users/{user_id}", path_params={"user_id": 1})
        async def get_user(user: User, user_id: int) -> str:
            return user.name

        name = app.run()[get_user].value
    """

    def __init__(
        self,
        *,
        debug: bool = False,
        base_url: str | None = None,
        middleware: Middlewares = None,
        headers: Mapping[str, str] | None = None,
        auth: AuthLike | None = None,
        timeout: TimeoutLike = DEFAULT_TIMEOUT,
        follow_redirects: bool = True,
        get_request: RequestConfig | None = None,
        post_request: RequestConfig | None = None,
        put_request: RequestConfig | None = None,
        patch_request: RequestConfig | None = None,
        delete_request: RequestConfig | None = None,
        head_request: RequestConfig | None = None,
        options_request: RequestConfig | None = None,
        http2: bool = False,
        proxy: str | None = None,
        trust_env: bool = False,
        verify: Verify = True,
        cert: ClientCertificate | None = None,
        security: bool | Guard = True,
        limits: Limits | None = None,
        cookie_jar: CookieJar | None = None,
        raise_for_status: bool = False,
        concurrency: int | None = None,
        lifespan: Lifespan | None = None,
        secret_key: bytes | str | None = None,
        generate_startup_uuid: bool = False,
        startup_uuid_version: Literal["v4", "v7"] = "v4",
        transport: Transport | None = None,
        docs_base_url: str = "",
        title: str = "FastHTTP API",
        version: str = "1.0.0",
        description: str = "",
    ) -> None:
        """Make an app; everything has a default that suits ordinary APIs.

        Args:
            debug: Whether headers are logged too, secrets masked.
            base_url: What relative URLs are joined to.
            middleware: What stands around every request.
            headers: Headers of every request.
            auth: Who every request says it is, where the request says nothing else.
            timeout: Seconds for each request, or a `Timeout`.
            follow_redirects: Whether redirects are followed.
            get_request: How every GET is made, where it says nothing else.
            post_request: How every POST is made.
            put_request: How every PUT is made.
            patch_request: How every PATCH is made.
            delete_request: How every DELETE is made.
            head_request: How every HEAD is made.
            options_request: How every OPTIONS is made.
            http2: Whether HTTP/2 is spoken with servers that can; needs the extra `http2`.
            proxy: The proxy that requests go through: `http://…`, or `socks5://…` with the extra `socks`.
            trust_env: Whether the proxies of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are used where `proxy` names none.
            verify: Whether certificates are checked, and with which authorities.
            cert: The client's own certificate.
            security: Where requests may go: `True` for the public internet, a `Guard` for what it allows, `False` for anywhere.
            limits: What bounds responses and connections.
            cookie_jar: Where cookies are kept between requests.
            raise_for_status: Whether error statuses fail instead of being handed to handlers.
            concurrency: How many requests of a run are made at once; as many as there are connections by default.
            lifespan: What is entered before a run, and left after it.
            secret_key: Signs every request to `base_url`, or to every host where there is none.
            generate_startup_uuid: Whether all requests carry one `X-Request-ID`.
            startup_uuid_version: The kind of that id.
            transport: What carries requests, in the place of the network.
            docs_base_url: The path that the pages of `web_run` stand below.
            title: The name of the API in its documentation.
            version: The version of the API in its documentation.
            description: What the documentation says of the API.
        """
        super().__init__(base_url=base_url)
        self.title = title
        self.version = version
        self.description = description
        self.docs_base_url = docs_base_url
        self.lifespan: Lifespan | None = lifespan
        self.state: State = State()
        if concurrency is not None and concurrency < 1:
            raise ValueError(f"concurrency={concurrency}: at least one request must run at a time.")
        common: dict[str, Any] = {"headers": dict(headers or {}), "follow_redirects": follow_redirects}
        if auth is not None:
            common["auth"] = auth
        if timeout is not DEFAULT_TIMEOUT:
            common["timeout"] = timeout
        if generate_startup_uuid:
            common["headers"].setdefault("X-Request-ID", new_request_id(startup_uuid_version))
        given = (get_request, post_request, put_request, patch_request, delete_request, head_request, options_request)
        verbs = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
        self._common: RequestConfig = merge_configs(common)
        self._defaults: dict[str, RequestConfig] = {verb: merge_configs(common, config) for verb, config in zip(verbs, given, strict=True)}
        around = middlewares_of(middleware)
        if secret_key is not None:
            hosts = None if base_url is None else [parse_target(complete_url(base_url, None)).host]
            around.append(SigningMiddleware(RequestSigner(secret_key), hosts=hosts))
        self._settings = Settings(
            http2=http2,
            proxy=proxy,
            trust_env=trust_env,
            security=security,
            middleware=around,
            cookie_jar=cookie_jar,
            raise_for_status=raise_for_status,
            limits=limits,
            verify=verify,
            cert=cert,
            transport=transport,
        )
        self.debug = debug
        self._concurrency = concurrency or self._settings.limits.max_connections
        self._engine: Engine | None = None
        self._stack: AsyncExitStack | None = None
        self._operations: list[Operation] = []
        self._by_handler: dict[Callable[..., Any], Operation] = {}
        self._revision = -1

    @property
    def debug(self) -> bool:
        """Whether headers are logged too, secrets masked."""
        return self._debug

    @debug.setter
    def debug(self, is_wanted: bool) -> None:
        self._debug = is_wanted
        if is_wanted and not self._settings.middleware.has(LoggingMiddleware):
            self._settings.middleware.add(LoggingMiddleware(debug=True))

    def openapi(self) -> dict[str, Any]:
        """An OpenAPI document of the declared requests."""
        return self._description().document()

    def web_run(self, *, host: str = "127.0.0.1", port: int = 8000, base_url: str | None = None) -> None:
        """Serve the declared requests as pages, to be read and made in a browser; the log says under which URL.

        Declared requests are made and no others, by whoever has the token in that URL.
        """
        import uvicorn

        prepare_logging(self.debug)
        uvicorn.run(self.web_app(host=host, port=port, base_url=base_url), host=host, port=port, log_level="warning", lifespan="on")

    def web_app(self, *, host: str = "127.0.0.1", port: int = 8000, base_url: str | None = None) -> ASGIApp:
        """What `web_run` serves, as an ASGI application."""
        from fasterapi.client.web.pages import WebPages

        base = self.docs_base_url if base_url is None else base_url
        return WebPages(self._description(), self, self._opened_engine, base, host, port)

    def _opened_engine(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("The app is not open. Serve it with its lifespan, or write: async with app.")
        return self._engine

    def _description(self) -> Description:
        from fasterapi.client.web.describe import Description

        description = Description(self.title, self.version, self.description)
        description.add_all(self.operations)
        return description

    @staticmethod
    def from_openapi(document: Mapping[str, Any] | str | bytes) -> str:
        """The source of a typed client module of a service, of its OpenAPI 3 document; see `fasterapi.client.from_openapi`.

        Example: `Path("shop.py").write_text(FastHTTP.from_openapi(Path("openapi.json").read_text()))`.
        """
        from fasterapi.client.from_openapi import generate_client

        return generate_client(document)

    @property
    def operations(self) -> Sequence[Operation]:
        """Everything that is declared, in routers too; raises `DeclarationError` for what could never run."""
        if self._revision != Revision.number:
            revision = Revision.number
            self._operations = [self._operation(declared, around) for declared, around in self.walk(Surroundings())]
            self._by_handler = {}
            for operation in self._operations:
                handler = operation.route.handler
                assert handler is not None
                self._by_handler.setdefault(handler, operation)
            self._revision = revision
        return self._operations

    def tagged(self, tags: Sequence[str] | None) -> Sequence[Operation]:
        """What is declared with one of these tags; everything where there are none to choose by."""
        if isinstance(tags, str):
            raise TypeError(f"tags takes a list, not one string. Write tags=[{tags!r}].")
        return [operation for operation in self.operations if tags is None or not set(tags).isdisjoint(operation.route.tags)]

    def run(self, tags: Sequence[str] | None = None, *, on_outcome: Callable[[Outcome[Any]], object] | None = None) -> Results:
        """Make all declared requests, or those with one of these tags, at once, and wait for what comes of them.

        What fails keeps nothing else from running; the results tell, and so does the log. `on_outcome` is told of each as soon
        as it is there.
        """
        if _a_loop_runs():
            raise RuntimeError("An event loop runs already. Write: await app.arun().")
        return asyncio.run(self.arun(tags, on_outcome=on_outcome))

    async def arun(self, tags: Sequence[str] | None = None, *, on_outcome: Callable[[Outcome[Any]], object] | None = None) -> Results:
        """The same as `run`, in an event loop that runs already."""
        prepare_logging(self.debug)
        began = time.perf_counter()
        async with self._opened() as engine:
            chosen = self.tagged(tags)
            LOGGER.info("✔ %s started: %d requests", self.title, len(chosen))
            places = asyncio.Semaphore(self._concurrency)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._outcome(engine, operation, places, on_outcome)) for operation in chosen]
            results = Results([task.result() for task in tasks], time.perf_counter() - began)
        LOGGER.info("✔ Done in %.2fs, %d of %d succeeded", time.perf_counter() - began, len(results) - len(results.errors), len(results))
        return results

    @overload
    async def call(self, handler: Callable[Concatenate[Any, P], Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    async def call(self, handler: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T: ...
    async def call(self, handler: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Make one declared request with values for the handler's parameters beside the response; what its handler returns.

        Within `async with app:` connections are kept from one call to the next.

        Example: `name = await app.call(get_user, user_id=7)`.
        """
        operation = self._find(handler)
        arguments = operation.bind(args, kwargs)
        async with self._opened() as engine:
            return (await operation.perform(engine, arguments)).value

    async def __aenter__(self) -> Self:
        if self._stack is not None:
            raise RuntimeError("The app is open already.")
        stack = AsyncExitStack()
        self._engine = await stack.enter_async_context(self._new_engine())
        self._stack = stack
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        stack, self._stack, self._engine = self._stack, None, None
        if stack is not None:
            await stack.__aexit__(exc_type, exc_value, traceback)

    def _operation(self, declared: Declared, around: Surroundings) -> Operation:
        if declared.method == GRAPHQL:
            return GraphQLOperation(declared, around, self._defaults["POST"])
        if declared.method == WEBSOCKET:
            return WebSocketOperation(declared, around, self._common, self._settings)
        return HTTPOperation(declared, around, self._defaults.get(declared.method, self._common))

    def _find(self, handler: Callable[..., Any]) -> Operation:
        operations = self.operations
        found = self._by_handler.get(handler)
        if found is None:
            raise DeclarationError(f"{handler!r} is not declared on this app, which has {len(operations)} requests.")
        return found

    async def _outcome(
        self, engine: Engine, operation: Operation, places: asyncio.Semaphore, on_outcome: Callable[[Outcome[Any]], object] | None
    ) -> Outcome[Any]:
        async with places:
            outcome = await _run_one(engine, operation, self._logs(operation))
        if on_outcome is not None:
            on_outcome(outcome)
        return outcome

    def _logs(self, operation: Operation) -> bool:
        """Whether a run tells what came of an operation: middleware that does so tells it once."""
        around = self._settings.middleware.overriding("around", operation.route.method)
        return not any(isinstance(middleware, LoggingMiddleware) for middleware in around)

    def _opened(self) -> AbstractAsyncContextManager[Engine]:
        return self._new_engine() if self._engine is None else Borrowed(self._engine)

    def _new_engine(self) -> AbstractAsyncContextManager[Engine]:
        return Opened(self, self._settings, self.lifespan)

    def __repr__(self) -> str:
        return f"<FastHTTP {self.title!r}>"


async def _run_one(engine: Engine, operation: Operation, logs: bool) -> Outcome[Any]:
    began = time.perf_counter()
    try:
        performed = await operation.perform(engine, {})
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what came of this request and of no other
        if logs:
            log_failure(LOGGER, operation.route.name, error)
        response = getattr(error, "response", None) if isinstance(error, FastHTTPError) else None
        return Outcome(operation.route, time.perf_counter() - began, error=error, response=response)
    if logs and performed.response is not None:
        log_response(LOGGER, performed.response)
    return Outcome(operation.route, time.perf_counter() - began, value=performed.value, response=performed.response)


def _a_loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
