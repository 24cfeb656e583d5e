"""The service of `examples/deploy`, with the services that it is told of."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fasterapi.testing import TestClient
from tests.contrib.postgres import HOST, PORT, USER, needs_postgres
from tests.contrib.redis_server import RedisServer, needs_redis
from tests.deploy.files import DEPLOY


def client_of_web(monkeypatch: pytest.MonkeyPatch, **environment: str) -> TestClient:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app: Callable[..., Any] = runpy.run_path(str(DEPLOY / "web.py"))["app"]
    return TestClient(app)


def test_it_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with client_of_web(monkeypatch) as client:
        assert client.get("/readyz").json() == {"status": "ok"}
        assert client.get("/livez").status_code == 200


@needs_postgres
@needs_redis
def test_it_is_ready_where_its_services_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with RedisServer(tmp_path) as redis:
        database = f"postgresql://{USER}@{HOST}:{PORT}/test"
        with client_of_web(monkeypatch, DATABASE_URL=database, REDIS_URL=redis.url) as client:
            assert client.get("/readyz").json() == {"status": "ok", "checks": {"database": "ok", "redis": "ok"}}
            redis.kill()
            answers = [client.get(path) for path in ("/readyz", "/livez")]
    assert [answer.status_code for answer in answers] == [503, 200]
    assert answers[0].json()["checks"] == {"database": "ok", "redis": "failed"}


@needs_redis
def test_limits_are_counted_in_redis(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    statuses = []
    with RedisServer(tmp_path) as redis:
        for _ in range(2):
            with client_of_web(monkeypatch, REDIS_URL=redis.url) as client:
                statuses += [client.post("/login").status_code for _ in range(3)]
    assert statuses == [200] * 5 + [429]
