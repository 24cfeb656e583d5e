from __future__ import annotations

from typing import Annotated

from fasterapi import Depends, FasterRouter

from .database import Session, database  # noqa: TID252

router = FasterRouter()


def order_count(
    session: Annotated[Session, Depends(database.name)],
) -> int:
    return 0


@router.get("/{order_id:int}")
async def read_order(
    order_id: int,
    count: Annotated[int, Depends(order_count)],
    session: Annotated[Session, Depends(database.session)],
) -> None: ...
