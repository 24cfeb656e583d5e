"""Litestar with its own msgspec support and dependency injection."""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found,untyped-decorator"

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Annotated, Any, Final

import msgspec
from litestar import Litestar, MediaType, Request, get, post, websocket_listener
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter
from litestar.response import ServerSentEvent

from benchmarks.asgi import Application
from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Item, Repository, Service, Session, TotalItem

BY_HAND: Final[frozenset[str]] = frozenset()


@get("/json")
async def static_json() -> dict[str, str]:
    """Answer the same JSON every time."""
    return {"message": "Hello, World!"}


@get("/users/{user_id:int}")
async def read_user(user_id: int, limit: int = 10, active: bool = True, q: str | None = None) -> dict[str, object]:
    """Answer the converted parameters."""
    return {"user_id": user_id, "limit": limit, "active": active, "q": q}


@get("/shelves/{shelf:int}")
async def read_shelf(
    shelf: Annotated[int, Parameter(ge=1, le=1000)],
    limit: Annotated[int, Parameter(ge=1, le=100)] = 10,
    price: Annotated[float, Parameter(gt=0, lt=10_000)] = 1.0,
) -> dict[str, object]:
    """Answer the parameters, which are within their bounds."""
    return {"shelf": shelf, "limit": limit, "price": price}


@get("/customers/{customer:int}/orders/{order:int}")
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


@post("/items")
async def create_item(data: Item) -> TotalItem:
    """Answer the item with its total."""
    return TotalItem(name=data.name, price=data.price, quantity=data.quantity, tags=data.tags, total=data.price * data.quantity)


async def get_session(tenant: str) -> Session:
    """Bottom of the dependencies."""
    return Session(tenant)


async def get_repository(session: Session) -> Repository:
    """Middle of the dependencies."""
    return Repository(session)


async def get_service(repository: Repository) -> Service:
    """What the handler asks for."""
    return Service(repository)


@get("/deps", dependencies={"session": Provide(get_session), "repository": Provide(get_repository), "service": Provide(get_service)})
async def read_dependencies(service: Service) -> dict[str, object]:
    """Answer what came up from the bottom."""
    return service.report()


@get("/large", media_type=MediaType.TEXT)
async def read_large() -> bytes:
    """Answer 10 KB."""
    return LARGE_TEXT


@post("/upload")
async def upload(request: Request[Any, Any, Any]) -> dict[str, int]:
    """Answer how much came."""
    return {"size": len(await request.body())}


@get("/events")
async def read_events() -> ServerSentEvent:
    """Send events, each in a turn of the loop of its own."""

    async def produce() -> AsyncIterator[bytes]:
        for number in range(EVENT_COUNT):
            yield msgspec.json.encode({"number": number})
            await asyncio.sleep(0)

    return ServerSentEvent(produce())


@websocket_listener("/echo")
async def echo(data: str) -> str:
    """Say what is said."""
    return data


application: Final = Litestar(
    [static_json, read_user, read_shelf, read_order, create_item, read_dependencies, read_large, upload, read_events, echo]
)


def with_routes(count: int) -> Application:
    """One handler for each of `count` routes."""
    routed: Application = Litestar([_handler(number) for number in range(count)])
    return routed


def with_dependencies(count: int) -> Application:
    """As many routes, and ten dependencies behind each."""
    providers = {f"d{number}": Provide(_new_provider()) for number in range(10)}
    routed: Application = Litestar([_handler_with_dependencies(number, providers) for number in range(count)])
    return routed


def _new_provider() -> Callable[..., Coroutine[Any, Any, int]]:
    async def provide(page: int = 1) -> int:
        return page

    return provide


def _handler_with_dependencies(number: int, providers: dict[str, Provide]) -> HTTPRouteHandler:
    @get(f"/resource{number}/{{item_id:int}}", dependencies=providers)
    async def read_resource(
        item_id: int, d0: int, d1: int, d2: int, d3: int, d4: int, d5: int, d6: int, d7: int, d8: int, d9: int
    ) -> dict[str, int]:
        return {"route": number, "item_id": item_id}

    return read_resource


def _handler(number: int) -> HTTPRouteHandler:
    @get(f"/resource{number}/{{item_id:int}}")
    async def read_resource(item_id: int) -> dict[str, int]:
        return {"route": number, "item_id": item_id}

    return read_resource
