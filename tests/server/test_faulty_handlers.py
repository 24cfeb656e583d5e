"""A handler that fails, hangs or is cancelled leaves its connection usable or closed, and all others alone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from fasterapi.http.exchange import Exchange, ExchangeHandler
from fasterapi.http.head import ResponseHead
from tests.deadline import DEADLINE
from tests.server.probe import TEXT, answer, read_all
from tests.server.servers import Client, Serving
from tests.server.test_protocol import post, request
from tests.server.wire import take_answer

LONG = b"x" * 200_000


class Faulty(ExchangeHandler):
    """Does with exchanges what the path says."""

    def __init__(self) -> None:
        self.hangs = threading.Event()
        self.ended = threading.Event()

    async def handle(self, exchange: Exchange) -> None:
        if exchange.path == "/fail":
            raise ValueError("a bug")
        if exchange.path == "/fail-within-the-body":
            await exchange.read_body(1)
            raise ValueError("a bug")
        if exchange.path == "/cancel":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await exchange.read_body(10**6)
        if exchange.path == "/hang":
            await self.hang()
        exchange.respond(ResponseHead(200, TEXT), b"well")

    async def hang(self) -> None:
        """Never come back by itself."""
        self.hangs.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


class FaultyExchanges(Faulty):
    """Asked past ASGI."""

    def exchange_handler(self) -> ExchangeHandler | None:
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("asked in ASGI")


class FaultyAsgi(Faulty):
    """Asked in ASGI."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/fail":
            raise ValueError("a bug")
        if scope["path"] == "/fail-within-the-body":
            await receive()
            raise ValueError("a bug")
        if scope["path"] == "/cancel":
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await read_all(receive)
        if scope["path"] == "/hang":
            await self.hang()
        await answer(send, 200, b"well")


App = FaultyExchanges | FaultyAsgi


@pytest.fixture(params=[FaultyExchanges, FaultyAsgi], ids=["exchange", "asgi"])
def app(request: pytest.FixtureRequest) -> App:
    made: Callable[[], App] = request.param
    return made()


@pytest.mark.parametrize(
    "data",
    [request("/fail"), post("/fail", b"body"), post("/fail-within-the-body", LONG), post("/fail-within-the-body", LONG)[:-1]],
    ids=["no body", "unread body", "body that is here", "half a body"],
)
def test_a_handler_that_fails(app: App, data: bytes) -> None:
    with Serving(app) as serving, serving.connect() as client, serving.connect() as other:
        client.send(data + request("/well") * 2)
        _check_failure(client)
        _check_life(other)


@pytest.mark.parametrize("data", [post("/cancel", LONG), post("/cancel", LONG)[:-1]], ids=["whole body", "half a body"])
def test_a_handler_that_is_cancelled(app: App, data: bytes) -> None:
    with Serving(app) as serving, serving.connect() as client, serving.connect() as other:
        client.send(data)
        _check_failure(client)
        _check_life(other)


def test_a_handler_that_hangs_keeps_nobody_else_waiting(app: App) -> None:
    with Serving(app, timeout_graceful_shutdown=0) as serving, serving.connect() as client, serving.connect() as other:
        client.send(request("/hang"))
        assert app.hangs.wait(DEADLINE)
        _check_life(other)


def test_a_handler_that_hangs_keeps_no_connection_of_a_client_that_left(app: App) -> None:
    with Serving(app, timeout_graceful_shutdown=0) as serving, serving.connect() as other:
        with serving.connect() as client:
            client.send(request("/hang"))
            assert app.hangs.wait(DEADLINE)
        deadline = time.monotonic() + DEADLINE
        while len(serving.server.server_state.connections) > 1:
            assert time.monotonic() < deadline
            _check_life(other)
        assert not app.ended.is_set()


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_handler_that_hangs_is_cancelled_when_the_time_of_a_server_is_up(app: App, loop: str) -> None:
    with Serving(app, timeout_graceful_shutdown=0, loop=loop) as serving, serving.connect() as client:
        client.send(request("/hang"))
        assert app.hangs.wait(DEADLINE)
        serving.server.should_exit = True
        assert app.ended.wait(DEADLINE)
        _check_failure(client)
        serving.join()


def _check_failure(client: Client) -> None:
    """The answer is a 500, and the last."""
    taken = take_answer(client.rest(), "GET")
    assert taken is not None
    found, rest = taken
    assert (found.status, found.headers["connection"], rest) == (500, "close", b"")


def _check_life(client: Client) -> None:
    client.send(request("/well"))
    assert client.answer().body == b"well"
