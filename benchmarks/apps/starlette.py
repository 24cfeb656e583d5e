"""Starlette: path converters are its own; query, body and dependencies are the handler's work, with msgspec for the body."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from benchmarks.asgi import Application
from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Item, Repository, Service, Session, TotalItem, bounds_faults

BY_HAND: Final = frozenset({"params", "body", "deps", "bounds", "ten", "faults", "events"})

_encode: Final = msgspec.json.Encoder().encode
_decode_item: Final = msgspec.json.Decoder(Item).decode
_BOOLEANS: Final = {"true": True, "false": False}


async def static_json(request: Request) -> Response:
    """Answer the same JSON every time."""
    return JSONResponse({"message": "Hello, World!"})


async def read_user(request: Request) -> Response:
    """Answer the converted parameters."""
    query = request.query_params
    try:
        limit = int(query.get("limit", "10"))
        active = _BOOLEANS[query.get("active", "true")]
    except (ValueError, KeyError):
        raise HTTPException(422, "wrong parameter") from None
    return JSONResponse({"user_id": request.path_params["user_id"], "limit": limit, "active": active, "q": query.get("q")})


async def read_shelf(request: Request) -> Response:
    """Answer the parameters, which are within their bounds."""
    query = request.query_params
    try:
        shelf, limit, price = request.path_params["shelf"], int(query.get("limit", "10")), float(query.get("price", "1"))
    except ValueError:
        raise HTTPException(422, "wrong parameter") from None
    faults = bounds_faults(shelf, limit, price)
    if faults:
        return JSONResponse({"detail": faults}, 422)
    return JSONResponse({"shelf": shelf, "limit": limit, "price": price})


async def read_order(request: Request) -> Response:
    """Answer ten converted parameters."""
    query = request.query_params
    try:
        answer = {
            "customer": request.path_params["customer"],
            "order": request.path_params["order"],
            "page": int(query.get("page", "1")),
            "size": int(query.get("size", "20")),
            "paid": _BOOLEANS[query.get("paid", "false")],
            "minimum": float(query.get("minimum", "0")),
            "maximum": float(query.get("maximum", "1000")),
            "status": query.get("status", "any"),
            "sort": query.get("sort"),
            "code": query.get("code"),
        }
    except (ValueError, KeyError):
        raise HTTPException(422, "wrong parameter") from None
    return JSONResponse(answer)


async def create_item(request: Request) -> Response:
    """Answer the item with its total."""
    try:
        item = _decode_item(await request.body())
    except msgspec.ValidationError as error:
        raise HTTPException(422, str(error)) from None
    answer = TotalItem(item.name, item.price, item.quantity, item.tags, item.price * item.quantity)
    return Response(_encode(answer), media_type="application/json")


async def _get_session(request: Request) -> Session:
    return Session(request.query_params["tenant"])


async def _get_repository(request: Request) -> Repository:
    return Repository(await _get_session(request))


async def _get_service(request: Request) -> Service:
    return Service(await _get_repository(request))


async def read_dependencies(request: Request) -> Response:
    """Answer what came up from the bottom."""
    service = await _get_service(request)
    return JSONResponse(service.report())


async def read_large(request: Request) -> Response:
    """Answer 10 KB."""
    return Response(LARGE_TEXT, media_type="text/plain")


async def upload(request: Request) -> Response:
    """Answer how much came."""
    return JSONResponse({"size": len(await request.body())})


async def read_events(request: Request) -> Response:
    """Send events, each in a turn of the loop of its own."""

    async def produce() -> AsyncIterator[bytes]:
        for number in range(EVENT_COUNT):
            yield b"data: " + _encode({"number": number}) + b"\n\n"
            await asyncio.sleep(0)

    return StreamingResponse(produce(), media_type="text/event-stream")


async def echo(websocket: WebSocket) -> None:
    """Say what is said."""
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


application: Final = Starlette(
    routes=[
        Route("/json", static_json),
        Route("/users/{user_id:int}", read_user),
        Route("/shelves/{shelf:int}", read_shelf),
        Route("/customers/{customer:int}/orders/{order:int}", read_order),
        Route("/items", create_item, methods=["POST"]),
        Route("/deps", read_dependencies),
        Route("/large", read_large),
        Route("/upload", upload, methods=["POST"]),
        Route("/events", read_events),
        WebSocketRoute("/echo", echo),
    ]
)


def with_routes(count: int) -> Application:
    """One handler for each of `count` routes."""
    return Starlette(routes=[Route(f"/resource{number}/{{item_id:int}}", _handler(number)) for number in range(count)])


def _handler(number: int) -> Callable[[Request], Awaitable[Response]]:
    async def read_resource(request: Request) -> Response:
        return JSONResponse({"route": number, "item_id": request.path_params["item_id"]})

    return read_resource
