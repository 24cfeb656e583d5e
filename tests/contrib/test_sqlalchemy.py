from __future__ import annotations

import asyncio
import sqlite3
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from fasterapi import Depends, Faster, HTTPException, Request
from fasterapi.contrib.sqlalchemy import async_engine_from_url, async_engine_from_url_optional, sqlalchemy_session_dependency
from fasterapi.testing import TestClient
from tests.contrib.postgres import HOST, PORT, USER, Way, needs_postgres
from tests.deadline import DEADLINE
from tests.server.servers import Serving

POSTGRES = f"postgresql://{USER}@{HOST}:{PORT}/test"


class Notes:
    """An application that keeps notes in a table of its own, and counts them from outside."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.table = f"notes_{uuid.uuid4().hex}"
        self.app = Faster()
        self.entered = asyncio.Event()
        self.leave = asyncio.Event()
        self.get_session: Callable[..., Any] = sqlalchemy_session_dependency(async_sessionmaker(engine, expire_on_commit=False))
        self._declare()

    def _declare(self) -> None:
        app, get_session = self.app, self.get_session
        insert = text(f"INSERT INTO {self.table} VALUES (:note)")

        async def author(session: AsyncSession = Depends(get_session)) -> AsyncSession:
            return session

        @app.post("/notes/{note}", status_code=201)
        async def add(note: str, session: AsyncSession = Depends(get_session), same: AsyncSession = Depends(author)) -> bool:
            await session.execute(insert, {"note": note})
            return same is session

        @app.post("/refused/{note}")
        async def refuse(note: str, session: AsyncSession = Depends(get_session)) -> None:
            await session.execute(insert, {"note": note})
            raise HTTPException(409, "taken")

        @app.post("/broken/{note}")
        async def fail(note: str, session: AsyncSession = Depends(get_session)) -> None:
            await session.execute(insert, {"note": note})
            raise RuntimeError("a bug")

        @app.post("/unsendable/{note}")
        async def unsendable(note: str, session: AsyncSession = Depends(get_session)) -> object:
            await session.execute(insert, {"note": note})
            return object()

        @app.post("/held/{note}")
        async def hold(note: str, session: AsyncSession = Depends(get_session)) -> None:
            await session.execute(insert, {"note": note})
            self.entered.set()
            await self.leave.wait()

        @app.get("/nonsense")
        async def nonsense(session: AsyncSession = Depends(get_session)) -> None:
            await session.execute(text("SELECT nonsense FROM nowhere"))

        @app.get("/file")
        async def read_file(session: AsyncSession = Depends(get_session)) -> str:
            await session.execute(text("SELECT 1"))
            return await asyncio.to_thread(Path("/nowhere/at/all").read_text)

        @app.get("/one")
        async def one(session: AsyncSession = Depends(get_session)) -> int:
            return int((await session.execute(text("SELECT 1"))).scalar_one())

        @app.get("/untouched")
        async def untouched(session: AsyncSession = Depends(get_session)) -> str:
            return "no query, no connection"

    async def count(self) -> int:
        async with self.engine.connect() as connection:
            return int((await connection.execute(text(f"SELECT count(*) FROM {self.table}"))).scalar_one())

    @asynccontextmanager
    async def kept(self) -> AsyncIterator[httpx.AsyncClient]:
        async with self.engine.begin() as connection:
            await connection.execute(text(f"CREATE TABLE {self.table} (note text)"))
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        try:
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
                yield client
        finally:
            async with self.engine.begin() as connection:
                await connection.execute(text(f"DROP TABLE {self.table}"))
            await self.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=needs_postgres)])
def notes(request: pytest.FixtureRequest, tmp_path: Path) -> Notes:
    return Notes(async_engine_from_url(f"sqlite:///{tmp_path}/notes.db" if request.param == "sqlite" else POSTGRES))


async def test_a_request_is_one_transaction(notes: Notes) -> None:
    async with notes.kept() as client:
        answer = await client.post("/notes/a")
        assert (answer.status_code, answer.json()) == (201, True)
        assert await notes.count() == 1


@pytest.mark.parametrize(("path", "status"), [("/refused/a", 409), ("/broken/a", 500), ("/unsendable/a", 500)])
async def test_what_is_raised_rolls_back(notes: Notes, path: str, status: int) -> None:
    async with notes.kept() as client:
        assert (await client.post(path)).status_code == status
        assert await notes.count() == 0


async def test_the_transaction_is_committed_before_the_answer_begins(notes: Notes) -> None:
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


async def test_a_client_that_has_gone_changes_nothing(notes: Notes) -> None:
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        pass

    async with notes.kept():
        await notes.app(scope_of("/notes/a"), receive, send)
        assert await notes.count() == 0


def test_a_client_of_a_server_that_has_gone_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as outside:
        outside.execute("CREATE TABLE notes (note text)")
    engine = async_engine_from_url(f"sqlite:///{path}", poolclass=NullPool)
    get_session = sqlalchemy_session_dependency(async_sessionmaker(engine))
    entered = threading.Event()
    app = Faster()

    @app.post("/stays")
    async def stays(session: AsyncSession = Depends(get_session)) -> None:
        await session.execute(text("INSERT INTO notes VALUES ('stays')"))

    @app.post("/goes")
    async def goes(request: Request, session: AsyncSession = Depends(get_session)) -> None:
        await session.execute(text("INSERT INTO notes VALUES ('goes')"))
        entered.set()
        while not await request.is_disconnected():  # noqa: ASYNC110 - there is nothing else to wait for
            await asyncio.sleep(0.001)

    with Serving(app) as server:
        with server.connect() as client:
            client.send(b"POST /stays HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            assert client.answer().status == 200
        with server.connect() as client:
            client.send(b"POST /goes HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            assert entered.wait(DEADLINE)
    with closing(sqlite3.connect(path)) as outside:
        assert outside.execute("SELECT note FROM notes").fetchall() == [("stays",)]


async def test_a_handler_that_is_cancelled_rolls_back(notes: Notes) -> None:
    async with notes.kept() as client:
        request = asyncio.create_task(client.post("/held/a"))
        await notes.entered.wait()
        request.cancel()
        await asyncio.wait([request])
        assert await notes.count() == 0


@pytest.mark.parametrize("note", ["'); DROP TABLE notes; --", ":note", "%s" * 1000, "\ufffe"])
async def test_hostile_text_is_text(notes: Notes, note: str) -> None:
    async with notes.kept() as client:
        assert (await client.post(f"/notes/{quote(note, safe='')}")).status_code == 201
        assert await notes.count() == 1


@needs_postgres
async def test_text_that_the_database_does_not_take_spoils_no_connection() -> None:
    notes = Notes(async_engine_from_url(POSTGRES, pool_size=1, max_overflow=0))
    async with notes.kept() as client:
        assert (await client.post("/notes/%00")).status_code == 500
        assert (await client.post("/notes/next")).status_code == 201
        assert await notes.count() == 1


async def test_a_wrong_query_is_a_fault_of_ours(notes: Notes) -> None:
    async with notes.kept() as client:
        assert (await client.get("/nonsense")).status_code == 500


async def test_a_file_that_is_missing_is_not_the_database(notes: Notes) -> None:
    async with notes.kept() as client:
        assert (await client.get("/file")).status_code == 500


@needs_postgres
async def test_a_pool_without_a_free_connection_is_503() -> None:
    notes = Notes(async_engine_from_url(POSTGRES, pool_size=1, max_overflow=0, pool_timeout=0.05))
    async with notes.kept() as client:
        held = asyncio.create_task(client.post("/held/a"))
        await notes.entered.wait()
        answer = await client.get("/one")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert (await client.get("/untouched")).status_code == 200
        notes.leave.set()
        assert (await held).status_code == 200
        assert (await client.get("/one")).json() == 1


@needs_postgres
async def test_a_database_that_goes_away_comes_back() -> None:
    async with Way() as way:
        notes = Notes(async_engine_from_url(way.url))
        async with notes.kept() as client:
            assert (await client.get("/one")).status_code == 200
            await way.close()
            assert (await client.get("/one")).status_code == 503
            assert (await client.get("/untouched")).status_code == 200
            await way.open()
            assert (await client.get("/one")).json() == 1


@needs_postgres
async def test_a_database_that_goes_away_in_the_middle_of_a_request_keeps_nothing_of_it() -> None:
    async with Way() as way:
        notes = Notes(async_engine_from_url(way.url))
        async with notes.kept() as client:
            held = asyncio.create_task(client.post("/held/a"))
            await notes.entered.wait()
            await way.close()
            notes.leave.set()
            assert (await held).status_code == 503
            await way.open()
            assert await notes.count() == 0


@needs_postgres
async def test_a_connection_that_the_operator_ends_is_503() -> None:
    notes = Notes(async_engine_from_url(POSTGRES, pool_size=2))

    @notes.app.get("/ended")
    async def ended(request: Request, session: AsyncSession = Depends(notes.get_session)) -> None:
        process = (await session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        async with notes.engine.connect() as other:
            await other.execute(text(f"SELECT pg_terminate_backend({process})"))
        await session.execute(text("SELECT 1"))

    async with notes.kept() as client:
        assert (await client.get("/ended")).status_code == 503
        assert (await client.get("/one")).status_code == 200


@pytest.mark.parametrize(("path", "status", "kept"), [("/notes/a", 200, 1), ("/refused/a", 409, 0)])
def test_plain_sessions_are_transactions_too(tmp_path: Path, path: str, status: int, kept: int) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/notes.db")
    get_session = sqlalchemy_session_dependency(sessionmaker(engine))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (note text)"))
    app = Faster()

    @app.post("/notes/{note}")
    def add(note: str, session: Session = Depends(get_session)) -> None:
        session.execute(text("INSERT INTO notes VALUES (:note)"), {"note": note})

    @app.post("/refused/{note}")
    def refuse(note: str, session: Session = Depends(get_session)) -> None:
        session.execute(text("INSERT INTO notes VALUES (:note)"), {"note": note})
        raise HTTPException(409)

    assert TestClient(app).post(path).status_code == status
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM notes")).scalar_one() == kept
    engine.dispose()


@pytest.mark.parametrize("url", [None, ""])
def test_without_a_url_there_is_no_engine(url: str | None) -> None:
    assert async_engine_from_url_optional(url) is None


def test_an_engine_that_has_to_be_there_needs_a_url() -> None:
    with pytest.raises(ValueError, match="no URL of a database"):
        async_engine_from_url("")


@pytest.mark.parametrize(
    ("url", "driver"),
    [("postgresql://h/d", "asyncpg"), ("postgres://h/d", "asyncpg"), ("sqlite://", "aiosqlite"), ("postgresql+asyncpg://h/d", "asyncpg")],
)
def test_the_driver_is_an_asynchronous_one(url: str, driver: str) -> None:
    assert async_engine_from_url(url).url.drivername.partition("+")[2] == driver


def test_a_url_that_is_none_is_not_shown() -> None:
    with pytest.raises(ValueError, match="no URL of a database") as caught:
        async_engine_from_url("root:secret@nowhere")
    assert "secret" not in str(caught.value)


def scope_of(path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": None,
        "server": ("testserver", 80),
    }
