from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fasterapi import Faster, Header, WebSocket
from fasterapi.contrib.channels import Backend, Channels, MemoryBackend, RedisBackend, SlowReader, Subscription, WhenFull, forward
from fasterapi.contrib.redis import RedisConnection
from fasterapi.contrib.stores import StoreError
from fasterapi.sse import EventSourceResponse, ServerSentEvent
from fasterapi.testing import TestClient
from fasterapi.websocket import WebSocketDisconnect
from tests.contrib.redis_server import DEADLINE, RedisServer, needs_redis


class Note(msgspec.Struct):
    text: str


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", pytest.param("redis", marks=needs_redis)])
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    found: Backend = MemoryBackend()
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis")
        async with RedisConnection(server.url) as connection:
            await connection.client.flushdb()
        found = RedisBackend(server.url)
    yield found
    await found.aclose()


async def read(messages: Subscription[Any], count: int) -> list[Any]:
    return [await asyncio.wait_for(anext(messages), DEADLINE) for _ in range(count)]


# Who hears what.


async def test_all_who_listen_hear_a_message(backend: Backend) -> None:
    channel = Channels(backend).channel("news", Note)
    async with channel.subscribe() as one, channel.subscribe() as other:
        await channel.publish(Note("hello"))
        assert await read(one, 1) == await read(other, 1) == [Note("hello")]


async def test_channels_are_apart(backend: Backend) -> None:
    channels = Channels(backend)
    async with channels.channel("a").subscribe() as a, channels.channel("a:b").subscribe() as b:
        await channels.channel("a:b").publish(1)
        await channels.channel("a").publish(2)
        assert (await read(a, 1), await read(b, 1)) == ([2], [1])


async def test_messages_keep_their_order(backend: Backend) -> None:
    channel = Channels(backend, max_unread=1000, history=10).channel("numbers", int)
    async with channel.subscribe() as numbers:
        for number in range(200):
            await channel.publish(number)
        assert await read(numbers, 200) == list(range(200))


async def test_who_has_left_hears_nothing_and_others_go_on(backend: Backend) -> None:
    channel = Channels(backend).channel("news")
    async with channel.subscribe() as staying:
        async with channel.subscribe():
            pass
        await channel.publish("still")
        assert await read(staying, 1) == ["still"]


async def test_channel_can_be_joined_again(backend: Backend) -> None:
    channel = Channels(backend).channel("news")
    for number in range(3):
        async with channel.subscribe() as news:
            await channel.publish(number)
            assert await read(news, 1) == [number]


async def test_odd_names_are_names(backend: Backend) -> None:
    channel = Channels(backend).channel("*\r\n\x00 [é]?")
    async with channel.subscribe() as news:
        await channel.publish("here")
        assert await read(news, 1) == ["here"]


async def test_nothing_is_left_of_who_has_left() -> None:
    backend = MemoryBackend()
    async with Channels(backend).channel("news").subscribe():
        assert backend._hub.names() == ["news"]
    assert backend._hub.names() == []


@needs_redis
async def test_listening_ends_with_the_last_who_listens(redis: RedisServer) -> None:
    tasks = asyncio.all_tasks()
    async with Channels(RedisBackend(redis.url)) as channels:
        async with channels.channel("news").subscribe():
            assert len(asyncio.all_tasks()) == len(tasks) + 1
        assert asyncio.all_tasks() == tasks


# History.


async def test_who_comes_later_hears_the_last_ones(backend: Backend) -> None:
    channel = Channels(backend, history=3).channel("numbers", int)
    for number in range(5):
        await channel.publish(number)
    async with channel.subscribe(last=10) as numbers, channel.subscribe(last=1) as one, channel.subscribe() as none:
        await channel.publish(5)
        assert await read(numbers, 4) == [2, 3, 4, 5]
        assert await read(one, 2) == [4, 5]
        assert await read(none, 1) == [5]


async def test_who_comes_back_goes_on_where_it_was(backend: Backend) -> None:
    channel = Channels(backend, history=10).channel("numbers", int)
    async with channel.subscribe() as numbers:
        await channel.publish(0)
        await read(numbers, 1)
        last = numbers.last_id
    assert last is not None
    for number in range(1, 4):
        await channel.publish(number)
    async with channel.subscribe(after=last) as again:
        assert await read(again, 3) == [1, 2, 3]


