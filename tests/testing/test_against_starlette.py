"""The same app behind Starlette's client and behind ours: where the two should not differ, they do not."""

from __future__ import annotations

import asyncio
import string
import warnings
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fasterapi.testing
from tests.testing.apps import App, Receive, Recorder, Scope, Send, accept, echo, echo_websocket, hello, read_body, respond, run_lifespan

with warnings.catch_warnings():
    # Where it is not there, Starlette warns that it would rather have httpx2.
    warnings.simplefilter("ignore")
    import starlette.testclient
    from starlette.responses import PlainTextResponse, StreamingResponse
    from starlette.websockets import WebSocket, WebSocketDisconnect

NAME: ContextVar[str] = ContextVar("NAME", default="unset")

# The clients are not typed alike: Starlette's is Any without httpx2.
Scenario = Callable[[Callable[..., Any]], object]


def outcome(scenario: Scenario, client: Callable[..., Any]) -> object:
    """What a scenario returns, or what it raises as far as both clients can say the same of it."""
    try:
        return scenario(client)
    except starlette.testclient.WebSocketDenialResponse as denial:
        return "denied", denial.status_code, denial.content
    except fasterapi.testing.WebSocketDenialResponse as denial:
        return "denied", denial.status_code, denial.content
    except (WebSocketDisconnect, fasterapi.testing.WebSocketDisconnect) as disconnect:
        return "disconnected", disconnect.code, disconnect.reason
    except Exception as failure:  # noqa: BLE001 - whatever it is, both clients should raise the same
        # Starlette prefers httpx2, whose exceptions are the same by name.
        return type(failure).__name__, str(failure)


def assert_same(scenario: Scenario) -> None:
    theirs = outcome(scenario, starlette.testclient.TestClient)
    ours = outcome(scenario, fasterapi.testing.TestClient)
    assert ours == theirs


# Requests

TEXT = st.text(string.ascii_letters + string.digits + "-_.~ \u00e9\u0436/&=+:@", max_size=12)
HEADER_NAMES = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12).filter(lambda name: name.lower() != "host")
HEADER_VALUES = st.text(string.ascii_letters + string.digits + " ;,=", max_size=12).map(str.strip)


@settings(max_examples=60, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
    path=TEXT,
    params=st.lists(st.tuples(TEXT, TEXT), max_size=3),
    headers=st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=4),
    content=st.binary(max_size=20),
    root_path=st.sampled_from(["", "/api"]),
    base_url=st.sampled_from(["http://testserver", "https://example.org", "http://example.org:8000/v1"]),
)
def test_same_request(
    method: str,
    path: str,
    params: list[tuple[str, str]],
    headers: list[tuple[str, str]],
    content: bytes,
    root_path: str,
    base_url: str,
) -> None:
    def scenario(client: Callable[..., Any]) -> object:
        app = Recorder()
        opened = client(app, base_url=base_url, root_path=root_path)
        # What either can unpack depends on what else is installed.
        opened.headers["accept-encoding"] = "gzip"
        opened.request(method, "/" + path, params=params, headers=headers, content=content)
        keys = "method", "http_version", "scheme", "path", "raw_path", "root_path", "query_string", "headers", "client", "state"
        return {key: app.scope[key] for key in keys}, tuple(app.scope["server"]), [message["body"] for message in app.messages]

    assert_same(scenario)


@pytest.mark.parametrize(
    "content",
    [{"json": {"a": 1}}, {"data": {"a": "1"}}, {"files": {"f": b"1"}, "headers": {"content-type": "multipart/form-data; boundary=b"}}],
    ids=["json", "form", "files"],
)
def test_same_content(content: dict[str, Any]) -> None:
    assert_same(lambda client: client(echo).post("/", **content).content)


def test_same_websocket_request() -> None:
    def scenario(client: Callable[..., Any]) -> object:
        app = Recorder()
        with client(app, cookies={"a": "1"}, client=("10.0.0.1", 7)).websocket_connect("/a%20b?c=d", ["x", "y"], headers={"x-a": "1"}):
            keys = "type", "scheme", "path", "raw_path", "query_string", "client", "subprotocols", "state", "root_path"
            headers = [pair for pair in app.scope["headers"] if pair[0] in (b"host", b"cookie", b"x-a", b"connection", b"user-agent")]
            return {key: app.scope[key] for key in keys}, headers, tuple(app.scope["server"])

    assert_same(scenario)


# Responses


async def every_kind(scope: Scope, receive: Receive, send: Send) -> None:
    body = await read_body(receive)
    status, headers = 200, [(b"x-a", b"1"), (b"x-a", b"2"), (b"set-cookie", b"a=1; Path=/")]
    match scope["path"]:
        case "/redirect":
            status, headers = 303, [(b"location", b"/there")]
        case "/empty":
            status = 204
        case "/error":
            status = 500
    cookies = dict(scope["headers"]).get(b"cookie", b"")
    await respond(send, b"" if status == 204 else scope["method"].encode() + body + cookies, status, headers)


