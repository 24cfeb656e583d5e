"""A Redis of a test's own, to kill and to start again."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.ports import held_port
from tests.required import find, needs

DEADLINE = 20.0
"""Seconds after which a server is taken to hang."""

POLL_SECONDS = 0.01
"""Between two looks at whether it answers: it says so in no other way."""

REDIS = find("redis-server")

needs_redis = needs(REDIS, "redis-server: apt-get install redis-server")


class RedisServer:
    """A server on a free port of this machine. Unless it `keeps` its data, nothing outlasts the process."""

    def __init__(self, folder: Path, *, keeps: bool = False) -> None:
        self._place = held_port()
        self.port: int = self._place.getsockname()[1]
        self.folder = folder
        self._persistence = ["--appendonly", "yes", "--appendfsync", "always"] if keeps else ["--appendonly", "no"]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is found, and that it has time: on a busy machine one second, which is usual, may pass before it gets to answer."""
        return f"redis://127.0.0.1:{self.port}/0?socket_timeout={DEADLINE}&socket_connect_timeout={DEADLINE}"

    @property
    def impatient_url(self) -> str:
        """Where it is found by those who are about to find that it does not answer."""
        return f"redis://127.0.0.1:{self.port}/0?socket_timeout=0.05"

    def start(self) -> None:
        assert REDIS is not None, needs_redis.kwargs["reason"]
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder), *self._persistence]
        self.process = subprocess.Popen([REDIS, *options], stdout=subprocess.DEVNULL)
        end = time.monotonic() + DEADLINE
        while not self._answers():
            assert self.process.poll() is None, "redis-server has ended"
            assert time.monotonic() < end, "redis-server does not start"
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        """End it as a crash would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(DEADLINE)
            self.process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), DEADLINE) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.kill()
        self._place.close()
