"""Limits for the whole application and for a login: in memory, or for many processes in Redis.

    uvicorn rate_limits:app
    REDIS_URL=redis://127.0.0.1:6379/0 uvicorn rate_limits:app --workers 4    # pip install 'fasterapi-framework[redis]'

Ask for `curl -i -X POST localhost:8000/login` six times.
"""

from __future__ import annotations

import os

from fasterapi import Depends, Faster
from fasterapi.contrib.rate_limit import LimitStore, MemoryLimitStore, RateLimit, RateLimitMiddleware, RedisLimitStore

url = os.environ.get("REDIS_URL")
store: LimitStore = RedisLimitStore(url) if url else MemoryLimitStore()

app = Faster(responses={429: {"description": "Too many requests"}})
app.add_middleware(RateLimitMiddleware, limit="100/minute", algorithm="token_bucket", store=store, exclude_paths=["/livez"])


@app.post("/login", dependencies=[Depends(RateLimit("5/minute", store=store, on_store_failure="fail_closed"))])
async def login() -> str:
    return "in"


@app.get("/livez")
async def live() -> None:
    return None