@pytest.mark.parametrize("path", ["/", "/redirect", "/empty", "/error"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_same_response(method: str, path: str) -> None:
    def scenario(client: Callable[..., Any]) -> object:
        made = client(every_kind)
        responses = [made.request(method, path), made.request(method, path)]
        return [
            (response.status_code, response.headers.multi_items(), response.content, str(response.url), len(response.history))
            for response in responses
        ]

    assert_same(scenario)


def test_same_stream() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(iter([b"1", b"2", b"3"]))(scope, receive, send)

    def scenario(client: Callable[..., Any]) -> object:
        with client(app).stream("GET", "/") as response:
            return list(response.iter_raw())

    assert_same(scenario)


# Failures


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("lost")


async def fails_late(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, b"fine so far")
    raise LookupError("lost")


@pytest.mark.parametrize("app", [fails, fails_late])
@pytest.mark.parametrize("raised", [True, False])
def test_same_failure(app: App, raised: bool) -> None:
    assert_same(lambda client: client(app, raise_server_exceptions=raised).get("/").status_code)


# Lifespan


async def has_lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        scope["state"]["loop"] = asyncio.get_running_loop()
        await run_lifespan(receive, send)
    else:
        same_loop = scope["state"]["loop"] is asyncio.get_running_loop()
        await respond(send, str(same_loop).encode())


async def fails_to_start(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "lost"})
    raise LookupError("lost")


async def fails_to_stop(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.failed", "message": "lost"})
        raise LookupError("lost")
    await respond(send)


@pytest.mark.parametrize("app", [has_lifespan, fails_to_start, fails_to_stop, fails])
def test_same_lifespan(app: App) -> None:
    def scenario(client: Callable[..., Any]) -> object:
        with client(app) as entered:
            return entered.get("/").text

    assert_same(scenario)


# Context variables


async def tells_and_sets_name(scope: Scope, receive: Receive, send: Send) -> None:
    name = NAME.get()
    NAME.set("app")
    if scope["type"] == "lifespan":
        await run_lifespan(receive, send)
    elif scope["type"] == "websocket":
        await accept(receive, send)
        await send({"type": "websocket.send", "text": name})
        await receive()
    else:
        await respond(send, name.encode())


def test_same_context() -> None:
    def scenario(client: Callable[..., Any]) -> object:
        NAME.set("before")
        with client(tells_and_sets_name) as entered:
            NAME.set("test")
            with entered.websocket_connect("/") as session:
                return entered.get("/").text, session.receive_text(), NAME.get()

    assert_same(scenario)


# WebSockets


async def rejects(scope: Scope, receive: Receive, send: Send) -> None:
    await WebSocket(scope, receive, send).close(1008, "who are you")


async def denies(scope: Scope, receive: Receive, send: Send) -> None:
    await WebSocket(scope, receive, send).send_denial_response(PlainTextResponse("no", 403))


async def closes(scope: Scope, receive: Receive, send: Send) -> None:
    websocket = WebSocket(scope, receive, send)
    await websocket.accept("b", [(b"x-a", b"1")])
    await websocket.send_text("hello")
    await websocket.close(3001, "enough")


async def echoes(scope: Scope, receive: Receive, send: Send) -> None:
    """Does not catch WebSocketDisconnect, so that the end of the block raises it."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    while True:
        await websocket.send_text(await websocket.receive_text())


async def pushes(scope: Scope, receive: Receive, send: Send) -> None:
    """Never receives, and only notices that the client left when a message cannot be sent."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    while True:
        await websocket.send_text("hello")
        await asyncio.sleep(0.01)


async def fails_when_open(scope: Scope, receive: Receive, send: Send) -> None:
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    await websocket.receive_text()
    raise LookupError("lost")


@pytest.mark.parametrize("app", [echo_websocket, rejects, denies, closes, echoes, pushes, fails_when_open])
def test_same_websocket(app: App) -> None:
    def scenario(client: Callable[..., Any]) -> object:
        with client(app).websocket_connect("/", ["a", "b"]) as session:
            session.send_text("hello")
            return session.accepted_subprotocol, list(session.extra_headers or ()), session.receive_text()

    assert_same(scenario)


def test_same_close() -> None:
    def scenario(client: Callable[..., Any]) -> object:
        with client(closes).websocket_connect("/", ["b"]) as session:
            session.send_json({"a": "\u00e9"})
            return session.receive_text(), session.receive()

    assert_same(scenario)


def test_same_text() -> None:
    assert_same(lambda client: client(hello).get("/").text)
