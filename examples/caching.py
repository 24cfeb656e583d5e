"""Answers that are kept until something changes: in memory, or for many processes in Redis.

    uvicorn caching:app
    REDIS_URL=redis://127.0.0.1:6379/0 uvicorn caching:app --workers 4    # pip install 'fasterapi-framework[redis]'

Ask for `curl -i localhost:8000/items` twice, and look at `cache-status`; then for `curl -X PUT 'localhost:8000/items/1?name=tea'`.
"""

from __future__ import annotations

import os

from fasterapi import Faster, Request
from fasterapi.contrib.cache import Cache, CacheMiddleware, add_cache_tags, cached
from fasterapi.contrib.redis import RedisStore
from fasterapi.contrib.stores import MemoryStore, Store

url = os.environ.get("REDIS_URL")
store: Store = RedisStore(url) if url else MemoryStore()
cache = Cache(store)

app = Faster()
app.add_middleware(CacheMiddleware, cache=cache)

names = {1: "coffee", 2: "milk"}


@app.get("/items")
@cached(ttl=60, tags=["items"])
async def read_items() -> dict[int, str]:
    return names


@app.get("/items/{item_id}")
@cached(ttl=60)
async def read_item(item_id: int, request: Request) -> str | None:
    add_cache_tags(request, f"item:{item_id}")
    return names.get(item_id)


@app.put("/items/{item_id}")
async def rename(item_id: int, name: str) -> None:
    names[item_id] = name
    await cache.invalidate("items", f"item:{item_id}")
