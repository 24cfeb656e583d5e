"""WebSocket sessions: both directions, both ways to end, and what no server would let pass."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

import pytest

from fasterapi.testing import TestClient, WebSocketDenialResponse, WebSocketDisconnect, WebSocketTestSession
from tests.testing.apps import App, Message, Receive, Scope, Send, accept, echo_websocket


def accepts_and_sends(*messages: Message) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        for message in messages:
            await send(message)

    return app


def answers(*messages: Message) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        for message in messages:
            await send(message)

    return app


class Log:
    """An app that accepts and keeps what it receives."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        while not self.messages or self.messages[-1]["type"] != "websocket.disconnect":
            self.messages.append(await receive())


TEXT: Message = {"type": "websocket.send", "text": "hello"}
BYTES: Message = {"type": "websocket.send", "bytes": b"hello"}


# Messages


def test_text() -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session:
        session.send_text("caf\u00e9")
        assert session.receive_text() == "caf\u00e9"


def test_bytes() -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session:
        session.send_bytes(b"\xff")
        assert session.receive_bytes() == b"\xff"


@pytest.mark.parametrize("mode", ["text", "binary"])
def test_json(mode: Any) -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session:
        session.send_json({"a": [1, None, "\u00e9"]}, mode)
        assert session.receive_json(mode) == {"a": [1, None, "\u00e9"]}


def test_json_of_what_msgspec_encodes() -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session:
        session.send_json({"on": datetime.date(2026, 1, 2)})
        assert session.receive_text() == '{"on":"2026-01-02"}'


def test_first_message_of_the_client_follows_connect() -> None:
    log = Log()
    with TestClient(log).websocket_connect("/") as session:
        session.send_text("1")
        session.send_bytes(b"2")
    assert log.messages[:2] == [{"type": "websocket.receive", "text": "1"}, {"type": "websocket.receive", "bytes": b"2"}]


def test_messages_keep_their_order() -> None:
    numbers = [str(number) for number in range(50)]
    with TestClient(echo_websocket).websocket_connect("/") as session:
        for number in numbers:
            session.send_text(number)
        assert [session.receive_text() for _ in numbers] == numbers


def test_raw_messages() -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session:
        session.send({"type": "websocket.receive", "text": "x"})
        assert session.receive() == {"type": "websocket.send", "text": "x"}


def test_raw_disconnect() -> None:
    log = Log()
    with TestClient(log).websocket_connect("/") as session:
        session.send({"type": "websocket.disconnect", "code": 3000, "reason": "bye"})
    assert log.messages == [{"type": "websocket.disconnect", "code": 3000, "reason": "bye"}]


def test_raw_message_of_a_server() -> None:
    with (
        TestClient(echo_websocket).websocket_connect("/") as session,
        pytest.raises(ValueError, match=r"a client sends 'websocket.receive' and 'websocket.disconnect', not 'websocket.send'"),
    ):
        session.send(TEXT)


def test_bytes_where_text_is_expected() -> None:
    with TestClient(accepts_and_sends(BYTES)).websocket_connect("/") as session, pytest.raises(TypeError, match="binary message"):
        session.receive_text()


def test_text_where_bytes_are_expected() -> None:
    with TestClient(accepts_and_sends(TEXT)).websocket_connect("/") as session, pytest.raises(TypeError, match="text message"):
        session.receive_bytes()


def test_message_that_does_not_come() -> None:
    with (
        TestClient(echo_websocket).websocket_connect("/", timeout=0.05) as session,
        pytest.raises(TimeoutError, match=r"no WebSocket message for 0\.05 s"),
    ):
        session.receive_text()


def test_timeout_of_one_wait() -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session:
        with pytest.raises(TimeoutError):
            session.receive(timeout=0.01)
        session.send_text("still open")
        assert session.receive_text() == "still open"


def test_endless_sender_is_held_back_and_left() -> None:
    sent: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        while True:
            await send(TEXT)
            sent.append(1)

    with TestClient(app).websocket_connect("/") as session:
        assert session.receive_text() == "hello"
    assert len(sent) <= 1001


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


# The end, by the app


CLOSE: Message = {"type": "websocket.close", "code": 3001, "reason": "enough"}


