"""BlackSheep: typed binding is its own; bounds are by hand, as are dependencies: its container cannot read the request."""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found,untyped-decorator"

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import Final

from blacksheep import Application as BlackSheep
from blacksheep import Content, FromBytes, FromJSON, Response, Router, WebSocket, WebSocketDisconnectError, json
from blacksheep.server.sse import ServerSentEvent, ServerSentEventsResponse

from benchmarks.asgi import Application
from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Repository, Service, Session, bounds_faults

BY_HAND: Final = frozenset({"deps", "bounds", "faults"})

application: Final = BlackSheep(router=Router())


@dataclass
class Item:
    """The body of `POST /items`."""

    name: str
    price: float
    quantity: int
    tags: list[str]


@dataclass
class TotalItem(Item):
    """The answer of `POST /items`."""

    total: float


@application.router.get("/json")
async def static_json() -> Response:
    """Answer the same JSON every time."""
    return json({"message": "Hello, World!"})


@application.router.get("/users/{user_id}")
async def read_user(user_id: int, limit: int = 10, active: bool = True, q: str | None = None) -> Response:
    """Answer the converted parameters."""
    return json({"user_id": user_id, "limit": limit, "active": active, "q": q})


@application.router.get("/shelves/{shelf}")
async def read_shelf(shelf: int, limit: int = 10, price: float = 1.0) -> Response:
    """Answer the parameters, which are within their bounds."""
    faults = bounds_faults(shelf, limit, price)
    if faults:
        return json({"detail": faults}, status=422)
    return json({"shelf": shelf, "limit": limit, "price": price})


@application.router.get("/customers/{customer}/orders/{order}")
async def read_order(
    customer: int,
    order: int,
    page: int = 1,
    size: int = 20,
    paid: bool = False,
    minimum: float = 0.0,
    maximum: float = 1000.0,
    status: str = "any",
    sort: str | None = None,
    code: str | None = None,
) -> Response:
    """Answer ten converted parameters."""
    answer = {
        "customer": customer,
        "order": order,
        "page": page,
        "size": size,
        "paid": paid,
        "minimum": minimum,
        "maximum": maximum,
        "status": status,
        "sort": sort,
        "code": code,
    }
    return json(answer)


@application.router.post("/items")
async def create_item(data: FromJSON[Item]) -> Response:
    """Answer the item with its total."""
    item = data.value
    return json(TotalItem(item.name, item.price, item.quantity, item.tags, item.price * item.quantity))


async def _get_session(tenant: str) -> Session:
    return Session(tenant)


async def _get_repository(tenant: str) -> Repository:
    return Repository(await _get_session(tenant))


async def _get_service(tenant: str) -> Service:
    return Service(await _get_repository(tenant))


@application.router.get("/deps")
async def read_dependencies(tenant: str) -> Response:
    """Answer what came up from the bottom."""
    service = await _get_service(tenant)
    return json(service.report())


@application.router.get("/large")
async def read_large() -> Response:
    """Answer 10 KB."""
    return Response(200, content=Content(b"text/plain", LARGE_TEXT))


@application.router.post("/upload")
async def upload(data: FromBytes) -> Response:
    """Answer how much came."""
    return json({"size": len(data.value)})


@application.router.get("/events")
async def read_events() -> Response:
    """Send events, each in a turn of the loop of its own."""

    async def produce() -> AsyncIterable[ServerSentEvent]:
        for number in range(EVENT_COUNT):
            yield ServerSentEvent({"number": number})
            await asyncio.sleep(0)

    return ServerSentEventsResponse(produce)


@application.router.ws("/echo")
async def echo(websocket: WebSocket) -> None:
    """Say what is said."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnectError:
        return


def with_routes(count: int) -> Application:
    """One handler for each of `count` routes."""
    routed = BlackSheep(router=Router())
    for number in range(count):
        _add_route(routed, number)
    ready: Application = routed
    return ready


def _add_route(routed: BlackSheep, number: int) -> None:
    @routed.router.get(f"/resource{number}/{{item_id}}")
    async def read_resource(item_id: int) -> Response:
        return json({"route": number, "item_id": item_id})
