"""What a connection costs while nothing is said over it."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.checkouts import CHECKOUT
from tests.deadline import DEADLINE
from tests.server.servers import Client
from tests.server.test_protocol import request

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

CONNECTIONS = 1000
DESCRIPTORS = 2 * CONNECTIONS
MOST = 6 * 1024
"""Bytes a connection."""

PROGRAM = f"""
import socket, sys, uvicorn
from fasterapi import Faster

app = Faster()

@app.get("/")
async def read() -> str:
    return "here"

options = dict(http="fasterapi.server:HttpProtocol", log_config=None, lifespan="off", ws="none", timeout_keep_alive={int(DEADLINE) * 10})
server = uvicorn.Server(uvicorn.Config(app, loop=sys.argv[1], **options))
server.run([socket.socket(fileno=int(sys.argv[2]))])
"""


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_an_idle_connection_costs_little(loop: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard), hard))
    with socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS) as listener, ExitStack() as stack:
        command = [sys.executable, "-c", PROGRAM, loop, str(listener.fileno())]
        server = stack.enter_context(subprocess.Popen(command, cwd=CHECKOUT, pass_fds=[listener.fileno()]))
        stack.callback(server.kill)
        # What is made once is not counted.
        open_connections(stack, listener.getsockname(), 100)
        before = memory(server.pid)
        open_connections(stack, listener.getsockname(), CONNECTIONS)
        assert (memory(server.pid) - before) / CONNECTIONS < MOST


def open_connections(stack: ExitStack, address: tuple[str, int], count: int) -> None:
    """Connections that have each had an answer."""
    for _ in range(count):
        client = stack.enter_context(Client(socket.create_connection(address, DEADLINE)))
        client.send(request("/"))
        assert client.answer().status == 200


def memory(process: int) -> int:
    """What is resident of it, in bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
