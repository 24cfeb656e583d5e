"""What has to be there before the first request: tables, and in an empty database something to see.

With several processes run it once before they start: `python -m shop.preparation`. A database that holds anything dear needs
migrations in its place (Alembic).
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import select

from shop.database import Account, Base, Product, engine, sessions
from shop.identity import CATALOGUE, passwords
from shop.settings import settings


async def prepare() -> None:
    Path(settings.pictures).mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - before anybody waits for an answer
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    if settings.admin_password:
        await begin_with(settings.admin_password)


async def begin_with(admin_password: str) -> None:
    """Give an empty database somebody who may change the catalogue, and a catalogue."""
    async with sessions.begin() as session:
        if await session.scalar(select(Account.id).limit(1)) is not None:
            return
        session.add(Account(name="admin", password_hash=await passwords.hash(admin_password), scopes=CATALOGUE))
        session.add_all(Product(name=name, cents=cents, stock=20) for name, cents in (("Tea", 450), ("Coffee", 700), ("Cup", 1200)))


if __name__ == "__main__":
    asyncio.run(prepare())