def test_close_of_the_app() -> None:
    with TestClient(accepts_and_sends(CLOSE)).websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive_text()
        assert (caught.value.code, caught.value.reason) == (3001, "enough")


def test_close_of_the_app_follows_its_messages() -> None:
    with TestClient(accepts_and_sends(TEXT, CLOSE)).websocket_connect("/") as session:
        assert session.receive_text() == "hello"
        with pytest.raises(WebSocketDisconnect):
            session.receive_text()


def test_close_of_the_app_as_a_message_once() -> None:
    with TestClient(accepts_and_sends(CLOSE)).websocket_connect("/") as session:
        assert session.receive() == CLOSE
        with pytest.raises(WebSocketDisconnect):
            session.receive()


def test_close_without_a_code_is_normal() -> None:
    with TestClient(accepts_and_sends({"type": "websocket.close"})).websocket_connect("/") as session:
        assert session.receive() == {"type": "websocket.close", "code": 1000, "reason": ""}


def test_app_sees_its_close_as_a_disconnect() -> None:
    seen: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await send(CLOSE)
        seen.append(await receive())

    with TestClient(app).websocket_connect("/"):
        pass
    assert seen == [{"type": "websocket.disconnect", "code": 3001, "reason": "enough"}]


def test_app_that_returns_without_a_close() -> None:
    with TestClient(accepts_and_sends()).websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive_text()
        assert caught.value.code == 1006


def test_nothing_can_be_sent_after_the_close_was_received() -> None:
    with TestClient(accepts_and_sends(CLOSE)).websocket_connect("/") as session:
        session.receive()
        with pytest.raises(WebSocketDisconnect):
            session.send_text("too late")


def test_close_of_the_app_may_cross_a_message() -> None:
    with TestClient(accepts_and_sends(CLOSE)).websocket_connect("/") as session:
        session.send_text("crossing")
        assert session.receive() == CLOSE


# The end, by the client


def test_end_of_the_block_is_a_normal_close() -> None:
    log = Log()
    with TestClient(log).websocket_connect("/"):
        pass
    assert log.messages == [{"type": "websocket.disconnect", "code": 1000, "reason": ""}]


def test_close_with_code_and_reason() -> None:
    log = Log()
    TestClient(log).websocket_connect("/").close(4000, "done")
    assert log.messages == [{"type": "websocket.disconnect", "code": 4000, "reason": "done"}]


def test_second_close_does_nothing() -> None:
    log = Log()
    with TestClient(log).websocket_connect("/") as session:
        session.close(4000)
        session.close(4001)
    assert [message["code"] for message in log.messages] == [4000]


def test_what_was_sent_before_the_close_can_be_received() -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session:
        session.send_text("1")
        session.close()
        assert session.receive_text() == "1"
        with pytest.raises(WebSocketDisconnect):
            session.receive_text()


def test_nothing_can_be_sent_after_the_close() -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session:
        session.close()
        with pytest.raises(WebSocketDisconnect):
            session.send_text("too late")


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_code_that_no_close_can_have(code: int) -> None:
    with TestClient(echo_websocket).websocket_connect("/") as session, pytest.raises(ValueError, match=f"{code} is no code"):
        session.close(code)


def test_app_cleans_up_before_the_block_ends() -> None:
    order: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        await asyncio.sleep(0.01)
        order.append("cleaned up")

    with TestClient(app).websocket_connect("/"):
        pass
    assert order == ["cleaned up"]


def test_app_that_does_not_notice_is_cancelled() -> None:
    ends: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        try:
            await asyncio.sleep(60)
        finally:
            ends.append("cancelled")

    with TestClient(app).websocket_connect("/"):
        pass
    assert ends == ["cancelled"]


def test_send_to_a_client_that_left_is_an_oserror() -> None:
    failures: list[Exception] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        try:
            await send(TEXT)
        except OSError as failure:
            failures.append(failure)

    with TestClient(app).websocket_connect("/"):
        pass
    assert [str(failure) for failure in failures] == ["'websocket.send' was sent, but the client has left"]


def test_app_may_fail_of_a_client_that_left() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await accept(receive, send)
        await receive()
        try:
            await send(TEXT)
        except OSError:
            raise LookupError("whatever the app makes of it")  # noqa: B904 - frameworks do just this

    with TestClient(app).websocket_connect("/"):
        pass


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
