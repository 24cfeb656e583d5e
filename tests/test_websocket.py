"""A WebSocket between a handler and the messages of a server; where Starlette's does the same, it is asked too."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import enum
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

import msgspec
import pytest
import starlette.websockets
from pydantic import BaseModel

import fasterapi.websockets
from fasterapi import PlainTextResponse, WebSocketDisconnect, WebSocketException, WebSocketRequestValidationError
from fasterapi.websocket import WebSocket, WebSocketDisconnected, WebSocketState

Message = dict[str, Any]

CONNECT: Message = {"type": "websocket.connect"}
LEAVE: Message = {"type": "websocket.disconnect", "code": 4000, "reason": "bye"}

DENIAL: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}


class Server:
    """Gives the messages of a client one after the other and keeps what is sent."""

    def __init__(self, *messages: Message) -> None:
        self.incoming = [CONNECT, *messages]
        self.sent: list[Message] = []
        self.refuses: BaseException | None = None

    async def receive(self) -> Message:
        return self.incoming.pop(0)

    async def send(self, message: Any) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.sent.append(message)


def text(value: str) -> Message:
    return {"type": "websocket.receive", "text": value}


def binary(value: bytes) -> Message:
    return {"type": "websocket.receive", "bytes": value}


def scope_of(**more: Any) -> dict[str, Any]:
    return {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": [], **more}


def websocket_on(server: Server, **scope: Any) -> WebSocket:
    return WebSocket(scope_of(**scope), server.receive, server.send)


async def accepted(*messages: Message) -> tuple[WebSocket, Server]:
    server = Server(*messages)
    websocket = websocket_on(server)
    await websocket.accept()
    server.sent.clear()
    return websocket, server


class Item(msgspec.Struct):
    name: str
    price: float


@dataclasses.dataclass
class Point:
    x: int


class Colour(enum.Enum):
    RED = "red"


class Model(BaseModel):
    x: int = 1


# The same as Starlette's.

Script = Callable[[Any], Awaitable[Any]]


async def say_everything(websocket: Any) -> None:
    await websocket.accept("v2", [(b"x-a", b"1")])
    await websocket.send_text("caf\u00e9")
    await websocket.send_bytes(b"\xff")
    await websocket.send_json({"a": [1, None, "\u00e9"]})
    await websocket.send_json([1.5, True], mode="binary")
    await websocket.send({"type": "websocket.send", "text": "raw"})
    await websocket.close(4001, "over")


async def hear_everything(websocket: Any) -> list[Any]:
    await websocket.accept()
    return [await websocket.receive_text(), await websocket.receive_bytes(), await websocket.receive_json(), await websocket.receive()]


async def hear_binary_json(websocket: Any) -> Any:
    await websocket.accept()
    return [await websocket.receive_json(mode="binary"), await websocket.receive_json("binary")]


async def hear_until_the_end(websocket: Any) -> list[Any]:
    await websocket.accept()
    return [message async for message in websocket.iter_text()]


async def hear_bytes_until_the_end(websocket: Any) -> list[Any]:
    await websocket.accept()
    return [message async for message in websocket.iter_bytes()]


async def hear_json_until_the_end(websocket: Any) -> list[Any]:
    await websocket.accept()
    return [message async for message in websocket.iter_json()]


async def meet_the_end(websocket: Any) -> list[Any]:
    await websocket.accept()
    try:
        await websocket.receive_text()
    except (WebSocketDisconnect, starlette.websockets.WebSocketDisconnect) as error:
        return [type(error).__name__, error.code, error.reason, websocket.client_state.name]
    return []


async def states(websocket: Any) -> list[str]:
    seen = [websocket.client_state, websocket.application_state]
    await websocket.receive()
    seen += [websocket.client_state, websocket.application_state]
    await websocket.accept()
    seen += [websocket.client_state, websocket.application_state]
    await websocket.close()
    seen += [websocket.client_state, websocket.application_state]
    return [state.name for state in seen]


async def refuse(websocket: Any) -> str:
    await websocket.close(3000)
    return str(websocket.application_state.name)


async def start_a_denial(websocket: Any) -> list[str]:
    await websocket.send({"type": "websocket.http.response.start", "status": 503, "headers": []})
    before = websocket.application_state.name
    await websocket.send({"type": "websocket.http.response.body", "body": b"a", "more_body": True})
    await websocket.send({"type": "websocket.http.response.body", "body": b"b"})
    return [before, websocket.application_state.name]


async def read_the_handshake(websocket: Any) -> list[Any]:
    return [
        str(websocket.url),
        dict(websocket.headers),
        dict(websocket.query_params),
        websocket.cookies,
        websocket.path_params,
        websocket["type"],
        tuple(websocket.client),
        websocket.state.own,
    ]


@pytest.mark.parametrize(
    ("script", "messages"),
    [
        (say_everything, []),
        (hear_everything, [text("caf\u00e9"), binary(b"\xff"), text('{"a": [1, NaN.5]}'.replace("NaN.5", "2")), LEAVE]),
        (hear_binary_json, [binary(b'{"a": "\xc3\xa9"}'), binary(b"3")]),
        (hear_until_the_end, [text("1"), text(""), text("3"), LEAVE]),
        (hear_bytes_until_the_end, [binary(b"1"), binary(b""), LEAVE]),
        (hear_json_until_the_end, [text("1"), text('"a"'), LEAVE]),
        (meet_the_end, [LEAVE]),
        (states, []),
        (refuse, []),
        (start_a_denial, []),
        (read_the_handshake, []),
    ],
)
async def test_same_as_starlette(script: Script, messages: list[Message]) -> None:
    outcomes = []
    for websocket_class in (starlette.websockets.WebSocket, WebSocket):
        server = Server(*messages)
        scope = scope_of(
            scheme="ws",
            query_string=b"a=1",
            headers=[(b"host", b"example.com"), (b"cookie", b"c=2")],
            client=("1.2.3.4", 5),
            path_params={"room": "x"},
            state={"own": 1},
        )
        outcomes.append((await script(websocket_class(scope, server.receive, server.send)), server.sent, server.incoming))
    assert outcomes[1] == outcomes[0]


def test_states_have_the_numbers_of_starlette() -> None:
    assert {state.name: state.value for state in WebSocketState} == {
        state.name: state.value for state in starlette.websockets.WebSocketState
    }


def test_the_names_of_fastapi_websockets() -> None:
    assert fasterapi.websockets.WebSocket is WebSocket
    assert fasterapi.websockets.WebSocketDisconnect is WebSocketDisconnect
    assert fasterapi.websockets.WebSocketState is WebSocketState


def test_a_websocket_is_made_of_a_websocket_scope() -> None:
    with pytest.raises(ValueError, match=r"not of a 'http' one\. For requests there is Request"):
        WebSocket({"type": "http"})


# What is received.


async def test_a_server_may_send_both_kinds_with_one_of_them_empty() -> None:
    websocket, _ = await accepted(
        {"type": "websocket.receive", "text": "a", "bytes": None}, {"type": "websocket.receive", "text": None, "bytes": b"b"}
    )
    assert (await websocket.receive_text(), await websocket.receive_bytes()) == ("a", b"b")


@pytest.mark.parametrize(
    ("message", "ask", "words"),
    [
        (binary(b"x"), lambda websocket: websocket.receive_text(), "A text message is expected"),
        (text("x"), lambda websocket: websocket.receive_bytes(), "A binary message is expected"),
        (binary(b"1"), lambda websocket: websocket.receive_json(), "A text message is expected"),
        (text("1"), lambda websocket: websocket.receive_json("binary"), "A binary message is expected"),
    ],
)
async def test_a_message_of_the_wrong_kind(message: Message, ask: Callable[[WebSocket], Awaitable[Any]], words: str) -> None:
    websocket, _ = await accepted(message)
    with pytest.raises(WebSocketException, match=words) as caught:
        await ask(websocket)
    assert caught.value.code == 1003


@pytest.mark.parametrize(("raw", "position"), [("{", 1), ("", 0), ('{"a": tru}', 6), ('"\\ud800"', 1), ("\ud800", 0)])
async def test_a_message_that_is_no_json(raw: str, position: int) -> None:
    websocket, _ = await accepted(text(raw))
    with pytest.raises(json.JSONDecodeError) as caught:
        await websocket.receive_json()
    assert caught.value.pos == position
    assert isinstance(caught.value, WebSocketException)
    assert (caught.value.code, caught.value.reason.startswith("The message is not JSON")) == (1007, True)


async def test_json_that_is_nested_too_deeply_is_refused() -> None:
    websocket, _ = await accepted(text("[" * 200_000))
    with pytest.raises(json.JSONDecodeError):
        await websocket.receive_json()


async def test_a_message_of_a_type() -> None:
    websocket, _ = await accepted(text('{"name": "pen", "price": "1.5"}'), binary(b'[{"x": 1}]'), text('"red"'), text("null"))
    assert await websocket.receive_json(type=Item) == Item("pen", 1.5)
    assert await websocket.receive_json("binary", type=list[Point]) == [Point(1)]
    assert await websocket.receive_json(type=Colour | int) is Colour.RED
    assert await websocket.receive_json(type=int | None) is None


async def test_every_fault_of_a_message_is_told() -> None:
    websocket, _ = await accepted(text('{"name": 1, "price": "x"}'))
    with pytest.raises(WebSocketRequestValidationError) as caught:
        await websocket.receive_json(type=Item)
    assert [(error["type"], error["loc"], error["input"]) for error in caught.value.errors()] == [
        ("string_type", ("message", "name"), 1),
        ("float_parsing", ("message", "price"), "x"),
    ]


@pytest.mark.parametrize(
    ("raw", "wanted", "kind"),
    [
        ("{", Item, "json_invalid"),
        ("", Item, "missing"),
        ("2", Annotated[int, msgspec.Meta(ge=3)], "greater_than_equal"),
        ('"b"', Literal["a"], "literal_error"),
    ],
)
async def test_a_message_that_does_not_fit_its_type(raw: str, wanted: Any, kind: str) -> None:
    websocket, _ = await accepted(text(raw))
    with pytest.raises(WebSocketRequestValidationError) as caught:
        await websocket.receive_json(type=wanted)
    assert [error["type"] for error in caught.value.errors()] == [kind]


async def test_iterating_messages_of_a_type() -> None:
    websocket, _ = await accepted(text('{"x": 1}'), text('{"x": "2"}'), LEAVE)
    assert [point async for point in websocket.iter_json(type=Point)] == [Point(1), Point(2)]


@pytest.mark.parametrize("message", [{"type": "websocket.disconnect"}, {"type": "websocket.disconnect", "code": None, "reason": None}])
async def test_a_client_that_leaves_without_a_code(message: Message) -> None:
    websocket, _ = await accepted(message)
    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.receive_text()
    assert (caught.value.code, caught.value.reason) == (1005, "")


async def test_a_client_that_leaves_before_the_answer() -> None:
    server = Server()
    server.incoming[0] = LEAVE
    with pytest.raises(WebSocketDisconnect, match="4000: bye"):
        await websocket_on(server).accept()
    assert server.sent == []


# What is sent.


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Item("pen", 1.5), '{"name":"pen","price":1.5}'),
        (Point(1), '{"x":1}'),
        ([Colour.RED, datetime.date(2026, 1, 2)], '["red","2026-01-02"]'),
        (Model(), '{"x":1}'),
        ({True: 2**70}, '{"true":1180591620717411303424}'),
        ("caf\u00e9", '"caf\u00e9"'),
    ],
)
async def test_what_is_sent_as_json(value: Any, expected: str) -> None:
    websocket, server = await accepted()
    await websocket.send_json(value)
    await websocket.send_json(value, "binary")
    assert server.sent == [{"type": "websocket.send", "text": expected}, {"type": "websocket.send", "bytes": expected.encode()}]


async def test_bytes_may_be_of_any_make() -> None:
    websocket, server = await accepted()
    await websocket.send_bytes(bytearray(b"a"))
    await websocket.send_bytes(memoryview(b"b"))
    assert [message["bytes"] for message in server.sent] == [b"a", b"b"]


@pytest.mark.parametrize(
    ("send", "error", "words"),
    [
        (lambda websocket: websocket.send_text({"a": 1}), TypeError, r"send_text\(\) takes a str, not dict. Write .*send_json"),
        (lambda websocket: websocket.send_bytes("a"), TypeError, r"send_bytes\(\) takes bytes, not str. Write send_text"),
        (lambda websocket: websocket.send_json(float("inf").__class__.__add__), TypeError, r"send_json\(\) cannot encode"),
        (lambda websocket: websocket.send_json(1, mode="other"), RuntimeError, 'should be "text" or "binary", not \'other\''),
        (lambda websocket: websocket.receive_json("other"), RuntimeError, 'should be "text" or "binary", not \'other\''),
        (lambda websocket: websocket.close(999), ValueError, "999 is no code"),
        (lambda websocket: websocket.close(1005), ValueError, "1005 is no code"),
        (lambda websocket: websocket.close(5000), ValueError, "5000 is no code"),
        (lambda websocket: websocket.close(1000, "\u00e9" * 62), ValueError, "may have 123 bytes, this one has 124"),
    ],
)
async def test_what_cannot_be_sent(send: Callable[[Any], Awaitable[Any]], error: type[Exception], words: str) -> None:
    websocket, server = await accepted(text("1"))
    with pytest.raises(error, match=words):
        await send(websocket)
    assert server.sent == []


@pytest.mark.parametrize(
    ("headers", "subprotocol"),
    [
        ([(b"x-a", b"1\r\nset-cookie: a=b")], None),
        ([(b"x a", b"1")], None),
        ([], "v1\r\nset-cookie: a=b"),
    ],
)
async def test_headers_that_would_begin_another_one_are_refused(headers: list[tuple[bytes, bytes]], subprotocol: str | None) -> None:
    server = Server()
    with pytest.raises(ValueError, match="header"):
        await websocket_on(server).accept(subprotocol, headers)
    assert server.sent == []


async def test_denial_response() -> None:
    server = Server()
    websocket = websocket_on(server, **DENIAL)
    await websocket.send_denial_response(PlainTextResponse("full", 503, {"retry-after": "1"}))
    assert [message["type"] for message in server.sent] == ["websocket.http.response.start", "websocket.http.response.body"]
    assert server.sent[0]["status"] == 503
    assert (b"retry-after", b"1") in server.sent[0]["headers"]
    assert server.sent[1]["body"] == b"full"
    assert websocket.application_state is WebSocketState.DISCONNECTED


async def test_denial_response_where_the_server_knows_none() -> None:
    server = Server()
    with pytest.raises(RuntimeError, match=r"Write `await websocket.close\(\)`"):
        await websocket_on(server).send_denial_response(PlainTextResponse("full", 503))
    assert server.sent == []


# What does not fit the state.


async def accept(websocket: WebSocket) -> None:
    await websocket.accept()


async def close(websocket: WebSocket) -> None:
    await websocket.close()


async def send(websocket: WebSocket) -> None:
    await websocket.send_text("x")


async def receive(websocket: WebSocket) -> None:
    await websocket.receive_text()


async def receive_raw(websocket: WebSocket) -> None:
    await websocket.receive()


async def hear_goodbye(websocket: WebSocket) -> None:
    with pytest.raises(WebSocketDisconnect):
        await websocket.receive_text()


async def deny(websocket: WebSocket) -> None:
    await websocket.send({"type": "websocket.http.response.start", "status": 403, "headers": []})


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([send], r"Write `await websocket.accept\(\)` first"),
        ([receive], r"Write `await websocket.accept\(\)` first"),
        ([accept, accept], r"accepted before. Call accept\(\) once"),
        ([accept, close, close], "closed before"),
        ([accept, close, send], "closed before"),
        ([accept, close, receive], "closed before"),
        ([close, accept], "closed before"),
        ([accept, close, receive_raw, close], "closed before"),
        ([accept, hear_goodbye, receive], "client has disconnected"),
        ([accept, hear_goodbye, receive_raw], "client has disconnected"),
        ([deny, send], "Expected ASGI message 'websocket.http.response.body', but got 'websocket.send'"),
        ([accept, deny], "Expected ASGI message 'websocket.send' or 'websocket.close'"),
    ],
)
async def test_what_does_not_fit_the_state(steps: list[Callable[[WebSocket], Awaitable[None]]], words: str) -> None:
    websocket = websocket_on(Server(LEAVE))
    for step in steps[:-1]:
        await step(websocket)
    with pytest.raises(RuntimeError, match=words):
        await steps[-1](websocket)


async def test_messages_that_no_server_sends() -> None:
    websocket, _ = await accepted({"type": "http.request"})
    with pytest.raises(RuntimeError, match=r"Expected ASGI message .* or 'websocket\.disconnect', but got 'http\.request'"):
        await websocket.receive()


async def test_nothing_is_sent_to_a_client_that_has_left() -> None:
    websocket, server = await accepted(LEAVE)
    await hear_goodbye(websocket)
    with pytest.raises(WebSocketDisconnect, match="4000: bye"):
        await websocket.send_text("x")
    with pytest.raises(WebSocketDisconnected):
        await websocket.send_text("x")
    assert server.sent == []


async def test_closing_behind_a_client_that_has_left_does_nothing() -> None:
    websocket, server = await accepted(LEAVE)
    await hear_goodbye(websocket)
    await websocket.close()
    await websocket.close()
    assert server.sent == []


async def test_a_connection_that_breaks_under_a_message() -> None:
    websocket, server = await accepted()
    server.refuses = ConnectionResetError("gone")
    with pytest.raises(WebSocketDisconnect) as caught:
        await websocket.send_text("x")
    assert (caught.value.code, websocket.client_left) == (1006, True)
    assert (websocket.client_state, websocket.application_state) == (WebSocketState.DISCONNECTED, WebSocketState.DISCONNECTED)
    await websocket.close()


async def test_a_message_that_the_server_refuses_changes_nothing() -> None:
    server = Server()
    websocket = websocket_on(server)
    server.refuses = RuntimeError("no such subprotocol")
    with pytest.raises(RuntimeError, match="no such subprotocol"):
        await websocket.accept("x")
    assert websocket.application_state is WebSocketState.CONNECTING
    server.refuses = None
    await websocket.close()
    assert [message["type"] for message in server.sent] == ["websocket.close"]


async def test_sending_that_is_cancelled_can_be_tried_again() -> None:
    websocket, server = await accepted()
    server.refuses = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await websocket.close()
    server.refuses = None
    await websocket.close(4000)
    assert [message["code"] for message in server.sent] == [4000]


async def test_a_message_that_is_given_up_does_not_open_what_was_closed_meanwhile() -> None:
    reached, stalled = asyncio.Event(), asyncio.Event()

    async def stalling(message: Message) -> None:
        if message["type"] == "websocket.send":
            reached.set()
            await stalled.wait()

    websocket = WebSocket(scope_of(), Server().receive, stalling)
    await websocket.accept()
    sending = asyncio.ensure_future(websocket.send_text("slow"))
    await reached.wait()
    await websocket.close()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert websocket.application_state is WebSocketState.DISCONNECTED


def test_exceptions_say_what_happened() -> None:
    assert str(WebSocketDisconnect(4000, "bye")) == "4000: bye"
    assert str(WebSocketDisconnect()) == "1000"
    assert str(WebSocketException(1008, "no")) == "1008: no"
    assert repr(WebSocketException(1008)) == "WebSocketException(code=1008, reason='')"
