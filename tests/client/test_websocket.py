"""WebSockets of other servers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import msgspec
import pytest
from websockets.asyncio.server import ServerConnection, serve

from fasterapi.client import (
    BaseMiddleware,
    BearerAuth,
    CookieJar,
    FastHTTP,
    FastHTTPTimeoutError,
    Request,
    SSRFBlockedError,
    WebSocket,
    WebSocketClosed,
    WebSocketConnectionError,
)
from fasterapi.client.target import parse_target
from tests.client.conftest import Resolver
from tests.client.sites import LOCAL, Site, refused_url
from tests.client.test_transport import Proxy, proxy  # noqa: F401 - a fixture
from tests.deadline import DEADLINE

Serve = Callable[[ServerConnection], Awaitable[None]]


class Price(msgspec.Struct):
    currency: str
    value: float


class Server:
    """A WebSocket server that does what a test says."""

    def __init__(self) -> None:
        self.connections = 0
        self.serve: Serve = self.echo
        self.headers: list[Any] = []
        self.cookie = ""
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._ready = threading.Event()
        self._stop = asyncio.Event()

    async def echo(self, connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async def _handle(self, connection: ServerConnection) -> None:
        self.connections += 1
        assert connection.request is not None
        self.headers.append(connection.request.headers)
        await self.serve(connection)

    @staticmethod
    def _select(connection: ServerConnection, offered: Sequence[Any]) -> Any:
        return "v2" if "v2" in offered else None

    def _answer(self, connection: ServerConnection, request: Any, response: Any) -> None:
        if self.cookie:
            response.headers["Set-Cookie"] = self.cookie

    def _run(self) -> None:
        self._loop.run_until_complete(self._main())
        self._loop.close()

    async def _main(self) -> None:
        async with serve(self._handle, "127.0.0.1", 0, select_subprotocol=self._select, process_response=self._answer) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            self._ready.set()
            await self._stop.wait()

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(DEADLINE)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"ws://{host}:{self.port}{path}"


def wait_for(event: threading.Event) -> None:
    event.wait(DEADLINE)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


def test_an_app_of_websockets_alone_runs(server: Server) -> None:
    app = FastHTTP(security=LOCAL)

    @app.ws(url=server.url())
    async def echo(ws: WebSocket) -> list[Any]:
        await ws.send("text")
        text = await ws.recv()
        assert (f"{text}", text.text) == ("text", "text")
        await ws.send(b"\x00\xff")
        data = await ws.recv_bytes()
        await ws.send({"currency": "EUR", "value": 1.5})
        price = await ws.recv_json(Price)
        await ws.send_json(Price("USD", 2))
        await ws.send_str("again")
        await ws.send_bytes(b"again")
        rest = [await ws.recv_json(), await ws.recv_str(), (await ws.recv()).data]
        assert await ws.ping() >= 0
        await ws.pong()
        was_closed = ws.closed
        assert ws.remote_address[1] == server.port
        await ws.close()
        return [data, price, *rest, was_closed, ws.closed]

    results = app.run()
    results.raise_errors()
    assert results[echo].value == [b"\x00\xff", Price("EUR", 1.5), {"currency": "USD", "value": 2.0}, "again", b"again", False, True]


def test_a_conversation_ends_with_the_server(server: Server) -> None:
    async def three(connection: ServerConnection) -> None:
        for number in range(3):
            await connection.send(str(number))

    server.serve = three
    app = FastHTTP(security=LOCAL)

    @app.ws(server.url())
    async def numbers(ws: WebSocket) -> list[int]:
        return [message.json(int) async for message in ws]

    assert app.run()[numbers].value == [0, 1, 2]


def broken_twice(server: Server) -> Serve:
    async def serve_(connection: ServerConnection) -> None:
        await connection.send(str(server.connections))
        if server.connections < 3:
            connection.transport.abort()
            await connection.wait_closed()

    return serve_


@pytest.mark.parametrize("options", [{"reconnect": True}, {"max_retries": 2}, {"reconnect": True, "max_retries": 1}])
def test_it_connects_again(server: Server, options: dict[str, Any]) -> None:
    server.serve = broken_twice(server)
    app = FastHTTP(security=LOCAL)
    seen: list[str] = []

    @app.ws(server.url(), backoff_factor=0, **options)
    async def watch(ws: WebSocket) -> None:
        async for message in ws:
            seen.append(message.text)  # noqa: PERF401 - what came before a connection broke counts too

    app.run().raise_errors()
    assert (seen, server.connections) == (["1", "2", "3"], 3)


def test_it_does_not_connect_again_unasked(server: Server) -> None:
    server.serve = broken_twice(server)
    app = FastHTTP(security=LOCAL)

    @app.ws(server.url())
    async def watch(ws: WebSocket) -> None:
        async for _ in ws:
            pass

    error = app.run()[watch].error
    assert isinstance(error, WebSocketClosed)
    assert (error.code, server.connections) == (1006, 1)


def test_a_failed_handshake_is_tried_again(server: Server) -> None:
    url = refused_url().replace("http", "ws")
    app = FastHTTP(security=LOCAL)

    @app.ws(url, reconnect=True, max_retries=3, backoff_factor=0)
    async def watch(ws: WebSocket) -> None: ...

    error = app.run()[watch].error
    assert isinstance(error, WebSocketConnectionError)
    assert error.attempts == 4


def test_a_refused_handshake_is_not_tried_again(site: Site) -> None:
    app = FastHTTP(base_url=site.url(), security=LOCAL)

    @app.ws("/nowhere", reconnect=True, backoff_factor=0)
    async def watch(ws: WebSocket) -> None: ...

    error = app.run()[watch].error
    assert isinstance(error, WebSocketConnectionError)
    assert (error.status_code, len(site.asked)) == (404, 1)


def test_a_closed_websocket_says_why(server: Server) -> None:
    async def close(connection: ServerConnection) -> None:
        await connection.close(4001, "go away")

    server.serve = close
    app = FastHTTP(security=LOCAL)

    @app.ws(server.url(), reconnect=False)
    async def watch(ws: WebSocket) -> None:
        await ws.recv()

    error = app.run()[watch].error
    assert isinstance(error, WebSocketClosed)
    assert (error.code, error.reason) == (4001, "go away")


def test_handshakes_carry_what_is_declared(server: Server) -> None:
    app = FastHTTP(base_url=server.url("").replace("ws", "http"), security=LOCAL, headers={"X-App": "1"})

    @app.ws("/rooms/{room}", path_params={"room": "a b"}, headers={"Authorization": "Bearer t"}, subprotocols=["v2"], tags=["x"])
    async def join(ws: WebSocket, room: str) -> Any:
        return ws.subprotocol, room, ws.url

    assert app.run(tags=["y"]).errors == []
    assert server.connections == 0
    assert app.run(tags=["x"])[join].value == ("v2", "a b", server.url("/rooms/a%20b"))
    assert (server.headers[0]["x-app"], server.headers[0]["authorization"]) == ("1", "Bearer t")
    assert server.headers[0]["user-agent"].startswith("fasterapi/")


def test_handshakes_carry_what_every_request_carries(server: Server) -> None:
    class Tenant(BaseMiddleware):
        async def outgoing(self, request: Request) -> None:
            request.headers["x-tenant"] = "7"

    jar = CookieJar(unsafe=True)
    jar.store(parse_target(server.url()), "sid=1")
    app = FastHTTP(security=LOCAL, auth=BearerAuth("t"), cookie_jar=jar, middleware=Tenant())

    @app.ws(server.url())
    async def join(ws: WebSocket) -> None: ...

    app.run().raise_errors()
    assert [server.headers[0][name] for name in ("authorization", "cookie", "x-tenant")] == ["Bearer t", "sid=1", "7"]


def test_cookies_of_a_handshake_are_kept(server: Server) -> None:
    jar = CookieJar(unsafe=True)
    app = FastHTTP(security=LOCAL, cookie_jar=jar)
    server.cookie = "sid=2; Path=/"

    @app.ws(server.url())
    async def join(ws: WebSocket) -> None: ...

    app.run().raise_errors()
    assert jar.get("sid") == "2"


def test_a_redirected_handshake_is_not_followed_through_a_proxy(site: Site, server: Server, proxy: Proxy) -> None:  # noqa: F811 - the fixture
    site.answer("/away", status=302, headers={"Location": server.url()})
    app = FastHTTP(security=LOCAL, proxy=proxy.url)

    @app.ws(site.url("/away").replace("http://", "ws://"), headers={"X-Api-Key": "s3cret"})
    async def join(ws: WebSocket) -> None: ...

    error = app.run()[join].error
    assert isinstance(error, WebSocketConnectionError)
    assert error.status_code == 302
    assert (len(proxy.lines), server.connections) == (1, 0)


def test_websockets_are_guarded(server: Server) -> None:
    app = FastHTTP()

    @app.ws(server.url())
    async def watch(ws: WebSocket) -> None: ...

    assert isinstance(app.run()[watch].error, SSRFBlockedError)
    assert server.connections == 0


async def test_names_of_websockets_are_guarded(server: Server, resolver: Resolver) -> None:
    resolver.say("inside.example", ["127.0.0.1"])
    app = FastHTTP()

    @app.ws(server.url(host="inside.example"))
    async def watch(ws: WebSocket) -> None: ...

    error = (await app.arun())[watch].error
    assert isinstance(error, SSRFBlockedError)
    assert error.url == server.url(host="inside.example")


def test_what_is_no_websocket(site: Site) -> None:
    app = FastHTTP(base_url=site.url(), security=LOCAL)
    site.answer("/away", status=302, headers={"Location": "/elsewhere"})
    done = threading.Event()
    site.raw["/slow"] = lambda _: wait_for(done)

    @app.ws("/nowhere")
    async def nowhere(ws: WebSocket) -> None: ...

    @app.ws("/away")
    async def away(ws: WebSocket) -> None: ...

    results = app.run()
    assert [type(results[handler].error) for handler in (nowhere, away)] == [WebSocketConnectionError] * 2

    slow_app = FastHTTP(base_url=site.url(), security=LOCAL, timeout=0.05)

    @slow_app.ws("/slow")
    async def slow(ws: WebSocket) -> None: ...

    error = slow_app.run()[slow].error
    done.set()
    assert isinstance(error, FastHTTPTimeoutError)


def test_a_handlers_own_fault_is_not_tried_again(server: Server) -> None:
    app = FastHTTP(security=LOCAL)

    @app.ws(server.url(), reconnect=True)
    async def watch(ws: WebSocket) -> None:
        raise ValueError("mine")

    assert isinstance(app.run()[watch].error, ValueError)
    assert server.connections == 1
