"""WebSockets of other servers, as declared functions.

Interpreted: exceptions, and calls what users declare.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, overload

import msgspec

from fasterapi.binding.signature import described
from fasterapi.client.auth import as_auth
from fasterapi.client.body import EMPTY, encode_json
from fasterapi.client.certificates import make_ssl_context
from fasterapi.client.dependencies import Resolution
from fasterapi.client.engine import Engine, Settings
from fasterapi.client.errors import DeclarationError, FastHTTPConnectionError, FastHTTPError, FastHTTPTimeoutError, SecurityError
from fasterapi.client.limits import as_timeout
from fasterapi.client.middleware.retry import RETRY_ON
from fasterapi.client.models import model_of
from fasterapi.client.network import connect_socket
from fasterapi.client.operations import Operation, Performed
from fasterapi.client.request import Request, make_request
from fasterapi.client.route import HandlerShape
from fasterapi.client.router import Surroundings
from fasterapi.client.target import Target, complete_url, parse_target
from fasterapi.client.types import RequestConfig
from fasterapi.client.verbs import Declared

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

T = TypeVar("T")

_SCHEMES: Final = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_NORMAL: Final = (1000, 1001)
_LONGEST_PAUSE: Final = 30.0
_DONE: Final = 1000


class WebSocketError(FastHTTPError):
    """A WebSocket that did not do what it should."""


class WebSocketConnectionError(WebSocketError, FastHTTPConnectionError):
    """A WebSocket that could not be opened; `status_code` is what the server answered instead, if it did."""

    status_code: int | None = None


class WebSocketClosed(WebSocketError):
    """A WebSocket that the other side closed, or that broke (1006)."""

    def __init__(self, message: str, *, code: int, reason: str = "", method: str = "", url: str = "", attempts: int = 1) -> None:
        super().__init__(message, method=method, url=url, attempts=attempts)
        self.code = code
        self.reason = reason


class WebSocketMessage:
    """One message: text or bytes."""

    __slots__ = ("data",)

    def __init__(self, data: str | bytes) -> None:
        self.data: str | bytes = data

    @property
    def text(self) -> str:
        """The message as text."""
        return self.data if isinstance(self.data, str) else self.data.decode()

    @overload
    def json(self) -> Any: ...
    @overload
    def json(self, type: type[T]) -> T: ...
    def json(self, type: object = None) -> object:  # noqa: A002
        """The message, read as JSON; as a type, if one is given."""
        content = self.data.encode() if isinstance(self.data, str) else self.data
        return msgspec.json.decode(content) if type is None else model_of(type).read(content)

    def __str__(self) -> str:
        return self.data if isinstance(self.data, str) else repr(self.data)

    def __repr__(self) -> str:
        return f"WebSocketMessage({self.data!r})"


class WebSocket:
    """An open WebSocket.

    Example:
        @app.ws("wss://api.example.com/prices", reconnect=True)
        async def watch(ws: WebSocket) -> None:
            await ws.send_json({"subscribe": "EUR"})
            async for message in ws:
                print(message.json(Price))
    """

    def __init__(self, connection: ClientConnection, url: str) -> None:
        self.url = url
        self.messages_received: int = 0
        self._connection = connection

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._connection.close_code is not None

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that both sides agreed on."""
        return self._connection.subprotocol

    @property
    def local_address(self) -> Any:
        """This end's address."""
        return self._connection.local_address

    @property
    def remote_address(self) -> Any:
        """The other end's address."""
        return self._connection.remote_address

    async def send(self, message: str | bytes | dict[str, Any] | list[Any]) -> None:
        """Send text, bytes, or JSON."""
        content = message if isinstance(message, (str, bytes)) else encode_json(message).decode()
        try:
            await self._connection.send(content)
        except _closed_error() as error:
            raise self._closed() from error

    async def send_str(self, message: str) -> None:
        """Send text."""
        await self.send(message)

    async def send_bytes(self, message: bytes) -> None:
        """Send bytes."""
        await self.send(message)

    async def send_json(self, message: object) -> None:
        """Send plain values, Structs, dataclasses or models as JSON."""
        await self.send(encode_json(message).decode())

    async def recv(self) -> WebSocketMessage:
        """The next message; raises `WebSocketClosed` when there will be none."""
        try:
            data = await self._connection.recv()
        except _closed_error() as error:
            raise self._closed() from error
        self.messages_received += 1
        return WebSocketMessage(data)

    async def recv_str(self) -> str:
        """The next message as text."""
        return (await self.recv()).text

    async def recv_bytes(self) -> bytes:
        """The next message as bytes."""
        data = (await self.recv()).data
        return data.encode() if isinstance(data, str) else data

    @overload
    async def recv_json(self) -> Any: ...
    @overload
    async def recv_json(self, type: type[T]) -> T: ...
    async def recv_json(self, type: Any = None) -> Any:  # noqa: A002
        """The next message, read as JSON; as a type, if one is given."""
        message = await self.recv()
        return message.json() if type is None else message.json(type)

    async def ping(self) -> float:
        """Ask whether the other side is there; the seconds until it answered."""
        try:
            return await (await self._connection.ping())
        except _closed_error() as error:
            raise self._closed() from error

    async def pong(self) -> None:
        """Say that this side is there, unasked."""
        await self._connection.pong()

    async def close(self, code: int = _DONE, reason: str = "") -> None:
        """Close, and wait until the other side knows."""
        await self._connection.close(code, reason)

    async def __aiter__(self) -> AsyncIterator[WebSocketMessage]:
        """The messages until a proper close; raises `WebSocketClosed` where the connection broke."""
        while True:
            try:
                message = await self.recv()
            except WebSocketClosed as closed:
                if closed.code in _NORMAL:
                    return
                raise
            yield message

    def _closed(self) -> WebSocketClosed:
        code = self._connection.close_code or 1006
        reason = self._connection.close_reason or ""
        message = f"The WebSocket is closed ({code}{f' {reason}' if reason else ''})."
        return WebSocketClosed(message, code=code, reason=reason, method="GET", url=self.url)


