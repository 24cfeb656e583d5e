"""Middleware as a method: a request comes in, a response goes out."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from inspect import Parameter
from typing import Any, Final, TypeAlias, cast, final

from mypy_extensions import mypyc_attr

from fasterapi._compat import COROUTINE, Raw
from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.concurrency.threads import adopt
from fasterapi.errors import HTTPException
from fasterapi.http.exchange import BODY_READ
from fasterapi.http.head import allows_body
from fasterapi.http.request import ClientDisconnect, Request
from fasterapi.http.responses import JSONResponse, Response
from fasterapi.middleware.app_response import AppResponse
from fasterapi.middleware.messages import call
from fasterapi.middleware.relay import Relay
from fasterapi.middleware.replay import Replay

RequestResponseEndpoint: TypeAlias = Callable[[Request], Awaitable[AppResponse]]
"""What `dispatch` calls for the application's answer."""

DispatchFunction: TypeAlias = Callable[[Request, RequestResponseEndpoint], Awaitable[Response]]
"""A middleware as a function."""

_POSITIONAL: Final = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


@mypyc_attr(allow_interpreted_subclasses=True)
class BaseHTTPMiddleware:
    """A middleware that sees requests and responses; WebSockets and the lifespan pass by.

    Example:
        class Timing(BaseHTTPMiddleware):
            async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
                start = time.perf_counter()
                response = await call_next(request)
                response.headers["server-timing"] = f"app;dur={(time.perf_counter() - start) * 1000:.1f}"
                return response

    What the application raises comes out of `call_next` as it is; an `HTTPException` that `dispatch` raises itself is an
    answer. Context variables that `dispatch` sets are seen by the application, and those that the application sets before
    it answers are seen behind `call_next`. A body that `dispatch` reads with `request.body()`, `json()` or `form()` can be
    read again by the application; streams pass piece by piece.

    `dispatch(scope, receive, send)` is called as an ASGI application, for requests alone, and calls `self.app` itself.
    """

    def __init__(self, app: ASGIApp, dispatch: DispatchFunction | None = None) -> None:
        self.app = app
        if dispatch is None and type(self).dispatch is BaseHTTPMiddleware.dispatch:
            raise TypeError(f"{type(self).__name__} has no dispatch: write `async def dispatch(self, request, call_next)`.")
        self.dispatch_func: Callable[..., Awaitable[Any]] = self.dispatch if dispatch is None else dispatch
        self._speaks_asgi: bool = _speaks_asgi(self.dispatch_func)

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Answer a request, with the help of `await call_next(request)` or without it."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered by `dispatch`."""
        if scope["type"] != "http":
            await call(self.app, scope, receive, send)
            return
        if self._speaks_asgi:
            await call(self.dispatch_func, scope, receive, send)
            return
        request = Request(scope, receive, send)
        _limit_body(request, scope)
        call_next = CallNext(self.app, scope, request, send)
        error: BaseException | None = None
        has_answer = False
        try:
            waiting = self.dispatch_func(request, call_next)
            response = await Raw(waiting) if isinstance(waiting, COROUTINE) else await waiting
            has_answer = True
            await call(_checked(response, self.dispatch_func), scope, request.receive, send)
        except BaseException as raised:  # noqa: BLE001  # a cancellation must reach the application too
            # Kept until the handler is left: what is raised again behind an `await` in it is lost when compiled.
            error = raised
        if error is None:
            await call_next.finish()
            return
        is_refusal = isinstance(error, HTTPException) and not has_answer and not call_next.has_raised(error)
        await call_next.cancel()
        if is_refusal:
            await call(_refusal(cast(HTTPException, error)), scope, request.receive, send)
            return
        # Where the client has left, nobody is to be answered, and that is nobody's fault.
        if not isinstance(error, ClientDisconnect) or not await request.is_disconnected():
            raise error


@final
class CallNext:
    """Calls the application inside a middleware, and gives its answer."""

    def __init__(self, app: ASGIApp, scope: Scope, request: Request, send: Send) -> None:
        self._app = app
        self._scope = scope
        self._request = request
        self._send = send
        self._relays: list[Relay] = []
        self._raised: BaseException | None = None

    async def __call__(self, request: Request) -> AppResponse:
        """The answer to a request: to the one that came in, or to another one that was made of it."""
        relay = Relay(self._replay(request), self._send)
        self._relays.append(relay)
        relay.start(self._app, self._scope if request is self._request else request.scope)
        error: BaseException | None = None
        try:
            await relay.answered()
        except BaseException as raised:  # noqa: BLE001  # as above
            error = raised
        adopt(relay.context)
        if error is not None:
            self._raised = error
            await relay.cancel()
            raise error
        return AppResponse(relay, relay.head)

    def has_raised(self, error: BaseException) -> bool:
        """Whether an exception is the application's."""
        if error is self._raised:
            return True
        for relay in self._relays:
            if relay.told is error:
                return True
        return False

    async def finish(self) -> None:
        """Wait for the application: it may have something to do behind its answer."""
        self._raised = None
        for relay in self._relays:
            await relay.finish()

    async def cancel(self) -> None:
        """Stop the application."""
        self._raised = None
        for relay in self._relays:
            await relay.cancel()

    def _replay(self, request: Request) -> Replay:
        exchange = request.exchange
        replay = Replay(exchange)
        if not self._relays:
            return replay
        last = self._relays[-1]
        last.release()
        if request is self._request and exchange.body_state != BODY_READ:
            if last.replay.has_taken_body:
                raise RuntimeError(
                    "call_next was called again, but the application has read the request's body. Keep it: `await request.body()` before."
                )
            replay.expect_nothing()
        return replay


def _speaks_asgi(dispatch: Callable[..., object]) -> bool:
    """Whether a `dispatch` takes the three arguments of ASGI instead of a request and `call_next`."""
    parameters = inspect.signature(dispatch).parameters.values()
    required = [found for found in parameters if found.kind in _POSITIONAL and found.default is Parameter.empty]
    if len(required) == 3:
        return True
    takes_more = any(found.kind == Parameter.VAR_POSITIONAL for found in parameters)
    if len(required) == 2 or takes_more:
        return False
    raise TypeError(f"{_name(dispatch)} takes {len(required)} arguments. Write `async def dispatch(request, call_next)`.")


def _checked(response: ASGIApp | None, dispatch: Callable[..., object]) -> ASGIApp:
    if response is None:
        raise TypeError(f"{_name(dispatch)} returned None. Return the response: `return await call_next(request)`.")
    return response


def _refusal(error: HTTPException) -> Response:
    """What the application answers to such an exception."""
    if not allows_body(error.status_code):
        return Response(None, error.status_code, error.headers)
    return JSONResponse({"detail": error.detail}, error.status_code, error.headers)


def _limit_body(request: Request, scope: Scope) -> None:
    """Hold a middleware that reads the body to the application's limit."""
    app = scope.get("app")
    if app is not None and hasattr(app, "max_body_size"):
        limit = app.max_body_size
        if isinstance(limit, int):
            request.exchange.body_limit = limit


def _name(function: Callable[..., object]) -> str:
    return cast(str, getattr(function, "__qualname__", type(function).__name__))
