from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fasterapi import Faster, Request, WebSocket
from fasterapi.contrib.redis import RedisConnection, RedisStore
from fasterapi.contrib.sessions import ServerSessionMiddleware, rotate_session
from fasterapi.contrib.stores import MemoryStore, StoreError
from fasterapi.http.streaming import StreamingResponse
from fasterapi.testing import AsyncTestClient, TestClient
from tests.contrib.redis_server import RedisServer, needs_redis


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def app_with(**options: Any) -> Faster:
    app = Faster()
    app.add_middleware(ServerSessionMiddleware, **options)

    @app.get("/")
    async def read(request: Request) -> dict[str, Any]:
        return dict(request.session)

    @app.get("/untouched")
    async def untouched() -> str:
        return "untouched"

    @app.post("/set/{name}")
    async def set_value(name: str, request: Request) -> None:
        request.session[name] = [1]

    @app.post("/deep/{name}")
    async def change_deep_inside(name: str, request: Request) -> None:
        request.session[name].append(2)

    @app.post("/login")
    async def login(request: Request) -> None:
        rotate_session(request)
        request.session["user"] = "ann"

    @app.post("/logout")
    async def logout(request: Request) -> None:
        request.session.clear()

    @app.post("/replace")
    async def replace(request: Request) -> None:
        request.scope["session"] = {"other": True}

    @app.post("/odd")
    async def odd(request: Request) -> None:
        request.session["odd"] = object()

    @app.post("/large")
    async def large(request: Request) -> None:
        request.session["large"] = "x" * 70_000

    @app.post("/late")
    async def late(request: Request) -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"one"
            yield b"two"
            request.session["late"] = True

        return StreamingResponse(pieces())

    @app.websocket("/socket")
    async def talk(websocket: WebSocket) -> None:
        websocket.session["socket"] = True
        await websocket.accept()

    return app


def cookie_of(client: TestClient) -> str | None:
    return client.cookies.get("session_id")


# What is kept.


def test_what_is_set_comes_back() -> None:
    client = TestClient(app_with())
    client.post("/set/cart")
    client.post("/deep/cart")
    assert client.get("/").json() == {"cart": [1, 2]}


def test_cookie_says_nothing_but_a_name() -> None:
    client = TestClient(app_with(https_only=True, max_age=60), base_url="https://testserver")
    header = client.post("/set/cart").headers["set-cookie"]
    name = cookie_of(client)
    assert name is not None
    assert len(name) == 43
    assert header == f"session_id={name}; HttpOnly; Max-Age=60; Path=/; SameSite=lax; Secure"


def test_store_does_not_know_the_names() -> None:
    store = MemoryStore()
    client = TestClient(app_with(store=store))
    client.post("/set/cart")
    name = cookie_of(client)
    assert name is not None
    assert not any(name in key or name.encode() in kept.value for key, kept in store._kept.items())


def test_clients_have_sessions_of_their_own() -> None:
    app = app_with()
    one, other = TestClient(app), TestClient(app)
    one.post("/set/one")
    other.post("/set/other")
    assert (one.get("/").json(), other.get("/").json()) == ({"one": [1]}, {"other": [1]})


def test_session_that_nobody_fills_is_not_kept() -> None:
    store = MemoryStore()
    client = TestClient(app_with(store=store))
    assert "set-cookie" not in client.get("/").headers
    assert len(store) == 0


def test_used_session_makes_the_answer_vary() -> None:
    client = TestClient(app_with())
    assert client.post("/set/cart").headers["vary"] == "Cookie"
    assert client.get("/").headers["vary"] == "Cookie"
    assert "vary" not in client.get("/untouched").headers


def test_dictionary_in_its_place_is_kept() -> None:
    client = TestClient(app_with())
    client.post("/set/cart")
    client.post("/replace")
    assert client.get("/").json() == {"other": True}


def test_websocket_has_the_session() -> None:
    client = TestClient(app_with())
    client.post("/set/cart")
    with client.websocket_connect("/socket"):
        pass
    assert client.get("/").json() == {"cart": [1], "socket": True}


def test_change_behind_the_head_is_kept() -> None:
    client = TestClient(app_with())
    client.post("/set/cart")
    assert client.post("/late").text == "onetwo"
    assert client.get("/").json() == {"cart": [1], "late": True}


def test_session_that_begins_behind_the_head_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    TestClient(app_with()).post("/late")
    assert "no cookie can be set any more" in caplog.text


