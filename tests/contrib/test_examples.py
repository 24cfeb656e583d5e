"""The examples for what stands in `contrib` do what their pages say."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from fasterapi.testing import TestClient
from tests.checkouts import CHECKOUT


def client_of(name: str) -> TestClient:
    """A client of an example, imported under a name that nothing else has."""
    spec = spec_from_file_location(f"example_of_contrib_{Path(name).stem}", CHECKOUT / "examples" / name)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return TestClient(module.app)


def test_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JWT_SECRET", raising=False)
    with client_of("jwt_login.py") as client:
        refused = client.post("/token", data={"username": "ann", "password": "wrong"})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        given = client.post("/token", data={"username": "ann", "password": "correct horse", "scope": "notes:read"}).json()
        assert client.get("/notes").status_code == 401
        assert client.get("/notes", headers={"Authorization": f"Bearer {given['access_token']}"}).json() == ["A note of ann"]
        new = client.post("/token/refresh", data={"refresh_token": given["refresh_token"]}).json()
        assert client.get("/me", headers={"Authorization": f"Bearer {new['access_token']}"}).json() == {"id": "ann"}


def test_notes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/notes.db")
    with client_of("database_notes.py") as client:
        assert client.post("/notes", json={"text": "milk"}).json() == {"id": 1, "text": "milk"}
        assert client.get("/notes").json() == [{"id": 1, "text": "milk"}]
        assert client.get("/notes/2").status_code == 404


def test_observed() -> None:
    with client_of("observed.py") as client:
        assert client.get("/items/1").json() == "pen"
        assert client.get("/readyz").json() == {"status": "ok", "checks": {"stock": "ok"}}
        assert 'http_requests_total{method="GET",route="/items/{item_id}",status="200"}' in client.get("/metrics").text


def test_jobs(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    with caplog.at_level(logging.INFO), client_of("jobs.py") as client:
        assert client.post("/orders", json={"id": 7, "to": "ann"}).status_code == 202
    said = [record.getMessage() for record in caplog.records if record.name == "uvicorn.error"]
    assert said == ["The mailbox opens", "Order 7: a receipt for ann", "The mailbox closes"]


MISSING = """
import sys
from importlib import import_module

for module, package in [line.split() for line in sys.stdin]:
    sys.modules[package] = None
    try:
        import_module(f"fasterapi.contrib.{module}")
    except ModuleNotFoundError as missing:
        print(module, missing)

from fasterapi.contrib.redis import RedisConnection
try:
    RedisConnection()
except ModuleNotFoundError as missing:
    print("redis", missing)
"""

NEEDED = {
    "jwt": ("jwt", "pip install 'fasterapi-framework[jwt]'"),
    "jwt_refresh": ("jwt", "pip install 'fasterapi-framework[jwt]'"),
    "passwords": ("argon2", "pip install 'fasterapi-framework[passwords]'"),
    "sqlalchemy": ("sqlalchemy", "pip install 'fasterapi-framework[sqlalchemy]'"),
    "asyncpg": ("asyncpg", "pip install 'fasterapi-framework[asyncpg]'"),
    "prometheus": ("prometheus_client", "pip install 'fasterapi-framework[prometheus]'"),
    "opentelemetry": ("opentelemetry", "pip install 'fasterapi-framework[opentelemetry]'"),
    "taskiq": ("taskiq", "pip install 'fasterapi-framework[taskiq]'"),
    "redis": ("redis", "pip install 'fasterapi-framework[redis]'"),
}
"""By module: the package that it needs, and what it says where that is missing."""


def test_what_is_missing_is_told_with_its_extra() -> None:
    asked = "".join(f"{module} {package}\n" for module, (package, _) in NEEDED.items())
    done = subprocess.run([sys.executable, "-c", MISSING], input=asked, capture_output=True, text=True, check=True)
    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert {module: hint in told.get(module, "") for module, (_, hint) in NEEDED.items()} == dict.fromkeys(NEEDED, True)


def test_the_broker_in_redis_says_what_it_needs() -> None:
    program = "import sys; sys.modules['taskiq_redis'] = None; from fasterapi.contrib.taskiq import redis_broker; redis_broker()"
    done = subprocess.run([sys.executable, "-c", program], env=dict(os.environ), capture_output=True, text=True, check=False)
    assert "redis_broker needs taskiq-redis: pip install taskiq-redis" in done.stderr


def test_nothing_of_others_is_imported_unasked() -> None:
    program = (
        "import sys, fasterapi; "
        "print({'jwt', 'argon2', 'sqlalchemy', 'asyncpg', 'prometheus_client', 'opentelemetry', 'taskiq'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], env=dict(os.environ), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
