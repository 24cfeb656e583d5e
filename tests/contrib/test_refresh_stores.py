"""What both stores of refresh tokens promise, and what is true of the one in Redis alone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated

import pytest

from fasterapi import Faster, Form
from fasterapi.contrib.jwt import AccessToken, Grant, Key
from fasterapi.contrib.jwt_refresh import MemoryRefreshStore, RedisRefreshStore, RefreshStore, RefreshTokens
from fasterapi.contrib.redis import RedisConnection
from fasterapi.testing import AsyncTestClient
from tests.contrib.redis_server import DEADLINE, RedisServer, needs_redis

SECRET = "a secret that is long enough for HS256"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
async def connection(redis: RedisServer) -> AsyncIterator[RedisConnection]:
    async with RedisConnection(redis.url) as connection:
        await connection.client.flushdb()
        yield connection


@pytest.fixture(params=["memory", pytest.param("redis", marks=needs_redis)])
def store(request: pytest.FixtureRequest) -> RefreshStore:
    return MemoryRefreshStore() if request.param == "memory" else RedisRefreshStore(request.getfixturevalue("connection"))


async def test_each_token_is_good_until_the_next(store: RefreshStore) -> None:
    await store.begin("login", "a", 60)
    assert await store.replace("login", "a", "b", 60)
    assert await store.replace("login", "b", "c", 60)


async def test_a_token_that_was_used_ends_its_login(store: RefreshStore) -> None:
    await store.begin("login", "a", 60)
    await store.replace("login", "a", "b", 60)
    assert not await store.replace("login", "a", "c", 60)
    assert not await store.replace("login", "b", "d", 60)


async def test_a_login_ends_alone(store: RefreshStore) -> None:
    await store.begin("one", "a", 60)
    await store.begin("other", "a", 60)
    await store.forget("one")
    assert not await store.replace("one", "a", "b", 60)
    assert await store.replace("other", "a", "b", 60)


async def test_a_login_that_nobody_knows_has_ended(store: RefreshStore) -> None:
    assert not await store.replace("login", "a", "b", 60)
    await store.forget("login")


async def test_of_many_at_a_time_one_gets_the_next(store: RefreshStore) -> None:
    await store.begin("login", "a", 60)
    assert sum(await asyncio.gather(*[store.replace("login", "a", f"b{number}", 60) for number in range(20)])) == 1


async def test_memory_forgets_logins_in_time() -> None:
    store = MemoryRefreshStore()
    await store.begin("login", "a", -1)
    assert not await store.replace("login", "a", "b", 60)


@needs_redis
async def test_redis_forgets_logins_in_time(connection: RedisConnection) -> None:
    store = RedisRefreshStore(connection, prefix="of-this-test:")
    await store.begin("login", "a", 1000)
    await store.replace("login", "a", "b", 2000)
    assert 1000 < await connection.client.ttl("of-this-test:login") <= 2000


@needs_redis
async def test_a_step_whose_answer_was_lost_is_sent_again_and_is_one_step(connection: RedisConnection) -> None:
    store = RedisRefreshStore(connection)
    await store.begin("login", "a", 60)
    assert await store.replace("login", "a", "b", 60)
    assert await store.replace("login", "a", "b", 60)
    assert await store.replace("login", "b", "c", 60)


REFRESHING = f"""
import asyncio, sys
from fasterapi.contrib.jwt import InvalidToken, Key
from fasterapi.contrib.jwt_refresh import RedisRefreshStore, RefreshTokens
from fasterapi.contrib.redis import RedisConnection

async def refresh(tokens, token):
    try:
        return (await tokens.refresh(token))["refresh_token"]
    except InvalidToken:
        return None

async def main():
    async with RedisConnection(sys.argv[1]) as redis:
        tokens = RefreshTokens(Key({SECRET!r}), RedisRefreshStore(redis))
        await redis.client.ping()
        print("ready", flush=True)
        for token in sys.stdin.readline().split():
            print(int(await refresh(tokens, token) is not None), end="", flush=True)

asyncio.run(main())
"""


@needs_redis
async def test_of_two_processes_one_gets_the_next(redis: RedisServer, connection: RedisConnection) -> None:
    tokens = RefreshTokens(Key(SECRET), RedisRefreshStore(connection))
    given = [await tokens.begin(Grant(subject="ann")) for _ in range(50)]
    pipe = asyncio.subprocess.PIPE
    others = [await asyncio.create_subprocess_exec(sys.executable, "-c", REFRESHING, redis.url, stdin=pipe, stdout=pipe) for _ in range(2)]
    async with asyncio.timeout(3 * DEADLINE):
        for other in others:
            assert other.stdout is not None
            assert await other.stdout.readline() == b"ready\n"
        said = [
            (await asked)[0].decode() for asked in [asyncio.create_task(o.communicate(" ".join(given).encode() + b"\n")) for o in others]
        ]
    assert [sorted(pair) for pair in zip(*said, strict=True)] == [["0", "1"]] * 50


def served_by(tokens: RefreshTokens) -> Faster:
    app = Faster()

    @app.post("/refresh")
    async def refresh(refresh_token: Annotated[str, Form()]) -> AccessToken:
        return await tokens.refresh(refresh_token)

    @app.post("/revoke", status_code=204)
    async def revoke(token: Annotated[str, Form()]) -> None:
        await tokens.revoke(token)

    return app


@needs_redis
async def test_redis_may_die_and_come_back_and_no_token_is_taken_for_a_stolen_one(tmp_path: Path) -> None:
    with RedisServer(tmp_path, keeps=True) as server:
        async with RedisConnection(server.url) as connection:
            tokens = RefreshTokens(Key(SECRET), RedisRefreshStore(connection))
            async with AsyncTestClient(served_by(tokens)) as client:
                first = await tokens.begin(Grant(subject="ann"))
                second = (await client.post("/refresh", data={"refresh_token": first})).json()["refresh_token"]
                server.kill()
                refused = await client.post("/refresh", data={"refresh_token": second})
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
                assert (await client.post("/revoke", data={"token": second})).status_code == 503
                server.start()
                third = (await client.post("/refresh", data={"refresh_token": second})).json()["refresh_token"]
                assert (await client.post("/refresh", data={"refresh_token": second})).status_code == 401
                assert (await client.post("/refresh", data={"refresh_token": third})).status_code == 401


@needs_redis
async def test_logins_that_redis_has_lost_have_ended(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        async with RedisConnection(server.url) as connection:
            tokens = RefreshTokens(Key(SECRET), RedisRefreshStore(connection))
            async with AsyncTestClient(served_by(tokens)) as client:
                given = await tokens.begin(Grant(subject="ann"))
                server.kill()
                server.start()
                assert (await client.post("/refresh", data={"refresh_token": given})).status_code == 401


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "\x00" * 100, "e" * 100_000])
async def test_what_is_no_token_never_reaches_the_store(token: str) -> None:
    # Nothing listens there: whoever asked this store would get 503.
    tokens = RefreshTokens(Key(SECRET), RedisRefreshStore("redis://127.0.0.1:1/0"))
    async with AsyncTestClient(served_by(tokens)) as client:
        assert (await client.post("/refresh", data={"refresh_token": token})).status_code in (401, 422)
