"""`examples/shop` passes its own tests, has nothing for `fasterapi check` to find, and is one shop however many processes serve it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import msgspec
from websockets.asyncio.client import unix_connect

from tests.checkouts import CHECKOUT
from tests.contrib.postgres import HOST, PORT, USER, needs_postgres
from tests.contrib.redis_server import RedisServer, needs_redis

DEADLINE: Final = 120.0
"""Seconds after which something is taken to hang."""

EXAMPLES: Final = CHECKOUT / "examples"
ADMIN: Final = {"username": "admin", "password": "correct horse"}


def environment(**variables: str) -> dict[str, str]:
    """The environment of a command that finds the examples, whether or not the working directory is searched."""
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(EXAMPLES)]))
    return {**os.environ, "PYTHONPATH": path, **variables}


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What a command says that runs among the examples."""
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=EXAMPLES, env=environment(**variables), capture_output=True, text=True, check=False
    )


def test_its_own_tests_pass() -> None:
    done = command("pytest", "shop", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_nothing_to_find_for_check(tmp_path: Path) -> None:
    done = command(
        *("fasterapi", "check", "shop.main:app"),
        SHOP_DATABASE_URL=f"sqlite:///{tmp_path}/shop.db",
        SHOP_PICTURES=str(tmp_path / "pictures"),
        MYPY_CACHE_DIR=str(tmp_path / "mypy"),
    )
    assert done.returncode == 0, done.stdout + done.stderr


@asynccontextmanager
async def database() -> AsyncIterator[str]:
    """A database of PostgreSQL for one test."""
    name = f"shop_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(f"postgresql://{USER}@{HOST}:{PORT}/postgres")
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield f"postgresql://{USER}@{HOST}:{PORT}/{name}"
    finally:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.close()


@asynccontextmanager
async def running(settings: dict[str, str], *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A command that runs as long as the block does, and is ended as a service manager would."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *arguments, cwd=EXAMPLES, env=settings)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), DEADLINE)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Ask again and again until something holds."""
    async with asyncio.timeout(DEADLINE):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def served(settings: dict[str, str], path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a shop in a process of its own, which listens on a path."""
    client = httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path)), base_url="http://shop", timeout=DEADLINE)
    async with running(settings, "fasterapi", "run", "shop.main:app", "--uds", str(path)) as process, client:

        async def answers() -> bool:
            assert process.returncode is None, "the shop has ended"
            try:
                return (await client.get("/livez")).status_code == 200
            except httpx.TransportError:
                return False

        await until(answers)
        yield client


async def log_in(shop: httpx.AsyncClient) -> dict[str, Any]:
    answer = await shop.post("/token", data=ADMIN)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


@needs_redis
@needs_postgres
async def test_many_processes_are_one_shop(tmp_path: Path) -> None:
    with RedisServer(tmp_path, keeps=True) as redis:
        async with AsyncExitStack() as stack:
            settings = environment(
                SHOP_DATABASE_URL=await stack.enter_async_context(database()),
                SHOP_REDIS_URL=redis.url,
                SHOP_SECRET="known to this test, and long enough",
                SHOP_ADMIN_PASSWORD=ADMIN["password"],
                SHOP_PASSWORD_MEMORY="64",
                SHOP_REQUESTS_PER_MINUTE="1000000",
                SHOP_PICTURES=str(tmp_path / "pictures"),
            )
            async with running(settings, "shop.preparation") as preparing:
                assert await asyncio.wait_for(preparing.wait(), DEADLINE) == 0
            await stack.enter_async_context(running(settings, "taskiq", "worker", "shop.shared:broker", "shop.main", "--workers", "1"))
            one = await stack.enter_async_context(served(settings, tmp_path / "one"))
            other = await stack.enter_async_context(served(settings, tmp_path / "other"))
            tokens = await log_in(one)
            headers = {"Authorization": f"Bearer {tokens['access_token']}"}
            await check_cache(one, other, headers)
            await check_notices(tmp_path / "one", other, headers)
            await check_logins(one, other, tokens["refresh_token"])
            await check_hostility(one)
            await check_outage(one, other, redis, headers)


async def check_cache(one: httpx.AsyncClient, other: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """What one keeps the other gives, until either changes it."""
    assert "hit" not in (await one.get("/products/1")).headers["cache-status"]
    assert "hit" in (await other.get("/products/1")).headers["cache-status"]
    await other.put("/products/1", json={"name": "Green tea", "cents": 500, "stock": 7}, headers=headers)
    assert (await one.get("/products/1")).json()["name"] == "Green tea"


async def check_notices(one: Path, other: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """What is ordered at one and confirmed by a worker is told by the other."""
    async with asyncio.timeout(DEADLINE), unix_connect(str(one), "ws://shop/notices") as notices:
        await notices.send(headers["Authorization"].removeprefix("Bearer "))
        order = (await other.post("/orders", json={"product_id": 1}, headers=headers)).json()
        assert msgspec.json.decode(await notices.recv()) == {"order_id": order["id"], "status": "confirmed"}


async def check_logins(one: httpx.AsyncClient, other: httpx.AsyncClient, refresh_token: str) -> None:
    """A refresh token that was used at one is used up at the other."""
    following = (await one.post("/token/refresh", data={"refresh_token": refresh_token})).json()["refresh_token"]
    assert (await other.post("/token/refresh", data={"refresh_token": refresh_token})).status_code == 401
    assert (await one.post("/token/refresh", data={"refresh_token": following})).status_code == 401


async def check_hostility(shop: httpx.AsyncClient) -> None:
    """What PostgreSQL would not take never gets there."""
    for path in ("/products/2147483648", "/products?search=%00", "/products?after=9223372036854775808"):
        assert (await shop.get(path)).status_code == 422
    assert (await shop.post("/token", data={"username": "\x00", "password": "\x00"})).status_code == 400


async def check_outage(one: httpx.AsyncClient, other: httpx.AsyncClient, redis: RedisServer, headers: dict[str, str]) -> None:
    """Without Redis the shop sells, and lets nobody guess passwords; when it is back nothing was lost."""
    redis.kill()
    assert (await one.get("/readyz")).json()["checks"] == {"database": "ok", "redis": "failed"}
    assert (await one.get("/products/1")).json()["name"] == "Green tea"
    assert (await one.post("/token", data=ADMIN)).status_code == 503
    placed = await one.post("/orders", json={"product_id": 1}, headers=headers)
    assert placed.status_code == 201
    await asyncio.to_thread(redis.start)

    async def is_ready() -> bool:
        return (await one.get("/readyz")).status_code == 200

    async def all_are_confirmed() -> bool:
        return {order["status"] for order in (await one.get("/orders", headers=headers)).json()} == {"confirmed"}

    await until(is_ready)
    assert await log_in(other)
    assert (await other.post("/orders", json={"product_id": 1}, headers=headers)).status_code == 201
    await until(all_are_confirmed)
