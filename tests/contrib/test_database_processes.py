"""Several processes share one database: what one changes in a transaction the others see whole."""

from __future__ import annotations

import asyncio
import sys
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.contrib.postgres import HOST, PORT, USER, needs_postgres
from tests.contrib.redis_server import DEADLINE

POSTGRES = f"postgresql://{USER}@{HOST}:{PORT}/test"

COUNTING = """
import asyncio, sys
from contextlib import asynccontextmanager
from fasterapi import Depends, Faster
from fasterapi.testing import AsyncTestClient

url, table, kind = sys.argv[1:]
select, update = f"SELECT number FROM {table} FOR UPDATE", f"UPDATE {table} SET number = "

if kind == "asyncpg":
    from fasterapi.contrib.asyncpg import AsyncpgPool
    pool = AsyncpgPool(url, max_size=3, acquire_timeout=60)

    @asynccontextmanager
    async def lifespan(app):
        async with pool:
            yield

    app = Faster(lifespan=lifespan)

    @app.post("/")
    async def count(connection=Depends(pool.transaction)) -> None:
        number = await connection.fetchval(select)
        await connection.execute(update + str(number + 1))
else:
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import async_sessionmaker
    from fasterapi.contrib.sqlalchemy import async_engine_from_url, sqlalchemy_session_dependency
    engine = async_engine_from_url(url, pool_size=3, pool_timeout=60)

    @asynccontextmanager
    async def lifespan(app):
        yield
        await engine.dispose()

    app = Faster(lifespan=lifespan)

    @app.post("/")
    async def count(session=Depends(sqlalchemy_session_dependency(async_sessionmaker(engine)))) -> None:
        number = await session.scalar(text(select))
        await session.execute(text(update + str(number + 1)))

async def main():
    async with AsyncTestClient(app) as client:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        answers = await asyncio.gather(*[client.post("/") for _ in range(20)])
        assert {answer.status_code for answer in answers} == {200}

asyncio.run(main())
"""


@pytest.fixture
async def table() -> AsyncIterator[str]:
    """A table with one number, which is 0."""
    name = f"numbers_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(POSTGRES)
    await connection.execute(f"CREATE TABLE {name} AS SELECT 0 AS number")
    yield name
    await connection.execute(f"DROP TABLE {name}")
    await connection.close()


@needs_postgres
@pytest.mark.parametrize("kind", ["asyncpg", "sqlalchemy"])
async def test_two_processes_count_together(table: str, kind: str) -> None:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-c", COUNTING, POSTGRES, table, kind)
    processes = [await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe) for _ in range(2)]
    async with asyncio.timeout(3 * DEADLINE):
        for process in processes:
            assert process.stdout is not None
            assert await process.stdout.readline() == b"ready\n"
        await asyncio.gather(*[process.communicate(b"go\n") for process in processes])
    assert [process.returncode for process in processes] == [0, 0]
    connection = await asyncpg.connect(POSTGRES)
    assert await connection.fetchval(f"SELECT number FROM {table}") == 40
    await connection.close()
