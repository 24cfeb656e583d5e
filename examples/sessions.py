"""Sessions on the server: in memory, or for many processes in Redis.

    uvicorn sessions:app
    REDIS_URL=redis://127.0.0.1:6379/0 uvicorn sessions:app --workers 4    # pip install 'fasterapi-framework[redis]'

Ask for `curl -i -c jar -X POST 'localhost:8000/login?name=ann'`, then for `curl -b jar localhost:8000/`.
"""

from __future__ import annotations

import os

from fasterapi import Faster, HTTPException, Request
from fasterapi.contrib.redis import RedisStore
from fasterapi.contrib.sessions import ServerSessionMiddleware, rotate_session
from fasterapi.contrib.stores import MemoryStore, Store

url = os.environ.get("REDIS_URL")
store: Store = RedisStore(url) if url else MemoryStore()

app = Faster()
app.add_middleware(ServerSessionMiddleware, store=store, max_age=60 * 60)


@app.post("/login")
async def login(request: Request, name: str) -> None:
    # Whoever knew the session's name before must not be logged in with it.
    rotate_session(request)
    request.session["name"] = name


@app.post("/logout")
async def logout(request: Request) -> None:
    request.session.clear()


@app.get("/", responses={401: {"description": "Nobody is logged in"}})
async def read(request: Request) -> str:
    if "name" not in request.session:
        raise HTTPException(401)
    return str(request.session["name"])
