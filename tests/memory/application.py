"""What the server in `served.py` serves: handlers that large things and many requests pass through."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fasterapi import COMPILED, Depends, Faster, FileResponse, Query, Request, Response, StreamingResponse, UploadFile

app = Faster(max_body_size=None)
PIECE = bytes(64 * 1024)


@app.post("/upload")
async def upload(file: UploadFile) -> int | None:
    return file.size


@app.post("/stream")
async def stream(request: Request) -> int:
    size = 0
    async for piece in request.stream():
        size += len(piece)
    return size


@app.get("/file")
async def file() -> Response:
    return FileResponse(Path(os.environ["FILE_TO_SEND"]))


@app.get("/pieces/{count}")
async def pieces(count: int) -> Response:
    async def produce() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield PIECE

    return StreamingResponse(produce())


async def provider(x: int = Query(0)) -> AsyncIterator[int]:
    yield x


@app.get("/small/{name}")
async def small(name: str, x: int = Depends(provider)) -> dict[str, Any]:
    return {"name": name, "x": x}


@app.get("/compiled")
async def compiled() -> bool:
    return COMPILED
