"""The scope that a real server makes of a request is the one that the client makes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from fasterapi.testing import TestClient
from tests.deadline import DEADLINE
from tests.testing.apps import Message, Recorder, Scope


class Server(uvicorn.Server):
    """Says when it is ready."""

    ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture(scope="module")
def app() -> Recorder:
    return Recorder()


@pytest.fixture(scope="module")
def base_url(app: Recorder) -> Iterator[str]:
    server = Server(uvicorn.Config(app, port=0, log_config=None, ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.ready.wait(DEADLINE)
    host, port = server.servers[0].sockets[0].getsockname()
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join()


def seen_by(app: Recorder) -> tuple[Scope, list[Message]]:
    """The scope without what has to differ, and the messages."""
    messages = app.messages.copy()
    app.messages.clear()
    return {key: value for key, value in app.scope.items() if key not in ("client", "extensions", "state")}, messages


@pytest.mark.parametrize(
    ("method", "url", "request_parts"),
    [
        ("GET", "/", {}),
        ("GET", "/a%2Fb%2525/\u00e9?q=1&q=%20a b", {"headers": [("X-A", "1"), ("x-a", "2")]}),
        ("GET", "/%ff", {}),
        ("GET", "//x/../y;z=1", {}),
        ("GET", "/x?", {}),
        ("POST", "/", {"json": {"a": 1}}),
        ("POST", "/", {"content": b""}),
    ],
)
def test_same_scope(app: Recorder, base_url: str, method: str, url: str, request_parts: dict[str, Any]) -> None:
    with httpx.Client(base_url=base_url, headers={"user-agent": "testclient"}, timeout=DEADLINE) as client:
        client.request(method, url, **request_parts)
    theirs = seen_by(app)
    TestClient(app, base_url=base_url).request(method, url, **request_parts)
    assert seen_by(app) == theirs
