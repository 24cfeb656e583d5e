"""The clients: httpx's, with an app at the other end instead of a network."""

# Interpreted: see `fasterapi.testing`.
# ruff: noqa: ASYNC109 - the async classes take what the others take

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

import httpx
from typing_extensions import override

from fasterapi.asgi import ASGIApp
from fasterapi.testing.loop_thread import BackendOptions, LoopThread
from fasterapi.testing.scope import Address
from fasterapi.testing.server import InProcessServer
from fasterapi.testing.transport import WEBSOCKET, AsyncInProcessTransport, InProcessTransport
from fasterapi.testing.websocket import AsyncWebSocketTestSession, WebSocketDenialResponse, WebSocketTestSession
from fasterapi.testing.websocket_conversation import Accepted, Rejected, WebSocketConversation
from fasterapi.websocket import WebSocketDisconnect

Cookies: TypeAlias = httpx.Cookies | CookieJar | dict[str, str] | list[tuple[str, str]]
Headers: TypeAlias = httpx.Headers | Mapping[str, str] | Sequence[tuple[str, str]]
Primitive: TypeAlias = str | int | float | bool | None
QueryParams: TypeAlias = httpx.QueryParams | Mapping[str, Primitive | Sequence[Primitive]] | list[tuple[str, Primitive]] | str

TIMEOUT: Final = 30.0
"""Seconds that a client waits by default for the start of a response, for more of it, or for the app's lifespan."""

WEBSOCKET_TIMEOUT: Final = 10.0
"""Seconds that a WebSocket session waits by default for a message of the app."""

_WEBSOCKET_SCHEMES: Final = {"http": "ws", "https": "wss"}


class TestClient(httpx.Client):
    """An httpx client that calls an ASGI app, in an event loop in a thread of its own.

    In a `with` block the app's lifespan runs around the requests, in the same event loop; without one requests work too.

    Example:
        with TestClient(app) as client:
            assert client.get("/items/1").json() == {"id": 1}
    """

    __test__ = False  # It is no test, whatever pytest thinks of its name.

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        backend: Literal["asyncio"] = "asyncio",
        backend_options: BackendOptions | None = None,
        cookies: Cookies | None = None,
        headers: Headers | None = None,
        follow_redirects: bool = True,
        client: Address = ("testclient", 50000),
        timeout: float | None = TIMEOUT,
    ) -> None:
        """Make a client of an app.

        Args:
            app: The app to call, of any framework.
            base_url: What URLs are relative to; its host is what the app sees as its own.
            raise_server_exceptions: Whether what the app fails with is raised in the test; otherwise the test sees the 500.
            root_path: The path that the app is mounted at.
            backend: The library of the event loop; there is one.
            backend_options: How the event loop is made, `{"use_uvloop": True}` for example.
            cookies: Cookies to send with every request.
            headers: Headers to send with every request.
            follow_redirects: Whether redirects are followed.
            client: The address that the app sees as the client's.
            timeout: Seconds to wait for the app before giving up; None, for a debugger say, waits for ever.
        """
        if backend != "asyncio":
            raise ValueError(f"backend={backend!r}: the client has no other event loop than 'asyncio'")
        self.app = app
        server = InProcessServer(app, root_path=root_path, client=client, raise_failures=raise_server_exceptions, lifespan_seconds=timeout)
        self._loop_thread = LoopThread(backend_options, timeout)
        self._in_process = InProcessTransport(server, self._loop_thread)
        super().__init__(
            base_url=base_url,
            headers=_with_user_agent(headers),
            cookies=cookies,
            follow_redirects=follow_redirects,
            timeout=timeout,
            transport=self._in_process,
        )

    @override
    def __enter__(self) -> Self:
        self._in_process.open()
        return self

    @override
    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        # Not closed for good: as with Starlette's, a client can be used, and entered, again.
        self._in_process.close()

    def websocket_connect(
        self,
        url: str,
        subprotocols: Sequence[str] | None = None,
        *,
        params: QueryParams | None = None,
        headers: Headers | None = None,
        cookies: Cookies | None = None,
        timeout: float | None = WEBSOCKET_TIMEOUT,
    ) -> WebSocketTestSession:
        """Open a WebSocket and wait until the app has accepted it.

        Raises `WebSocketDisconnect` when the app closes it instead, `WebSocketDenialResponse` when it answers with an
        HTTP response. `timeout` is for each wait for the app; None waits for ever.

        Example:
            with client.websocket_connect("/chat", subprotocols=["v2"]) as session:
                session.send_json({"say": "hello"})
                assert session.receive_json() == {"said": "hello"}
        """
        request = self.build_request(
            "GET", url, params=params, headers=_handshake_headers(headers, subprotocols), cookies=cookies, timeout=timeout
        )
        _make_handshake(request)
        response = self.send(request, follow_redirects=False)
        return WebSocketTestSession(self._loop_thread, _session(response, timeout))


