"""Pictures of products: kept under names of ours, shown as what they are."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from typing_extensions import override

from fasterapi import HTTPException, Response, UploadFile
from fasterapi.asgi import Scope
from fasterapi.concurrency import run_in_threadpool
from fasterapi.staticfiles import StaticFiles
from shop.settings import settings

LARGEST_PICTURE = 2 * 1024 * 1024
FOLDER = Path(settings.pictures)


async def keep_picture(file: UploadFile) -> str:
    """Keep an uploaded picture; gives its name, in which nothing is of the client's choice."""
    content = await file.read()
    suffix = suffix_of(content)
    if suffix is None:
        raise HTTPException(415, "This is no picture. Send a PNG, a JPEG or a WebP.")
    name = f"{uuid4().hex}{suffix}"
    await run_in_threadpool((FOLDER / name).write_bytes, content)
    return name


async def delete_picture(name: str | None) -> None:
    if name is not None:
        await run_in_threadpool((FOLDER / name).unlink, missing_ok=True)


def suffix_of(content: bytes) -> str | None:
    """What a picture is by its first bytes, whatever the client calls it."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if content.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    return ".webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


class Pictures(StaticFiles):
    """The folder of pictures, for browsers to keep: a new picture has a new name."""

    @override
    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        response.headers["x-content-type-options"] = "nosniff"
        return response
