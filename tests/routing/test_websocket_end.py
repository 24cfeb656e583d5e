"""How WebSockets end, whatever their handlers do."""

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from fasterapi import (
    BackgroundTasks,
    Depends,
    Faster,
    HTTPException,
    PlainTextResponse,
    Response,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    WebSocketRequestValidationError,
)
from fasterapi.testing import TestClient, WebSocketDenialResponse
from tests.routing.websocket_conversations import converse

Handle = Callable[[WebSocket], Awaitable[None]]

CONNECT = {"type": "websocket.connect"}
LEAVE = {"type": "websocket.disconnect", "code": 1001, "reason": ""}


class Order(msgspec.Struct):
    count: int


def app_of(handle: Handle, **options: Any) -> Faster:
    app = Faster(**options)

    @app.websocket("/")
    async def handler(websocket: WebSocket) -> None:
        await handle(websocket)

    return app


async def accept_and_raise(websocket: WebSocket, error: Exception) -> None:
    await websocket.accept()
    raise error


def ending(app: Faster, *script: tuple[Any, ...]) -> Any:
    """What the client sees last, when nobody looks at what the application raised."""
    return converse(TestClient(app, raise_server_exceptions=False), "/", [*script, ("receive_text",)])[-1]


async def answers_of(app: Faster, *messages: dict[str, Any], **scope: Any) -> list[dict[str, Any]]:
    """What the application sends to a server that gives these messages."""
    incoming = [CONNECT, *messages]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": [], **scope}, receive, send)
    return sent


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# Handlers that return.


def test_a_handler_that_returns_has_closed() -> None:
    async def handle(websocket: WebSocket) -> None:
        await websocket.accept()

    assert ending(app_of(handle)) == ("closed", 1000, "")


def test_a_handler_that_returns_without_an_answer_is_a_bug() -> None:
    async def handle(websocket: WebSocket) -> None:
        return None

    with pytest.raises(RuntimeError, match=r"Write `await websocket.accept\(\)`"):
        TestClient(app_of(handle)).websocket_connect("/")
    assert ending(app_of(handle)) == ("denied", 500, "Internal Server Error", None)


# Handlers that raise.


@pytest.mark.parametrize("accepts", [False, True])
def test_a_bug_is_told_to_the_log_alone(caplog: pytest.LogCaptureFixture, accepts: bool) -> None:
    async def handle(websocket: WebSocket) -> None:
        if accepts:
            await websocket.accept()
        raise ValueError("secret")

    expected = ("closed", 1011, "") if accepts else ("denied", 500, "Internal Server Error", None)
    assert ending(app_of(handle)) == expected
    assert logged(caplog) == ["WebSocket '/' raised ValueError"]
    assert caplog.records[0].exc_info


@pytest.mark.parametrize("accepts", [False, True])
def test_a_bug_is_raised_in_tests(accepts: bool) -> None:
    async def handle(websocket: WebSocket) -> None:
        if accepts:
            await websocket.accept()
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"), TestClient(app_of(handle)).websocket_connect("/") as session:
        session.receive_text()


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (HTTPException(403, "no"), 1008, "no"),
        (HTTPException(404, {"a": 1}), 1008, ""),
        (HTTPException(503), 1011, "Service Unavailable"),
        (WebSocketException(4000), 4000, ""),
        (WebSocketException(1008, "\u00e9" * 62), 1008, "\u00e9" * 61),
        (WebSocketRequestValidationError([]), 1008, ""),
    ],
)
def test_exceptions_after_the_answer_close(caplog: pytest.LogCaptureFixture, error: Exception, code: int, reason: str) -> None:
    assert ending(app_of(lambda websocket: accept_and_raise(websocket, error))) == ("closed", code, reason)
    assert logged(caplog) == []


