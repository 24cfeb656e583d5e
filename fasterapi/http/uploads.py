"""Files that clients send: kept in memory while they are small, on disk from then on."""

from __future__ import annotations

from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from mypy_extensions import mypyc_attr

from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.datastructures.headers import Headers

SPOOL_SIZE: Final = 1024 * 1024
"""How many bytes of an uploaded file are kept in memory."""


@mypyc_attr(allow_interpreted_subclasses=True)
class UploadFile:
    """A file that a client sent in a form; `file` is the open file itself, for libraries that want one.

    Example:
        async def save(upload: UploadFile) -> int:
            content = await upload.read()

    `filename` is what the client says: never make a path of it without taking its last part alone. What touches the
    disk runs in the thread pool.
    """

    def __init__(self, file: BinaryIO, *, size: int | None = None, filename: str | None = None, headers: Headers | None = None) -> None:
        self.file = file
        self.size = size
        self.filename = filename
        self.headers: Headers = Headers() if headers is None else headers

    @property
    def content_type(self) -> str | None:
        """The media type that the client says the file has."""
        return self.headers.get("content-type")

    async def write(self, data: bytes) -> None:
        """Write where the file stands."""
        if self.size is not None:
            self.size += len(data)
        if touches_disk(self.file, len(data)):
            await run_in_threadpool(self.file.write, data)
        else:
            self.file.write(data)

    async def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, or all that is left."""
        if touches_disk(self.file):
            return await run_in_threadpool(self.file.read, size)
        return self.file.read(size)

    async def seek(self, offset: int) -> None:
        """Go to a position, counted from the beginning."""
        if touches_disk(self.file):
            await run_in_threadpool(self.file.seek, offset)
        else:
            self.file.seek(offset)

    async def close(self) -> None:
        """Forget the file; done for every file of a request when the request ends."""
        if touches_disk(self.file):
            await run_in_threadpool(self.file.close)
        else:
            self.file.close()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> object:
        """Let models of pydantic have files among their fields; only they ask."""
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(checked_upload)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: object, _handler: object) -> dict[str, str]:
        """The schema of a file in the documents of models."""
        return {"type": "string", "contentMediaType": "application/octet-stream"}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(filename={self.filename!r}, size={self.size!r}, headers={self.headers!r})"


def checked_upload(value: object) -> UploadFile:
    """The value, if it is a file that was sent. Raises `ValueError` for anything else."""
    if not isinstance(value, UploadFile):
        raise ValueError(f"Expected UploadFile, received: {type(value)}")  # noqa: TRY004 - which pydantic takes for a fault
    return value


def spooled_upload(filename: str, headers: Headers) -> UploadFile:
    """An empty upload that moves to disk when it outgrows memory."""
    file = cast(BinaryIO, SpooledTemporaryFile(max_size=SPOOL_SIZE))  # noqa: SIM115 - closed with the form
    return UploadFile(file, size=0, filename=filename, headers=headers)


def touches_disk(file: BinaryIO, growth: int = 0) -> bool:
    """Whether an operation on the file, which adds so many bytes to it, may have to wait for a disk."""
    if isinstance(file, BytesIO):
        return False
    # A spooled file has no name until it is one on disk.
    if isinstance(file, SpooledTemporaryFile) and file.name is None:
        return growth > 0 and file.tell() + growth > SPOOL_SIZE
    return True
