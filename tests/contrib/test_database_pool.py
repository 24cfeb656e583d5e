from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from fasterapi import Faster, Request, WebSocket
from fasterapi.contrib.database_pool import DatabasePoolMiddleware
from fasterapi.testing import TestClient
from tests.contrib.postgres import needs_postgres
from tests.contrib.test_asyncpg import POSTGRES


class Counted:
    """A pool that knows whether it was closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


def make_counted() -> Counted:
    return Counted()


def app_with(pool: object, **given: Any) -> Faster:
    app = Faster()
    app.add_middleware(DatabasePoolMiddleware, pool=pool, **given)

    @app.get("/")
    async def read(request: Request) -> str:
        state: dict[str, object] = request.scope["state"]
        return ",".join(name for name, value in state.items() if isinstance(value, Counted))

    @app.websocket("/ws")
    async def listen(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(str(isinstance(websocket.state.db_pool, Counted)))

    return app


def test_a_pool_is_in_the_state_and_stays_the_applications() -> None:
    pool = Counted()
    with TestClient(app_with(pool, state_key="replica")) as client:
        assert client.get("/").json() == "replica"
    assert pool.closed == 0


def test_a_pool_that_was_made_at_the_start_is_closed_at_the_end() -> None:
    made: list[Counted] = []

    async def make() -> Counted:
        made.append(Counted())
        return made[-1]

    with TestClient(app_with(make)) as client:
        assert client.get("/").json() == "db_pool"
        with client.websocket_connect("/ws") as websocket:
            assert websocket.receive_text() == "True"
        assert [pool.closed for pool in made] == [0]
    assert [pool.closed for pool in made] == [1]


def test_a_pool_that_cannot_be_made_keeps_the_application_from_starting() -> None:
    async def make() -> Counted:
        raise OSError("no database")

    with pytest.raises(OSError, match="no database"), TestClient(app_with(make)):
        pass


def test_without_the_lifespan_there_is_no_pool() -> None:
    with pytest.raises(RuntimeError, match="without its lifespan"):
        TestClient(app_with(make_counted)).get("/")


@needs_postgres
def test_asyncpgs_own_pool_is_opened_and_closed() -> None:
    app = Faster()
    app.add_middleware(DatabasePoolMiddleware, pool=lambda: asyncpg.create_pool(POSTGRES, min_size=0))

    @app.get("/")
    async def read(request: Request) -> int:
        return int(await request.state.db_pool.fetchval("SELECT 1"))

    with TestClient(app) as client:
        assert client.get("/").json() == 1
