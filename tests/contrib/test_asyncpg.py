from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx
import pytest

from fasterapi import Depends, Faster, HTTPException
from fasterapi.contrib.asyncpg import AsyncpgPool, Connection
from tests.contrib.postgres import HOST, PORT, USER, Way, needs_postgres
from tests.contrib.test_sqlalchemy import scope_of

POSTGRES = f"postgresql://{USER}@{HOST}:{PORT}/test"


class Notes:
    """An application that keeps notes in a table of its own, and counts them from outside."""

    def __init__(self, dsn: str, **options: Any) -> None:
        self.pool = AsyncpgPool(dsn, **options)
        self.table = f"notes_{uuid.uuid4().hex}"
        self.app = Faster()
        self.entered = asyncio.Event()
        self.leave = asyncio.Event()
        self._declare()

    def _declare(self) -> None:
        app, pool = self.app, self.pool
        insert = f"INSERT INTO {self.table} VALUES ($1)"

        @app.post("/notes/{note}")
        async def add(note: str, connection: Connection = Depends(pool.transaction)) -> None:
            await connection.execute(insert, note)

        @app.post("/refused/{note}")
        async def refuse(note: str, connection: Connection = Depends(pool.transaction)) -> None:
            await connection.execute(insert, note)
            raise HTTPException(409)

        @app.post("/free/{note}")
        async def free(note: str, connection: Connection = Depends(pool.connection)) -> None:
            await connection.execute(insert, note)
            raise HTTPException(409)

        @app.post("/held/{note}")
        async def hold(note: str, connection: Connection = Depends(pool.transaction)) -> None:
            await connection.execute(insert, note)
            self.entered.set()
            await self.leave.wait()

        @app.get("/nonsense")
        async def nonsense(connection: Connection = Depends(pool.transaction)) -> None:
            await connection.execute("SELECT nonsense FROM nowhere")

        @app.get("/wrong")
        async def wrong(connection: Connection = Depends(pool.transaction)) -> None:
            await connection.execute("SELECT $1::int", "no number")

        @app.get("/ended")
        async def ended(connection: Connection = Depends(pool.transaction)) -> None:
            process = await connection.fetchval("SELECT pg_backend_pid()")
            async with pool.pool.acquire() as other:
                await other.execute("SELECT pg_terminate_backend($1)", process)
            await connection.execute("SELECT 1")

        @app.get("/one")
        async def one(connection: Connection = Depends(pool.transaction)) -> int:
            return int(await connection.fetchval("SELECT 1"))

    async def count(self) -> int:
        connection = await asyncpg.connect(POSTGRES)
        try:
            return int(await connection.fetchval(f"SELECT count(*) FROM {self.table}"))
        finally:
            await connection.close()

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[httpx.AsyncClient]:
        outside = await asyncpg.connect(POSTGRES)
        await outside.execute(f"CREATE TABLE {self.table} (note text)")
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        try:
            async with self.pool, httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
                yield client
        finally:
            await outside.execute(f"DROP TABLE {self.table}")
            await outside.close()


@needs_postgres
@pytest.mark.parametrize(("path", "status", "kept"), [("/notes/a", 200, 1), ("/refused/a", 409, 0), ("/free/a", 409, 1)])
async def test_a_transaction_is_kept_or_taken_back_as_a_whole(path: str, status: int, kept: int) -> None:
    notes = Notes(POSTGRES)
    async with notes.kept() as client:
        assert (await client.post(path)).status_code == status
        assert await notes.count() == kept


@needs_postgres
@pytest.mark.parametrize("path", ["/refused/a", "/nonsense"])
async def test_a_connection_goes_back_to_the_pool_without_a_transaction(path: str, caplog: pytest.LogCaptureFixture) -> None:
    notes = Notes(POSTGRES)
    async with notes.kept() as client:
        await client.request("POST" if path == "/refused/a" else "GET", path)
    assert "active transaction" not in caplog.text


