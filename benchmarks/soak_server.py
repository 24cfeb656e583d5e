"""The server that `soak.py` puts under mixed traffic: every kind of answer, and `/vitals`, which tells what it holds on to."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, TextIO

import uvicorn

from benchmarks.messages import Vitals
from benchmarks.models import Item, TotalItem
from benchmarks.soak_wire import PIECE
from fasterapi import COMPILED, Depends, Faster, Request, Response, StreamingResponse, WebSocket, WebSocketDisconnect

application: Final = Faster()


class BugError(Exception):
    """A mistake made on purpose."""


class ErrorCounter(logging.StreamHandler[TextIO]):
    """Shows errors, of which there should be none but `BugError`, and counts them."""

    count = 0

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setLevel(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        """Show and count it."""
        if record.exc_info is None or not isinstance(record.exc_info[1], BugError):
            self.count += 1
            super().emit(record)


_errors: Final = ErrorCounter()


@application.get("/vitals")
async def vitals() -> Vitals:
    """Count what must not grow."""
    gc.collect()
    return Vitals(
        memory=_memory(),
        descriptors=_descriptors(),
        tasks=len(asyncio.all_tasks()),
        objects=len(gc.get_objects()),
        errors=_errors.count,
        compiled=COMPILED,
    )


def _memory() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@application.get("/users/{user_id}")
async def read_user(user_id: int, q: str | None = None) -> dict[str, object]:
    """Answer the converted parameters."""
    return {"user_id": user_id, "q": q}


@application.post("/items")
async def create_item(item: Item) -> TotalItem:
    """Answer the item with its total."""
    return TotalItem(name=item.name, price=item.price, quantity=item.quantity, tags=item.tags, total=item.price * item.quantity)


async def get_session(tenant: str) -> AsyncIterator[str]:
    """Give something that has to be cleaned up."""
    yield tenant


@application.get("/deps")
async def read_dependency(session: str = Depends(get_session)) -> str:
    """Answer what the dependency gave."""
    return session


@application.post("/upload")
async def upload(request: Request) -> int:
    """Answer how much came."""
    return sum([len(piece) async for piece in request.stream()])


@application.get("/stream/{count}")
async def stream(count: int) -> Response:
    """Send so many pieces, as fast as the client takes them."""

    async def produce() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield bytes(PIECE)

    return StreamingResponse(produce())


@application.get("/ticks")
async def ticks() -> Response:
    """Send a little now and then, without end."""

    async def produce() -> AsyncIterator[bytes]:
        while True:
            yield b"tick"
            await asyncio.sleep(0.05)

    return StreamingResponse(produce())


@application.get("/bug")
async def bug() -> None:
    """Break."""
    raise BugError


@application.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Say what is said, until the client has enough."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return


def main() -> None:
    """Serve until killed, on a free port of the loopback, which is printed as JSON."""
    logging.basicConfig(handlers=[_errors])
    config = uvicorn.Config(application, http="fasterapi.server:HttpProtocol", log_config=None, access_log=False)
    config.load()
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(json.dumps(listener.getsockname()[1]), flush=True)
    uvicorn.Server(config).run(sockets=[listener])
