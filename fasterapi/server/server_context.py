"""What all connections of one server share."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop, Task, get_running_loop
from contextvars import Context, copy_context
from typing import Any, Final, Protocol, cast, final
from weakref import WeakKeyDictionary

from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.server import ServerState

from fasterapi.asgi import ASGIApp, RawHeaders
from fasterapi.http.exchange import ExchangeHandler
from fasterapi.server.proxy_headers import TrustedHosts
from fasterapi.server.sweep import Sweep


class ExchangeApplication(Protocol):
    """An application that can be spoken to without ASGI in between."""

    def exchange_handler(self) -> ExchangeHandler | None:
        """What answers its requests, or None when only ASGI will do."""


@final
class ServerContext:
    """The settings of a server, and what is made of them once."""

    def __init__(self, config: Config, server_state: ServerState, loop: AbstractEventLoop) -> None:
        self.config = config
        self.loop = loop
        self.sweep: Sweep = Sweep(loop)
        self.logger: logging.Logger = logging.getLogger("uvicorn.error")
        access_logger = logging.getLogger("uvicorn.access")
        self.access_logger: logging.Logger | None = access_logger if access_logger.hasHandlers() else None
        self.keep_alive_seconds: int = int(config.timeout_keep_alive)
        self.limit_concurrency: int | None = config.limit_concurrency
        self.connections: set[object] = cast("set[object]", server_state.connections)
        self.tasks: set[Task[None]] = server_state.tasks
        self.app: ASGIApp = cast(ASGIApp, config.loaded_app)
        self.application: ExchangeApplication | None = None
        self.trusted_hosts: TrustedHosts | None = None
        self._find_application()
        # Requests begin in a copy of this, and never in what the one before them left behind.
        self.variables: Context = Context() if config.reset_contextvars else copy_context()
        # The attributes as a dictionary, which compiled code reads and writes at a third of the cost.
        self._state: dict[str, Any] = vars(server_state)
        self._default_headers: RawHeaders | None = None
        self._default_lines = b""

    def count_request(self) -> None:
        """One more request has its answer."""
        self._state["total_requests"] = cast(int, self._state["total_requests"]) + 1

    def default_lines(self) -> bytes:
        """The header lines of every answer; uvicorn puts a new list in the place of the old one each second, for the date."""
        headers = cast(RawHeaders, self._state["default_headers"])
        if headers is not self._default_headers:
            self._default_headers = headers
            self._default_lines = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
        return self._default_lines

    def _find_application(self) -> None:
        """Look behind the middleware that uvicorn applies proxy headers with: an exchange applies them itself."""
        app: object = self.app
        if isinstance(app, ProxyHeadersMiddleware):
            self.trusted_hosts = app.trusted_hosts
            app = app.app
        if hasattr(app, "exchange_handler"):
            self.application = cast(ExchangeApplication, app)


_contexts: Final[WeakKeyDictionary[ServerState, ServerContext]] = WeakKeyDictionary()


def server_context(config: Config, server_state: ServerState, loop: AbstractEventLoop | None) -> ServerContext:
    """The context of a server, made for its first connection."""
    context = _contexts.get(server_state)
    if context is None:
        if not config.loaded:
            config.load()
        context = ServerContext(config, server_state, loop or get_running_loop())
        _contexts[server_state] = context
    return context