@needs_postgres
async def test_a_commit_that_fails_is_an_error_and_spoils_no_connection() -> None:
    notes = Notes(POSTGRES, max_size=1)

    @notes.app.post("/twice")
    async def twice(connection: Connection = Depends(notes.pool.transaction)) -> None:
        await connection.execute("CREATE TEMP TABLE once (n int UNIQUE DEFERRABLE INITIALLY DEFERRED) ON COMMIT DROP")
        await connection.execute("INSERT INTO once VALUES (1), (1)")

    async with notes.kept() as client:
        assert (await client.post("/twice")).status_code == 500
        assert (await client.get("/one")).json() == 1


@needs_postgres
async def test_the_transaction_is_committed_before_the_answer_begins() -> None:
    notes = Notes(POSTGRES)
    counts: list[int] = []
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            counts.append(await notes.count())

    async with notes.kept():
        await notes.app(scope_of("/notes/a"), receive, send)
    assert counts == [1]


@needs_postgres
async def test_a_client_that_has_gone_changes_nothing() -> None:
    notes = Notes(POSTGRES)
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        pass

    async with notes.kept():
        await notes.app(scope_of("/notes/a"), receive, send)
        assert await notes.count() == 0


@needs_postgres
async def test_a_handler_that_is_cancelled_takes_back_and_gives_back() -> None:
    notes = Notes(POSTGRES, max_size=1)
    async with notes.kept() as client:
        request = asyncio.create_task(client.post("/held/a"))
        await notes.entered.wait()
        request.cancel()
        await asyncio.wait([request])
        assert await notes.count() == 0
        assert (await client.get("/one")).status_code == 200


@needs_postgres
@pytest.mark.parametrize("path", ["/nonsense", "/wrong"])
async def test_a_wrong_query_is_a_fault_of_ours_and_spoils_no_connection(path: str) -> None:
    notes = Notes(POSTGRES, max_size=1)
    async with notes.kept() as client:
        assert (await client.get(path)).status_code == 500
        assert (await client.get("/one")).status_code == 200


@needs_postgres
@pytest.mark.parametrize(
    ("note", "status"), [("'); DROP TABLE notes; --", 200), ("$1", 200), ("%s" * 1000, 200), ("\x00", 500), ("\ufffe", 200)]
)
async def test_hostile_text_is_text_or_a_fault_that_spoils_nothing(note: str, status: int) -> None:
    notes = Notes(POSTGRES, max_size=1)
    async with notes.kept() as client:
        assert (await client.post(f"/notes/{quote(note, safe='')}")).status_code == status
        assert (await client.post("/notes/next")).status_code == 200
        assert await notes.count() == (2 if status == 200 else 1)


@needs_postgres
async def test_a_pool_without_a_free_connection_is_503() -> None:
    notes = Notes(POSTGRES, max_size=1)
    async with notes.kept() as client:
        held = asyncio.create_task(client.post("/held/a"))
        await notes.entered.wait()
        # Now, and not before: to open the connection may take longer.
        notes.pool._acquire_timeout = 0.05
        answer = await client.get("/one")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        notes.pool._acquire_timeout = 20
        notes.leave.set()
        assert (await held).status_code == 200
        assert (await client.get("/one")).json() == 1


@needs_postgres
async def test_a_connection_that_the_operator_ends_is_503() -> None:
    notes = Notes(POSTGRES)
    async with notes.kept() as client:
        assert (await client.get("/ended")).status_code == 503
        assert (await client.get("/one")).status_code == 200


@needs_postgres
async def test_a_database_that_goes_away_comes_back() -> None:
    async with Way() as way:
        notes = Notes(way.url)
        async with notes.kept() as client:
            assert (await client.get("/one")).status_code == 200
            held = asyncio.create_task(client.post("/held/a"))
            await notes.entered.wait()
            await way.close()
            notes.leave.set()
            assert (await held).status_code == 503
            assert (await client.get("/one")).status_code == 503
            with pytest.raises(OSError, match="onnect"):
                await notes.pool.check()
            await way.open()
            assert (await client.get("/one")).json() == 1
            await notes.pool.check()
            assert await notes.count() == 0


def test_a_pool_that_is_not_open_says_so() -> None:
    with pytest.raises(RuntimeError, match="async with pool"):
        _ = AsyncpgPool(POSTGRES).pool
