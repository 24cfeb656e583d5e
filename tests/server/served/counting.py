"""Applications that say at their end how many requests they began; run by a server in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fasterapi import COMPILED, Faster, Request

begun = 0


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    yield
    sys.stdout.write(f"begun {begun}, compiled {COMPILED}\n")


native = Faster(lifespan=lifespan)


@native.post("/{name}")
async def read(name: str, request: Request) -> str:
    """Take a moment, so that there is always something to finish."""
    global begun  # noqa: PLW0603 - the process has one
    begun += 1
    body = await request.body()
    await asyncio.sleep(0.01)
    return name + body.decode()


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    """The same, past everything that the protocol knows."""
    await native(scope, receive, send)
