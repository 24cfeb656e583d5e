"""That something is going on, how far it is, and for how long already."""

# Interpreted: see `fasterapi.cli`.

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO, TypeAlias, final

Tell: TypeAlias = Callable[[str], None]
"""Told how far something is, as in `tell("3 of 40 files")`."""


@contextmanager
def progress(text: str, stream: TextIO | None = None) -> Iterator[Tell]:
    """Show on a terminal what is being waited for, and nothing once it is there.

    Elsewhere, and on a terminal that cannot go back to the start of its line, nothing is shown.

    Example:
        with progress("Reading shop") as tell:
            for number, file in enumerate(files):
                tell(f"{number} of {len(files)} files")
                read(file)
    """
    stream = stream or sys.stderr
    if stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _: None
        return
    line = _Line(text, stream)
    line.begin()
    try:
        yield line.tell
    finally:
        line.end()


@final
class _Line:
    """The line, written anew when something is told, and each second. It has no colours."""

    def __init__(self, text: str, stream: TextIO) -> None:
        self._text: Final = text
        self._stream: Final = stream
        self._began: Final = time.monotonic()
        self._lock: Final = threading.Lock()
        self._ended: Final = threading.Event()
        self._clock: Final = threading.Thread(target=self._tick, daemon=True)
        self._how_far = ""
        self._shown = ""

    def begin(self) -> None:
        self._show()
        self._clock.start()

    def tell(self, how_far: str) -> None:
        self._how_far = how_far
        self._show()

    def end(self) -> None:
        self._ended.set()
        self._clock.join()
        self._write("")

    def _tick(self) -> None:
        while not self._ended.wait(1):
            self._show()

    def _show(self) -> None:
        seconds = int(time.monotonic() - self._began)
        parts = [self._text, self._how_far, f"{seconds} s" if seconds else ""]
        # A line that is broken in two cannot be taken back.
        self._write(", ".join(filter(None, parts))[: shutil.get_terminal_size().columns - 1])

    def _write(self, shown: str) -> None:
        with self._lock:
            if shown != self._shown:
                self._stream.write(f"\r{shown.ljust(len(self._shown))}" if shown else f"\r{' ' * len(self._shown)}\r")
                self._stream.flush()
                self._shown = shown
