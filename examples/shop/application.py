"""The application and its jobs, before anything is declared on them: what every other module may import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fasterapi import Faster
from fasterapi.contrib.taskiq import Jobs
from shop.database import engine
from shop.preparation import prepare
from shop.shared import broker, channels


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    await prepare()
    async with channels, jobs:
        yield
    await engine.dispose()


app = Faster(
    title="Shop",
    version="1.0.0",
    description="Products, orders, and news of them.",
    responses={429: {"description": "Too many requests: `Retry-After` says when to come back"}},
    lifespan=lifespan,
)
jobs = Jobs(app, broker)
