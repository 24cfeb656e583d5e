"""Applications and routers, declared as users do it: nothing for a type checker to say."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, assert_type

from fasterapi import Depends, Faster, FasterRouter, HTMLResponse, HTTPException, JSONResponse, Request, Response, WebSocket
from fasterapi.middleware import CORSMiddleware, Middleware
from fasterapi.routing import APIRoute


@asynccontextmanager
async def managed(app: Faster) -> AsyncGenerator[Mapping[str, int], None]:
    yield {"pool": 1}


async def generator(app: Faster) -> AsyncIterator[None]:
    yield


def plain_generator(app: Faster) -> Iterator[dict[str, str]]:
    yield {"key": "value"}


def provide() -> int:
    return 1


def unique_id(route: APIRoute) -> str:
    return f"{route.tags[0]}-{route.name}"


for lifespan in (managed, generator, plain_generator):
    Faster(lifespan=lifespan)

not_found: dict[int, dict[str, str]] = {404: {"description": "Missing"}}
app = Faster(
    title="Shop",
    lifespan=managed,
    dependencies=[Depends(provide)],
    middleware=[Middleware(CORSMiddleware, allow_origins=["https://example.org"])],
    responses=not_found,
    generate_unique_id_function=unique_id,
    default_response_class=HTMLResponse,
)
router = FasterRouter(prefix="/users", tags=["users"], deprecated=None, responses={"default": {"description": "Error"}})
app.include_router(router, prefix="/v1", include_in_schema=False)
app.add_middleware(CORSMiddleware, allow_origins=["*"], max_age=60)
app.mount("/inner", Faster())


@router.get("/{user_id}", status_code=HTTPStatus.ACCEPTED, response_class=JSONResponse, openapi_extra={"x-internal": True})
async def read_user(user_id: int) -> dict[str, int]:
    return {"user_id": user_id}


@app.websocket("/ws", allowed_origins=["https://example.org", None])
async def speak(websocket: WebSocket) -> None:
    await websocket.accept()


@app.on_startup
def start() -> int:
    return 1


@app.on_event("shutdown")
async def stop() -> None: ...


@app.exception_handler(404)
async def answer_not_found(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"path": request.url.path}, 404)


@app.middleware("http")
async def pass_on(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    return await call_next(request)


async def use() -> None:
    assert_type(start(), int)
    assert_type(await read_user(1), dict[str, int])
    assert_type(app.dependency_overrides, dict[Callable[..., Any], Callable[..., Any]])
    async with app.router.lifespan_context(app) as state:
        assert_type(state, Mapping[str, Any] | None)


for route in app.routes:
    if isinstance(route, APIRoute):
        route.operation_id = route.name
