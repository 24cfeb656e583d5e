"""The data that handlers take and give, for the contenders that speak msgspec, and the objects that dependencies build."""

from __future__ import annotations

import msgspec


class Item(msgspec.Struct):
    """The body of `POST /items`."""

    name: str
    price: float
    quantity: int
    tags: list[str]


class TotalItem(msgspec.Struct):
    """The answer of `POST /items`."""

    name: str
    price: float
    quantity: int
    tags: list[str]
    total: float


def bounds_faults(shelf: int, limit: int, price: float) -> list[str]:
    """What is wrong with the parameters of `GET /shelves/...`, where a framework leaves that to the handler."""
    faults = []
    if not 1 <= shelf <= 1000:
        faults.append("shelf")
    if not 1 <= limit <= 100:
        faults.append("limit")
    if not 0 < price < 10_000:
        faults.append("price")
    return faults


class Session:
    """Bottom of the dependencies: bound to the tenant that the request names."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant


class Repository:
    """Middle of the dependencies."""

    def __init__(self, session: Session) -> None:
        self.session = session


class Service:
    """What a handler depends on."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository

    def report(self) -> dict[str, object]:
        """The answer of `GET /deps`."""
        tenant = self.repository.session.tenant
        return {"tenant": tenant, "orders": len(tenant)}
