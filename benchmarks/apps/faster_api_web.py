"""faster-api-web, the forerunner: its names, and by hand what its markers promise but do not do.

It passes path and query values on as text, so the handlers convert them to give the right answer;
a wrong value then is an exception in the handler and a 500, which the tables show as "no checks".
"""

# Need not be installed where types are checked, and brings none.
# mypy: disable-error-code="import-not-found,import-untyped,untyped-decorator"

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import msgspec
from FasterAPI import Depends, EventSourceResponse, Faster, Query, Response, WebSocket, WebSocketDisconnect

from benchmarks.asgi import Application
from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Item, Repository, Service, Session, TotalItem

BY_HAND: Final[frozenset[str]] = frozenset()
CANNOT: Final = frozenset({"upload"})
"""Its requests give JSON and forms, but not a body as it came."""

application: Final = Faster()


@application.get("/json")
async def static_json() -> dict[str, str]:
    """Answer the same JSON every time."""
    return {"message": "Hello, World!"}


@application.get("/users/{user_id}")
async def read_user(user_id: str, limit: str = Query("10"), active: str = Query("true"), q: str | None = Query(None)) -> dict[str, object]:
    """Answer the converted parameters."""
    return {"user_id": int(user_id), "limit": int(limit), "active": active == "true", "q": q}


@application.get("/shelves/{shelf}")
async def read_shelf(shelf: str, limit: str = Query("10"), price: str = Query("1")) -> dict[str, object]:
    """Answer the parameters; that the framework holds them to bounds is promised, and not done."""
    return {"shelf": int(shelf), "limit": int(limit), "price": float(price)}


@application.get("/customers/{customer}/orders/{order}")
async def read_order(
    customer: str,
    order: str,
    page: str = Query("1"),
    size: str = Query("20"),
    paid: str = Query("false"),
    minimum: str = Query("0"),
    maximum: str = Query("1000"),
    status: str = Query("any"),
    sort: str | None = Query(None),
    code: str | None = Query(None),
) -> dict[str, object]:
    """Answer ten converted parameters."""
    return {
        "customer": int(customer),
        "order": int(order),
        "page": int(page),
        "size": int(size),
        "paid": paid == "true",
        "minimum": float(minimum),
        "maximum": float(maximum),
        "status": status,
        "sort": sort,
        "code": code,
    }


@application.post("/items")
async def create_item(item: Item) -> TotalItem:
    """Answer the item with its total."""
    return TotalItem(name=item.name, price=item.price, quantity=item.quantity, tags=item.tags, total=item.price * item.quantity)


async def get_session(tenant: str = Query("")) -> Session:
    """Bottom of the dependencies."""
    return Session(tenant)


async def get_repository(session: Session = Depends(get_session)) -> Repository:
    """Middle of the dependencies."""
    return Repository(session)


async def get_service(repository: Repository = Depends(get_repository)) -> Service:
    """What the handler asks for."""
    return Service(repository)


@application.get("/deps")
async def read_dependencies(service: Service = Depends(get_service)) -> dict[str, object]:
    """Answer what came up from the bottom."""
    return service.report()


@application.get("/large")
async def read_large() -> Response:
    """Answer 10 KB."""
    return Response(LARGE_TEXT, media_type="text/plain")


@application.get("/events")
async def read_events() -> EventSourceResponse:
    """Send events, each in a turn of the loop of its own."""

    async def produce() -> AsyncIterator[dict[str, str]]:
        for number in range(EVENT_COUNT):
            yield {"data": msgspec.json.encode({"number": number}).decode()}
            await asyncio.sleep(0)

    return EventSourceResponse(produce())


@application.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Say what is said."""
    await websocket.accept()
    # Its accept leaves the message that asked for it, which then is read as an empty text.
    await websocket.receive_text()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return


def with_routes(count: int) -> Application:
    """One handler for each of `count` routes."""
    routed = Faster()
    for number in range(count):
        _add_route(routed, number)
    ready: Application = routed
    return ready


def with_dependencies(count: int) -> Application:
    """As many routes, and ten dependencies behind each."""
    routed = Faster()
    providers = [_new_provider() for _ in range(10)]
    for number in range(count):
        _add_route_with_dependencies(routed, number, providers)
    ready: Application = routed
    return ready


def _new_provider() -> Callable[..., Coroutine[Any, Any, int]]:
    async def provide(page: str = Query("1")) -> int:
        return int(page)

    return provide


def _add_route_with_dependencies(routed: Faster, number: int, providers: list[Callable[..., Coroutine[Any, Any, int]]]) -> None:
    @routed.get(f"/resource{number}/{{item_id}}")
    async def read_resource(
        item_id: str,
        d0: int = Depends(providers[0]),
        d1: int = Depends(providers[1]),
        d2: int = Depends(providers[2]),
        d3: int = Depends(providers[3]),
        d4: int = Depends(providers[4]),
        d5: int = Depends(providers[5]),
        d6: int = Depends(providers[6]),
        d7: int = Depends(providers[7]),
        d8: int = Depends(providers[8]),
        d9: int = Depends(providers[9]),
    ) -> dict[str, int]:
        return {"route": number, "item_id": int(item_id)}


def _add_route(routed: Faster, number: int) -> None:
    @routed.get(f"/resource{number}/{{item_id}}")
    async def read_resource(item_id: str) -> dict[str, int]:
        return {"route": number, "item_id": int(item_id)}
