from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as TheirRequest
from starlette.responses import StreamingResponse as TheirStreamingResponse
from starlette.routing import Route as TheirRoute

from fasterapi import BackgroundTask, Faster, HTTPException, PlainTextResponse, Request, Response
from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.http.request import ClientDisconnect
from fasterapi.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from fasterapi.testing import AsyncTestClient, TestClient
from tests.deadline import DEADLINE
from tests.http.requests import LEFT, arriving, in_pieces, scope
from tests.middleware.asking import accepting, answering, ask, open_websocket

Variable = contextvars.ContextVar[str]


class PassOn(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)


def wrapped(app: ASGIApp, dispatch: Any) -> BaseHTTPMiddleware:
    return BaseHTTPMiddleware(app, dispatch=dispatch)


async def echoing(scope: Any, receive: Receive, send: Send) -> None:
    """Answers with the body of the request."""
    pieces: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            pieces.append(b"(left)")
            break
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    await answering(b"|".join(piece for piece in pieces if piece))(scope, receive, send)


# Its two forms.


async def test_it_passes_on() -> None:
    answer = await ask(PassOn(answering(b"one", b"two", headers=[(b"x-a", b"1")], status=201)))
    assert (answer.status, answer.headers, answer.pieces) == (201, [(b"x-a", b"1")], [b"one", b"two"])


