"""What all connections of one server share."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop
from contextvars import Context
from typing import Any, Final, Protocol, cast, final
from weakref import WeakKeyDictionary

from uvicorn.config import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.server import ServerState

from fasterapi.asgi import ASGIApp, RawHeaders
from fasterapi.http.exchange import ExchangeHandler
from fasterapi.server.sweep import Sweep


class TrustedHosts(Protocol):
    """The proxies whose word is taken for who the client is."""

    def __contains__(self, host: str | None, /) -> bool: ...

    def get_trusted_client_address(self, x_forwarded_for: str, /) -> tuple[str, int]:
        """The last address in the header that is no proxy of ours."""


class AnswersExchanges(Protocol):
    """An application that can be spoken to without ASGI in between."""

    def exchange_handler(self) -> ExchangeHandler | None:
        """What answers its requests, or None when only ASGI will do."""


@final
class ServerContext:
    """The settings of a server and what is made of them once."""

    def __init__(self, config: Config, loop: AbstractEventLoop) -> None:
        self.config = config
        self.loop = loop
        self.sweep = Sweep(loop)
        self.logger = logging.getLogger("uvicorn.error")
        self.access_logger: logging.Logger | None = logging.getLogger("uvicorn.access")
        if not self.access_logger.hasHandlers():
            self.access_logger = None
        self.app: ASGIApp = cast(ASGIApp, config.loaded_app)
        self.trusted_hosts: TrustedHosts | None = None
        self.application: AnswersExchanges | None = None
        self._find_application()
        self.root_path = config.root_path
        self.keep_alive_seconds = int(config.timeout_keep_alive)
        self.limit_concurrency = config.limit_concurrency
        self.clean_context = Context() if config.reset_contextvars else None
        self._default_headers: RawHeaders | None = None
        self._default_lines = b""

    def default_lines(self, headers: RawHeaders) -> bytes:
        """The header lines of every answer, written anew when uvicorn has replaced its list (each second, for the date)."""
        if headers is not self._default_headers:
            self._default_headers = headers
            self._default_lines = b"".join([name + b": " + value + b"\r\n" for name, value in headers])
        return self._default_lines

    def _find_application(self) -> None:
        """Uvicorn wraps the application to apply proxy headers; ours is reached past that, and the exchange applies them."""
        app: object = self.app
        trusted_hosts: TrustedHosts | None = None
        if isinstance(app, ProxyHeadersMiddleware):
            trusted_hosts = app.trusted_hosts
            app = app.app
        if hasattr(app, "exchange_handler"):
            self.trusted_hosts = trusted_hosts
            self.application = cast(AnswersExchanges, app)


_contexts: Final[WeakKeyDictionary[ServerState, ServerContext]] = WeakKeyDictionary()


def server_context(config: Config, server_state: ServerState, loop: AbstractEventLoop | None) -> ServerContext:
    """The one context of a server, made for its first connection."""
    context = _contexts.get(server_state)
    if context is None:
        import asyncio

        if not config.loaded:
            config.load()
        context = ServerContext(config, loop or asyncio.get_running_loop())
        _contexts[server_state] = context
    return context
