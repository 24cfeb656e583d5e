"""Results that can never fit their response model."""

import msgspec

from fasterapi import Faster


class Item(msgspec.Struct):
    name: str


app = Faster()


@app.get("/text", response_model=Item)
async def text() -> str:
    return ""


@app.get("/one", response_model=list[Item])
async def one() -> Item:
    return Item("")


@app.get("/texts", response_model=list[Item])
async def texts() -> list[str]:
    return []


@app.get("/many", response_model=Item)
def many(
    limit: int = 10,
) -> list[Item]:
    return []


@app.get("/nothing", response_model=Item)
@app.get("/nothing/again", response_model=Item)
async def nothing() -> None: ...
