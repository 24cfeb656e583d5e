"""FastAPI with pydantic models, as its tutorial writes it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

from fastapi import Depends, FastAPI, Path, Query, Request, Response, WebSocket
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel

from benchmarks.asgi import Application
from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Repository, Service, Session

BY_HAND: Final[frozenset[str]] = frozenset()

application: Final = FastAPI()


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


@application.get("/users/{user_id}")
async def read_user(user_id: int, limit: int = 10, active: bool = True, q: str | None = None) -> dict[str, object]:
    """Answer the converted parameters."""
    return {"user_id": user_id, "limit": limit, "active": active, "q": q}


@application.get("/shelves/{shelf}")
async def read_shelf(
    shelf: int = Path(ge=1, le=1000), limit: int = Query(10, ge=1, le=100), price: float = Query(1.0, gt=0, lt=10_000)
) -> dict[str, object]:
    """Answer the parameters, which are within their bounds."""
    return {"shelf": shelf, "limit": limit, "price": price}


@application.get("/customers/{customer}/orders/{order}")
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
) -> dict[str, object]:
    """Answer ten converted parameters."""
    return {
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


@application.post("/items")
async def create_item(item: Item) -> TotalItem:
    """Answer the item with its total."""
    return TotalItem(name=item.name, price=item.price, quantity=item.quantity, tags=item.tags, total=item.price * item.quantity)


async def get_session(tenant: str) -> Session:
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


@application.post("/upload")
async def upload(request: Request) -> dict[str, int]:
    """Answer how much came."""
    return {"size": len(await request.body())}


@application.get("/events", response_class=EventSourceResponse)
async def read_events() -> AsyncIterator[dict[str, int]]:
    """Send events, each in a turn of the loop of its own."""
    for number in range(EVENT_COUNT):
        yield {"number": number}
        await asyncio.sleep(0)


@application.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Say what is said."""
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


def with_routes(count: int) -> Application:
    """One handler for each of `count` routes."""
    routed = FastAPI()
    for number in range(count):
        _add_route(routed, number)
    return routed


def with_dependencies(count: int) -> Application:
    """As many routes, and ten dependencies behind each."""
    routed = FastAPI()
    providers = [_new_provider() for _ in range(10)]
    for number in range(count):
        _add_route_with_dependencies(routed, number, providers)
    return routed


def _new_provider() -> Callable[..., Coroutine[Any, Any, int]]:
    async def provide(page: int = 1) -> int:
        return page

    return provide


def _add_route_with_dependencies(routed: FastAPI, number: int, providers: list[Callable[..., Coroutine[Any, Any, int]]]) -> None:
    @routed.get(f"/resource{number}/{{item_id}}")
    async def read_resource(
        item_id: int,
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
        return {"route": number, "item_id": item_id}


def _add_route(routed: FastAPI, number: int) -> None:
    @routed.get(f"/resource{number}/{{item_id}}")
    async def read_resource(item_id: int) -> dict[str, int]:
        return {"route": number, "item_id": item_id}