@pytest.mark.parametrize("name", ["", "nonsense", "1", "-", "1-2-3", "9" * 30 + "-0", "(0-0", "+", "1-2\n", "\u0661-\u0662"])
async def test_what_is_no_id_counts_as_none(backend: Backend, name: str) -> None:
    channel = Channels(backend, history=10).channel("numbers", int)
    await channel.publish(0)
    async with channel.subscribe(after=name) as numbers:
        await channel.publish(1)
        assert await read(numbers, 1) == [1]


async def test_nothing_is_missed_or_heard_twice_while_somebody_joins(backend: Backend) -> None:
    channel = Channels(backend, history=1000, max_unread=1000).channel("numbers", int)

    async def publish() -> None:
        for number in range(200):
            await channel.publish(number)

    publishing = asyncio.create_task(publish())
    for _ in range(20):
        await asyncio.sleep(0)
    async with channel.subscribe(last=1000) as numbers:
        await publishing
        assert await read(numbers, 200) == list(range(200))


async def test_memory_keeps_the_history_of_so_many_channels() -> None:
    backend = MemoryBackend(max_channels=10)
    channels = Channels(backend, history=1)
    for number in range(100):
        await channels.channel(str(number)).publish(number)
    assert len(backend._history) == 10


@needs_redis
async def test_history_in_redis_ends(redis: RedisServer) -> None:
    async with RedisConnection(redis.url) as connection:
        await Channels(RedisBackend(connection, prefix="ending:"), history=1).channel("a").publish(1)
        assert 0 < await connection.client.ttl("ending:a") <= 24 * 60 * 60


# Slow readers.


@pytest.mark.parametrize(("policy", "kept"), [("drop_oldest", [3, 4]), ("drop_newest", [0, 1])])
async def test_slow_reader_loses_messages(policy: WhenFull, kept: list[int]) -> None:
    channel = Channels(max_unread=2, when_full=policy).channel("numbers", int)
    async with channel.subscribe() as numbers:
        for number in range(5):
            await channel.publish(number)
        assert await read(numbers, 2) == kept
        assert numbers.dropped == 3


async def test_slow_reader_is_told_so() -> None:
    channel = Channels(max_unread=2, when_full="end").channel("numbers", int)
    async with channel.subscribe() as numbers:
        for number in range(5):
            await channel.publish(number)
        assert await read(numbers, 2) == [0, 1]
        with pytest.raises(SlowReader, match="More than 2"):
            await read(numbers, 1)


@pytest.mark.parametrize("options", [{"history": -1}, {"max_unread": 0}, {"when_full": "wait"}])
def test_wrong_arguments_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"history|when_full"):
        Channels(**options)


# Messages that do not fit.


async def test_message_of_another_type_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    channels = Channels()
    async with channels.channel("news", Note).subscribe() as news:
        await channels.channel("news").publish({"text": 1})
        await channels.channel("news").publish({"text": "fits"})
        assert await read(news, 1) == [Note("fits")]
    assert "is passed over" in caplog.text


@needs_redis
async def test_nothing_that_comes_from_redis_ends_a_reader(redis: RedisServer) -> None:
    async with RedisConnection(redis.url) as connection:
        channel = Channels(RedisBackend(connection, prefix="odd:")).channel("news", Note)
        async with channel.subscribe() as news:
            for odd in (b"", b" ", b"\x80\x04cos\nsystem\n", b"1-1", b"1-1 [", b"nonsense {}", b'\xff {"text":1}', b"[" * 100_000):
                await connection.client.publish("odd:news", odd)
            await channel.publish(Note("fits"))
            assert await read(news, 1) == [Note("fits")]


# Redis.


@needs_redis
async def test_redis_may_die_and_come_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with RedisServer(tmp_path) as server:
        async with Channels(RedisBackend(server.url), history=10) as channels:
            channel = channels.channel("news")
            async with channel.subscribe() as news:
                await channel.publish("before")
                assert await read(news, 1) == ["before"]
                server.kill()
                with pytest.raises(StoreError):
                    await channel.publish("lost")
                server.start()
                # Published before anybody listens again: the history has it.
                await channel.publish("after")
                assert await read(news, 1) == ["after"]


