"""A server that is told to stop while it is busy answers what it has begun."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from fasterapi import COMPILED
from tests.deadline import DEADLINE
from tests.server.servers import Client
from tests.server.test_protocol import post

APPLICATIONS = Path(__file__).with_name("served")
CLIENTS = 16
ENOUGH = 200
"""Answers after which the signal is sent."""


@dataclass
class Tally:
    """What the clients saw."""

    answered: int = 0
    wrong: int = 0
    torn: int = 0


class Load:
    """Clients that ask for as long as they get answers."""

    def __init__(self, port: int) -> None:
        self.tally = Tally()
        self.enough = threading.Event()
        self._lock = threading.Lock()
        # All connect before any asks: the last could find the server gone.
        clients = [Client(socket.create_connection(("127.0.0.1", port), DEADLINE)) for _ in range(CLIENTS)]
        self._threads = [threading.Thread(target=self._ask, args=(number, client)) for number, client in enumerate(clients)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(DEADLINE)
            assert not thread.is_alive()

    def _ask(self, number: int, connected: Client) -> None:
        body = b"-" + b"x" * 5000 * (number % 2)
        expected = b'"%d%b"' % (number, body)
        data = post(f"/{number}", body)
        with connected as client:
            try:
                while True:
                    # In two pieces, so that some requests are half here when the signal comes.
                    client.send(data[:50])
                    client.send(data[50:])
                    answer = client.answer()
                    with self._lock:
                        self.tally.answered += 1
                        self.tally.wrong += answer.body != expected
                        if self.tally.answered == ENOUGH:
                            self.enough.set()
            except (OSError, AssertionError):
                # The end of the connection, between two answers or inside one.
                with self._lock:
                    self.tally.torn += bool(client.received)


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("app", ["native", "asgi"])
def test_no_request_that_was_begun_is_lost(app: str, loop: str) -> None:
    command = [sys.executable, "-P", "-m", "uvicorn", f"counting:{app}", "--app-dir", str(APPLICATIONS), "--port", "0", "--loop", loop]
    command += ["--http", "fasterapi.server:HttpProtocol", "--no-access-log", "--timeout-keep-alive", str(int(DEADLINE))]
    if app == "asgi":
        command += ["--interface", "asgi3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            load = Load(_port(process))
            load.start()
            assert load.enough.wait(DEADLINE)
            process.send_signal(signal.SIGTERM)
            said, log = process.communicate(timeout=DEADLINE)
            load.join()
        finally:
            process.kill()
    begun = re.search(rf"begun (\d+), compiled {COMPILED}", said)
    assert begun is not None, log
    assert load.tally == Tally(answered=int(begun[1]))
    assert "Traceback" not in log
    assert process.returncode == -signal.SIGTERM


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stderr is not None
    log = ""
    for line in process.stderr:
        log += line
        found = re.search(r"running on http://127\.0\.0\.1:(\d+)", line)
        if found is not None:
            return int(found[1])
    raise AssertionError(f"the server ended before it began: {log}")
