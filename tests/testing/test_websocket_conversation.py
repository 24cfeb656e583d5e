"""The handshake of a WebSocket, the failures of the app, and what no server would let pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from fasterapi.testing import TestClient, WebSocketDenialResponse, WebSocketDisconnect, WebSocketTestSession
from tests.testing.apps import App, Message, Receive, Scope, Send, accept, accepts_and_sends

TEXT: Message = {"type": "websocket.send", "text": "hello"}
CLOSE: Message = {"type": "websocket.close", "code": 3001, "reason": "enough"}


def answers(*messages: Message) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            await send(message)

    return app


# The handshake


def test_accepted_subprotocol() -> None:
    with TestClient(answers({"type": "websocket.accept", "subprotocol": "b"})).websocket_connect("/", ["a", "b"]) as session:
        assert session.accepted_subprotocol == "b"


def test_headers_of_the_acceptance() -> None:
    with TestClient(answers({"type": "websocket.accept", "headers": [(b"x-a", b"1")]})).websocket_connect("/") as session:
        assert session.extra_headers == [(b"x-a", b"1")]


def test_cookies_of_the_acceptance_are_kept() -> None:
    client = TestClient(answers({"type": "websocket.accept", "headers": [(b"set-cookie", b"seen=1")]}))
    client.websocket_connect("/").close()
    assert client.cookies["seen"] == "1"


def test_rejection() -> None:
    with pytest.raises(WebSocketDisconnect) as caught:
        TestClient(answers({"type": "websocket.close", "code": 1008, "reason": "who are you"})).websocket_connect("/")
    assert (caught.value.code, caught.value.reason) == (1008, "who are you")


def test_rejection_by_default() -> None:
    with pytest.raises(WebSocketDisconnect) as caught:
        TestClient(answers({"type": "websocket.close"})).websocket_connect("/")
    assert (caught.value.code, caught.value.reason) == (1000, "")


def test_app_sees_its_rejection_as_a_disconnect() -> None:
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.close"})
        seen.append(await receive())

    with pytest.raises(WebSocketDisconnect):
        TestClient(app).websocket_connect("/")
    assert seen == [{"type": "websocket.disconnect", "code": 1006, "reason": ""}]


DENIAL: tuple[Message, ...] = (
    {"type": "websocket.http.response.start", "status": 401, "headers": [(b"content-type", b"application/json"), (b"x-a", b"1")]},
    {"type": "websocket.http.response.body", "body": b'{"log":', "more_body": True},
    {"type": "websocket.http.response.body", "body": b'"in"}'},
)


def test_denial_response() -> None:
    with pytest.raises(WebSocketDenialResponse) as caught:
        TestClient(answers(*DENIAL)).websocket_connect("/")
    denial = caught.value
    assert (denial.status_code, denial.headers["x-a"], denial.content, denial.text) == (401, "1", b'{"log":"in"}', '{"log":"in"}')
    assert denial.json() == denial.response.json() == {"log": "in"}


def test_denial_response_is_a_disconnect() -> None:
    with pytest.raises(WebSocketDisconnect) as caught:
        TestClient(answers(*DENIAL)).websocket_connect("/")
    assert caught.value.code == 1006


def test_denial_may_redirect() -> None:
    redirect: tuple[Message, ...] = (
        {"type": "websocket.http.response.start", "status": 307, "headers": [(b"location", b"/other")]},
        {"type": "websocket.http.response.body"},
    )
    with pytest.raises(WebSocketDenialResponse) as caught:
        TestClient(answers(*redirect)).websocket_connect("/")
    assert caught.value.headers["location"] == "/other"


def test_app_that_neither_accepts_nor_closes() -> None:
    with pytest.raises(RuntimeError, match="without accepting or closing"):
        TestClient(answers()).websocket_connect("/")


def test_app_that_does_not_answer_the_handshake() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)

    with pytest.raises(TimeoutError, match=r"neither accepted nor refused the WebSocket for 0\.05 s"):
        TestClient(app).websocket_connect("/", timeout=0.05)


# Failures


async def fails_at_once(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("lost")


async def fails_after_accept(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    raise LookupError("lost")


async def reports_and_closes(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    scope["extensions"]["fasterapi.unhandled"].append(LookupError("lost"))
    await send({"type": "websocket.close", "code": 1011})


async def reports_and_rejects(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1011})
    scope["extensions"]["fasterapi.unhandled"].append(LookupError("lost"))


async def sends_and_fails(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    await send(TEXT)
    raise LookupError("lost")


async def fails_at_the_end(scope: Scope, receive: Receive, send: Send) -> None:
    await accept(receive, send)
    await receive()
    raise LookupError("lost")


def receive_text(session: WebSocketTestSession) -> None:
    session.receive_text()


def do_nothing(session: WebSocketTestSession) -> None:
    pass


@pytest.mark.parametrize("app", [fails_at_once, fails_after_accept, reports_and_closes, reports_and_rejects])
@pytest.mark.parametrize("use", [receive_text, do_nothing])
def test_failure_of_the_app_is_raised(app: App, use: Callable[[WebSocketTestSession], None]) -> None:
    client = TestClient(app)
    with pytest.raises(LookupError, match="lost"), client.websocket_connect("/") as session:
        use(session)


def test_failure_of_the_app_follows_its_messages() -> None:
    with TestClient(sends_and_fails).websocket_connect("/") as session:
        assert session.receive_text() == "hello"
        with pytest.raises(LookupError):
            session.receive_text()


def test_failure_after_the_client_left_is_raised() -> None:
    client = TestClient(fails_at_the_end)
    with pytest.raises(LookupError), client.websocket_connect("/"):
        pass


def test_failure_is_a_lost_connection_on_demand() -> None:
    with TestClient(fails_after_accept, raise_server_exceptions=False).websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive_text()
        assert caught.value.code == 1006


def test_failure_before_the_acceptance_is_a_500_on_demand() -> None:
    with pytest.raises(WebSocketDenialResponse) as caught:
        TestClient(fails_at_once, raise_server_exceptions=False).websocket_connect("/")
    assert caught.value.status_code == 500


# Against the protocol


@pytest.mark.parametrize(
    ("app", "complaint"),
    [
        (answers(TEXT), "'websocket.send' was sent before the WebSocket was accepted"),
        (answers({"type": "websocket.accept", "subprotocol": "c"}), r"accepted the subprotocol 'c', the client offered \['a'\]"),
        (answers(DENIAL[0], TEXT), "only 'websocket.http.response.body' can follow"),
        (accepts_and_sends({"type": "websocket.accept"}), "'websocket.accept' was sent on an open WebSocket"),
        (accepts_and_sends({"type": "websocket.send"}), "needs one of text and bytes"),
        (accepts_and_sends({"type": "websocket.send", "text": "a", "bytes": b"a"}), "needs one of text and bytes"),
        (accepts_and_sends({"type": "websocket.send", "text": b"a"}), "the text of 'websocket.send' is a str, not bytes"),
        (accepts_and_sends({"type": "websocket.send", "bytes": "a"}), "the bytes of 'websocket.send' are bytes, not str"),
        (accepts_and_sends(CLOSE, TEXT), "'websocket.send' was sent after the WebSocket was closed"),
        (accepts_and_sends({"type": "websocket.close", "code": 1006}), "1006 is no code"),
        (accepts_and_sends({"type": "websocket.close", "reason": "x" * 124}), "may have 123 bytes, this one has 124"),
    ],
)
def test_what_no_server_lets_pass(app: App, complaint: str) -> None:
    client = TestClient(app)
    with pytest.raises((RuntimeError, TypeError, ValueError), match=complaint), client.websocket_connect("/", ["a"]):
        pass
