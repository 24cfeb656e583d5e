"""A form as it arrived."""

from __future__ import annotations

from typing import BinaryIO

from mypy_extensions import mypyc_attr

from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.datastructures.multidict import ImmutableMultiDict
from fasterapi.http.uploads import UploadFile, touches_disk


@mypyc_attr(allow_interpreted_subclasses=True)
class FormData(ImmutableMultiDict[str, UploadFile | str]):
    """Texts and files by the names of their fields; of several with one name, `form[name]` is the last and `getlist` gives all.

    Example: `(await request.form())["name"]`.
    """

    async def close(self) -> None:
        """Close the files; done for every form of a request when the request ends."""
        await close_uploads([value for _, value in self.multi_items() if isinstance(value, UploadFile)])


async def close_uploads(uploads: list[UploadFile]) -> None:
    """Close files, those on disk in the thread pool, all in one go."""
    on_disk: list[BinaryIO] = []
    for upload in uploads:
        if touches_disk(upload.file):
            on_disk.append(upload.file)
        else:
            upload.file.close()
    if on_disk:
        await run_in_threadpool(_close_all, on_disk)


def _close_all(files: list[BinaryIO]) -> None:
    for file in files:
        file.close()
