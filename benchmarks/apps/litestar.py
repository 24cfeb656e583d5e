"""Litestar with its own msgspec support and dependency injection."""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found,untyped-decorator"

from __future__ import annotations

from typing import Final

from litestar import Litestar, get, post
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler

from benchmarks.asgi import Application
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


application: Final = Litestar([static_json, read_user, create_item, read_dependencies])


def with_routes(count: int) -> Application:
    """One handler for each of `count` routes."""
    routed: Application = Litestar([_handler(number) for number in range(count)])
    return routed


def _handler(number: int) -> HTTPRouteHandler:
    @get(f"/resource{number}/{{item_id:int}}")
    async def read_resource(item_id: int) -> dict[str, int]:
        return {"route": number, "item_id": item_id}

    return read_resource
