"""The examples for what is kept in stores do what their pages say, in memory and in Redis."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from fasterapi.testing import TestClient
from tests.checkouts import CHECKOUT
from tests.contrib.redis_server import RedisServer, needs_redis


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", pytest.param("redis", marks=needs_redis)], autouse=True)
def store(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis")
        monkeypatch.setenv("REDIS_URL", server.url)


def client_of(name: str, base_url: str = "http://testserver") -> TestClient:
    spec = spec_from_file_location(f"example_of_stores_{name}", CHECKOUT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return TestClient(module.app, base_url=base_url)


def test_rate_limits() -> None:
    with client_of("rate_limits") as client:
        assert [client.post("/login").status_code for _ in range(6)] == [200] * 5 + [429]
        assert client.get("/livez").status_code == 200


def test_caching() -> None:
    with client_of("caching") as client:
        answers = [client.get("/items") for _ in range(2)]
        assert ["hit" in answer.headers["cache-status"] for answer in answers] == [False, True]
        client.get("/items/1")
        assert client.put("/items/1?name=tea").status_code == 200
        assert client.get("/items").json()["1"] == "tea"
        assert client.get("/items/1").json() == "tea"


def test_sessions() -> None:
    with client_of("sessions") as client:
        assert client.get("/").status_code == 401
        client.post("/login?name=ann")
        assert client.get("/").json() == "ann"
        client.post("/logout")
        assert client.get("/").status_code == 401


def test_channels() -> None:
    with client_of("channels") as client, client.websocket_connect("/rooms/tea?author=ann") as chat:
        chat.send_text("hello")
        assert chat.receive_json() == {"author": "ann", "text": "hello"}
        client.post("/rooms/tea", json={"author": "ben", "text": "posted"})
        assert chat.receive_json() == {"author": "ben", "text": "posted"}
