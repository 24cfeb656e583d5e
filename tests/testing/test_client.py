"""What the clients keep between requests, and how they end."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any, cast

import httpx
import pytest

from fasterapi.testing import TestClient
from tests.deadline import DEADLINE
from tests.testing.apps import Receive, Recorder, Scope, Send, echo_websocket, hello, respond


def client_threads() -> int:
    return sum(thread.name == "fasterapi-test-client" for thread in threading.enumerate())


@pytest.fixture(autouse=True, scope="module")
def no_thread_is_left() -> Iterator[None]:
    gc.collect()
    before = client_threads()
    yield
    gc.collect()
    assert client_threads() == before


async def cookies(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the cookie header of the request; sets one at /set."""
    sent = dict(scope["headers"]).get(b"cookie", b"")
    await respond(send, sent, headers=[(b"set-cookie", b"session=1; Path=/")] if scope["path"] == "/set" else [])


async def redirects(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/old":
        await respond(send, b"moved", status=307, headers=[(b"location", b"/new")])
    else:
        await respond(send, b"here")


def test_cookies_are_kept() -> None:
    client = TestClient(cookies)
    client.get("/set")
    assert client.get("/").text == "session=1"


def test_cookies_given_to_the_client() -> None:
    assert TestClient(cookies, cookies={"session": "2"}).get("/").text == "session=2"


def test_cookies_reach_websockets() -> None:
    app = Recorder()
    client = TestClient(app, cookies={"session": "3"})
    client.websocket_connect("/").close()
    assert (b"cookie", b"session=3") in app.scope["headers"]


def test_cookies_given_to_a_websocket() -> None:
    app = Recorder()
    TestClient(app).websocket_connect("/", cookies={"session": "4"}).close()
    assert (b"cookie", b"session=4") in app.scope["headers"]


def test_headers_given_to_the_client() -> None:
    app = Recorder()
    given = {"X-Key": "k", "User-Agent": "mine"}
    TestClient(app, headers=given).get("/")
    assert dict(app.scope["headers"]).items() >= {b"x-key": b"k", b"user-agent": b"mine"}.items()


def test_headers_given_to_the_client_are_not_changed() -> None:
    given = {"X-Key": "k"}
    TestClient(hello, headers=given)
    assert given == {"X-Key": "k"}


def test_credentials_reach_websockets() -> None:
    app = Recorder()
    client = TestClient(app)
    client.auth = ("user", "password")
    client.websocket_connect("/").close()
    assert dict(app.scope["headers"])[b"authorization"].startswith(b"Basic ")


def test_redirects_are_followed() -> None:
    assert TestClient(redirects).get("/old").text == "here"


def test_redirects_are_not_followed_on_demand() -> None:
    assert TestClient(redirects, follow_redirects=False).get("/old").status_code == 307


def test_app_sees_context_variables_of_the_test() -> None:
    name: ContextVar[str] = ContextVar("name")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, name.get().encode())
        name.set("app")

    client = TestClient(app)
    name.set("test")
    assert client.get("/").text == "test"
    assert name.get() == "test"


def test_one_event_loop_without_a_block() -> None:
    app = Recorder()
    client = TestClient(app)
    client.get("/")
    client.get("/")
    assert len(set(app.loops)) == 1


def test_client_works_after_its_block() -> None:
    client = TestClient(Recorder())
    with client:
        pass
    assert client.get("/").status_code == 200


def test_closed_client_refuses_requests() -> None:
    client = TestClient(hello)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.get("/")


def test_close_within_the_block_ends_the_lifespan() -> None:
    app = Recorder()
    with TestClient(app) as client:
        client.close()
    assert [scope["type"] for scope in app.scopes] == ["lifespan"]


def test_thread_ends_with_the_block() -> None:
    before = client_threads()
    with TestClient(Recorder()):
        assert client_threads() == before + 1
    assert client_threads() == before


def test_thread_ends_after_a_failing_startup() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError

    before = client_threads()
    client = TestClient(app)
    with pytest.raises(LookupError), client:
        pass
    assert client_threads() == before


def test_thread_ends_with_a_client_that_nobody_closes() -> None:
    gc.collect()
    before = client_threads()
    TestClient(hello).get("/")
    gc.collect()
    assert client_threads() == before


def test_session_outlives_the_name_of_its_client() -> None:
    session = TestClient(echo_websocket).websocket_connect("/")
    gc.collect()
    session.send_text("x")
    assert session.receive_text() == "x"
    session.close()


def test_stream_outlives_the_name_of_its_client() -> None:
    client = TestClient(hello)
    response = client.send(client.build_request("GET", "/"), stream=True)
    del client
    gc.collect()
    assert response.read() == b"hello"


def test_tasks_of_the_app_end_with_the_client() -> None:
    ends: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def forever() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                ends.append("cancelled")

        scope["extensions"]["task"] = asyncio.create_task(forever())
        await asyncio.sleep(0)
        await respond(send)

    client = TestClient(app)
    client.get("/")
    client.close()
    assert ends == ["cancelled"]


def test_requests_run_at_the_same_time() -> None:
    both = asyncio.Barrier(2)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await both.wait()
        await respond(send)

    client = TestClient(app, timeout=DEADLINE)
    with ThreadPoolExecutor(2) as pool:
        assert [response.status_code for response in pool.map(client.get, ["/", "/"])] == [200, 200]


def test_app_cannot_use_the_client_that_calls_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        client.get("/")

    client = TestClient(app)
    with pytest.raises(RuntimeError, match="the app cannot use the client that calls it"):
        client.get("/")


def test_event_hooks() -> None:
    statuses: list[int] = []

    def note(response: httpx.Response) -> None:
        statuses.append(response.status_code)

    client = TestClient(redirects)
    client.event_hooks = {"response": [note]}
    client.get("/old")
    assert statuses == [307, 200]


def test_no_other_backend_than_asyncio() -> None:
    with pytest.raises(ValueError, match="no other event loop than 'asyncio'"):
        TestClient(hello, backend=cast("Any", "trio"))
