"""Requests without declarations, in an event loop.

Interpreted: manages contexts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self, TypedDict, TypeVar, cast

from typing_extensions import Unpack

from fasterapi.client.auth import AuthLike
from fasterapi.client.certificates import ClientCertificate, Verify
from fasterapi.client.config import merge_configs
from fasterapi.client.cookies import CookieJar
from fasterapi.client.engine import Engine, Settings
from fasterapi.client.errors import FastHTTPRequestError
from fasterapi.client.guard import Guard
from fasterapi.client.hooks import EventHooks
from fasterapi.client.limits import DEFAULT_TIMEOUT, Limits
from fasterapi.client.middleware.base import Middlewares, middlewares_of
from fasterapi.client.middleware.logs import LoggingMiddleware
from fasterapi.client.middleware.signing import RequestSigner, SigningMiddleware
from fasterapi.client.options import SendOptions
from fasterapi.client.response import Response
from fasterapi.client.route import Route
from fasterapi.client.stream import StreamedResponse
from fasterapi.client.target import complete_url, parse_target
from fasterapi.client.transport import Transport
from fasterapi.client.types import RequestConfig, TimeoutLike

Hook = TypeVar("Hook", bound=Callable[..., Any])


class SessionOptions(TypedDict, total=False):
    """What a session takes."""

    base_url: str | None
    headers: Mapping[str, str] | None
    timeout: TimeoutLike
    auth: AuthLike | None
    follow_redirects: bool
    http2: bool
    proxy: str | None
    trust_env: bool
    verify: Verify
    cert: ClientCertificate | None
    security: bool | Guard
    limits: Limits | None
    middleware: Middlewares
    cookie_jar: CookieJar | None
    raise_for_status: bool
    debug: bool
    secret_key: bytes | str | None
    transport: Transport | None


_ROUTE_OPTIONS: Final = frozenset({"path_params", "response_model", "request_model", "responses", "raise_for_status", "retry"})
_ENGINE_OPTIONS: Final = (
    "base_url",
    "http2",
    "proxy",
    "trust_env",
    "security",
    "cookie_jar",
    "raise_for_status",
    "limits",
    "verify",
    "cert",
    "transport",
)


class AsyncSession:
    """Makes requests, one by one or many at once, over connections that it keeps.

    Every failure is an exception; a response with an error status is a response.

    Example:
        async with AsyncSession(base_url="https://api.example.com") as session:
            user = (await session.get("/users/1")).json(User)
    """

    def __init__(self, **options: Unpack[SessionOptions]) -> None:
        unknown = options.keys() - SessionOptions.__annotations__.keys()
        if unknown:
            raise TypeError(
                f"A session takes no {', '.join(sorted(unknown))}; it takes {', '.join(sorted(SessionOptions.__annotations__))}."
            )
        given: dict[str, Any] = dict(options)
        config: dict[str, Any] = {"headers": dict(options.get("headers") or {}), "follow_redirects": options.get("follow_redirects", True)}
        if options.get("auth") is not None:
            config["auth"] = options.get("auth")
        if options.get("timeout", DEFAULT_TIMEOUT) is not DEFAULT_TIMEOUT:
            config["timeout"] = options.get("timeout")
        around = middlewares_of(options.get("middleware"))
        if options.get("debug", False):
            around.append(LoggingMiddleware(debug=True))
        secret_key = options.get("secret_key")
        if secret_key is not None:
            base_url = options.get("base_url")
            around.append(
                SigningMiddleware(
                    RequestSigner(secret_key), hosts=None if base_url is None else [parse_target(complete_url(base_url, None)).host]
                )
            )
        self._settings = Settings(
            config=cast(RequestConfig, config),
            middleware=around,
            **{name: given[name] for name in _ENGINE_OPTIONS if name in given},
        )
        self._hooks = EventHooks()
        self._engine: Engine | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> None:
        """Make connections possible; the first request does it too."""
        self._opened()

    async def close(self) -> None:
        """Close all connections."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    async def get(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a GET."""
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a POST."""
        return await self.request("POST", url, **options)

    async def put(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a PUT."""
        return await self.request("PUT", url, **options)

    async def patch(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a PATCH."""
        return await self.request("PATCH", url, **options)

    async def delete(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a DELETE."""
        return await self.request("DELETE", url, **options)

    async def head(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a HEAD."""
        return await self.request("HEAD", url, **options)

    async def options(self, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send an OPTIONS."""
        return await self.request("OPTIONS", url, **options)

    async def request(self, method: str, url: str, **options: Unpack[SendOptions]) -> Response:
        """Send a request of any method."""
        route, filled, config = _read_options(method, url, options)
        engine = self._opened()
        try:
            response = await engine.fetch(route, filled, config, self._hooks)
        except Exception as error:
            await engine.report(error, route, config, self._hooks)
            raise
        response.path_params = route.path_params
        return response

    @asynccontextmanager
    async def stream(self, method: str, url: str, **options: Unpack[SendOptions]) -> AsyncIterator[StreamedResponse]:
        """Send a request whose response is read piece by piece.

        It goes the same way as every other, but not through middleware that stands around whole responses.
        """
        route, filled, config = _read_options(method, url, options)
        engine = self._opened()
        async with engine.stream(route, filled, config, self._hooks) as response:
            yield response

    def on_request(self, hook: Hook) -> Hook:
        """Decorate a function `(route, config)` that is told of each request before it is made."""
        return self._hooks.on_request(hook)

    def on_response(self, hook: Hook) -> Hook:
        """Decorate a function `(response)` that is told of each response."""
        return self._hooks.on_response(hook)

    def on_error(self, hook: Hook) -> Hook:
        """Decorate a function `(error, route)` that is told of each request that fails."""
        return self._hooks.on_error(hook)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def _opened(self) -> Engine:
        engine = self._engine
        loop = asyncio.get_running_loop()
        if engine is not None and self._loop is not loop:
            if self._loop is not None and not self._loop.is_closed():
                raise RuntimeError(
                    "The session is open in another event loop, to which its connections belong. Make one for each loop,"
                    " or a Session, which threads may share."
                )
            # What was left open ended with its loop.
            engine = None
        if engine is None:
            engine = Engine(self._settings)
            self._engine = engine
            self._loop = loop
        return engine


def _read_options(method: str, url: str, options: Mapping[str, Any]) -> tuple[Route, str, RequestConfig]:
    unknown: Sequence[str] = sorted(options.keys() - SendOptions.__annotations__.keys())
    if unknown:
        raise FastHTTPRequestError(f"A request takes no {', '.join(unknown)}; it takes {', '.join(sorted(SendOptions.__annotations__))}.")
    config = merge_configs({name: value for name, value in options.items() if name not in _ROUTE_OPTIONS})
    route = Route(
        method.upper(),
        url,
        config=config,
        path_params=options.get("path_params"),
        response_model=options.get("response_model"),
        request_model=options.get("request_model"),
        responses=options.get("responses"),
        raise_for_status=options.get("raise_for_status", False),
        retry=options.get("retry"),
    )
    return route, route.template.fill(route.path_params) if route.path_params else url, config
