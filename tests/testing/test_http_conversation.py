"""The app's response: what is read of it, and what no server would let pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from fasterapi.testing import TestClient
from tests.testing.apps import App, Message, Receive, Scope, Send, hello, respond


def sends(*messages: Message) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


START: Message = {"type": "http.response.start", "status": 200, "headers": []}
END: Message = {"type": "http.response.body"}


def start(**fields: Any) -> Message:
    return {**START, **fields}


def body(content: Any, *, more_body: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more_body}


# What is read


def test_status_and_body() -> None:
    response = TestClient(hello).get("/")
    assert (response.status_code, response.text) == (200, "hello")


def test_headers_may_repeat() -> None:
    response = TestClient(sends(start(headers=[(b"x-a", b"1"), (b"x-a", b"2")]), END)).get("/")
    assert response.headers.get_list("x-a") == ["1", "2"]


def test_header_bytes_are_kept() -> None:
    response = TestClient(sends(start(headers=[(b"x-a", b"caf\xe9")]), END)).get("/")
    assert (b"x-a", b"caf\xe9") in response.headers.raw


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_response_without_body(method: str, status: int) -> None:
    response = TestClient(sends(start(status=status), body(b"never on the wire"))).request(method, "/")
    assert (response.status_code, response.content) == (status, b"")


def test_head_keeps_content_length() -> None:
    response = TestClient(sends(start(headers=[(b"content-length", b"5")]), END)).head("/")
    assert response.headers["content-length"] == "5"


def test_body_of_the_announced_length() -> None:
    response = TestClient(sends(start(headers=[(b"content-length", b"3")]), body(b"1", more_body=True), body(b"23"))).get("/")
    assert response.content == b"123"


def test_body_may_be_any_buffer() -> None:
    app = sends(START, body(bytearray(b"a"), more_body=True), body(memoryview(b"b")))
    assert TestClient(app).get("/").content == b"ab"


def test_chunks_arrive_as_they_were_sent() -> None:
    app = sends(START, body(b"1", more_body=True), body(b"2", more_body=True), body(b"3"))
    with TestClient(app).stream("GET", "/") as response:
        assert list(response.iter_raw()) == [b"1", b"2", b"3"]


def test_app_is_at_most_one_chunk_ahead() -> None:
    sent: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        for number in range(100):
            sent.append(number)
            await send(body(b"x", more_body=True))

    with TestClient(app).stream("GET", "/") as response:
        chunks = response.iter_raw()
        next(chunks)
        next(chunks)
        assert len(sent) <= 3
        for _ in range(98):
            next(chunks)


def test_response_is_there_before_its_body() -> None:
    go_on = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/go":
            go_on.set()
            return await respond(send)
        await send(START)
        await go_on.wait()
        return await send(body(b"late"))

    client = TestClient(app)
    with client.stream("GET", "/") as response:
        assert client.get("/go").status_code == 200
        assert response.read() == b"late"


def test_what_follows_the_response_is_waited_for() -> None:
    done: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send)
        await asyncio.sleep(0.01)
        done.append("background task")

    TestClient(app).get("/")
    assert done == ["background task"]


def test_disconnect_after_the_response() -> None:
    received: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await respond(send)
        received.append(await receive())

    TestClient(app).get("/")
    assert received == [{"type": "http.disconnect"}]


def test_trailers() -> None:
    trailers: Message = {"type": "http.response.trailers", "headers": [(b"x-sum", b"7")]}
    response = TestClient(sends(start(trailers=True), body(b"x"), trailers)).get("/")
    assert response.extensions["http.response.trailers"] == [(b"x-sum", b"7")]


def test_debug_information() -> None:
    debug: Message = {"type": "http.response.debug", "info": {"template": "index.html", "context": {"a": 1}}}
    response: Any = TestClient(sends(debug, START, END)).get("/")
    assert (response.template, response.context) == ("index.html", {"a": 1})


# Leaving early


def endless(heed: Callable[[Message], bool], seen: list[str]) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        leaving = asyncio.ensure_future(receive())
        try:
            while not (leaving.done() and heed(leaving.result())):
                await send(body(b"tick", more_body=True))
            seen.append(leaving.result()["type"])
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    return app


def test_endless_stream_that_is_closed_sees_disconnect() -> None:
    seen: list[str] = []
    with TestClient(endless(lambda message: True, seen)).stream("GET", "/") as response:
        assert next(response.iter_raw()) == b"tick"
    assert seen == ["http.disconnect"]


def test_endless_stream_that_ignores_disconnect_is_cancelled() -> None:
    seen: list[str] = []
    with TestClient(endless(lambda message: False, seen), timeout=0.2).stream("GET", "/") as response:
        next(response.iter_raw())
    assert seen == ["cancelled"]


def test_app_that_only_receives_after_disconnect_is_cancelled() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        while True:
            await receive()

    with TestClient(app, timeout=0.2).stream("GET", "/") as response:
        assert response.status_code == 200


def test_app_that_catches_its_cancellation_is_named() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        for _ in range(2):
            try:
                await asyncio.sleep(10)
            except asyncio.CancelledError:
                await asyncio.sleep(2)

    client = TestClient(app, timeout=0.1)
    with pytest.raises(RuntimeError, match="catches CancelledError"), client.stream("GET", "/"):
        pass


def test_failure_while_leaving_is_raised() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await receive()
        raise LookupError("clean-up failed")

    client = TestClient(app)
    with pytest.raises(LookupError, match="clean-up failed"), client.stream("GET", "/"):
        pass


def test_stream_cannot_be_read_after_the_client_was_closed() -> None:
    client = TestClient(endless(lambda message: True, []))
    with client.stream("GET", "/") as response:
        client.close()
        with pytest.raises(httpx.StreamClosed):
            response.read()


# Failures


async def fails(scope: Scope, receive: Receive, send: Send) -> None:
    raise LookupError("lost")


async def fails_late(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, b"fine so far")
    raise LookupError("lost")


async def fails_in_between(scope: Scope, receive: Receive, send: Send) -> None:
    await respond(send, b"part", more_body=True)
    raise LookupError("lost")


async def reports(scope: Scope, receive: Receive, send: Send) -> None:
    scope["extensions"]["fasterapi.unhandled"].append(LookupError("lost"))
    await respond(send, b"sorry", status=500)


@pytest.mark.parametrize("app", [fails, fails_late, fails_in_between, reports])
def test_failure_of_the_app_is_raised(app: App) -> None:
    with pytest.raises(LookupError, match="lost"):
        TestClient(app).get("/")


def test_traceback_leads_into_the_app() -> None:
    with pytest.raises(LookupError) as caught:
        TestClient(fails).get("/")
    assert caught.traceback[-1].name == "fails"


def test_failure_before_the_response_is_a_500_on_demand() -> None:
    assert TestClient(fails, raise_server_exceptions=False).get("/").status_code == 500


def test_reported_failure_is_the_answer_of_the_app_on_demand() -> None:
    response = TestClient(reports, raise_server_exceptions=False).get("/")
    assert (response.status_code, response.text) == (500, "sorry")


def test_failure_after_the_response_is_ignored_on_demand() -> None:
    assert TestClient(fails_late, raise_server_exceptions=False).get("/").text == "fine so far"


def test_failure_within_the_response_is_a_broken_connection_on_demand() -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="before its response was complete"):
        TestClient(fails_in_between, raise_server_exceptions=False).get("/")


def test_failure_is_raised_once() -> None:
    with TestClient(fails_late).stream("GET", "/") as response, pytest.raises(LookupError):
        response.read()


def test_failure_of_a_response_that_nobody_reads_is_raised_at_its_end() -> None:
    client = TestClient(fails_late)
    with pytest.raises(LookupError), client.stream("GET", "/"):
        pass


@pytest.mark.parametrize("failure", [SystemExit, KeyboardInterrupt])
def test_exit_of_the_app_is_always_raised(failure: type[BaseException]) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise failure

    with pytest.raises(failure):
        TestClient(app, raise_server_exceptions=False).get("/")


def test_app_that_cancels_itself() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="nobody had cancelled it"):
        TestClient(app).get("/")


def test_app_that_does_not_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)

    with pytest.raises(httpx.ReadTimeout, match=r"the app sent nothing for 0\.05 s"):
        TestClient(app, timeout=0.05).get("/")


def test_endless_response_of_which_nothing_is_seen() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, more_body=True)
        while True:
            await send(body(b"x", more_body=True))

    with pytest.raises(httpx.ReadTimeout):
        TestClient(app, timeout=0.1).head("/")


def test_app_has_ended_when_the_timeout_is_raised() -> None:
    ends: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ends.append("cancelled")

    with pytest.raises(httpx.ReadTimeout):
        TestClient(app, timeout=0.05).get("/")
    assert ends == ["cancelled"]


def test_app_that_stops_in_the_middle() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, b"part", more_body=True)
        await asyncio.sleep(60)

    with pytest.raises(httpx.ReadTimeout):
        TestClient(app).get("/", timeout=0.05)


def test_failure_of_the_app_may_be_a_timeout_itself() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError("database")

    with pytest.raises(TimeoutError, match="database"):
        TestClient(app).get("/")


# Against the protocol


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([], "without sending a response"),
        ([START], "before its response was complete"),
        ([START, body(b"x", more_body=True)], "before its response was complete"),
        ([START, START], "'http.response.start' was sent twice"),
        ([END], "before 'http.response.start'"),
        ([START, END, END], "after the end of the response"),
        ([START, body("text")], "the body of a response is bytes, not str"),
        ([{"type": "http.response.bodies"}], "'http.response.bodies' is no message of an HTTP response"),
        ([start(status="200")], "a number from 200 to 599, not '200'"),
        ([start(status=600)], "a number from 200 to 599, not 600"),
        ([start(headers=[("a", "b")])], "names and values of headers are bytes"),
        ([start(headers=[(b"a b", b"c")])], "not a name of a header: b'a b'"),
        ([start(headers=[(b"a", b"b\r\nc: d")])], "the value of the header a has a control character"),
        ([start(headers=[(b"content-length", b"1")]), body(b"12")], "longer than its Content-Length"),
        ([start(headers=[(b"content-length", b"3")]), body(b"12")], "shorter than its Content-Length"),
        ([start(headers=[(b"content-length", b"x")]), body(b"12")], "not a Content-Length: b'x'"),
        ([START, END, {"type": "http.response.trailers"}], "did not say trailers=True"),
        ([start(trailers=True), {"type": "http.response.trailers"}], "between the end of the body and the end of the response"),
    ],
)
def test_what_no_server_lets_pass(messages: list[Message], complaint: str) -> None:
    with pytest.raises((RuntimeError, TypeError), match=complaint):
        TestClient(sends(*messages)).get("/")


def test_no_response_is_a_500_on_demand() -> None:
    assert TestClient(sends(), raise_server_exceptions=False).get("/").status_code == 500
