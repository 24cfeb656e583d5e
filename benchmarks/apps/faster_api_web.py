"""faster-api-web, the forerunner: its names, and by hand what its markers promise but do not do.

It passes path and query values on as text, so the handlers convert them to give the right answer;
a wrong value then is an exception in the handler and a 500, which the tables show as "no checks".
"""

# Need not be installed where types are checked, and brings none.
# mypy: disable-error-code="import-not-found,import-untyped,untyped-decorator"

from __future__ import annotations

from typing import Final

from FasterAPI import Depends, Faster, Query

from benchmarks.asgi import Application
from benchmarks.models import Item, Repository, Service, Session, TotalItem

BY_HAND: Final[frozenset[str]] = frozenset()

application: Final = Faster()


@application.get("/json")
async def static_json() -> dict[str, str]:
    """Answer the same JSON every time."""
    return {"message": "Hello, World!"}


@application.get("/users/{user_id}")
async def read_user(user_id: str, limit: str = Query("10"), active: str = Query("true"), q: str | None = Query(None)) -> dict[str, object]:
    """Answer the converted parameters."""
    return {"user_id": int(user_id), "limit": int(limit), "active": active == "true", "q": q}


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


def with_routes(count: int) -> Application:
    """One handler for each of `count` routes."""
    routed = Faster()
    for number in range(count):
        _add_route(routed, number)
    ready: Application = routed
    return ready


def _add_route(routed: Faster, number: int) -> None:
    @routed.get(f"/resource{number}/{{item_id}}")
    async def read_resource(item_id: str) -> dict[str, int]:
        return {"route": number, "item_id": int(item_id)}
