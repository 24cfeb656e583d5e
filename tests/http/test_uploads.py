from __future__ import annotations

import threading
from io import BytesIO, FileIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

import pytest

from fasterapi.datastructures import Headers
from fasterapi.http.uploads import SPOOL_SIZE, UploadFile, spooled_upload


def spooled() -> UploadFile:
    return spooled_upload("f.txt", Headers({"content-type": "text/plain"}))


def in_memory(upload: UploadFile) -> bool:
    return cast("SpooledTemporaryFile[bytes]", upload.file).name is None


async def test_a_file_is_written_and_read() -> None:
    upload = spooled()
    await upload.write(b"hello ")
    await upload.write(b"world")
    await upload.seek(0)
    assert (await upload.read(5), await upload.read(), upload.size) == (b"hello", b" world", 11)
    await upload.close()
    assert upload.file.closed


async def test_what_the_client_says_of_the_file_is_there() -> None:
    upload = spooled()
    await upload.close()
    assert (upload.filename, upload.content_type, upload.headers["Content-Type"], upload.size) == ("f.txt", "text/plain", "text/plain", 0)


def test_a_file_can_be_made_of_any_open_file() -> None:
    upload = UploadFile(BytesIO(b"x"), filename="a", size=1)
    assert (upload.content_type, upload.file.read(), repr(upload)) == (None, b"x", "UploadFile(filename='a', size=1, headers=Headers({}))")


async def test_a_small_file_stays_in_memory() -> None:
    upload = spooled()
    await upload.write(bytes(SPOOL_SIZE))
    assert in_memory(upload)
    await upload.close()


async def test_a_large_file_goes_to_disk() -> None:
    upload = spooled()
    await upload.write(bytes(SPOOL_SIZE))
    await upload.write(b"x")
    assert not in_memory(upload)
    await upload.seek(SPOOL_SIZE - 1)
    assert await upload.read() == b"\0x"
    await upload.close()


class WatchedFile(FileIO):
    """An open file that notes in which threads it is used."""

    threads: set[int]

    def write(self, data: Any) -> int:
        self.threads.add(threading.get_ident())
        return super().write(data)

    def read(self, size: int | None = -1) -> bytes:
        self.threads.add(threading.get_ident())
        return super().read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = 0) -> int:
        self.threads.add(threading.get_ident())
        return super().seek(offset, whence)

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        super().close()


async def test_the_event_loop_never_waits_for_the_disk(tmp_path: Path) -> None:
    file = WatchedFile(tmp_path / "f", "w+")
    file.threads = set()
    upload = UploadFile(cast(BinaryIO, file))
    await upload.write(b"abc")
    await upload.seek(1)
    assert await upload.read() == b"bc"
    await upload.close()
    assert file.threads
    assert threading.get_ident() not in file.threads


async def test_a_size_that_is_not_known_is_not_counted() -> None:
    upload = UploadFile(BytesIO())
    await upload.write(b"x")
    assert upload.size is None


async def test_a_subclass_can_be_made() -> None:
    class Loud(UploadFile):
        async def read(self, size: int = -1) -> bytes:
            return (await super().read(size)).upper()

    assert await Loud(BytesIO(b"abc")).read() == b"ABC"


@pytest.mark.parametrize("times", [1, 2])
async def test_closing_again_does_nothing(times: int) -> None:
    upload = spooled()
    for _ in range(times):
        await upload.close()
    assert upload.file.closed