@needs_redis
async def test_redis_that_hangs_is_left_and_found_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    is_given_up = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Watching(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            loop.call_soon(is_given_up.set)

    watching = Watching()
    logging.getLogger("fasterapi").addHandler(watching)
    with RedisServer(tmp_path) as server:
        assert server.process is not None
        async with Channels(RedisBackend(server.url, quiet_seconds=0.5), history=10) as channels:
            channel = channels.channel("news")
            async with channel.subscribe() as news:
                server.process.send_signal(signal.SIGSTOP)
                try:
                    await asyncio.wait_for(is_given_up.wait(), DEADLINE)
                finally:
                    logging.getLogger("fasterapi").removeHandler(watching)
                    server.process.send_signal(signal.SIGCONT)
                await channel.publish("after")
                assert await read(news, 1) == ["after"]
    assert "channels wait" in caplog.text


@needs_redis
async def test_without_redis_nobody_can_join() -> None:
    async with Channels(RedisBackend("redis://127.0.0.1:1/0")) as channels:
        with pytest.raises(StoreError):
            await channels.channel("news").publish(1)


SPEAKING = """
import asyncio, sys
from fasterapi.contrib.channels import Channels, RedisBackend

async def main(url):
    async with Channels(RedisBackend(url), history=10) as channels:
        await channels.channel("between").publish({"text": "from elsewhere"})

asyncio.run(main(sys.argv[1]))
"""


@needs_redis
async def test_other_processes_are_heard(redis: RedisServer) -> None:
    async with Channels(RedisBackend(redis.url)) as channels, channels.channel("between", Note).subscribe() as news:
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", SPEAKING, redis.url], check=True)
        assert await read(news, 1) == [Note("from elsewhere")]


# WebSockets and event streams.


def chat(channels: Channels) -> Faster:
    app = Faster()

    @app.post("/rooms/{room}")
    async def say(room: str, note: Note) -> None:
        await channels.channel(room, Note).publish(note)

    @app.websocket("/rooms/{room}")
    async def listen(websocket: WebSocket, room: str) -> None:
        channel = channels.channel(room, Note)
        async with channel.subscribe() as notes:
            await websocket.accept()
            await forward(notes, websocket, on_text=lambda text: channel.publish(Note(text)))

    @app.websocket("/listening/{room}")
    async def only_listen(websocket: WebSocket, room: str) -> None:
        async with channels.channel(room, Note).subscribe() as notes:
            await websocket.accept()
            await forward(notes, websocket)

    @app.get("/rooms/{room}", response_class=EventSourceResponse)
    async def follow(room: str, last_event_id: str | None = Header(None)) -> AsyncIterator[ServerSentEvent]:
        async with channels.channel(room, Note).subscribe(after=last_event_id) as notes:
            async for note in notes:
                yield ServerSentEvent(data=note, id=notes.last_id)
                if note.text == "end":
                    return

    return app


def test_websockets_talk_to_each_other() -> None:
    with (
        TestClient(chat(Channels())) as client,
        client.websocket_connect("/rooms/a") as one,
        client.websocket_connect("/listening/a") as other,
    ):
        one.send_text("hello")
        assert one.receive_json() == other.receive_json() == {"text": "hello"}
        other.send_text("nobody hears this")
        client.post("/rooms/a", json={"text": "posted"})
        assert one.receive_json() == other.receive_json() == {"text": "posted"}


def test_client_that_leaves_is_forgotten() -> None:
    backend = MemoryBackend()
    with TestClient(chat(Channels(backend))) as client:
        with client.websocket_connect("/rooms/a"), client.websocket_connect("/listening/a"):
            assert backend._hub.names() == ["a"]
        client.post("/rooms/b", json={"text": "once around the loop"})
        assert backend._hub.names() == []


def test_slow_client_is_told_to_come_back() -> None:
    channels = Channels(max_unread=1, when_full="end")
    app = chat(channels)

    @app.websocket("/slow")
    async def slow(websocket: WebSocket) -> None:
        async with channels.channel("slow", Note).subscribe() as notes:
            for text in ("one", "two"):
                await channels.channel("slow", Note).publish(Note(text))
            await websocket.accept()
            await forward(notes, websocket)

    with TestClient(app) as client, client.websocket_connect("/slow") as session:
        assert session.receive_json() == {"text": "one"}
        with pytest.raises(WebSocketDisconnect) as left:
            session.receive_json()
    assert left.value.code == 1013


def test_event_stream_goes_on_where_it_was() -> None:
    channels = Channels(history=10)
    with TestClient(chat(channels)) as client:
        for text in ("one", "two", "end"):
            client.post("/rooms/a", json={"text": text})
        stream = client.get("/rooms/a", headers={"last-event-id": "0-0"}).text
        events = [dict(line.split(": ", 1) for line in event.splitlines()) for event in stream.strip().split("\n\n")]
        assert [event["data"] for event in events] == ['{"text":"one"}', '{"text":"two"}', '{"text":"end"}']
        again = client.get("/rooms/a", headers={"last-event-id": events[1]["id"]}).text
    assert again.count("data:") == 1
