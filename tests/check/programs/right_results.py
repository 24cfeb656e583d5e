"""Results that can fit their response model, whatever else they are."""

from typing import Any

import msgspec

from fasterapi import Faster, Response


class Item(msgspec.Struct):
    name: str


class Row:
    name = ""


app = Faster()


@app.get("/item", response_model=Item)
async def item() -> Item:
    return Item("")


@app.get("/dict", response_model=Item)
async def as_dict() -> dict[str, str]:
    return {"name": ""}


@app.get("/row", response_model=Item)
async def row() -> Row:
    return Row()


@app.get("/rows", response_model=list[Item])
def rows() -> list[Row]:
    return []


@app.get("/any", response_model=list[Item])
async def anything() -> Any:
    return []


@app.get("/undeclared", response_model=Item)
async def undeclared():  # type: ignore[no-untyped-def]  # as many write them
    return Item("")


@app.get("/response", response_model=Item)
async def response() -> Response:
    return Response(b"")


@app.get("/optional", response_model=Item)
async def optional() -> Item | None:
    return Item("")


@app.get("/optional-model", response_model=Item | None)
async def optional_model() -> None:
    return None


@app.get("/switched-off", response_model=None)
async def switched_off() -> str:
    return ""