@pytest.mark.parametrize("error", [WebSocketException(99), HTTPException(400, object()), WebSocketDisconnect(1000)])
def test_exceptions_that_cannot_be_sent_are_bugs(caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    assert ending(app_of(lambda websocket: accept_and_raise(websocket, error))) == ("closed", 1011, "")
    assert len(logged(caplog)) == 1


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        (("send_text", '{"count": "x"}'), 1008, "message.count: Input should be a valid integer, unable to parse string as an integer"),
        (("send_text", "{"), 1008, "message.1: JSON decode error"),
        (("send_bytes", b"1"), 1003, "A text message is expected here, not a binary one."),
    ],
)
def test_messages_that_do_not_fit_their_type_close(
    caplog: pytest.LogCaptureFixture, message: tuple[Any, ...], code: int, reason: str
) -> None:
    async def handle(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_json(type=Order)

    assert ending(app_of(handle), message) == ("closed", code, reason)
    assert logged(caplog) == []


def test_messages_that_are_no_json_close() -> None:
    async def handle(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_json()

    end = ending(app_of(handle), ("send_text", "{"))
    assert end[:2] == ("closed", 1007)
    assert end[2].startswith("The message is not JSON: ")


async def test_servers_that_know_no_denial_refuse() -> None:
    async def handle(websocket: WebSocket) -> None:
        raise HTTPException(401, "who are you")

    assert await answers_of(app_of(handle)) == [{"type": "websocket.close", "code": 1008, "reason": "who are you"}]
    assert await answers_of(app_of(handle), extensions=None) == [{"type": "websocket.close", "code": 1008, "reason": "who are you"}]


async def test_a_server_that_refuses_every_end_gets_no_exception(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(websocket: WebSocket) -> None:
        raise ValueError("a bug")

    async def receive() -> Any:
        return CONNECT

    async def send(message: Any) -> None:
        raise RuntimeError("refused")

    await app_of(handle)({"type": "websocket", "path": "/", "headers": []}, receive, send)
    assert logged(caplog) == ["WebSocket '/' raised ValueError"]


# Clients that leave.


async def hear(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_text()


async def hear_in_a_group(websocket: WebSocket) -> None:
    await websocket.accept()
    async with asyncio.TaskGroup() as group:
        group.create_task(websocket.receive_text())
        group.create_task(asyncio.Event().wait())


async def speak_behind_the_client(websocket: WebSocket) -> None:
    try:
        await hear(websocket)
    finally:
        with contextlib.suppress(WebSocketDisconnect):
            await websocket.send_text("bye")
        await websocket.send_text("bye")


async def close_behind_the_client(websocket: WebSocket) -> None:
    try:
        await hear(websocket)
    finally:
        await websocket.close()


@pytest.mark.parametrize("handle", [hear, hear_in_a_group, speak_behind_the_client, close_behind_the_client])
async def test_a_client_that_leaves_is_no_error(caplog: pytest.LogCaptureFixture, handle: Handle) -> None:
    sent = await answers_of(app_of(handle), LEAVE)
    assert [message["type"] for message in sent] == ["websocket.accept"]
    assert logged(caplog) == []


async def test_a_client_that_is_gone_at_the_answer_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def receive() -> Any:
        return CONNECT

    async def send(message: Any) -> None:
        raise ConnectionResetError

    await app_of(hear)({"type": "websocket", "path": "/", "headers": []}, receive, send)
    await app_of(hear)({"type": "websocket", "path": "/unknown", "headers": []}, receive, send)
    assert logged(caplog) == []


async def test_a_bug_that_a_leaving_client_brought_up_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(websocket: WebSocket) -> None:
        try:
            await hear(websocket)
        except WebSocketDisconnect:
            raise KeyError("user") from None

    await answers_of(app_of(handle), LEAVE)
    assert logged(caplog) == ["WebSocket '/' raised KeyError"]


def test_a_departure_of_another_client_is_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    app = Faster()
    others: list[WebSocket] = []

    @app.websocket("/other")
    async def other(websocket: WebSocket) -> None:
        others.append(websocket)
        await hear(websocket)

    @app.websocket("/")
    async def broadcasting(websocket: WebSocket) -> None:
        await websocket.accept()
        await others[0].send_text("hello")

    client = TestClient(app, raise_server_exceptions=False)
    with client.websocket_connect("/other"):
        pass
    assert converse(client, "/", [("receive_text",)])[-1] == ("closed", 1011, "")
    assert logged(caplog) == ["WebSocket '/' raised WebSocketDisconnect"]


# Handlers of exceptions.


class OwnError(Exception):
    pass


def app_raising(error: Exception, handler: Callable[..., Any], *, accepts: bool = False) -> Faster:
    async def handle(websocket: WebSocket) -> None:
        if accepts:
            await websocket.accept()
        raise error

    return app_of(handle, exception_handlers={type(error): handler})


def test_a_handler_of_exceptions_may_block() -> None:
    threads: list[bool] = []

    def handler(websocket: WebSocket, error: OwnError) -> Response:
        threads.append(threading.current_thread() is threading.main_thread())
        return PlainTextResponse(str(error), 418, {"x-why": "own"})

    assert ending(app_raising(OwnError("teapot"), handler)) == ("denied", 418, "teapot", "own")
    assert threads == [False]


@pytest.mark.parametrize(("status", "code"), [(418, 1008), (500, 1011)])
def test_a_response_after_the_answer_closes(status: int, code: int) -> None:
    async def handler(websocket: WebSocket, error: OwnError) -> Any:
        return status, b"", []

    assert ending(app_raising(OwnError(), handler, accepts=True)) == ("closed", code, "")


def test_a_handler_of_exceptions_that_does_nothing_lets_the_websocket_end() -> None:
    async def handler(websocket: WebSocket, error: OwnError) -> None: ...

    assert ending(app_raising(OwnError(), handler, accepts=True)) == ("closed", 1000, "")
    assert ending(app_raising(OwnError(), handler)) == ("closed", 1000, "")


def test_a_handler_of_exceptions_that_raises_is_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(websocket: WebSocket, error: OwnError) -> None:
        raise KeyError("handler")

    assert ending(app_raising(OwnError(), handler, accepts=True)) == ("closed", 1011, "")
    assert logged(caplog) == ["WebSocket '/' raised KeyError"]


def test_faults_of_a_handshake_have_their_handler() -> None:
    app = Faster()

    @app.exception_handler(WebSocketRequestValidationError)
    async def handler(websocket: WebSocket, error: WebSocketRequestValidationError) -> None:
        await websocket.accept()
        await websocket.send_json(error.errors())
        await websocket.close(4400)

    @app.websocket("/")
    async def handle(websocket: WebSocket, limit: int, offset: int) -> None: ...

    seen = converse(TestClient(app), "/?limit=x", [("receive_json",), ("receive_text",)])
    assert [error["loc"] for error in seen[1]] == [["query", "limit"], ["query", "offset"]]
    assert seen[2] == ("closed", 4400, "")


def test_a_handler_for_everything_is_for_requests_alone(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(request: Any, error: Exception) -> Response:
        return PlainTextResponse("never", 200)

    app = app_of(lambda websocket: accept_and_raise(websocket, OwnError()), exception_handlers={Exception: handler, 500: handler})
    assert ending(app) == ("closed", 1011, "")
    assert logged(caplog) == ["WebSocket '/' raised OwnError"]


# What surrounds a handler.


def test_middleware_sees_bugs_once_the_websocket_is_closed(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Any] = []

    class Watching:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            async def watched(message: Any) -> None:
                seen.append(message["type"])
                await send(message)

            try:
                await self.app(scope, receive, watched)
            except OwnError as error:
                seen.append(error)
                raise

    app = app_of(lambda websocket: accept_and_raise(websocket, OwnError()))
    app.add_middleware(Watching)
    with pytest.raises(OwnError) as caught, TestClient(app).websocket_connect("/") as session:
        session.receive_text()
    assert seen == ["websocket.accept", "websocket.close", caught.value]
    assert logged(caplog) == []


@pytest.mark.parametrize("leaves", [False, True])
def test_background_tasks_run_behind_the_websocket(leaves: bool) -> None:
    app = Faster()
    log: list[str] = []

    async def resource() -> AsyncIterator[None]:
        try:
            yield
        finally:
            log.append("cleaned")

    @app.websocket("/", dependencies=[Depends(resource)])
    async def handle(websocket: WebSocket, tasks: BackgroundTasks) -> None:
        tasks.add_task(lambda: log.append(websocket.application_state.name))
        await websocket.accept()
        if leaves:
            await websocket.receive_text()

    converse(TestClient(app), "/", [("close",)] if leaves else [("receive_text",)])
    assert log == ["CONNECTED" if leaves else "DISCONNECTED", "cleaned"]


def test_background_tasks_that_fail_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    app = Faster()

    def fail() -> None:
        raise OwnError("task")

    @app.websocket("/")
    async def handle(websocket: WebSocket, tasks: BackgroundTasks) -> None:
        tasks.add_task(fail)
        await websocket.accept()

    with pytest.raises(OwnError, match="task"), TestClient(app).websocket_connect("/"):
        pass


def test_a_bug_drops_the_background_tasks() -> None:
    app = Faster()
    log: list[str] = []

    @app.websocket("/")
    async def handle(websocket: WebSocket, tasks: BackgroundTasks) -> None:
        tasks.add_task(log.append, "never")
        await accept_and_raise(websocket, OwnError())

    assert ending(app) == ("closed", 1011, "")
    assert log == []


def test_a_drafted_response_goes_into_the_handshake() -> None:
    app = Faster()

    async def session(response: Response) -> None:
        response.set_cookie("session", "s")

    @app.websocket("/", dependencies=[Depends(session)])
    async def handle(websocket: WebSocket, response: Response) -> None:
        response.headers["x-own"] = "1"
        await websocket.accept(headers=[(b"x-more", b"2")])

    with TestClient(app).websocket_connect("/") as websocket:
        headers = dict(websocket.extra_headers)
    assert headers.pop(b"set-cookie").startswith(b"session=s")
    assert headers == {b"x-own": b"1", b"x-more": b"2"}


def test_a_provider_with_clean_up_may_say_how_the_websocket_ends() -> None:
    app = Faster()

    async def translating() -> AsyncIterator[None]:
        try:
            yield
        except OwnError as error:
            raise WebSocketException(4004, "translated") from error

    @app.websocket("/", dependencies=[Depends(translating)])
    async def handle(websocket: WebSocket) -> None:
        await accept_and_raise(websocket, OwnError())

    assert ending(app) == ("closed", 4004, "translated")


def test_a_provider_that_swallows_ends_the_websocket_well() -> None:
    app = Faster()

    async def swallowing() -> AsyncIterator[None]:
        with contextlib.suppress(OwnError):
            yield

    @app.websocket("/", dependencies=[Depends(swallowing)])
    async def handle(websocket: WebSocket) -> None:
        await accept_and_raise(websocket, OwnError())

    assert ending(app) == ("closed", 1000, "")


@pytest.mark.parametrize("scope", ["function", "request"])
def test_providers_end_before_or_behind_the_close(scope: Any) -> None:
    app = Faster()
    log: list[str] = []

    async def resource(websocket: WebSocket) -> AsyncIterator[None]:
        yield
        log.append(websocket.application_state.name)

    @app.websocket("/", dependencies=[Depends(resource, scope=scope)])
    async def handle(websocket: WebSocket) -> None:
        await websocket.accept()

    assert ending(app) == ("closed", 1000, "")
    assert log == ["CONNECTED" if scope == "function" else "DISCONNECTED"]


async def test_a_cancelled_handler_is_cleaned_up() -> None:
    app = Faster()
    log: list[str] = []
    waiting = asyncio.Event()

    async def resource() -> AsyncIterator[None]:
        try:
            yield
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    @app.websocket("/", dependencies=[Depends(resource)])
    async def handle(websocket: WebSocket) -> None:
        waiting.set()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(answers_of(app))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["cancelled"]


def test_providers_can_be_overridden() -> None:
    app = Faster()

    def user() -> str:
        return "real"

    def stand_in(name: str = "stand-in") -> str:
        return name

    @app.websocket("/")
    async def handle(websocket: WebSocket, name: str = Depends(user)) -> None:
        await websocket.accept()
        await websocket.send_text(name)

    client = TestClient(app)
    names = [converse(client, "/", [("receive_text",)])[1]]
    app.dependency_overrides[user] = stand_in
    names.append(converse(client, "/?name=other", [("receive_text",)])[1])
    app.dependency_overrides[user] = lambda: "third"
    names.append(converse(client, "/", [("receive_text",)])[1])
    app.dependency_overrides.clear()
    names.append(converse(client, "/", [("receive_text",)])[1])
    assert names == ["real", "other", "third", "real"]


def test_a_denial_tells_its_json() -> None:
    async def handle(websocket: WebSocket) -> None:
        raise HTTPException(402, ["pay"])

    with pytest.raises(WebSocketDenialResponse) as caught:
        TestClient(app_of(handle)).websocket_connect("/")
    assert (caught.value.status_code, json.loads(caught.value.content)) == (402, {"detail": ["pay"]})
