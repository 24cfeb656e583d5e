"""A server in a process of its own, whose memory can be read."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

DEADLINE = 60.0


class Served:
    """Serves `application.py` by uvicorn as long as the `with` block runs."""

    def __init__(self, protocol: str, **environment: str) -> None:
        command = [sys.executable, "-m", "uvicorn", "application:app", "--app-dir", str(Path(__file__).parent), "--port", "0"]
        command += ["--http", protocol, "--no-access-log"]
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True)
        self.port = 0

    def __enter__(self) -> Self:
        deadline = time.monotonic() + DEADLINE
        assert self.process.stderr is not None
        while not self.port and time.monotonic() < deadline:
            line = self.process.stderr.readline()
            assert line, "the server ended before it began"
            started = re.search(r"running on http://127\.0\.0\.1:(\d+)", line)
            if started:
                self.port = int(started[1])
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.process.terminate()
        assert self.process.stderr is not None
        self.process.stderr.close()
        self.process.wait(DEADLINE)

    def client(self) -> httpx.Client:
        """A client of the server."""
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=DEADLINE)

    def forget_peak(self) -> int:
        """The resident memory as it is now, in bytes; the peak is counted anew from here."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self._status("VmRSS")

    def peak(self) -> int:
        """The most resident memory since `forget_peak`, in bytes."""
        return self._status("VmHWM")

    def open_files(self) -> int:
        """How many files and sockets are open."""
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def _status(self, field: str) -> int:
        found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        assert found is not None
        return int(found[1]) * 1024
