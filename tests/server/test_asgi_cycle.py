"""What the protocol and a plain ASGI application owe each other."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.server.probe import AsgiProbe
from tests.server.test_protocol import chunked, post, request
from tests.server.wire import Wire, settle

START: dict[str, Any] = {"type": "http.response.start", "status": 200}
BODY: dict[str, Any] = {"type": "http.response.body"}


class Script:
    """An application that sends some messages and keeps what it received and what was raised at it."""

    def __init__(self, *messages: dict[str, Any], receives: int = 0) -> None:
        self.messages = messages
        self.receives = receives
        self.received: list[dict[str, Any]] = []
        self.raised: Exception | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            for message in self.messages:
                await send(message)
        except (RuntimeError, TypeError) as error:
            self.raised = error
            raise
        for _ in range(self.receives):
            self.received.append(await receive())


def start(*headers: tuple[Any, Any], status: int = 200) -> dict[str, Any]:
    return {**START, "status": status, "headers": headers}


def body(content: bytes, more: bool = False) -> dict[str, Any]:
    return {**BODY, "body": content, "more_body": more}


async def sends(*messages: dict[str, Any], method: str = "GET") -> Wire:
    wire = Wire(Script(*messages))
    await wire.send(request("/", method=method))
    return wire


# How bodies are framed.


async def test_whole_body_gets_its_length() -> None:
    wire = await sends(START, body(b"whole"))
    assert wire.answer().headers["content-length"] == "5"
    assert wire.transport.writes == 1


async def test_pieces_are_chunked() -> None:
    wire = await sends(START, body(b"one", more=True), body(b"", more=True), body(b"two", more=True), BODY)
    assert wire.answer().headers["transfer-encoding"] == "chunked"
    assert wire.answer().body == b"onetwo"


async def test_pieces_of_a_known_length_are_not_chunked() -> None:
    wire = await sends(start((b"Content-Length", b"6")), body(b"one", more=True), body(b"two"))
    assert wire.answer().headers["content-length"] == "6"
    assert wire.answer().body == b"onetwo"


async def test_application_that_chunks() -> None:
    wire = await sends(start((b"transfer-encoding", b"Chunked")), body(b"whole"))
    assert wire.answer().headers["transfer-encoding"] == "chunked"
    assert wire.answer().body == b"whole"


async def test_chunks_are_not_sent_beside_a_length() -> None:
    wire = await sends(start((b"content-length", b"5"), (b"transfer-encoding", b"chunked")), body(b"whole"))
    assert "content-length" not in wire.answer().headers


async def test_pieces_for_http_1_0_end_with_the_connection() -> None:
    wire = Wire(Script(START, body(b"one", more=True), body(b"two")))
    await wire.send(b"GET / HTTP/1.0\r\n\r\n")
    assert wire.transport.written.endswith(b"connection: close\r\n\r\nonetwo")
    assert wire.transport.closed


async def test_broken_off_pieces_for_http_1_0_are_not_taken_for_a_whole() -> None:
    wire = Wire(AsgiProbe())
    await wire.send(b"GET /half HTTP/1.0\r\n\r\n")
    assert wire.transport.aborted


async def test_pieces_are_sent_as_they_come() -> None:
    probe = AsgiProbe()
    wire = Wire(probe)
    await wire.send(request("/pieces"))
    assert wire.transport.written.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n")
    probe.gates.gate.set()
    await settle()
    assert wire.answer().body == b"onetwothree"


async def test_head_is_told_the_length() -> None:
    wire = await sends(start((b"content-length", b"5")), body(b"whole"), method="HEAD")
    assert wire.answer("HEAD").headers["content-length"] == "5"


async def test_head_of_unknown_length() -> None:
    wire = await sends(START, body(b"one", more=True), body(b"two"), method="HEAD")
    assert not {"content-length", "transfer-encoding"} & wire.answer("HEAD").headers.keys()


async def test_not_modified_may_tell_its_length() -> None:
    wire = await sends(start((b"content-length", b"5"), status=304), BODY)
    assert wire.answer().headers["content-length"] == "5"


async def test_no_content_has_no_length() -> None:
    wire = await sends(start((b"content-length", b"0"), status=204), BODY)
    assert "content-length" not in wire.answer().headers


@pytest.mark.parametrize("piece", [bytearray(b"whole"), memoryview(b"whole")])
async def test_other_kinds_of_bytes(piece: Any) -> None:
    wire = await sends(START, body(piece))
    assert wire.answer().body == b"whole"


async def test_headers_in_lists_and_capitals() -> None:
    wire = Wire(Script({**START, "headers": [[b"X-A", b"b"]]}, body(b"whole")))
    await wire.send(request("/"))
    assert b"\r\nx-a: b\r\n" in wire.transport.written


# Messages that are refused.


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([body(b"")], "Expected ASGI message 'http.response.start', but got 'http.response.body'"),
        ([START, START], "Expected ASGI message 'http.response.body', but got 'http.response.start'"),
        ([start((b"x a", b""))], "Invalid HTTP header name: b'x a'"),
        ([start((b"x-a\r\nx-b", b""))], "Invalid HTTP header name"),
        ([start((b"", b""))], "Invalid HTTP header name"),
        ([start((b"x-a", b"a\r\nx-b: c"))], "Invalid HTTP header value"),
        ([start((b"x-a", b"a\0"))], "Invalid HTTP header value"),
        ([start(("x-a", "a"))], "bytes in ASGI, not 'x-a': 'a'"),
        ([start((b"content-length", b"+1"))], "Invalid Content-Length: b'+1'"),
        ([start((b"content-length", b"1"), (b"content-length", b"2"))], "Invalid Content-Length: b'2'"),
        ([start((b"transfer-encoding", b"gzip"))], "Transfer-Encoding can only be chunked, not b'gzip'"),
        ([start(status=101)], "cannot have the status 101"),
        ([start(status=1000)], "cannot have the status 1000"),
        ([start((b"content-length", b"1")), body(b"ab")], "Response content longer than Content-Length"),
        ([start((b"content-length", b"2")), body(b"a")], "Response content shorter than Content-Length"),
    ],
)
async def test_message_that_is_wrong_before_the_answer(messages: list[dict[str, Any]], words: str) -> None:
    app = Script(*messages)
    wire = Wire(app)
    await wire.send(request("/"))
    assert words in str(app.raised)
    assert (wire.answer().status, wire.answer().headers["connection"]) == (500, "close")
    assert wire.is_over


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([start((b"content-length", b"1")), body(b"a", more=True), body(b"b")], "longer than Content-Length"),
        ([start((b"content-length", b"3")), body(b"a", more=True), body(b"b")], "shorter than Content-Length"),
        ([START, body(b"a", more=True), START], "Expected ASGI message 'http.response.body'"),
    ],
)
async def test_message_that_is_wrong_inside_the_answer(messages: list[dict[str, Any]], words: str) -> None:
    app = Script(*messages)
    wire = Wire(app)
    await wire.send(request("/"))
    assert words in str(app.raised)
    assert wire.transport.closed
    assert b"500" not in wire.transport.written


async def test_message_after_the_answer() -> None:
    app = Script(START, body(b"whole"), body(b"more"))
    wire = Wire(app)
    await wire.send(request("/"))
    assert "after response already completed" in str(app.raised)
    assert wire.answer().body == b"whole"


# Applications that do not do their part.


@pytest.mark.parametrize("query", ["", "raise"])
async def test_answer_that_is_not_completed(query: str) -> None:
    wire = Wire(AsgiProbe())
    await wire.send(request(f"/half?{query}"))
    assert wire.transport.written.endswith(b"4\r\nhalf\r\n")
    assert wire.transport.closed


async def test_bug_after_the_answer_leaves_the_connection(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(BODY)
        raise RuntimeError("a bug")

    wire = Wire(app)
    await wire.send(request("/") * 2)
    assert len(wire.answers()) == 2
    assert not wire.is_over
    assert caplog.messages == ["Exception in ASGI application\n"] * 2


@pytest.mark.parametrize(
    ("messages", "result", "words"),
    [
        ([], None, "ASGI callable returned without starting response."),
        ([START], None, "ASGI callable returned without starting response."),
        ([START, body(b"half", more=True)], None, "ASGI callable returned without completing response."),
        ([START, BODY], 1, "ASGI callable should return None, but returned '1'."),
    ],
)
async def test_fault_is_logged(messages: list[Any], result: object, words: str, caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> object:
        for message in messages:
            await send(message)
        return result

    await Wire(app).send(request("/"))
    assert caplog.messages == [words]


class Awaitable:
    """Something to await that is no coroutine."""

    def __init__(self, send: Any) -> None:
        self.send = send

    def __await__(self) -> Any:
        yield from self.send(START).__await__()
        yield from self.send(body(b"whole")).__await__()


async def test_application_that_is_no_coroutine_function() -> None:
    wire = Wire(lambda scope, receive, send: Awaitable(send))
    await wire.send(request("/"))
    assert wire.answer().body == b"whole"


# What an application receives.


async def test_request_without_a_body() -> None:
    app = Script(receives=1)
    await Wire(app).send(request("/"))
    assert app.received == [{"type": "http.request", "body": b"", "more_body": False}]


async def test_body_comes_in_pieces() -> None:
    app = Script(receives=3)
    data = chunked("/", b"one", b"two")
    await Wire(app).send(data[:-14], data[-14:-5], data[-5:])
    assert [(message["body"], message["more_body"]) for message in app.received] == [(b"one", True), (b"two", True), (b"", False)]


async def test_after_its_answer_the_client_has_gone() -> None:
    app = Script(START, BODY, receives=2)
    await Wire(app).send(post("/", b"body"))
    assert [message["type"] for message in app.received] == ["http.disconnect"] * 2


async def test_client_that_leaves_after_its_body() -> None:
    app = Script(receives=2)
    wire = Wire(app)
    await wire.send(request("/"))
    assert len(app.received) == 1
    await wire.hang_up()
    assert app.received[1] == {"type": "http.disconnect"}


async def test_several_tasks_that_receive_all_wake_up() -> None:
    received: list[list[str]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        received.append([message["type"] for message in await asyncio.gather(receive(), receive(), receive())])

    wire = Wire(app)
    await wire.send(post("/", b"body")[:-4])
    await wire.hang_up()
    assert received == [["http.disconnect"] * 3]


async def test_answer_wakes_who_waits_for_the_body() -> None:
    received: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        await send(START)
        await send(BODY)
        received.append((await waiting)["type"])

    await Wire(app).send(post("/", b"body")[:-4])
    assert received == ["http.disconnect"]


async def test_answer_wakes_who_waits_for_the_end() -> None:
    received: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        await send(START)
        await send(BODY)
        received.append((await waiting)["type"])

    await Wire(app).send(request("/"))
    assert received == ["http.disconnect"]


async def test_receiver_that_gives_up_does_not_take_the_others_along() -> None:
    received: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        waiting = asyncio.ensure_future(receive())
        giving_up = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        giving_up.cancel()
        received.append((await waiting)["type"])

    wire = Wire(app)
    await wire.send(request("/"))
    await wire.hang_up()
    assert received == ["http.disconnect"]


async def test_what_is_sent_to_nobody_is_dropped() -> None:
    gate = asyncio.Event()
    ended: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await gate.wait()
        await send(START)
        await send(BODY)
        ended.append(True)

    wire = Wire(app)
    await wire.send(request("/"))
    await wire.hang_up()
    gate.set()
    await settle()
    assert ended == [True]
    assert wire.transport.written == b""


# Flow control.


async def test_application_waits_for_a_slow_reader() -> None:
    sent: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        for number in range(3):
            await send(body(b"x", more=True))
            sent.append(number)
        await send(BODY)

    wire = Wire(app)
    wire.transport.stalls = True
    await wire.send(request("/"))
    assert sent == [0]
    wire.protocol.resume_writing()
    await settle()
    assert sent == [0, 1]


async def test_slow_reader_that_leaves_frees_the_application() -> None:
    ended: list[bool] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(START)
        await send(body(b"x", more=True))
        await send(BODY)
        ended.append(True)

    wire = Wire(app)
    wire.transport.stalls = True
    await wire.send(request("/"))
    assert ended == []
    await wire.hang_up()
    assert ended == [True]


async def test_body_is_held_back_until_it_is_read() -> None:
    gate = asyncio.Event()
    sizes: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await gate.wait()
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            sizes.append(len(message["body"]))

    wire = Wire(app)
    await wire.send(post("/", b"x" * 200_000)[:100_000])
    held_back = not wire.transport.reading
    gate.set()
    await settle()
    assert held_back
    assert wire.transport.reading
    await wire.send(b"x" * 110_000)
    assert sum(sizes) == 200_000
