"""FastAPI with pydantic models, as its tutorial writes it."""

from __future__ import annotations

from typing import Final

from fastapi import Depends, FastAPI
from pydantic import BaseModel

from benchmarks.asgi import Application
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


def with_routes(count: int) -> Application:
    """One handler for each of `count` routes."""
    routed = FastAPI()
    for number in range(count):
        _add_route(routed, number)
    return routed


def _add_route(routed: FastAPI, number: int) -> None:
    @routed.get(f"/resource{number}/{{item_id}}")
    async def read_resource(item_id: int) -> dict[str, int]:
        return {"route": number, "item_id": item_id}
