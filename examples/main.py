"""A small shop in one file: `fasterapi run examples/main.py`. The folder `shop` beside it is a project of several."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec

from fasterapi import Depends, Faster, Header, HTTPException, PlainTextResponse, Query


class Item(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    price: Annotated[float, msgspec.Meta(gt=0)]
    tags: list[str] = []


class Store:
    """Items by number, in memory."""

    def __init__(self) -> None:
        self.items: dict[int, Item] = {}

    def add(self, item: Item) -> int:
        number = len(self.items) + 1
        self.items[number] = item
        return number


store = Store()


def get_store() -> Store:
    return store


async def require_key(x_key: str = Header()) -> str:
    if x_key != "secret":
        raise HTTPException(401, "wrong key")
    return x_key


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    store.add(Item("pen", 1.5, ["blue"]))
    yield
    store.items.clear()


app = Faster(lifespan=lifespan)


@app.get("/", response_class=PlainTextResponse)
async def welcome() -> PlainTextResponse:
    return PlainTextResponse("Try /items, /items/1 and /items?tag=blue.\n")


@app.get("/items")
async def list_items(tag: str | None = None, limit: int = Query(10, ge=1, le=100), items: Store = Depends(get_store)) -> list[Item]:
    found = [item for item in items.items.values() if tag is None or tag in item.tags]
    return found[:limit]


@app.get("/items/{item_id}", responses={404: {"description": "There is no such item"}})
async def read_item(item_id: int, items: Store = Depends(get_store)) -> Item:
    item = items.items.get(item_id)
    if item is None:
        raise HTTPException(404, f"there is no item {item_id}")
    return item


@app.post("/items", status_code=201, dependencies=[Depends(require_key)], responses={401: {"description": "The key is wrong"}})
async def create_item(item: Item, items: Store = Depends(get_store)) -> dict[str, int]:
    return {"item_id": items.add(item)}