async def test_the_head_can_be_changed() -> None:
    async def change(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.status_code = 418
        response.headers["x-b"] = request.headers["host"]
        del response.headers["x-a"]
        response.set_cookie("c", "d")
        return response

    answer = await ask(wrapped(answering(b"body", headers=[(b"X-A", b"1")]), change))
    assert (answer.status, answer.body) == (418, b"body")
    assert [name for name, _ in answer.headers] == [b"x-b", b"set-cookie"]


async def test_it_may_answer_itself() -> None:
    async def refuse(request: Request, call_next: RequestResponseEndpoint) -> Response:
        return PlainTextResponse("no", 403)

    assert (await ask(wrapped(answering(b"in"), refuse))).body == b"no"


async def test_it_may_speak_asgi() -> None:
    class Forerunner(BaseHTTPMiddleware):
        async def dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:  # type: ignore[override]  # the other form
            async def send_marked(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [*message["headers"], (b"x-marked", b"1")]}
                await send(message)

            await self.app(scope, receive, send_marked)

    assert (await ask(Forerunner(answering(b"in")))).values("x-marked") == ["1"]
    assert await open_websocket(Forerunner(accepting)) == [{"type": "websocket.accept"}]


@pytest.mark.parametrize("form", ["partial", "object", "stars"])
async def test_dispatch_may_be_anything_that_is_called(form: str) -> None:
    async def pass_on(mark: str, request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(request)

    class PassingOn:
        async def __call__(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            return await call_next(request)

    async def stars(*args: Any, **kwargs: Any) -> Response:
        return await pass_on("", *args, **kwargs)

    forms = {"partial": functools.partial(pass_on, ""), "object": PassingOn(), "stars": stars}
    assert (await ask(wrapped(answering(b"in"), forms[form]))).body == b"in"


def test_without_dispatch_there_is_no_middleware() -> None:
    class Empty(BaseHTTPMiddleware):
        pass

    for cls in (Empty, BaseHTTPMiddleware):
        with pytest.raises(TypeError, match=f"{cls.__name__} has no dispatch"):
            cls(answering())


def test_dispatch_with_other_arguments_is_refused() -> None:
    async def one(request: Request) -> Response:
        return Response()

    with pytest.raises(TypeError, match="takes 1 arguments"):
        wrapped(answering(), one)


async def test_dispatch_has_to_return_a_response() -> None:
    async def forgetful(request: Request, call_next: RequestResponseEndpoint) -> None:
        await call_next(request)

    with pytest.raises(TypeError, match="forgetful returned None"):
        await ask(wrapped(answering(b"x"), forgetful))


async def test_websockets_and_the_lifespan_pass() -> None:
    assert await open_websocket(PassOn(accepting)) == [{"type": "websocket.accept"}]
    seen: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    await PassOn(app)({"type": "lifespan"}, arriving([]), answering)  # type: ignore[arg-type]  # not called
    assert seen == ["lifespan"]


# Bodies of requests.


@pytest.mark.parametrize("pieces", [(), (b"whole",), (b"in", b"two")])
async def test_a_body_can_be_read_twice(pieces: tuple[bytes, ...]) -> None:
    async def read(request: Request, call_next: RequestResponseEndpoint) -> Response:
        body = await request.body()
        response = await call_next(request)
        response.headers["x-body"] = body.decode()
        return response

    answer = await ask(wrapped(echoing, read), *pieces)
    assert (answer.value("x-body"), answer.body) == (b"".join(pieces).decode(), b"".join(pieces))


async def test_a_body_that_is_not_read_passes_piece_by_piece() -> None:
    assert (await ask(PassOn(echoing), b"in", b"two")).body == b"in|two"


async def test_what_was_streamed_away_is_not_seen_again() -> None:
    async def consume(request: Request, call_next: RequestResponseEndpoint) -> Response:
        async for _ in request.stream():
            pass
        return await call_next(request)

    assert (await ask(wrapped(echoing, consume), b"in", b"two")).body == b""


async def test_what_is_left_of_a_stream_is_seen() -> None:
    async def taste(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await anext(request.stream())
        return await call_next(request)

    assert (await ask(wrapped(echoing, taste), b"one", b"two", b"three")).body == b"two|three"


async def test_a_body_that_the_application_has_read_is_not_waited_for() -> None:
    async def late(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        with pytest.raises(RuntimeError, match=r"request.body\(\)"):
            await request.body()
        return response

    assert (await ask(wrapped(echoing, late), b"body")).body == b"body"


async def test_a_form_can_be_read_twice() -> None:
    app = Faster()

    @app.post("/")
    async def handler(request: Request) -> list[Any]:
        return list((await request.form()).items())

    async def read(request: Request, call_next: RequestResponseEndpoint) -> Response:
        assert list((await request.form()).items()) == [("a", "1")]
        return await call_next(request)

    async with AsyncTestClient(wrapped(app, read)) as client:
        assert (await client.post("/", data={"a": "1"})).status_code == 200


async def test_a_body_is_read_up_to_the_applications_limit() -> None:
    async def read(request: Request, call_next: RequestResponseEndpoint) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    app = wrapped(answering(), read)
    assert (await ask(app, b"x" * 11)).body == b"11"
    assert (await ask(app, b"x" * 10, app=Faster(max_body_size=10))).body == b"10"
    assert (await ask(app, b"x" * 11, app=Faster(max_body_size=10))).status == 413


async def test_another_request_can_be_handed_on() -> None:
    async def replace(request: Request, call_next: RequestResponseEndpoint) -> Response:
        return await call_next(Request({**request.scope, "path": "/other"}, arriving(in_pieces(b"other body"))))

    async def app(announced: Any, receive: Receive, send: Send) -> None:
        assert announced["path"] == "/other"
        await echoing(announced, receive, send)

    assert (await ask(wrapped(app, replace), b"body")).body == b"other body"


async def test_a_changed_scope_is_handed_on() -> None:
    async def change(request: Request, call_next: RequestResponseEndpoint) -> Response:
        request.scope["path"] = "/other"
        request.state.user = "ada"
        return await call_next(request)

    async def app(announced: Any, receive: Receive, send: Send) -> None:
        await answering(f"{announced['path']} {announced['state']['user']}".encode())(announced, receive, send)

    assert (await ask(wrapped(app, change))).body == b"/other ada"


# Clients that leave.


async def test_the_application_sees_its_client_leave() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await answering((await receive())["type"].encode())(scope, receive, send)

    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await PassOn(app)(scope(), arriving([LEFT]), send)
    assert messages[1]["body"] == b"http.disconnect"


async def test_the_application_sees_its_client_leave_behind_a_body_that_was_read() -> None:
    async def read(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await request.body()
        return await call_next(request)

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        kinds = [(await receive())["type"] for _ in range(3)]
        await answering(" ".join(kinds).encode())(scope, receive, send)

    assert (await ask(wrapped(app, read), b"body")).body == b"http.request http.disconnect http.disconnect"


async def test_a_client_that_left_needs_no_answer() -> None:
    """What Starlette fails with: "No response returned."."""

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    seen: list[type[BaseException]] = []

    async def watch(request: Request, call_next: RequestResponseEndpoint) -> Response:
        try:
            return await call_next(request)
        except Exception as error:
            seen.append(type(error))
            raise

    assert (await ask(wrapped(wrapped(app, watch), watch))).messages == []
    assert seen == [ClientDisconnect, ClientDisconnect]


async def test_a_body_that_is_cut_off_in_the_middleware_ends_the_request() -> None:
    async def read(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await request.body()
        raise AssertionError("the body was not whole")

    await wrapped(answering(), read)(scope(), arriving([{"type": "http.request", "body": b"x", "more_body": True}]), answering)  # type: ignore[arg-type]  # not called


async def test_a_stream_stops_where_the_server_says_that_nobody_listens() -> None:
    stopped: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        try:
            while True:
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
        except OSError as error:
            stopped.append(str(error))

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    await PassOn(app)(scope(), arriving([]), send)
    assert stopped == ["gone"]


# Streams.


async def test_a_stream_is_not_kept() -> None:
    sent: list[bytes] = []
    lead: list[int] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(50):
            await send({"type": "http.response.body", "body": b"%d" % number, "more_body": number < 49})
            lead.append(number + 1 - len(sent))

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            sent.append(message["body"])

    await PassOn(PassOn(app))(scope(), arriving([]), send)
    assert set(lead) == {0}
    assert sent == [b"%d" % number for number in range(50)]


async def test_the_head_leaves_before_the_first_piece_is_made() -> None:
    began = asyncio.Event()

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.wait_for(began.wait(), DEADLINE)
        await send({"type": "http.response.body", "body": b"x"})

    async def send(message: Any) -> None:
        began.set()

    await PassOn(app)(scope(), arriving([]), send)


async def test_the_body_can_be_read() -> None:
    async def shout(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        body = b"".join([piece async for piece in response.body_iterator if isinstance(piece, bytes)])
        return Response(body.upper(), response.status_code, response.headers)

    answer = await ask(wrapped(answering(b"a", b"b", headers=[(b"x-a", b"1"), (b"content-length", b"2")], status=201), shout))
    assert (answer.status, answer.body, answer.value("x-a"), answer.value("content-length")) == (201, b"AB", "1", "2")


async def test_the_body_can_be_changed_as_it_passes() -> None:
    async def twice(pieces: Any) -> AsyncIterator[bytes | str]:
        async for piece in pieces:
            yield piece * 2
        yield "end"

    async def change(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.body_iterator = twice(response.body_iterator)
        return response

    answer = await ask(wrapped(answering(b"a", b"b", headers=[(b"content-length", b"2")]), change))
    assert (answer.pieces, answer.values("content-length")) == ([b"aa", b"bb", b"end", b""], [])


async def test_a_body_that_was_read_is_not_sent_as_if_it_were_there() -> None:
    async def forgetful(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        async for _ in response.body_iterator:
            pass
        return response

    with pytest.raises(RuntimeError, match="was read by the middleware, and is gone"):
        await ask(wrapped(answering(b"a"), forgetful))


async def test_a_body_is_replaced_by_an_async_iterator_alone() -> None:
    async def mistaken(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.body_iterator = iter([b"a"])  # type: ignore[assignment]  # that is the mistake
        return response

    with pytest.raises(TypeError, match="body_iterator is an async iterator, not list_iterator"):
        await ask(wrapped(answering(b"a"), mistaken))


async def test_hints_before_the_answer_pass() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.early_hint", "links": []})
        await answering(b"in")(scope, receive, send)

    assert [message["type"] for message in (await ask(PassOn(app))).messages] == [
        "http.response.early_hint",
        "http.response.start",
        "http.response.body",
    ]


async def test_trailers_and_files_of_the_server_pass() -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.response.start", "status": 200, "headers": [], "trailers": True},
        {"type": "http.response.body", "body": b"x", "more_body": True},
        {"type": "http.response.pathsend", "path": "/a"},
        {"type": "http.response.trailers", "headers": [(b"a", b"1")], "more_trailers": True},
        {"type": "http.response.trailers", "headers": [(b"b", b"2")]},
    ]

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    assert (await ask(PassOn(app))).messages == messages


async def test_messages_may_come_from_several_tasks() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(send({"type": "http.response.body", "body": b"%d" % number, "more_body": True}))  # type: ignore[arg-type]  # a coroutine
        await send({"type": "http.response.body", "body": b"end"})

    assert (await ask(PassOn(app))).pieces == [b"0", b"1", b"2", b"3", b"4", b"end"]


def test_a_streaming_application_of_starlette_is_served() -> None:
    async def numbers() -> AsyncIterator[str]:
        for number in range(3):
            yield str(number)

    async def stream(request: TheirRequest) -> TheirStreamingResponse:
        return TheirStreamingResponse(numbers())

    client = TestClient(PassOn(PassOn(Starlette(routes=[TheirRoute("/", stream)]))))
    assert client.get("/").text == "012"


# Failures.


@pytest.mark.parametrize("layers", [1, 3])
async def test_what_the_application_raises_is_raised_as_it_is(layers: int) -> None:
    error = ZeroDivisionError("own")
    seen: list[BaseException] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        raise error

    async def watch(request: Request, call_next: RequestResponseEndpoint) -> Response:
        try:
            return await call_next(request)
        except ZeroDivisionError as raised:
            seen.append(raised)
            raise

    stack: ASGIApp = app
    for _ in range(layers):
        stack = wrapped(stack, watch)
    with pytest.raises(ZeroDivisionError) as caught:
        await ask(stack)
    assert [caught.value, *seen] == [error] * (layers + 1)
    assert (error.__cause__, error.__context__) == (None, None)


async def test_what_the_application_raises_can_be_answered() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        raise ZeroDivisionError

    async def answer(request: Request, call_next: RequestResponseEndpoint) -> Response:
        try:
            return await call_next(request)
        except ZeroDivisionError:
            return PlainTextResponse("handled", 500)

    assert (await ask(wrapped(app, answer))).body == b"handled"


async def test_an_answer_that_breaks_off_is_not_completed() -> None:
    """Starlette ends such an answer as if it were whole."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ZeroDivisionError

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        await PassOn(app)(scope(), arriving([]), send)
    assert [message.get("more_body") for message in sent[1:]] == [True]


@pytest.mark.parametrize(("sends_head", "complaint"), [(False, "No response returned"), (True, "before its response was complete")])
async def test_an_application_that_does_not_answer_is_told_of(sends_head: bool, complaint: str) -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        if sends_head:
            await send({"type": "http.response.start", "status": 200, "headers": []})

    with pytest.raises(RuntimeError, match=complaint):
        await ask(PassOn(app))


async def test_a_failing_middleware_stops_the_application() -> None:
    ended: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        try:
            await answering(b"a", b"b")(scope, receive, send)
        except asyncio.CancelledError:
            ended.append("stopped")
            raise

    async def fail(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await call_next(request)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ask(wrapped(app, fail))
    assert ended == ["stopped"]


async def test_what_the_application_fails_with_while_it_is_stopped_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        try:
            await answering(b"a", b"b")(scope, receive, send)
        finally:
            raise ValueError("in the clean-up")

    async def fail(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await call_next(request)
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR, "fasterapi"), pytest.raises(ZeroDivisionError):
        await ask(wrapped(app, fail))
    assert "in the clean-up" in caplog.text


@pytest.mark.parametrize("sends_head", [False, True])
async def test_a_cancelled_request_cancels_the_application(sends_head: bool) -> None:
    reached = asyncio.Event()
    ended: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        if sends_head:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        reached.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    request = asyncio.ensure_future(ask(PassOn(PassOn(app))))
    await asyncio.wait_for(reached.wait(), DEADLINE)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert ended == ["cancelled"]


async def test_a_middleware_may_lose_patience() -> None:
    ended: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def impatient(request: Request, call_next: RequestResponseEndpoint) -> Response:
        try:
            async with asyncio.timeout(0.01):
                return await call_next(request)
        except TimeoutError:
            return PlainTextResponse("too slow", 504)

    assert (await ask(wrapped(app, impatient))).body == b"too slow"
    assert ended == ["cancelled"]


async def test_an_application_that_is_cancelled_from_inside_does_not_look_like_a_cancelled_request() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="was cancelled, but not by the middleware"):
        await ask(PassOn(app))


async def test_a_refusal_of_dispatch_is_an_answer() -> None:
    """FastAPI answers it with 500."""

    async def refuse(request: Request, call_next: RequestResponseEndpoint) -> Response:
        if request.method == "POST":
            await request.json()
        raise HTTPException(304 if request.method == "HEAD" else 418, "short", {"x-pot": "1"})

    answer = await ask(wrapped(answering(), refuse))
    assert (answer.status, answer.body, answer.value("x-pot")) == (418, b'{"detail":"short"}', "1")
    assert (await ask(wrapped(answering(), refuse), method="HEAD")).status == 304
    assert (await ask(wrapped(answering(), refuse), b"{", method="POST")).status == 400


@pytest.mark.parametrize("begun", [False, True])
async def test_an_http_exception_of_the_application_is_left_to_others(begun: bool) -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise HTTPException(418)

    with pytest.raises(HTTPException):
        await ask(PassOn(app))


# What follows an answer.


async def test_what_follows_the_answer_runs_when_the_client_has_it() -> None:
    order: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await answering(b"a", b"b")(scope, receive, send)
        order.append("background")

    async def send(message: Any) -> None:
        order.append(message["type"])

    await PassOn(PassOn(app))(scope(), arriving([]), send)
    assert order == ["http.response.start", "http.response.body", "http.response.body", "background"]


@pytest.mark.parametrize("reads", [False, True])
async def test_what_follows_an_answer_that_was_replaced_runs_too(reads: bool) -> None:
    order: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await answering(b"a")(scope, receive, send)
        order.append("background")

    async def replace(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        if reads:
            assert [piece async for piece in response.body_iterator] == [b"a"]
        return PlainTextResponse("other")

    async def send(message: Any) -> None:
        order.append(message["type"])

    await wrapped(app, replace)(scope(), arriving([]), send)
    assert order == ["http.response.start", "http.response.body", "background"]


async def test_a_failure_behind_the_answer_is_raised() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await answering(b"a")(scope, receive, send)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ask(PassOn(app))


async def test_an_endless_stream_that_was_replaced_ends() -> None:
    async def endless(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async def replace(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await call_next(request)
        return PlainTextResponse("other")

    assert (await asyncio.wait_for(ask(wrapped(endless, replace)), DEADLINE)).body == b"other"


async def test_an_application_that_waits_for_its_client_to_leave_ends_with_the_answer() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while (await receive())["type"] != "http.disconnect":
            pass

    async def replace(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await call_next(request)
        return PlainTextResponse("other")

    assert (await asyncio.wait_for(ask(wrapped(app, replace)), DEADLINE)).body == b"other"


async def test_background_tasks_of_both_run() -> None:
    ran: list[str] = []
    app = Faster()

    @app.get("/")
    async def handler() -> Response:
        return PlainTextResponse("in", background=BackgroundTask(ran.append, "inside"))

    async def add(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.background = BackgroundTask(ran.append, "around")
        return response

    async with AsyncTestClient(wrapped(app, add)) as client:
        assert (await client.get("/")).text == "in"
    assert sorted(ran) == ["around", "inside"]


# Context variables.


async def test_context_variables_are_seen_both_ways() -> None:
    variable: Variable = contextvars.ContextVar("variable")
    other: Variable = contextvars.ContextVar("other")
    seen: list[str] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        seen.append(variable.get())
        variable.set("of the application")
        await asyncio.sleep(0)
        other.set("of the application too")
        await answering(b"a")(scope, receive, send)

    async def set_and_look(request: Request, call_next: RequestResponseEndpoint) -> Response:
        variable.set("of the middleware")
        response = await call_next(request)
        seen.extend([variable.get(), other.get()])
        return response

    await ask(PassOn(wrapped(app, set_and_look)))
    seen.append(variable.get())
    assert seen == ["of the middleware", "of the application", "of the application too", "of the application"]


async def test_context_variables_of_a_failing_application_are_seen() -> None:
    variable: Variable = contextvars.ContextVar("variable")

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        variable.set("seen")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await ask(PassOn(app))
    assert variable.get() == "seen"


async def test_a_context_variable_can_be_reset_where_it_was_set() -> None:
    variable: Variable = contextvars.ContextVar("variable", default="unset")

    def resetting(app: ASGIApp) -> ASGIApp:
        async def around(scope: Any, receive: Receive, send: Send) -> None:
            token = variable.set("set")
            try:
                await app(scope, receive, send)
            finally:
                variable.reset(token)

        return around

    await ask(resetting(PassOn(resetting(PassOn(answering(b"a", b"b"))))))
    assert variable.get() == "unset"


# Again.


async def test_the_application_can_be_asked_again() -> None:
    attempts: list[bytes] = []

    async def flaky(scope: Any, receive: Receive, send: Send) -> None:
        attempts.append((await receive()).get("body", b""))
        await answering(b"done", status=503 if len(attempts) < 3 else 200)(scope, receive, send)

    async def persistent(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await request.body()
        response = await call_next(request)
        while response.status_code == 503:
            response = await call_next(request)
        return response

    answer = await ask(wrapped(flaky, persistent), b"body")
    assert (answer.status, answer.body, attempts) == (200, b"done", [b"body"] * 3)


async def test_a_body_that_is_gone_is_not_asked_for_again() -> None:
    async def twice(request: Request, call_next: RequestResponseEndpoint) -> Response:
        await call_next(request)
        return await call_next(request)

    with pytest.raises(RuntimeError, match=r"Keep it: `await request.body\(\)` before"):
        await ask(wrapped(echoing, twice), b"body")
    assert (await ask(wrapped(echoing, twice))).body == b""


# Many at once.


async def test_many_layers_and_many_requests_do_not_get_into_each_others_way() -> None:
    def numbered(number: int) -> Callable[[ASGIApp], ASGIApp]:
        async def add(request: Request, call_next: RequestResponseEndpoint) -> Response:
            response = await call_next(request)
            await asyncio.sleep(0)
            response.headers.append("x-layer", str(number))
            return response

        return functools.partial(wrapped, dispatch=add)

    app: ASGIApp = echoing
    for number in range(10):
        app = numbered(number)(app)
    answers = await asyncio.gather(*[ask(app, b"%d" % number) for number in range(50)])
    assert [answer.body for answer in answers] == [b"%d" % number for number in range(50)]
    assert all(answer.values("x-layer") == [str(number) for number in range(10)] for answer in answers)
