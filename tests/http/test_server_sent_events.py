from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import fastapi.sse
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.http.server_sent_events import format_sse_event
from fasterapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, ServerSentEvent
from tests.http.test_streaming import answered


class Point(msgspec.Struct):
    x: int


async def sent(*items: Any, **options: Any) -> bytes:
    return b"".join((await answered(EventSourceResponse(list(items), **options)))[2])


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("text", b"data: text\n\n"),
        ("", b"data: \n\n"),
        ("one\ntwo\r\nthree\rfour\n", b"data: one\ndata: two\ndata: three\ndata: four\ndata: \n\n"),
        ("one\u2028two\x85three\x0bfour", "data: one\u2028two\x85three\x0bfour\n\n".encode()),
        (b": already an event\n\n", b": already an event\n\n"),
        ({"data": "text"}, b"data: text\n\n"),
        ({"data": {"a": [1]}, "event": "e", "id": 7, "retry": 3, "comment": "c"}, b': c\nevent: e\ndata: {"a":[1]}\nid: 7\nretry: 3\n\n'),
        ({"raw_data": "text"}, b"data: text\n\n"),
        ({"comment": "c"}, b": c\n\n"),
        (ServerSentEvent("text"), b'data: "text"\n\n'),
        (ServerSentEvent(Point(1), id="1"), b'data: {"x":1}\nid: 1\n\n'),
        (ServerSentEvent(msgspec.Raw(b'{\n"a":\r\n\n1}')), b'data: { "a":   1}\n\n'),
        (Point(1), b'data: {"x":1}\n\n'),
        ([1, None], b"data: [1,null]\n\n"),
        (7, b"data: 7\n\n"),
    ],
)
async def test_what_is_sent_of_an_item(item: Any, expected: bytes) -> None:
    assert await sent(item) == expected


async def test_headers_keep_everybody_from_keeping_events() -> None:
    _, headers, _ = await answered(EventSourceResponse([]))
    assert headers == [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),
    ]


async def test_headers_of_the_callers_own_stay() -> None:
    _, headers, _ = await answered(EventSourceResponse([], headers={"Cache-Control": "no-store"}))
    assert [value for name, value in headers if name == b"cache-control"] == [b"no-store"]


@pytest.mark.parametrize("field", ["event", "id"])
@pytest.mark.parametrize("value", ["a\nb", "a\rb", "\0", "a\r\ndata: injected"])
def test_a_field_cannot_say_anything_else(field: str, value: str) -> None:
    fields: dict[str, Any] = {field: value}
    with pytest.raises(ValueError, match="line break or a NUL"):
        ServerSentEvent(1, **fields)


@pytest.mark.parametrize("retry", [-1, True, 1.5, "1\n\ndata: injected"])
def test_a_retry_is_a_number_of_milliseconds(retry: Any) -> None:
    with pytest.raises(ValueError, match="number of milliseconds"):
        ServerSentEvent(retry=retry)


@pytest.mark.parametrize("field", ["event", "id", "comment", "raw_data"])
def test_texts_are_texts(field: str) -> None:
    fields: dict[str, Any] = {field: 1}
    with pytest.raises(TypeError, match=f"The {field} of an event is a str, not int"):
        ServerSentEvent(**fields)


def test_data_is_given_once() -> None:
    with pytest.raises(ValueError, match="data or raw_data, not both"):
        ServerSentEvent(1, raw_data="1")


def test_events_are_values() -> None:
    assert ServerSentEvent(1, id="a") == ServerSentEvent(1, id="a")
    assert ServerSentEvent(1, id="a") != ServerSentEvent(1, id="b")


async def test_a_dictionary_of_other_things_is_refused() -> None:
    with pytest.raises(ValueError, match=r'An event has no price\. To send the whole dictionary as the data, write \{"data": it\}'):
        await sent({"price": 1})


async def test_a_field_of_a_dictionary_cannot_say_anything_else() -> None:
    with pytest.raises(ValueError, match="line break or a NUL"):
        await sent({"data": 1, "event": "a\ndata: injected"})


texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\r\n:"))
lines = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))


@given(st.none() | texts, st.none() | lines, st.none() | lines, st.none() | st.integers(0, 10**9), st.none() | texts)
def test_events_are_written_as_fastapi_writes_them(
    data: str | None, event: str | None, identity: str | None, retry: int | None, comment: str | None
) -> None:
    ours = format_sse_event(data_str=data, event=event, id=identity, retry=retry, comment=comment)
    assert ours == fastapi.sse.format_sse_event(data_str=data, event=event, id=identity, retry=retry, comment=comment)


def test_the_ping_is_fastapis() -> None:
    assert fastapi.sse.KEEPALIVE_COMMENT == KEEPALIVE_COMMENT


class Waiting:
    """Events of which each waits until so many pings were sent."""

    def __init__(self, *pings: int) -> None:
        self.pings = pings
        self.bodies: list[bytes] = []
        self.sent = asyncio.Event()

    async def events(self) -> AsyncIterator[str]:
        wanted = 0
        for number in self.pings:
            wanted += number
            while self.bodies.count(KEEPALIVE_COMMENT) < wanted:
                self.sent.clear()
                await self.sent.wait()
            yield "event"

    async def send(self, message: Any) -> None:
        if message.get("body"):
            self.bodies.append(message["body"])
            self.sent.set()

    async def run(self, **options: Any) -> list[bytes]:
        async def receive() -> Any:
            return await asyncio.Future()

        response = EventSourceResponse(self.events(), **options)
        async with asyncio.timeout(20):
            await response({"type": "http", "method": "GET", "path": "/"}, receive, self.send)
        return self.bodies


@pytest.mark.parametrize("options", [{"ping": 0.01}, {"ping_interval": 0.01}])
async def test_a_silent_stream_pings_until_there_is_an_event(options: Any) -> None:
    bodies = await Waiting(2, 1).run(**options)
    assert bodies[:2] == [KEEPALIVE_COMMENT] * 2
    assert bodies[-1] == b"data: event\n\n"
    assert bodies.count(b"data: event\n\n") == 2


async def test_a_stream_that_talks_does_not_ping() -> None:
    assert await Waiting(0, 0).run(ping=0.01) == [b"data: event\n\n"] * 2


@pytest.mark.parametrize(("options", "seconds"), [({}, 15), ({"ping": 3}, 3), ({"ping_interval": 4}, 4), ({"ping": 0}, 0)])
def test_how_often_a_stream_pings(options: Any, seconds: float) -> None:
    assert EventSourceResponse([], **options).idle_seconds() == seconds
