"""What passes through a server does not stay in its memory."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fasterapi import COMPILED
from tests.memory.served import DEADLINE, Served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

GIBIBYTE = 1024**3
ALLOWED = 64 * 1024**2
PIECE = bytes(1024**2)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("files") / "large"
    with file.open("wb") as opened:
        opened.truncate(GIBIBYTE)
    with Served("fasterapi.server:HttpProtocol", FILE_TO_SEND=str(file)) as found:
        # Threads start, buffers reach their size: that is no growth.
        with found.client() as client:
            assert client.get("/compiled").json() is COMPILED
            client.post("/upload", files={"file": ("f", bytes(4 * 1024**2))})
            client.get("/pieces/64")
        yield found


def form_of(size: int) -> Iterator[bytes]:
    yield b'--B\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    for _ in range(size // len(PIECE)):
        yield PIECE
    yield b"\r\n--B--\r\n"


def test_an_upload_goes_to_disk(server: Served) -> None:
    before = server.forget_peak()
    with server.client() as client:
        headers = {"content-type": "multipart/form-data; boundary=B"}
        assert client.post("/upload", content=form_of(GIBIBYTE), headers=headers).json() == GIBIBYTE
    assert server.peak() - before < ALLOWED


def test_a_body_that_is_streamed_is_not_kept(server: Served) -> None:
    before = server.forget_peak()
    with server.client() as client:
        assert client.post("/stream", content=(PIECE for _ in range(1024))).json() == GIBIBYTE
    assert server.peak() - before < ALLOWED


@pytest.mark.parametrize("path", ["/file", "/pieces/16384"])
def test_a_download_is_read_as_it_is_sent(server: Served, path: str) -> None:
    before = server.forget_peak()
    with server.client() as client, client.stream("GET", path) as response:
        assert sum(len(piece) for piece in response.iter_raw()) == GIBIBYTE
    assert server.peak() - before < ALLOWED


def test_many_requests_leave_no_slope(server: Served) -> None:
    request = b"GET /small/a?x=1 HTTP/1.1\r\nHost: a\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        ask(connection, request, 20_000)
        before = server.forget_peak()
        ask(connection, request, 80_000)
    # A request that leaves 16 bytes would leave more than this.
    assert server.forget_peak() - before < 1_250_000


def ask(connection: socket.socket, request: bytes, count: int) -> None:
    """Send requests in bundles and read their answers."""
    bundle = 100
    answered = 0
    rest = b""
    while answered < count:
        connection.sendall(request * bundle)
        expected = bundle
        while expected:
            rest += connection.recv(1 << 16)
            found = rest.count(b'{"name":"a","x":1}')
            expected -= found
            answered += found
            rest = rest[-17:] if found else rest


def test_clients_that_vanish_leave_nothing_open(server: Served) -> None:
    with server.client() as client:
        client.get("/small/a")
        before = server.open_files()
        for start in (
            b"GET /pieces/100000 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n",
            b"GET /",
        ):
            for _ in range(50):
                with socket.create_connection(("127.0.0.1", server.port)) as connection:
                    connection.sendall(start)
        assert until(lambda: client.get("/small/a").is_success and server.open_files() <= before)


def until(is_so: Callable[[], bool]) -> bool:
    """Whether something comes true while requests go on."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        if is_so():
            return True
    return False


def test_the_file_that_is_sent_is_closed(server: Served, tmp_path: Path) -> None:
    with server.client() as client:
        before = server.open_files()
        for _ in range(20):
            assert client.head("/file").status_code == 200
        assert until(lambda: server.open_files() <= before + 1)
