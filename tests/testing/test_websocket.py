"""WebSocket sessions: both directions and both ways to end."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any

import pytest

from fasterapi.testing import TestClient, WebSocketDisconnect
from tests.testing.apps import Message, Receive, Scope, Send, accept, accepts_and_sends, echo_websocket


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
