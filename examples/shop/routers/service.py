"""What the shop says about itself: to people, to Prometheus, to whoever restarts it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from fasterapi import Depends, FasterRouter, HTMLResponse
from fasterapi.contrib.health import health_router
from fasterapi.contrib.prometheus import metrics_endpoint
from shop.database import get_session
from shop.shared import redis

QUIET = ["/livez", "/readyz", "/metrics"]
"""What machines ask for every few seconds: neither limited nor logged."""

LANDING = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Shop</title>
<h1>The shop is open</h1>
<ul>
<li><a href="/docs">/docs</a>: all that it answers, to try out
<li><a href="/products">/products</a>: what it sells
<li><a href="/metrics">/metrics</a>, <a href="/livez">/livez</a>, <a href="/readyz">/readyz</a>: how it is
</ul>
"""


async def database(session: AsyncSession = Depends(get_session)) -> None:
    await session.execute(text("SELECT 1"))


async def shared_memory() -> None:
    if redis is not None:
        await redis.ask(redis.client.ping())


router = FasterRouter(include_in_schema=False)
router.include_router(health_router({"database": database, "redis": shared_memory}))
# For Prometheus alone: keep it from the outside at the proxy.
router.get("/metrics")(metrics_endpoint())


@router.get("/")
async def welcome() -> HTMLResponse:
    return HTMLResponse(LANDING)
