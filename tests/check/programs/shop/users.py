from __future__ import annotations

from typing import Annotated

from fasterapi import Depends, FasterRouter

from . import database  # noqa: TID252

router = FasterRouter(prefix="/users")


@router.get("/")
async def read_users(
    session: Annotated[database.Session, Depends(database.database.session)],
    name: Annotated[int, Depends(database.database.name)],
) -> None: ...
