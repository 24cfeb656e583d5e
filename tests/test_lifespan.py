from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fasterapi import Faster, GraphError
from fasterapi.testing import TestClient


def test_a_context_manager_spans_the_requests() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("end")

    app = Faster(lifespan=lifespan)

    @app.get("/")
    async def answer() -> None:
        events.append("request")

    with TestClient(app) as client:
        client.get("/")
    assert events == ["start", "request", "end"]


def test_a_plain_asynchronous_generator_will_do() -> None:
    events: list[str] = []

    async def lifespan(app: Faster) -> AsyncIterator[None]:
        events.append("start")
        yield
        events.append("end")

    with TestClient(Faster(lifespan=lifespan)):
        assert events == ["start"]
    assert events == ["start", "end"]


async def test_what_it_yields_becomes_the_state() -> None:
    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[dict[str, Any]]:
        yield {"pool": 1}

    state: dict[str, Any] = {}
    assert await lifespan_messages(Faster(lifespan=lifespan), {"state": state}) == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert state == {"pool": 1}


async def test_a_state_needs_a_server_that_carries_it() -> None:
    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[dict[str, Any]]:
        yield {"pool": 1}

    with pytest.raises(RuntimeError, match="cannot carry one"):
        await lifespan_messages(Faster(lifespan=lifespan), {})


def test_a_failing_start_is_raised() -> None:
    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[None]:
        connect()
        yield

    with pytest.raises(OSError, match="no database"), TestClient(Faster(lifespan=lifespan)):
        pytest.fail("it started")


def test_a_failing_end_is_raised() -> None:
    @asynccontextmanager
    async def lifespan(app: Faster) -> AsyncIterator[None]:
        yield
        raise OSError("flush failed")

    with pytest.raises(OSError, match="flush failed"), TestClient(Faster(lifespan=lifespan)):
        pass


def test_a_wrong_graph_does_not_start() -> None:
    app = Faster()

    @app.get("/")
    async def wrong(*anything: str) -> None:
        return None

    with pytest.raises(GraphError), TestClient(app):
        pytest.fail("it started")


def connect() -> None:
    raise OSError("no database")


async def lifespan_messages(app: Faster, scope: dict[str, Any]) -> list[str]:
    """The types of what the app sends over a whole life."""
    sent: list[str] = []
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])

    await app({"type": "lifespan", **scope}, receive, send)
    return sent
