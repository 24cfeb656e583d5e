"""Folders with applications in them, and commands that run there."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Final, Self

DEADLINE: Final = 60.0
"""Seconds after which a test is taken to hang."""

COMMAND: Final = (sys.executable, "-m", "fasterapi")

APP: Final = """
from fasterapi import Faster

app = Faster()

@app.get("/")
async def read() -> str:
    return "first"
"""
"""A module with an application."""


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files, by their path in the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class Running:
    """A command that runs as long as the `with` block does, and what it has said so far."""

    def __init__(
        self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None, descriptors: tuple[int, ...] = ()
    ) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=folder,
            env=environment,
            pass_fds=descriptors,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._said = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.stop()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self) -> int:
        """End it as Ctrl-C does; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        self._reader.join(DEADLINE)
        return code

    def change(self, path: Path, text: str, pattern: str) -> None:
        """Change a watched file, and wait for what follows."""
        after = len(self.lines)
        deadline = time.monotonic() + DEADLINE
        # Again and again until it is noticed, for nobody tells when the watching begins; no longer, for each change begins anew.
        while True:
            new = path.with_suffix(".new")
            new.write_text(text)
            new.replace(path)
            if self._hears("detected changes", after, 2):
                break
            assert time.monotonic() < deadline, f"nobody noticed the change: {self.lines[after:]}"
        assert self._hears(pattern, after, DEADLINE), f"nothing said {pattern}: {self.lines[after:]}"

    def _hears(self, text: str, after: int, seconds: float) -> bool:
        """Whether a line with a text, behind so many others, is said in time."""
        with self._said:
            return self._said.wait_for(lambda: any(text in line for line in self.lines[after:]), seconds)

    def wait_for(self, pattern: str, after: int = 0) -> re.Match[str]:
        """The first line, of those after so many, in which a pattern is found."""
        found: list[re.Match[str]] = []

        def is_said() -> bool:
            found[:] = [match for line in self.lines[after:] if (match := re.search(pattern, line))]
            return bool(found) or not self._reader.is_alive()

        with self._said:
            assert self._said.wait_for(is_said, DEADLINE), f"nothing said {pattern}: {self.lines}"
        assert found, f"it ended without {pattern}: {self.lines}"
        return found[0]

    def port(self) -> int:
        """The port that it listens on, once the application has started."""
        self.wait_for("Application startup complete")
        return int(self.wait_for(r"running on https?://\S+:(\d+)")[1])

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._said:
                self.lines.append(line.rstrip("\n"))
                self._said.notify_all()
        with self._said:
            self._said.notify_all()


def get(port: int, path: str = "/", **headers: str) -> tuple[int, str]:
    """The status and the text of an answer."""
    connection = connect(port)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def connect(port: int) -> HTTPConnection:
    """A connection to a server that has a port already, and may be about to listen on it."""
    deadline = time.monotonic() + DEADLINE
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
        try:
            connection.connect()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return connection
