"""The ways by which requests reach an application: the test client, and real servers of three makes, two of them with HTTP/2 too."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from hypercorn.asyncio import serve
from hypercorn.config import Config

from fasterapi.cli.serving_worker import Door
from fasterapi.testing import TestClient
from tests.deadline import DEADLINE
from tests.ports import reserved_port
from tests.server.servers import Serving

DOORS: Final = ("test client", "our protocol", "uvicorn", "uvicorn, HTTP/2", "hypercorn", "hypercorn, HTTP/2", "granian")

_OF_UVICORN: Final[Mapping[str, Mapping[str, Any]]] = {
    "our protocol": {"http": "fasterapi.server:HttpProtocol"},
    "uvicorn": {"http": "httptools"},
    "uvicorn, HTTP/2": {"http": "zttp", "http2": True},
}


@contextmanager
def opened(door: str, app: Callable[..., Any]) -> Iterator[httpx.Client]:
    """A client of the application behind this door; its lifespan runs as long."""
    if door == "test client":
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client
        return
    is_http2 = door.endswith("HTTP/2")
    with (
        _served(door, app) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE, http1=not is_http2, http2=is_http2) as client,
    ):
        yield client


def _served(door: str, app: Callable[..., Any]) -> AbstractContextManager[int]:
    if door == "hypercorn":
        return _hypercorn(app)
    if door == "hypercorn, HTTP/2":
        # As `fasterapi run` does, which answers before the end of a body need.
        return _hypercorn(Door(app, ""))
    return _granian(app) if door == "granian" else _uvicorn(app, **_OF_UVICORN[door])


@contextmanager
def _uvicorn(app: Callable[..., Any], **options: Any) -> Iterator[int]:
    with Serving(app, lifespan="on", timeout_keep_alive=int(DEADLINE), **options) as server:
        yield server.listener.getsockname()[1]


@contextmanager
def _hypercorn(app: Callable[..., Any]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.errorlog = None
    config.loglevel = "CRITICAL"
    config.graceful_timeout = 1.0
    config.keep_alive_timeout = DEADLINE
    ready, loops = threading.Event(), list[asyncio.AbstractEventLoop]()
    leaving = asyncio.Event()

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        ready.set()
        await serve(app, config, shutdown_trigger=leaving.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(DEADLINE)
        yield listener.getsockname()[1]
    finally:
        loops[0].call_soon_threadsafe(leaving.set)
        thread.join(DEADLINE)
        listener.detach()
        assert not thread.is_alive()


@contextmanager
def _granian(app: Callable[..., Any]) -> Iterator[int]:
    # It takes no socket that is bound already.
    port = reserved_port()
    ready, made = threading.Event(), list[tuple[asyncio.AbstractEventLoop, Granian]]()

    async def run() -> None:
        server = Granian(app, port=port, interface=Interfaces.ASGI, log_enabled=False)
        server.on_startup(ready.set)
        made.append((asyncio.get_running_loop(), server))
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(DEADLINE)
        yield port
    finally:
        loop, server = made[0]
        loop.call_soon_threadsafe(server.stop)
        thread.join(DEADLINE)
        assert not thread.is_alive()
