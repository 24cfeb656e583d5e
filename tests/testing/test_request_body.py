"""How the body of a request reaches the app."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from fasterapi.testing import TestClient
from tests.deadline import DEADLINE
from tests.testing.apps import Receive, Recorder, Scope, Send, echo, respond


def test_no_content_is_one_empty_message() -> None:
    app = Recorder()
    TestClient(app).get("/")
    assert app.messages == [{"type": "http.request", "body": b"", "more_body": False}]


def test_content_is_one_message() -> None:
    app = Recorder()
    TestClient(app).post("/", content=b"x" * 1_000_000)
    assert app.messages == [{"type": "http.request", "body": b"x" * 1_000_000, "more_body": False}]


def test_json() -> None:
    assert TestClient(echo).post("/", json={"a": [1]}).json() == {"a": [1]}


def test_form() -> None:
    assert TestClient(echo).post("/", data={"a": "1", "b": "\u00e9"}).content == b"a=1&b=%C3%A9"


def test_file_part() -> None:
    assert b'filename="a.txt"' in TestClient(echo).post("/", files={"file": ("a.txt", io.BytesIO(b"data"))}).content


def test_generator_is_one_message_for_each_chunk() -> None:
    app = Recorder()
    TestClient(app).post("/", content=iter([b"1", b"2"]))
    assert [(message["body"], message["more_body"]) for message in app.messages] == [(b"1", True), (b"2", True), (b"", False)]


def test_empty_chunk_does_not_end_the_body() -> None:
    assert TestClient(echo).post("/", content=iter([b"1", b"", b"2"])).content == b"12"


def test_generator_is_not_read_further_than_the_app_reads() -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield b"x"

    async def reads_one(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await respond(send)

    TestClient(reads_one).post("/", content=endless())
    assert len(read) == 1


def test_generator_may_wait_for_the_app() -> None:
    first_chunk_arrived = threading.Event()

    def content() -> Iterator[bytes]:
        yield b"1"
        assert first_chunk_arrived.wait(DEADLINE)
        yield b"2"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        first_chunk_arrived.set()
        await respond(send, (await receive())["body"])

    assert TestClient(app).post("/", content=content()).content == b"2"


def test_generator_sees_context_variables() -> None:
    name: ContextVar[bytes] = ContextVar("name")
    name.set(b"test")

    def content() -> Iterator[bytes]:
        yield name.get()

    assert TestClient(echo).post("/", content=content()).content == b"test"


def test_failure_of_the_generator_is_raised() -> None:
    def fails() -> Iterator[bytes]:
        yield b"1"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        TestClient(echo).post("/", content=fails())


def test_failure_of_the_generator_disconnects_the_app() -> None:
    received: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        received.extend([(await receive())["type"], (await receive())["type"]])

    def fails() -> Iterator[bytes]:
        yield b"1"
        raise LookupError

    client = TestClient(app)
    with pytest.raises(LookupError):
        client.post("/", content=fails())
    client.close()
    assert received == ["http.request", "http.disconnect"]
