"""Real servers, each in a thread of its own, and plain sockets to speak to them."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from tests.deadline import DEADLINE
from tests.server.wire import Answer, take_answer


class Server(uvicorn.Server):
    """A uvicorn server that says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class Serving:
    """Serves an application as long as the `with` block runs."""

    def __init__(self, app: Callable[..., Any], *, path: Path | None = None, **config: Any) -> None:
        if path is None:
            self.listener = socket.create_server(("127.0.0.1", 0))
        else:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
        options = {"http": "fasterapi.server:HttpProtocol", "log_config": None, "lifespan": "off", "ws": "none", **config}
        # No test is to lose a connection because its thread was kept waiting.
        self.server = Server(uvicorn.Config(app, **{"timeout_keep_alive": int(DEADLINE), **options}))
        self.thread = threading.Thread(target=self.server.run, args=([self.listener],))

    def __enter__(self) -> Self:
        self.thread.start()
        assert self.server.ready.wait(DEADLINE)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.server.should_exit = True
        self.join()

    def join(self) -> None:
        """Wait until the server has ended."""
        self.thread.join(DEADLINE)
        assert not self.thread.is_alive()

    def connect(self, context: ssl.SSLContext | None = None) -> Client:
        """A connection to the server."""
        client = socket.socket(self.listener.family)
        client.settimeout(DEADLINE)
        client.connect(self.listener.getsockname())
        return Client(client if context is None else context.wrap_socket(client, server_hostname="localhost"))


class Client:
    """The client's end of a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.received = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.socket.sendall(data)

    def answer(self, method: str = "GET") -> Answer:
        """The next response."""
        while True:
            taken = take_answer(self.received, method)
            if taken is not None:
                answer, self.received = taken
                return answer
            piece = self.socket.recv(65536)
            assert piece, self.received
            self.received += piece

    def rest(self) -> bytes:
        """All that comes until the server closes."""
        pieces = [self.received]
        while piece := self.socket.recv(65536):
            pieces.append(piece)
        return b"".join(pieces)
