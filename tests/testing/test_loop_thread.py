"""The event loop behind a client that is not async."""

from __future__ import annotations

import asyncio
import threading

import pytest

from fasterapi.testing import TestClient
from fasterapi.testing.loop_thread import LoopThread
from tests.deadline import DEADLINE
from tests.testing.apps import Receive, Recorder, Scope, Send, hello, respond


class OwnLoop(asyncio.SelectorEventLoop):
    pass


def test_loop_factory() -> None:
    app = Recorder()
    TestClient(app, backend_options={"loop_factory": OwnLoop}).get("/")
    assert isinstance(app.loops[0], OwnLoop)


def test_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")
    app = Recorder()
    TestClient(app, backend_options={"use_uvloop": True}).get("/")
    assert isinstance(app.loops[0], uvloop.Loop)


def test_debug() -> None:
    app = Recorder()
    TestClient(app, backend_options={"debug": True}).get("/")
    assert app.loops[0].get_debug()


def test_event_loop_policy_is_left_alone() -> None:
    client = TestClient(hello)
    client.get("/")
    with pytest.raises(RuntimeError):
        asyncio.get_running_loop()


def test_loop_that_cannot_be_made() -> None:
    def fails() -> asyncio.AbstractEventLoop:
        raise LookupError("no loop today")

    with pytest.raises(LookupError, match="no loop today"):
        TestClient(hello, backend_options={"loop_factory": fails}).get("/")


def test_app_that_blocks_its_event_loop_is_named() -> None:
    release = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        release.wait(DEADLINE)
        await respond(send)

    client = TestClient(app, timeout=0.1)
    with pytest.raises(RuntimeError, match=r"the app has blocked its event loop for 1 s"):
        client.get("/")
    release.set()
    client.close()


def test_app_that_blocks_for_less_than_the_timeout_is_fine() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        threading.Event().wait(0.05)
        await respond(send)

    assert TestClient(app).get("/").status_code == 200


def test_stop_of_a_loop_that_is_blocked_is_named() -> None:
    release = threading.Event()
    tasks: list[asyncio.Task[None]] = []

    async def block_at_the_end() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            release.wait(DEADLINE)

    async def start() -> None:
        tasks.append(asyncio.create_task(block_at_the_end()))
        await asyncio.sleep(0)

    loop = LoopThread(None, 0.1)
    loop.call(start())
    with pytest.raises(RuntimeError, match=r"still runs 1 s after its client was closed"):
        loop.stop()
    release.set()


def test_loop_starts_anew_after_a_stop() -> None:
    async def running_loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    loop = LoopThread(None, 5)
    first = loop.call(running_loop())
    loop.stop()
    assert loop.call(running_loop()) is not first
    loop.stop()


def test_loop_that_is_given_up_from_within_ends() -> None:
    holder = [LoopThread(None, 5)]

    async def give_up_later() -> threading.Thread:
        asyncio.get_running_loop().call_later(0.05, holder.clear)
        return threading.current_thread()

    thread = holder[0].call(give_up_later())
    thread.join(DEADLINE)
    assert not thread.is_alive()


def test_stop_before_the_start() -> None:
    loop = LoopThread(None, 5)
    loop.stop()
    assert not loop.running
