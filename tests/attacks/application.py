"""What the attacks are made on: an application with nothing hardened beyond its defaults."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from fasterapi import Faster, Form, HTMLResponse, HTTPException, Request, Response, UploadFile


def make_app() -> Faster:
    app = Faster(max_body_size=4_000_000)

    @app.get("/url/{rest:path}")
    async def url(request: Request, rest: str) -> dict[str, Any]:
        shown = request.url
        return {"path": shown.path, "host": shown.hostname, "base": str(request.base_url)}

    @app.get("/slashed/{name}/")
    async def slashed(name: str) -> str:
        return name

    @app.post("/form")
    async def form(request: Request) -> dict[str, Any]:
        found = await request.form()
        return {key: _shown(value) for key, value in found.multi_items()}

    @app.post("/declared-form")
    async def declared_form(a: str = Form("")) -> str:
        return a

    @app.post("/json")
    async def json(items: list[int]) -> int:
        return sum(items)

    @app.post("/anything")
    async def anything(value: Any) -> str:
        return type(value).__name__

    @app.get("/numbers")
    async def numbers(
        i: int = 0, f: float = 0, d: Decimal = Decimal(0), day: date | None = None, at: datetime | None = None, t: timedelta | None = None
    ) -> str:
        return f"{i} {f} {d} {day} {at} {t}"

    @app.get("/header")
    async def header(value: str) -> Response:
        return Response("x", headers={"x-own": value})

    @app.get("/raw-header")
    async def raw_header(value: str) -> Response:
        response = Response("x")
        response.raw_headers.append((b"x-own", value.encode("latin-1")))
        return response

    @app.get("/detail")
    async def detail(value: str) -> None:
        raise HTTPException(400, value)

    @app.get("/page")
    async def page() -> Response:
        return HTMLResponse("<p>page</p>")

    @app.get("/cookie")
    async def cookie(request: Request) -> dict[str, str]:
        return request.cookies

    @app.post("/slow")
    async def slow(request: Request) -> int:
        size = 0
        async for piece in request.stream():
            size += len(piece)
        return size

    return app


def _shown(value: object) -> object:
    """A text as it is; of a file its name for the client, and whether it has one on our disk."""
    if isinstance(value, UploadFile):
        return [value.filename, isinstance(value.file.name, str)]
    return value