@pytest.mark.parametrize(("path", "words"), [("/odd", "cannot be kept"), ("/large", "too large")])
def test_what_cannot_be_kept_is_an_error(path: str, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        TestClient(app_with()).post(path)


# How long.


def test_session_ends() -> None:
    clock = Clock()
    client = TestClient(app_with(store=MemoryStore(clock=clock), max_age=60, clock=clock))
    client.post("/set/cart")
    clock.now += 60
    assert client.get("/").json() == {}


def test_session_that_is_used_goes_on() -> None:
    clock = Clock()
    client = TestClient(app_with(store=MemoryStore(clock=clock), max_age=60, clock=clock))
    client.post("/set/cart")
    clock.now += 29
    assert "set-cookie" not in client.get("/").headers
    clock.now += 2
    assert "set-cookie" in client.get("/").headers
    clock.now += 59
    assert client.get("/").json() == {"cart": [1]}


# Who has it.


def test_login_changes_the_name() -> None:
    app = app_with()
    client = TestClient(app)
    client.post("/set/cart")
    before = cookie_of(client)
    client.post("/login")
    assert cookie_of(client) != before
    assert client.get("/").json() == {"cart": [1], "user": "ann"}
    thief = TestClient(app, cookies={"session_id": before or ""})
    assert thief.get("/").json() == {}


@pytest.mark.parametrize("name", ["a" * 43, "", "a", "a" * 44, "\x00" * 43, "../" * 15, "session:x", "é", "a" * 10_000])
def test_name_of_the_clients_choice_is_not_taken(name: str) -> None:
    app = app_with()
    headers = [(b"cookie", b"session_id=" + name.encode("latin-1"))]
    client = TestClient(app)
    answer = client.post("/set/cart", headers=headers)
    assert answer.status_code == 200
    assert cookie_of(client) != name
    assert TestClient(app).get("/", headers=headers).json() == {}


def test_logout_ends_the_session_for_all() -> None:
    app = app_with()
    client = TestClient(app)
    client.post("/set/cart")
    name = cookie_of(client) or ""
    assert "Max-Age=0" in client.post("/logout").headers["set-cookie"]
    assert cookie_of(client) is None
    assert TestClient(app, cookies={"session_id": name}).get("/").json() == {}


async def test_slow_request_does_not_bring_back_what_was_ended() -> None:
    app = app_with()
    is_there, may_go = asyncio.Event(), asyncio.Event()

    @app.post("/slow")
    async def slow(request: Request) -> None:
        is_there.set()
        await may_go.wait()
        request.session["slow"] = True

    async with AsyncTestClient(app) as client:
        await client.post("/set/cart")
        name = client.cookies["session_id"]
        waiting = asyncio.create_task(client.post("/slow"))
        await is_there.wait()
        await client.post("/logout")
        may_go.set()
        assert (await waiting).status_code == 200
    async with AsyncTestClient(app, cookies={"session_id": name}) as again:
        assert (await again.get("/")).json() == {}


def test_rotating_needs_the_middleware() -> None:
    app = Faster()

    @app.get("/")
    async def read(request: Request) -> None:
        request.scope["session"] = {}
        rotate_session(request)

    with pytest.raises(TypeError, match="ServerSessionMiddleware"):
        TestClient(app).get("/")


@pytest.mark.parametrize("options", [{"same_site": "none"}, {"max_age": 0}])
def test_wrong_arguments_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"same_site|max_age"):
        ServerSessionMiddleware(Faster(), **options)


# The store.


@pytest.mark.parametrize("content", [b"", b"nonsense", b"[]", b'[1,"a"]', b'{"a":1}', b"\x80\x04K\x01."])
def test_what_is_no_session_in_the_store_is_none(content: bytes) -> None:
    class Broken(MemoryStore):
        async def get(self, key: str) -> bytes | None:
            return content

    client = TestClient(app_with(store=Broken()), cookies={"session_id": "a" * 43})
    assert client.get("/").json() == {}


class Away(MemoryStore):
    """A store that nobody reaches, for reading or for writing."""

    reads = True
    writes = True

    async def get(self, key: str) -> bytes | None:
        if not self.reads:
            raise StoreError("away")
        return await super().get(key)

    async def set(self, key: str, value: bytes, seconds: float) -> None:
        if not self.writes:
            raise StoreError("away")
        await super().set(key, value, seconds)


def test_without_the_store_those_who_have_a_session_are_refused() -> None:
    store = Away()
    app = app_with(store=store)
    client = TestClient(app)
    client.post("/set/cart")
    store.reads = False
    answer = client.get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert TestClient(app).get("/").status_code == 200
    store.reads = True
    assert client.get("/").json() == {"cart": [1]}


def test_session_that_cannot_be_kept_is_not_confirmed(caplog: pytest.LogCaptureFixture) -> None:
    store = Away()
    store.writes = False
    client = TestClient(app_with(store=store))
    answer = client.post("/set/cart")
    assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)
    assert "The store cannot be asked" in caplog.text


@needs_redis
async def test_redis_may_die_and_come_back(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        async with RedisConnection(server.url) as connection, AsyncTestClient(app_with(store=RedisStore(connection))) as client:
            await client.post("/set/cart")
            assert (await client.get("/")).json() == {"cart": [1]}
            server.kill()
            assert (await client.get("/")).status_code == 503
            server.start()
            assert (await client.get("/")).json() == {}
            await client.post("/set/cart")
            assert (await client.get("/")).json() == {"cart": [1]}


READING = """
import sys
from fasterapi import Faster, Request
from fasterapi.contrib.redis import RedisStore
from fasterapi.contrib.sessions import ServerSessionMiddleware
from fasterapi.testing import TestClient

app = Faster()
app.add_middleware(ServerSessionMiddleware, store=RedisStore(sys.argv[1]))

@app.get("/")
async def read(request: Request) -> dict[str, object]:
    return dict(request.session)

print(TestClient(app, cookies={"session_id": sys.argv[2]}).get("/").text)
"""


@needs_redis
async def test_other_processes_know_the_session(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        async with RedisConnection(server.url) as connection, AsyncTestClient(app_with(store=RedisStore(connection))) as client:
            await client.post("/set/cart")
            command = [sys.executable, "-c", READING, server.url, client.cookies["session_id"]]
            done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    assert done.stdout == '{"cart":[1]}\n'
