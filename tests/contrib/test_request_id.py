from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from fasterapi import Faster, Request, WebSocket
from fasterapi.contrib.request_id import RequestIDMiddleware, new_request_id, request_id
from fasterapi.middleware import Middleware
from fasterapi.testing import AsyncTestClient, TestClient


def client_of(**options: Any) -> TestClient:
    return TestClient(app_with(**options))


def app_with(**options: Any) -> Faster:
    app = Faster(middleware=[Middleware(RequestIDMiddleware, **options)])

    @app.get("/")
    async def read(request: Request) -> list[Any]:
        return [request.state.request_id, request.state["request_id"], request_id()]

    @app.get("/thread")
    def read_in_thread() -> str | None:
        return request_id()

    @app.get("/error")
    async def fail() -> None:
        raise ZeroDivisionError

    @app.websocket("/socket")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_json([websocket.state.request_id, request_id()])

    return app


def test_each_request_gets_an_id_of_its_own() -> None:
    client = client_of()
    first, second = client.get("/"), client.get("/")
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.json() == [first.headers["x-request-id"]] * 3


def test_thread_of_a_handler_knows_the_id() -> None:
    response = client_of().get("/thread")
    assert response.json() == response.headers["x-request-id"]


@pytest.mark.parametrize(
    "name", ["a", "7", "1-a.b_c:d=e/f+g@h", "0" * 128, new_request_id()], ids=["letter", "digit", "signs", "long", "ours"]
)
def test_safe_id_of_a_client_is_kept(name: str) -> None:
    response = client_of().get("/", headers={"x-request-id": name})
    assert response.json() == [name] * 3
    assert response.headers["x-request-id"] == name


@pytest.mark.parametrize(
    "name", [b"", b"0" * 129, b"a b", b"a\tb", b"\x1b[31m", b"a\x7f", b"<script>", b"a;b", b"'", b'"', b"a,b", b"$(id)", b"\xe9", b"%0a"]
)
def test_unsafe_id_of_a_client_is_replaced(name: bytes) -> None:
    response = client_of().get("/", headers=[(b"x-request-id", name)])
    assert response.status_code == 200
    assert len(response.headers["x-request-id"]) == 32
    assert response.json() == [response.headers["x-request-id"]] * 3


def test_line_break_behind_an_id_is_not_kept() -> None:
    # A pattern that ends with `$` would take it.
    response = client_of().get("/", headers=[(b"x-request-id", b"abc\n")])
    assert len(response.headers["x-request-id"]) == 32


def test_two_ids_are_none() -> None:
    response = client_of().get("/", headers=[(b"x-request-id", b"one"), (b"X-Request-ID", b"two")])
    assert len(response.headers["x-request-id"]) == 32


def test_inbound_ids_can_be_refused() -> None:
    response = client_of(trust_inbound=False).get("/", headers={"x-request-id": "mine"})
    assert response.headers["x-request-id"] != "mine"


def test_header_and_generator_are_the_users_choice() -> None:
    response = client_of(header_name="X-Correlation-ID", generator=lambda: "made").get("/")
    assert response.headers["x-correlation-id"] == "made"
    assert "x-request-id" not in response.headers


@pytest.mark.parametrize("name", ["", "a b", "x:y", "ü", "a\n"])
def test_name_that_is_no_header_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="header_name"):
        RequestIDMiddleware(Faster(), header_name=name)


def test_id_of_the_application_itself_is_replaced() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"X-Request-ID", b"other")]})
        await send({"type": "http.response.body"})

    response = TestClient(RequestIDMiddleware(app)).get("/", headers={"x-request-id": "mine"})
    assert response.headers.get_list("x-request-id") == ["mine"]


def test_websocket_has_an_id() -> None:
    with client_of().websocket_connect("/socket", headers={"x-request-id": "chat-1"}) as session:
        assert session.receive_json() == ["chat-1", "chat-1"]


def test_outside_of_requests_there_is_no_id() -> None:
    assert request_id() is None


async def test_requests_at_the_same_time_keep_their_ids() -> None:
    both_are_there = asyncio.Barrier(2)
    app = Faster(middleware=[Middleware(RequestIDMiddleware)])

    @app.get("/")
    async def read() -> str | None:
        await both_are_there.wait()
        return request_id()

    async with AsyncTestClient(app) as client:
        answers = await asyncio.gather(*[client.get("/", headers={"x-request-id": name}) for name in ("one", "two")])
    assert [answer.json() for answer in answers] == ["one", "two"]


def test_around_the_application_errors_nobody_handled_have_an_id_too() -> None:
    plain = Faster()

    @plain.get("/error")
    async def fail() -> None:
        raise ZeroDivisionError

    response = TestClient(RequestIDMiddleware(plain), raise_server_exceptions=False).get("/error", headers={"x-request-id": "mine"})
    assert response.status_code == 500
    assert response.headers["x-request-id"] == "mine"


def test_next_request_does_not_inherit_the_id_of_one_that_failed() -> None:
    client = TestClient(app_with(), raise_server_exceptions=False)
    assert client.get("/error", headers={"x-request-id": "first"}).status_code == 500
    assert "first" not in client.get("/").json()


def test_log_of_an_unhandled_error_can_name_the_request(caplog: pytest.LogCaptureFixture) -> None:
    names: list[str | None] = []

    def note(record: logging.LogRecord) -> bool:
        names.append(request_id())
        return True

    caplog.handler.addFilter(note)
    client = TestClient(app_with(), raise_server_exceptions=False)
    client.get("/error", headers={"x-request-id": "mine"})
    assert "mine" in names
