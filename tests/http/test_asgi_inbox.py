from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fasterapi.http.asgi_inbox import AsgiInbox
from tests.http.requests import LEFT, in_pieces


class Line:
    """A server's `receive`, whose messages come when the test says so; it minds who asks twice at once."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self.asking = 0

    async def receive(self) -> Mapping[str, Any]:
        assert not self.asking
        self.asking += 1
        try:
            return await self.messages.get()
        finally:
            self.asking -= 1

    async def say(self, *messages: Mapping[str, Any]) -> None:
        for message in messages:
            self.messages.put_nowait(message)
        await settle()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def bodies(messages: list[Mapping[str, Any]]) -> list[bytes]:
    return [message.get("body", b"") for message in messages]


async def test_a_reader_gets_what_the_watch_has_received() -> None:
    line = Line()
    inbox = AsgiInbox(line.receive)
    watch = asyncio.create_task(inbox.watch())
    reading = asyncio.create_task(inbox.next())
    await line.say(*in_pieces(b"one", b"two"))
    assert bodies([await reading, await inbox.next(), await inbox.next()]) == [b"one", b"two", b""]
    await line.say(LEFT)
    await watch
    assert inbox.client_left


async def test_the_watch_waits_for_who_reads_first() -> None:
    line = Line()
    inbox = AsgiInbox(line.receive)
    reading = asyncio.create_task(inbox.next())
    await settle()
    watch = asyncio.create_task(inbox.watch())
    await settle()
    await line.say(*in_pieces(b"one"))
    assert bodies([await reading]) == [b"one"]
    await settle()
    await line.say(LEFT)
    await watch


async def test_the_watch_takes_no_more_than_one_piece() -> None:
    line = Line()
    inbox = AsgiInbox(line.receive)
    watch = asyncio.create_task(inbox.watch())
    await line.say(*in_pieces(b"one", b"two"), LEFT)
    assert line.messages.qsize() == 3
    assert not inbox.client_left
    assert bodies([await inbox.next(), await inbox.next()]) == [b"one", b"two"]
    await watch
    assert inbox.client_left


async def test_the_watch_looks_behind_the_end_of_a_body_that_nobody_read() -> None:
    line = Line()
    inbox = AsgiInbox(line.receive)
    watch = asyncio.create_task(inbox.watch())
    await line.say(*in_pieces(), LEFT)
    await watch
    assert bodies([await inbox.next()]) == [b""]
    assert await inbox.next() == LEFT


async def test_who_leaves_is_told_once() -> None:
    line = Line()
    inbox = AsgiInbox(line.receive)
    told: list[str] = []
    inbox.on_left = lambda: told.append("left")
    await line.say(LEFT, LEFT)
    await inbox.watch()
    inbox.leave()
    assert told == ["left"]


async def test_a_reader_goes_on_when_the_watch_ends() -> None:
    line = Line()
    inbox = AsgiInbox(line.receive)
    watch = asyncio.create_task(inbox.watch())
    await settle()
    reading = asyncio.create_task(inbox.next())
    await settle()
    watch.cancel()
    await line.say(*in_pieces(b"one"))
    assert bodies([await reading]) == [b"one"]


async def test_a_question_beside_the_watch_is_answered_by_it() -> None:
    line = Line()
    inbox = AsgiInbox(line.receive)
    watch = asyncio.create_task(inbox.watch())
    await settle()
    assert not await inbox.is_disconnected()
    line.messages.put_nowait(LEFT)
    await watch
    assert await inbox.is_disconnected()


async def test_a_server_that_cannot_be_asked_ends_the_watch() -> None:
    async def receive() -> Mapping[str, Any]:
        raise RuntimeError

    inbox = AsgiInbox(receive)
    await inbox.watch()
    assert not inbox.client_left


async def test_who_waits_for_the_departure_is_woken_at_the_end_of_the_answer() -> None:
    inbox = AsgiInbox(Line().receive)
    waiting = asyncio.create_task(inbox.left())
    await settle()
    inbox.close()
    await waiting
    assert not inbox.client_left