class WebSocketOperation(Operation):
    """A declared WebSocket: connected, and connected again where that is wanted."""

    def __init__(self, declared: Declared, around: Surroundings, defaults: RequestConfig, settings: Settings) -> None:
        super().__init__(declared, around, defaults)
        self._settings = settings
        self._shape = HandlerShape(declared.handler, self.route.template, WebSocket)
        options = declared.options
        self._reconnects: bool = options.get("reconnect", False)
        self._max_retries: int = options.get("max_retries", 0)
        self._backoff: float = options.get("backoff_factor", 1.0)
        self.subprotocols: list[str] = list(options.get("subprotocols") or ())
        if not self._shape.is_coroutine:
            raise DeclarationError(f"{described(declared.handler)}: the handler of a WebSocket waits for messages. Write async def.")

    @property
    def wire_method(self) -> str:
        """A handshake is a GET (RFC 6455, 4.1)."""
        return "GET"

    @property
    def address(self) -> str:
        """The whole URL, with its places."""
        scheme, _, rest = complete_url(self.route.url, self.route.base_url).partition("://")
        return f"{_SCHEMES.get(scheme.lower(), scheme)}://{rest}"

    def names(self) -> Sequence[str]:
        """The handler's parameters beside the WebSocket."""
        return [*[argument.name for argument in self._shape.arguments], *self._shape.unasked]

    async def _perform(
        self,
        engine: Engine,  # noqa: ARG002 - its connection is none of the engine's
        config: RequestConfig,
        arguments: Mapping[str, object],
    ) -> Performed:
        values: dict[str, object] = {**self.route.path_params, **arguments}
        failures = 0
        while True:
            received = 0
            try:
                async with Resolution(self.route, config, values) as resolution:
                    keywords: dict[str, object] = {}
                    for argument in self._shape.arguments:
                        given = values.get(argument.name, argument.default)
                        keywords[argument.name] = given if argument.dependency is None else await resolution.provide(argument.dependency)
                    request = await self._request({**values, **keywords}, config)
                    async with self._connected(request) as opened:
                        try:
                            return Performed(await cast(Any, self._shape.handler)(opened, **keywords), None)
                        finally:
                            received = opened.messages_received
            except (WebSocketConnectionError, WebSocketClosed) as error:
                # What worked for a while begins anew with its patience.
                failures = 1 if received else failures + 1
                error.attempts = max(error.attempts, failures)
                if not self._is_worth_it(error, failures):
                    raise
            await asyncio.sleep(random.uniform(0.5, 1.0) * min(self._backoff * 2.0 ** min(failures - 1, 32), _LONGEST_PAUSE))  # noqa: S311 - nobody gains by guessing it

    def _is_worth_it(self, error: WebSocketError, failures: int) -> bool:
        if isinstance(error, WebSocketClosed) and error.code in _NORMAL:
            return False
        if isinstance(error, WebSocketConnectionError) and error.status_code is not None and error.status_code not in RETRY_ON:
            return False
        if not self._reconnects and not self._max_retries:
            return False
        return not self._max_retries or failures <= self._max_retries

    async def _request(self, values: Mapping[str, object], config: RequestConfig) -> Request:
        """The handshake, with all that every other request carries."""
        url = complete_url(self.route.template.fill(values), self.route.base_url)
        target = parse_target(url)
        wire = Target(_SCHEMES[target.scheme], target.host, target.port, target.path, target.userinfo)
        request = make_request("GET", wire, config.get("headers") or {}, EMPTY, as_timeout(config.get("timeout", 30.0)))
        auth = as_auth(config.get("auth"))
        if auth is not None:
            await auth.apply(request)
        if self._settings.cookie_jar is not None:
            self._settings.cookie_jar.add_to(request.target, request.headers)
        for middleware in self._settings.middleware.overriding("outgoing", "GET"):
            await middleware.outgoing(request)
        return request

    @asynccontextmanager
    async def _connected(self, request: Request) -> AsyncIterator[WebSocket]:
        client = _websockets()
        opened = await self._connect(request, client)
        socket_ = WebSocket(opened, request.url)
        try:
            yield socket_
        finally:
            await opened.close()

    async def _connect(self, request: Request, client: Any) -> ClientConnection:
        target = request.target
        options = self._declared.options
        proxy = self._settings.proxy_for(target)
        settings: dict[str, Any] = {
            "additional_headers": [(name, value) for name, value in request.headers.items() if name not in _OF_THE_HANDSHAKE],
            "user_agent_header": request.headers["user-agent"],
            "subprotocols": self.subprotocols or None,
            "ping_interval": options.get("ping_interval", 20.0),
            "max_size": options.get("max_message_bytes", 16 * 1024 * 1024),
            "open_timeout": request.timeout.connect,
            "proxy": proxy,
        }
        if target.is_secure():
            settings["ssl"] = make_ssl_context(self._settings.verify, self._settings.cert)
            settings["server_hostname"] = target.host
        connection: socket.socket | None = None
        try:
            if proxy is None:
                async with asyncio.timeout(request.timeout.connect):
                    connection = await connect_socket(target.host, target.port, self._settings.guard)
                settings["sock"] = connection
            elif self._settings.guard is not None:
                self._settings.guard.check_host(target.host)
            opened = cast("ClientConnection", await _straight(client)(str(target), **settings))
        except TimeoutError as error:
            raise _Late(f"No WebSocket within {request.timeout.connect} s.", phase="connect", method="GET", url=request.url) from error
        except SecurityError as error:
            raise error.located("GET", request.url) from None
        except (OSError, EOFError, ValueError, _handshake_error()) as error:
            failure = WebSocketConnectionError(f"The WebSocket could not be opened: {error}.", method="GET", url=request.url)
            failure.status_code = _status_of(error)
            raise failure from error
        else:
            # From now on it belongs to the WebSocket.
            connection = None
            self._keep_cookies(target, opened)
            return opened
        finally:
            if connection is not None:
                connection.close()

    def _keep_cookies(self, target: Target, opened: ClientConnection) -> None:
        if self._settings.cookie_jar is not None and opened.response is not None:
            for value in opened.response.headers.get_all("set-cookie"):
                self._settings.cookie_jar.store(target, value)


class _Late(FastHTTPTimeoutError, WebSocketConnectionError):
    """A WebSocket that was not opened in time."""


_OF_THE_HANDSHAKE: Final = frozenset({"host", "connection", "accept", "accept-encoding", "user-agent", "content-length"})


def _websockets() -> ModuleType:
    try:
        from websockets.asyncio import client
    except ImportError as error:
        raise ImportError("WebSockets need another package. Install it with: pip install 'fasterapi-framework[client]'.") from error
    return client


def _straight(client: Any) -> Any:
    """What opens WebSockets and follows no redirect: to where one leads, the guard and auth had no say."""
    return type("connect", (client.connect,), {"process_redirect": _not_followed})


def _not_followed(_: object, refusal: Exception) -> Exception:
    return refusal


def _status_of(error: Exception) -> int | None:
    from websockets.exceptions import InvalidStatus

    return error.response.status_code if isinstance(error, InvalidStatus) else None


def _closed_error() -> type[Exception]:
    from websockets.exceptions import ConnectionClosed

    return ConnectionClosed


def _handshake_error() -> type[Exception]:
    from websockets.exceptions import WebSocketException

    return WebSocketException
