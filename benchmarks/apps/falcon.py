"""Falcon: path converters and query accessors are its own, msgspec validates its JSON as its recipe says, dependencies are by hand."""

# Need not be installed where types are checked.
# mypy: disable-error-code="import-not-found"

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from falcon import HTTPUnprocessableEntity, WebSocketDisconnected
from falcon.asgi import App, Request, Response, SSEvent, WebSocket
from falcon.media import JSONHandler

from benchmarks.asgi import Application
from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Item, Repository, Service, Session, TotalItem

BY_HAND: Final = frozenset({"deps"})


class StaticJson:
    """`GET /json`."""

    async def on_get(self, request: Request, response: Response) -> None:
        """Answer the same JSON every time."""
        response.media = {"message": "Hello, World!"}


class User:
    """`GET /users/{user_id}`."""

    async def on_get(self, request: Request, response: Response, user_id: int) -> None:
        """Answer the converted parameters."""
        response.media = {
            "user_id": user_id,
            "limit": request.get_param_as_int("limit", default=10),
            "active": request.get_param_as_bool("active", default=True),
            "q": request.get_param("q"),
        }


class Shelf:
    """`GET /shelves/{shelf}`."""

    async def on_get(self, request: Request, response: Response, shelf: int) -> None:
        """Answer the parameters, which are within their bounds."""
        response.media = {
            "shelf": shelf,
            "limit": request.get_param_as_int("limit", default=10, min_value=1, max_value=100),
            "price": request.get_param_as_float("price", default=1.0, min_value=0.001, max_value=9999.99),
        }


class Order:
    """`GET /customers/{customer}/orders/{order}`."""

    async def on_get(self, request: Request, response: Response, customer: int, order: int) -> None:
        """Answer ten converted parameters."""
        response.media = {
            "customer": customer,
            "order": order,
            "page": request.get_param_as_int("page", default=1),
            "size": request.get_param_as_int("size", default=20),
            "paid": request.get_param_as_bool("paid", default=False),
            "minimum": request.get_param_as_float("minimum", default=0.0),
            "maximum": request.get_param_as_float("maximum", default=1000.0),
            "status": request.get_param("status", default="any"),
            "sort": request.get_param("sort"),
            "code": request.get_param("code"),
        }


class Items:
    """`POST /items`."""

    async def on_post(self, request: Request, response: Response) -> None:
        """Answer the item with its total."""
        try:
            item = msgspec.convert(await request.get_media(), Item)
        except msgspec.ValidationError as error:
            raise HTTPUnprocessableEntity(description=str(error)) from None
        response.media = TotalItem(item.name, item.price, item.quantity, item.tags, item.price * item.quantity)


async def _get_session(request: Request) -> Session:
    return Session(request.get_param("tenant", required=True))


async def _get_repository(request: Request) -> Repository:
    return Repository(await _get_session(request))


async def _get_service(request: Request) -> Service:
    return Service(await _get_repository(request))


class Dependencies:
    """`GET /deps`."""

    async def on_get(self, request: Request, response: Response) -> None:
        """Answer what came up from the bottom."""
        service = await _get_service(request)
        response.media = service.report()


class Large:
    """`GET /large`."""

    async def on_get(self, request: Request, response: Response) -> None:
        """Answer 10 KB."""
        response.content_type = "text/plain"
        response.data = LARGE_TEXT


class Upload:
    """`POST /upload`."""

    async def on_post(self, request: Request, response: Response) -> None:
        """Answer how much came."""
        response.media = {"size": len(await request.stream.read())}


class EventStream:
    """`GET /events`."""

    async def on_get(self, request: Request, response: Response) -> None:
        """Send events, each in a turn of the loop of its own."""

        async def produce() -> AsyncIterator[SSEvent]:
            for number in range(EVENT_COUNT):
                yield SSEvent(json={"number": number})
                await asyncio.sleep(0)

        response.sse = produce()


class Echo:
    """`/echo`."""

    async def on_websocket(self, request: Request, websocket: WebSocket) -> None:
        """Say what is said."""
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnected:
            return


class Resource:
    """`GET /resource<number>/{item_id}`."""

    def __init__(self, number: int) -> None:
        self.number = number

    async def on_get(self, request: Request, response: Response, item_id: int) -> None:
        """Answer which route it was."""
        response.media = {"route": self.number, "item_id": item_id}


def _new_app() -> App[Request, Response]:
    app = App()
    handler = JSONHandler(dumps=msgspec.json.Encoder().encode, loads=msgspec.json.Decoder().decode)
    app.req_options.media_handlers["application/json"] = handler
    app.resp_options.media_handlers["application/json"] = handler
    return app


application: Final = _new_app()
application.add_route("/json", StaticJson())
application.add_route("/users/{user_id:int}", User())
application.add_route("/shelves/{shelf:int(min=1, max=1000)}", Shelf())
application.add_route("/customers/{customer:int}/orders/{order:int}", Order())
application.add_route("/items", Items())
application.add_route("/deps", Dependencies())
application.add_route("/large", Large())
application.add_route("/upload", Upload())
application.add_route("/events", EventStream())
application.add_route("/echo", Echo())


def with_routes(count: int) -> Application:
    """One resource for each of `count` routes."""
    routed = _new_app()
    for number in range(count):
        routed.add_route(f"/resource{number}/{{item_id:int}}", Resource(number))
    ready: Application = routed
    return ready
