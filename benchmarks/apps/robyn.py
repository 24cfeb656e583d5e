"""Robyn on its own server: parameters and pydantic bodies are bound by it.

Dependencies are by hand, as its own cannot read the request. So is the decoding of texts from the query, which keep their `%20`.
"""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found,untyped-decorator"
# It reads the annotations of handlers as they stand, so they cannot be texts: no `from __future__ import annotations`.

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import unquote_plus

import msgspec
from pydantic import BaseModel
from robyn import Request, Response, Robyn, SSEMessage, SSEResponse, StreamingResponse, WebSocketAdapter, WebSocketDisconnect

from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Repository, Service, Session

BY_HAND: Final = frozenset({"params", "deps"})

application: Final = Robyn(__file__)


class Item(BaseModel):
    """The body of `POST /items`."""

    name: str
    price: float
    quantity: int
    tags: list[str]


class TotalItem(Item):
    """The answer of `POST /items`."""

    total: float


@application.get("/json")
async def static_json() -> dict[str, str]:
    """Answer the same JSON every time."""
    return {"message": "Hello, World!"}


@application.get("/users/:user_id")
async def read_user(user_id: int, limit: int = 10, active: bool = True, q: str | None = None) -> dict[str, object]:
    """Answer the converted parameters."""
    return {"user_id": user_id, "limit": limit, "active": active, "q": None if q is None else unquote_plus(q)}


@application.post("/items")
async def create_item(item: Item) -> TotalItem:
    """Answer the item with its total."""
    return TotalItem(name=item.name, price=item.price, quantity=item.quantity, tags=item.tags, total=item.price * item.quantity)


async def _get_session(tenant: str) -> Session:
    return Session(tenant)


async def _get_repository(tenant: str) -> Repository:
    return Repository(await _get_session(tenant))


async def _get_service(tenant: str) -> Service:
    return Service(await _get_repository(tenant))


@application.get("/deps")
async def read_dependencies(tenant: str) -> dict[str, object]:
    """Answer what came up from the bottom."""
    service = await _get_service(tenant)
    return service.report()


@application.get("/large")
async def read_large() -> Response:
    """Answer 10 KB."""
    return Response(status_code=200, headers={"Content-Type": "text/plain"}, description=LARGE_TEXT)


@application.post("/upload")
async def upload(request: Request) -> dict[str, int]:
    """Answer how much came."""
    return {"size": len(request.body)}


@application.get("/events")
async def read_events() -> StreamingResponse:
    """Send events, each in a turn of the loop of its own."""

    async def produce() -> AsyncIterator[str]:
        for number in range(EVENT_COUNT):
            yield SSEMessage(msgspec.json.encode({"number": number}).decode())
            await asyncio.sleep(0)

    return SSEResponse(produce())


@application.websocket("/echo")
async def echo(websocket: WebSocketAdapter) -> None:
    """Say what is said."""
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return
