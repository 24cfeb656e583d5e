"""Applications and routers with mistakes. Each mistake's line names the error that mypy and pyright give for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fasterapi import Faster, FasterRouter
from fasterapi.middleware import CORSMiddleware, Middleware


async def wrong_lifespan(app: Faster) -> AsyncIterator[int]:
    yield 1


app = Faster(titel="Shop")  # mypy: call-arg, pyright: reportCallIssue
Faster(lifespan=wrong_lifespan)  # mypy: arg-type, pyright: reportArgumentType
Faster(middleware=[Middleware(CORSMiddleware, origins=["*"])])  # mypy: call-arg, pyright: reportCallIssue
router = FasterRouter(tag="users")  # mypy: call-arg, pyright: reportCallIssue
router.include_router(app)  # mypy: arg-type, pyright: reportArgumentType
app.include_router(router, prefixes="/v1")  # mypy: call-arg, pyright: reportCallIssue
app.add_middleware(CORSMiddleware, max_age="60")  # mypy: arg-type, pyright: reportArgumentType
app.add_exception_handler("404", lambda request, error: None)  # mypy: arg-type, pyright: reportArgumentType
app.get("/", statuscode=201)  # mypy: call-arg, pyright: reportCallIssue
