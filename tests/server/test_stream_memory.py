"""What a long stream takes of the server's memory: nothing that grows with its length."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.checkouts import CHECKOUT
from tests.deadline import DEADLINE
from tests.server.servers import Client
from tests.server.test_protocol import request

LENGTH = int(os.environ.get("STREAM_MEBIBYTES", "256")) * 1024 * 1024
MOST_GROWTH = 64 * 1024
"""Kibibytes."""

PROGRAM = """
import resource, socket, sys, uvicorn
from collections.abc import AsyncIterator
from fasterapi import Faster, StreamingResponse

app = Faster()
piece = bytes(65536)

@app.get("/stream/{length}")
async def stream(length: int) -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(length // len(piece)):
            yield bytes(bytearray(piece))
    return StreamingResponse(pieces())

@app.get("/plain/{length}")
def plain(length: int) -> StreamingResponse:
    return StreamingResponse(bytes(bytearray(piece)) for _ in range(length // len(piece)))

@app.get("/peak")
async def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

server = uvicorn.Server(uvicorn.Config(app, http=sys.argv[1], log_config=None, lifespan="off", ws="none"))
server.run([socket.socket(fileno=int(sys.argv[2]))])
"""


@pytest.fixture(params=["fasterapi.server:HttpProtocol", "httptools", "h11"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        descriptor = listener.fileno()
        command = [sys.executable, "-c", PROGRAM, request.param, str(descriptor)]
        with subprocess.Popen(command, cwd=CHECKOUT, pass_fds=[descriptor]) as process:
            yield listener.getsockname()
            process.terminate()


def connect(address: tuple[str, int]) -> Client:
    return Client(socket.create_connection(address, timeout=DEADLINE))


def peak(address: tuple[str, int]) -> int:
    """The most memory that the server had so far, in kibibytes."""
    with connect(address) as client:
        client.send(request("/peak"))
        found: int = json.loads(client.answer().body)
        return found


def download(address: tuple[str, int], path: str) -> int:
    """Read an answer to its end and throw it away; gives how much came, chunks and all."""
    with connect(address) as client:
        client.send(request(path, b"connection: close"))
        buffer = bytearray(1024 * 1024)
        received = 0
        while length := client.socket.recv_into(buffer):
            received += length
        return received


@pytest.mark.parametrize("path", ["/stream", "/plain"])
def test_a_long_stream_takes_no_memory(address: tuple[str, int], path: str) -> None:
    download(address, f"{path}/{1024 * 1024}")
    before = peak(address)
    assert download(address, f"{path}/{LENGTH}") > LENGTH
    assert peak(address) - before < MOST_GROWTH
