"""ASGI by hand: no framework, the standard library's query parser and msgspec for JSON."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import parse_qs

import msgspec

from benchmarks.asgi import Application, Receive, Scope, Send
from benchmarks.contract import EVENT_COUNT, LARGE_TEXT
from benchmarks.models import Item, Repository, Service, Session, TotalItem, bounds_faults

BY_HAND: Final = frozenset({"params", "body", "deps", "bounds", "ten", "faults", "large", "upload", "events", "echo"})

_encode: Final = msgspec.json.Encoder().encode
_decode_item: Final = msgspec.json.Decoder(Item).decode
_BOOLEANS: Final = {"true": True, "false": False}


async def _answer(send: Send, status: int, content: object) -> None:
    body = _encode(content)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _read_body(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _read_user(scope: Scope, send: Send) -> None:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        user_id = int(scope["path"][len("/users/") :])
        limit = int(query["limit"][-1]) if "limit" in query else 10
        active = _BOOLEANS[query["active"][-1]] if "active" in query else True
    except (ValueError, KeyError):
        await _answer(send, 422, {"detail": "wrong parameter"})
        return
    q = query["q"][-1] if "q" in query else None
    await _answer(send, 200, {"user_id": user_id, "limit": limit, "active": active, "q": q})


async def _read_shelf(scope: Scope, send: Send) -> None:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        shelf = int(scope["path"][len("/shelves/") :])
        limit = int(query["limit"][-1]) if "limit" in query else 10
        price = float(query["price"][-1]) if "price" in query else 1.0
    except ValueError:
        await _answer(send, 422, {"detail": "wrong parameter"})
        return
    faults = bounds_faults(shelf, limit, price)
    if faults:
        await _answer(send, 422, {"detail": faults})
    else:
        await _answer(send, 200, {"shelf": shelf, "limit": limit, "price": price})


async def _read_order(scope: Scope, send: Send) -> None:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        _, _, customer, _, order = scope["path"].split("/")
        answer = {
            "customer": int(customer),
            "order": int(order),
            "page": int(query["page"][-1]) if "page" in query else 1,
            "size": int(query["size"][-1]) if "size" in query else 20,
            "paid": _BOOLEANS[query["paid"][-1]] if "paid" in query else False,
            "minimum": float(query["minimum"][-1]) if "minimum" in query else 0.0,
            "maximum": float(query["maximum"][-1]) if "maximum" in query else 1000.0,
            "status": query["status"][-1] if "status" in query else "any",
            "sort": query["sort"][-1] if "sort" in query else None,
            "code": query["code"][-1] if "code" in query else None,
        }
    except (ValueError, KeyError):
        await _answer(send, 422, {"detail": "wrong parameter"})
        return
    await _answer(send, 200, answer)


async def _create_item(receive: Receive, send: Send) -> None:
    try:
        item = _decode_item(await _read_body(receive))
    except msgspec.ValidationError as error:
        await _answer(send, 422, {"detail": str(error)})
        return
    await _answer(send, 200, TotalItem(item.name, item.price, item.quantity, item.tags, item.price * item.quantity))


async def _get_session(scope: Scope) -> Session:
    return Session(parse_qs(scope["query_string"].decode("latin-1"))["tenant"][-1])


async def _get_repository(scope: Scope) -> Repository:
    return Repository(await _get_session(scope))


async def _get_service(scope: Scope) -> Service:
    return Service(await _get_repository(scope))


async def _read_dependencies(scope: Scope, send: Send) -> None:
    service = await _get_service(scope)
    await _answer(send, 200, service.report())


async def _read_large(send: Send) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(LARGE_TEXT)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": LARGE_TEXT})


async def _upload(receive: Receive, send: Send) -> None:
    await _answer(send, 200, {"size": len(await _read_body(receive))})


async def _read_events(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    for number in range(EVENT_COUNT):
        event = b"data: " + _encode({"number": number}) + b"\n\n"
        await send({"type": "http.response.body", "body": event, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b""})


async def _echo(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the endpoints."""
    if scope["type"] == "websocket":
        await _echo(receive, send)
        return
    if scope["type"] != "http":
        raise NotImplementedError("no lifespan")
    method, path = scope["method"], scope["path"]
    if method == "GET" and path == "/json":
        await _answer(send, 200, {"message": "Hello, World!"})
    elif method == "GET" and path.startswith("/users/"):
        await _read_user(scope, send)
    elif method == "GET" and path.startswith("/shelves/"):
        await _read_shelf(scope, send)
    elif method == "GET" and path.startswith("/customers/"):
        await _read_order(scope, send)
    elif method == "POST" and path == "/items":
        await _create_item(receive, send)
    elif method == "GET" and path == "/deps":
        await _read_dependencies(scope, send)
    elif method == "GET" and path == "/large":
        await _read_large(send)
    elif method == "POST" and path == "/upload":
        await _upload(receive, send)
    elif method == "GET" and path == "/events":
        await _read_events(send)
    else:
        await _answer(send, 404, {"detail": "Not Found"})


def with_routes(count: int) -> Application:
    """Look `count` prefixes up in a dictionary: the least that any router can do."""
    numbers = {f"resource{number}": number for number in range(count)}

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError("no lifespan, no WebSocket")
        _, resource, item_id = scope["path"].split("/")
        await _answer(send, 200, {"route": numbers[resource], "item_id": int(item_id)})

    return routed
