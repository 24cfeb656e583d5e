"""A server of another make, the standard library's, that answers as a test says and remembers what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from fasterapi.client import Guard
from tests.ports import reserved_port

LOCAL = Guard(allow=["127.0.0.1", "localhost", "::1"])
"""Lets requests go to the servers of tests."""


class Asked:
    """A request as it arrived."""

    def __init__(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.method = method
        self.path, _, self.query = path.partition("?")
        self.raw_headers = headers
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    def params(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    def json(self) -> Any:
        return json.loads(self.body)


class Answer:
    """A response, said as a status, headers and a body."""

    def __init__(
        self, body: bytes | str | object = b"", status: int = 200, headers: Mapping[str, str] | list[tuple[str, str]] | None = None
    ) -> None:
        self.status = status
        self.headers: list[tuple[str, str]] = list(headers.items()) if isinstance(headers, Mapping) else list(headers or [])
        if isinstance(body, bytes):
            self.body = body
        elif isinstance(body, str):
            self.body = body.encode()
            self.headers.append(("Content-Type", "text/plain; charset=utf-8"))
        else:
            self.body = json.dumps(body).encode()
            self.headers.append(("Content-Type", "application/json"))


Respond = Callable[[Asked], Answer]
Raw = Callable[[socket.socket], None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written one after the other, which must not wait for each other.
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        site = self.server.site
        length = int(self.headers.get("content-length") or 0)
        body = self._read_chunks() if self.headers.get("transfer-encoding") else self.rfile.read(length)
        asked = Asked(self.command, self.path, self.headers.items(), body)
        site.asked.append(asked)
        raw = site.raw.get(asked.path)
        if raw is not None:
            self.close_connection = True
            raw(self.connection)
            return
        found = site.answers.get(asked.path)
        answer = Answer({"error": "nothing here"}, 404) if found is None else found(asked)
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in (204, 304):
            self.wfile.write(answer.body)

    def _read_chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_PROPFIND = _answer  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    site: Site

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are no news."""


class Site:
    """Serves as long as the `with` block runs."""

    def __init__(self, host: str = "127.0.0.1", context: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answers: dict[str, Respond] = {}
        self.raw: dict[str, Raw] = {}
        self._server = _Server((host, 0), _Handler)
        self._server.site = self
        self.scheme = "http"
        if context is not None:
            self.scheme = "https"
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def answer(
        self,
        path: str,
        body: bytes | str | object = b"",
        status: int = 200,
        headers: Mapping[str, str] | list[tuple[str, str]] | None = None,
    ) -> None:
        """Always answer the same at a path."""
        answer = Answer(body, status, headers)
        self.answers[path] = lambda _: answer

    def answer_in_turn(self, path: str, *answers: Answer) -> None:
        """Answer one after the other, then always the last."""
        left = list(answers)
        self.answers[path] = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def echo(self, path: str) -> None:
        """Answer with what was asked."""
        self.answers[path] = lambda asked: Answer(
            {"method": asked.method, "params": asked.params(), "headers": asked.headers, "body": asked.body.decode("utf-8", "replace")}
        )

    @property
    def last(self) -> Asked:
        return self.asked[-1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def refused_url() -> str:
    """A URL that no one listens at."""
    return f"http://127.0.0.1:{reserved_port()}/"
