"""A file that is read in pieces by threads, and let go of whatever happens meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISREG
from typing import Final, final

_FLAGS: Final[int] = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""Without blocking: to open a pipe waits for somebody who writes to it, and by a race there may be one where a file was."""


def look_at(path: str) -> os.stat_result:
    """The file's size and times; `RuntimeError` where there is no file. Waits for the disk."""
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        raise RuntimeError(f"File at path {path} does not exist.") from None
    _insist_on_file(path, found)
    return found


@final
class FileReader:
    """A file, not open yet. Everything here waits for the disk, and belongs into a thread: into one at a time."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_open: bool = False
        self._descriptor = -1

    def open(self) -> os.stat_result:
        """Open the file, and say what it is like now."""
        try:
            self._descriptor = os.open(self.path, _FLAGS)
        except FileNotFoundError:
            raise RuntimeError(f"File at path {self.path} does not exist.") from None
        self.is_open = True
        found = os.fstat(self._descriptor)
        _insist_on_file(self.path, found)
        return found

    def read(self, position: int, size: int, is_last: bool) -> bytes:
        """So many bytes from a position on; `RuntimeError` where the file has become shorter. The last read closes the file."""
        os.lseek(self._descriptor, position, os.SEEK_SET)
        piece = os.read(self._descriptor, size)
        # A file system may give less than it has.
        while len(piece) < size:
            more = os.read(self._descriptor, size - len(piece))
            if not more:
                raise RuntimeError(f"File at path {self.path} became shorter while it was sent.")
            piece += more
        if is_last:
            self.close()
        return piece

    def close(self) -> None:
        """Close the file."""
        self.is_open = False
        os.close(self._descriptor)


def _insist_on_file(path: str, found: os.stat_result) -> None:
    if not S_ISREG(found.st_mode):
        raise RuntimeError(f"File at path {path} is not a file.")
