"""What both stores promise, in memory and in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from fasterapi.contrib.redis import RedisConnection, RedisStore
from fasterapi.contrib.stores import MemoryStore, Store, StoreError
from tests.contrib.redis_server import RedisServer, needs_redis


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", pytest.param("redis", marks=needs_redis)])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    server: RedisServer = request.getfixturevalue("redis")
    async with RedisConnection(server.url) as connection:
        await connection.client.flushdb()
        yield RedisStore(connection)


async def test_what_is_set_is_there(store: Store) -> None:
    await store.set("a", b"\x00\xff", 60)
    await store.set("a", b"", 60)
    await store.set("b", b"2", 60)
    assert await store.get("a") == b""
    assert await store.get_many(["b", "none", "a"]) == [b"2", None, b""]
    assert await store.get_many([]) == []


async def test_what_is_deleted_is_gone(store: Store) -> None:
    await store.set("a", b"1", 60)
    await store.delete("a")
    await store.delete("a")
    assert await store.get("a") is None


async def test_only_one_adds(store: Store) -> None:
    assert sum(await asyncio.gather(*[store.add("a", b"%d" % number, 60) for number in range(10)])) == 1


async def test_only_what_is_there_is_replaced(store: Store) -> None:
    assert not await store.replace("a", b"1", 60)
    assert await store.get("a") is None
    await store.set("a", b"1", 60)
    assert await store.replace("a", b"2", 60)
    assert await store.get("a") == b"2"


async def test_no_two_count_the_same(store: Store) -> None:
    assert sorted(await asyncio.gather(*[store.increment("n", 5, 60) for _ in range(10)])) == list(range(5, 15))
    assert await store.increment("n", 1_763_640_000_000, 60) == 1_763_640_000_000
    assert await store.get("n") == b"1763640000000"


async def test_memory_forgets_in_time() -> None:
    clock = Clock()
    store = MemoryStore(clock=clock)
    await store.set("a", b"1", 10)
    clock.now = 9.9
    assert await store.get("a") == b"1"
    clock.now = 10
    assert await store.get("a") is None
    assert await store.add("a", b"2", 10)


async def test_memory_keeps_so_many() -> None:
    store = MemoryStore(max_entries=2)
    for key in ("a", "b"):
        await store.set(key, b"1", 60)
    await store.get("a")
    await store.set("c", b"1", 60)
    assert await store.get_many(["a", "b", "c"]) == [b"1", None, b"1"]
    assert len(store) == 2


async def test_memory_keeps_so_much() -> None:
    store = MemoryStore(max_bytes=100)
    for number in range(10):
        await store.set(str(number), b"x" * 30, 60)
    assert len(store) == 3
    await store.set("large", b"x" * 101, 60)
    assert await store.get("large") is None
    assert len(store) == 3


def test_memory_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        MemoryStore(max_entries=0)


@needs_redis
async def test_redis_forgets_in_time(redis: RedisServer) -> None:
    async with RedisConnection(redis.url) as connection:
        store = RedisStore(connection, prefix="timed:")
        await store.set("a", b"1", 10)
        await store.add("b", b"1", 10)
        await store.increment("c", 1, 10)
        for key in ("a", "b", "c"):
            assert 0 < await connection.client.pttl(f"timed:{key}") <= 10_000


async def test_redis_that_is_away_is_a_store_error() -> None:
    async with RedisConnection("redis://127.0.0.1:1/0") as connection:
        with pytest.raises(StoreError, match="Redis: "):
            await RedisStore(connection).get("a")