class AsyncTestClient(httpx.AsyncClient):
    """An async httpx client that calls an ASGI app, in the event loop of the caller.

    In an `async with` block the app's lifespan runs around the requests; without one requests work too.

    Example:
        async with AsyncTestClient(app) as client:
            assert (await client.get("/items/1")).json() == {"id": 1}
    """

    __test__ = False

    def __init__(
        self,
        app: ASGIApp,
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        cookies: Cookies | None = None,
        headers: Headers | None = None,
        follow_redirects: bool = True,
        client: Address = ("testclient", 50000),
        timeout: float | None = TIMEOUT,
    ) -> None:
        """Make a client of an app; the arguments are those of `TestClient`."""
        self.app = app
        server = InProcessServer(app, root_path=root_path, client=client, raise_failures=raise_server_exceptions, lifespan_seconds=timeout)
        self._in_process = AsyncInProcessTransport(server)
        super().__init__(
            base_url=base_url,
            headers=_with_user_agent(headers),
            cookies=cookies,
            follow_redirects=follow_redirects,
            timeout=timeout,
            transport=self._in_process,
        )

    @override
    async def __aenter__(self) -> Self:
        await self._in_process.open()
        return self

    @override
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._in_process.aclose()

    @asynccontextmanager
    async def websocket_connect(
        self,
        url: str,
        subprotocols: Sequence[str] | None = None,
        *,
        params: QueryParams | None = None,
        headers: Headers | None = None,
        cookies: Cookies | None = None,
        timeout: float | None = WEBSOCKET_TIMEOUT,
    ) -> AsyncIterator[AsyncWebSocketTestSession]:
        """Open a WebSocket for the time of a block; as `TestClient.websocket_connect`.

        Example:
            async with client.websocket_connect("/chat") as session:
                await session.send_text("hello")
                assert await session.receive_text() == "hello"
        """
        request = self.build_request(
            "GET", url, params=params, headers=_handshake_headers(headers, subprotocols), cookies=cookies, timeout=timeout
        )
        _make_handshake(request)
        async with _session(await self.send(request, follow_redirects=False), timeout) as session:
            yield session


def _with_user_agent(headers: Headers | None) -> httpx.Headers:
    merged = httpx.Headers(headers)
    merged.setdefault("user-agent", "testclient")
    return merged


def _handshake_headers(headers: Headers | None, subprotocols: Sequence[str] | None) -> httpx.Headers:
    """The headers of RFC 6455, 4.1."""
    merged = httpx.Headers(headers)
    merged.setdefault("upgrade", "websocket")
    merged.setdefault("connection", "upgrade")
    merged.setdefault("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    merged.setdefault("sec-websocket-version", "13")
    if subprotocols:
        merged.setdefault("sec-websocket-protocol", ", ".join(subprotocols))
    return merged


def _make_handshake(request: httpx.Request) -> None:
    # Only now, because httpx merges URLs and chooses cookies by the scheme of the base URL.
    scheme = request.url.scheme
    request.url = request.url.copy_with(scheme=_WEBSOCKET_SCHEMES.get(scheme, scheme))


def _session(response: httpx.Response, timeout: float | None) -> AsyncWebSocketTestSession:
    conversation, answer = response.extensions[WEBSOCKET]
    assert isinstance(conversation, WebSocketConversation)
    if isinstance(answer, Accepted):
        return AsyncWebSocketTestSession(conversation, answer, timeout)
    if isinstance(answer, Rejected):
        raise WebSocketDisconnect(answer.code, answer.reason)
    raise WebSocketDenialResponse(response)
