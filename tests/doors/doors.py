"""The ways by which requests reach an application: the test client, and real servers of three makes."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from hypercorn.asyncio import serve
from hypercorn.config import Config

from fasterapi.testing import TestClient
from tests.ports import reserved_port
from tests.server.servers import DEADLINE, Serving

DOORS: Final = ("test client", "our protocol", "uvicorn", "hypercorn", "granian")


@contextmanager
def opened(door: str, app: Callable[..., Any]) -> Iterator[httpx.Client]:
    """A client of the application behind this door; its lifespan runs as long."""
    if door == "test client":
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client
        return
    with _served(door, app) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE) as client:
        yield client


def _served(door: str, app: Callable[..., Any]) -> AbstractContextManager[int]:
    if door == "hypercorn":
        return _hypercorn(app)
    return _granian(app) if door == "granian" else _uvicorn(app, door)


@contextmanager
def _uvicorn(app: Callable[..., Any], door: str) -> Iterator[int]:
    protocol = "fasterapi.server:HttpProtocol" if door == "our protocol" else "httptools"
    with Serving(app, http=protocol, lifespan="on") as server:
        yield server.listener.getsockname()[1]


@contextmanager
def _hypercorn(app: Callable[..., Any]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.errorlog = None
    config.loglevel = "CRITICAL"
    config.graceful_timeout = 1.0
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
