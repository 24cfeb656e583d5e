"""Sanic on its own server: path converters are its own, the rest is the handler's work, with msgspec for the body."""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found,untyped-decorator"

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
from sanic import HTTPResponse, Request, Sanic, Websocket
from sanic.exceptions import SanicException
from sanic.response import json, raw

from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Item, Repository, Service, Session, TotalItem

BY_HAND: Final = frozenset({"params", "body", "deps", "events"})

_encode: Final = msgspec.json.Encoder().encode
_decode_item: Final = msgspec.json.Decoder(Item).decode
_BOOLEANS: Final = {"true": True, "false": False}

application: Final = Sanic("benchmark")
application.config.ACCESS_LOG = False


@application.get("/json")
async def static_json(request: Request) -> HTTPResponse:
    """Answer the same JSON every time."""
    return json({"message": "Hello, World!"})


@application.get("/users/<user_id:int>")
async def read_user(request: Request, user_id: int) -> HTTPResponse:
    """Answer the converted parameters."""
    query = request.args
    try:
        limit = int(query.get("limit", "10"))
        active = _BOOLEANS[query.get("active", "true")]
    except (ValueError, KeyError):
        raise SanicException("wrong parameter", status_code=422, quiet=True) from None
    return json({"user_id": user_id, "limit": limit, "active": active, "q": query.get("q")})


@application.post("/items")
async def create_item(request: Request) -> HTTPResponse:
    """Answer the item with its total."""
    try:
        item = _decode_item(request.body)
    except msgspec.ValidationError as error:
        raise SanicException(str(error), status_code=422, quiet=True) from None
    answer = TotalItem(item.name, item.price, item.quantity, item.tags, item.price * item.quantity)
    return raw(_encode(answer), content_type="application/json")


async def _get_session(request: Request) -> Session:
    return Session(request.args["tenant"][0])


async def _get_repository(request: Request) -> Repository:
    return Repository(await _get_session(request))


async def _get_service(request: Request) -> Service:
    return Service(await _get_repository(request))


@application.get("/deps")
async def read_dependencies(request: Request) -> HTTPResponse:
    """Answer what came up from the bottom."""
    service = await _get_service(request)
    return json(service.report())


@application.get("/large")
async def read_large(request: Request) -> HTTPResponse:
    """Answer 10 KB."""
    return raw(LARGE_TEXT, content_type="text/plain")


@application.post("/upload")
async def upload(request: Request) -> HTTPResponse:
    """Answer how much came."""
    return json({"size": len(request.body)})


@application.get("/events")
async def read_events(request: Request) -> None:
    """Send events, each in a turn of the loop of its own."""
    response = await request.respond(content_type="text/event-stream")
    for number in range(EVENT_COUNT):
        await response.send(b"data: " + _encode({"number": number}) + b"\n\n")
        await asyncio.sleep(0)
    await response.eof()


@application.websocket("/echo")
async def echo(request: Request, websocket: Websocket) -> None:
    """Say what is said."""
    async for text in websocket:
        await websocket.send(text)
