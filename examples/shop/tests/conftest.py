"""A shop of the tests' own, new for each of them."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
from collections.abc import Iterator

import pytest

# The shop reads its settings when it is imported, which is below.
folder = tempfile.TemporaryDirectory(prefix="shop-tests-")
os.environ |= {
    "SHOP_DATABASE_URL": f"sqlite:///{folder.name}/shop.db",
    "SHOP_PICTURES": f"{folder.name}/pictures",
    "SHOP_SECRET": "known to these tests, and long enough",
    "SHOP_ADMIN_PASSWORD": "the admin of these tests",
    "SHOP_PASSWORD_MEMORY": "64",
}

from fasterapi.contrib.channels import MemoryBackend  # noqa: E402
from fasterapi.contrib.stores import MemoryStore  # noqa: E402
from fasterapi.testing import TestClient  # noqa: E402
from shop.database import Base, engine  # noqa: E402
from shop.main import app  # noqa: E402
from shop.shared import cache, channels  # noqa: E402

addresses = itertools.count(1)


async def empty() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
    await engine.dispose()
    cache.store = MemoryStore()
    channels.backend = MemoryBackend()


@pytest.fixture
def shop() -> Iterator[TestClient]:
    """A client of a new shop, at an address that no limit has counted yet."""
    asyncio.run(empty())
    with TestClient(app, client=(f"192.0.2.{next(addresses)}", 50000)) as client:
        yield client


@pytest.fixture
def admin(shop: TestClient) -> dict[str, str]:
    """The headers of who says what is sold."""
    return log_in(shop, "admin", "the admin of these tests")


@pytest.fixture
def ann(shop: TestClient) -> dict[str, str]:
    """The headers of a buyer."""
    shop.post("/accounts", json={"name": "ann", "password": "correct horse"})
    return log_in(shop, "ann", "correct horse")


def log_in(shop: TestClient, name: str, password: str) -> dict[str, str]:
    answer = shop.post("/token", data={"username": name, "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
