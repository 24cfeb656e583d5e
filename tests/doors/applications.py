"""An application with one handler for each behaviour that must not depend on the server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Annotated, Any

import msgspec

from fasterapi import (
    BackgroundTasks,
    Cookie,
    Depends,
    Faster,
    Form,
    Header,
    HTTPException,
    JSONResponse,
    Query,
    RedirectResponse,
    Request,
    Response,
    UploadFile,
)
from fasterapi.http.streaming import StreamingResponse

LOG: list[str] = []
LEFT = threading.Event()
WORD: ContextVar[str] = ContextVar("word", default="unset")


class Item(msgspec.Struct):
    name: str
    price: Annotated[float, msgspec.Meta(gt=0)]
    tags: list[str] = []


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[dict[str, str]]:
    yield {"from_lifespan": "here"}


def make_app() -> Faster:
    app = Faster(max_body_size=100_000, lifespan=lifespan)

    @app.post("/request/{number:int}")
    async def of_request(request: Request, response: Response) -> dict[str, Any]:
        response.set_cookie("seen", "1")
        pieces = [piece async for piece in request.stream()]
        scope = request.scope
        return {
            "method": request.method,
            "path": request.url.path,
            "query": list(request.query_params.multi_items()),
            "header": request.headers["x-own"],
            "parameters": request.path_params,
            "has client": request.client is not None and isinstance(request.client.port, int),
            "scheme": request.url.scheme,
            "body": b"".join(pieces).decode(),
            "scope": [scope["type"], scope["http_version"], scope["path"], scope["query_string"].decode()],
            "disconnected": await request.is_disconnected(),
            "same state": request.state is request.state,
            "state": request.state.from_lifespan,
        }

    @app.get("/everything/{name}")
    async def everything(
        name: str,
        count: int,
        item_tags: list[str] = Query([]),
        x_token: str = Header("none"),
        session: str = Cookie("none"),
    ) -> dict[str, Any]:
        return {"name": name, "count": count, "tags": item_tags, "token": x_token, "session": session}

    @app.post("/items", status_code=201)
    async def create(item: Item) -> Item:
        return item

    @app.post("/form")
    async def form(photo: UploadFile, note: str = Form("none")) -> list[Any]:
        return [photo.filename, photo.size, note]

    async def provider() -> AsyncIterator[str]:
        LOG.append("enter")
        yield "provided"
        LOG.append("leave")
        LEFT.set()

    @app.get("/cleanup")
    async def cleanup(tasks: BackgroundTasks, value: str = Depends(provider)) -> str:
        tasks.add_task(LOG.append, "task")
        return value

    async def speak(word: str) -> None:
        WORD.set(word)

    @app.get("/word", dependencies=[Depends(speak)])
    def word() -> str:
        return WORD.get()

    @app.get("/refused")
    async def refused() -> None:
        raise HTTPException(403, {"reason": "no key"}, {"x-hint": "key"})

    @app.get("/bug")
    async def bug() -> None:
        raise ValueError("a secret")

    @app.get("/status/{status}")
    async def status(status: int) -> Response:
        return Response(None, status)

    @app.get("/redirect")
    async def redirect() -> Response:
        return RedirectResponse("/status/200", 303)

    @app.get("/cookies")
    async def cookies() -> Response:
        response = JSONResponse(None)
        response.set_cookie("a", "1")
        response.set_cookie("b", "2", httponly=True)
        return response

    @app.get("/stream/{count}")
    async def stream(count: int) -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for number in range(count):
                await asyncio.sleep(0)
                yield b"%d," % number

        return StreamingResponse(pieces(), media_type="text/plain")

    @app.get("/blocking-stream/{count}")
    def blocking_stream(count: int) -> Response:
        def pieces() -> Iterator[str]:
            for number in range(count):
                yield f"{number},"

        return StreamingResponse(pieces(), media_type="text/plain")

    return app
