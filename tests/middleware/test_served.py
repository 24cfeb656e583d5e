"""Our middleware around an application of ours, asked through the test client and through a real server."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

import httpx
import pytest

from fasterapi import BackgroundTask, Faster, PlainTextResponse, Request, Response
from fasterapi.asgi import ASGIApp, Receive, Send
from fasterapi.middleware import (
    BaseHTTPMiddleware,
    BodySizeLimitMiddleware,
    CORSMiddleware,
    GZipMiddleware,
    HTTPSRedirectMiddleware,
    Middleware,
    SessionMiddleware,
    TrustedHostMiddleware,
)
from fasterapi.middleware.base import RequestResponseEndpoint
from fasterapi.testing import TestClient
from tests.deadline import DEADLINE
from tests.middleware.asking import accepting
from tests.server.servers import Serving

Door: TypeAlias = Callable[[ASGIApp], AbstractContextManager[httpx.Client]]

TEXT = "all work and no play " * 100


@contextmanager
def by_test_client(app: ASGIApp) -> Iterator[httpx.Client]:
    with TestClient(app, follow_redirects=False) as client:
        yield client


@contextmanager
def by_server(app: ASGIApp) -> Iterator[httpx.Client]:
    with Serving(app) as serving:
        host, port = serving.listener.getsockname()
        with httpx.Client(base_url=f"http://{host}:{port}", timeout=DEADLINE) as client:
            yield client


@pytest.fixture(params=[by_test_client, by_server])
def door(request: pytest.FixtureRequest) -> Door:
    opened: Door = request.param
    return opened


def make_app() -> Faster:
    app = Faster()

    @app.get("/text")
    async def text() -> PlainTextResponse:
        return PlainTextResponse(TEXT, headers={"etag": '"1"'})

    @app.post("/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @app.get("/visits")
    async def visits(request: Request) -> int:
        request.session["visits"] = request.session.get("visits", 0) + 1
        return int(request.session["visits"])

    return app


class Marking(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        length = len(await request.body())
        response = await call_next(request)
        response.headers["x-length"] = str(length)
        return response


def test_requests_and_responses_pass_a_method(door: Door) -> None:
    with door(Marking(Marking(make_app()))) as client:
        answer = client.post("/length", content=b"x" * 100_000)
        assert (answer.json(), answer.headers["x-length"]) == (100_000, "100000")
        assert client.post("/length", content=iter([b"a", b"b"])).json() == 2
        assert client.get("/missing").status_code == 404


def test_answers_are_compressed(door: Door) -> None:
    with door(GZipMiddleware(make_app())) as client:
        with client.stream("GET", "/text", headers={"accept-encoding": "gzip"}) as answer:
            raw = b"".join(answer.iter_raw())
        assert gzip.decompress(raw).decode() == TEXT
        assert (answer.headers["content-length"], answer.headers["etag"]) == (str(len(raw)), 'W/"1"')
        assert client.get("/text").text == TEXT
        plain = client.get("/text", headers={"accept-encoding": "gzip;q=0"})
        assert (plain.text, plain.headers["etag"], "content-encoding" in plain.headers) == (TEXT, '"1"', False)
        head = client.head("/text")
        assert (head.headers["content-length"], head.headers["vary"]) == (str(len(TEXT)), "Accept-Encoding")


def test_other_origins_are_told(door: Door) -> None:
    with door(CORSMiddleware(make_app(), ["https://site.example"], ["POST"])) as client:
        asking = {"origin": "https://site.example", "access-control-request-method": "POST"}
        assert client.options("/length", headers=asking).headers["access-control-allow-origin"] == "https://site.example"
        assert client.options("/length", headers={**asking, "origin": "https://evil.example"}).status_code == 400
        answer = client.post("/length", content=b"x", headers={"origin": "https://site.example"})
        assert (answer.json(), answer.headers["access-control-allow-origin"]) == (1, "https://site.example")
        assert client.get("/missing", headers={"origin": "https://site.example"}).headers["access-control-allow-origin"]


def test_only_trusted_hosts_get_in(door: Door) -> None:
    with door(TrustedHostMiddleware(make_app(), ["127.0.0.1", "testserver"])) as client:
        assert client.get("/text").status_code == 200
        assert client.get("/text", headers={"host": "evil.example"}).status_code == 400


def test_plain_requests_are_redirected(door: Door) -> None:
    with door(HTTPSRedirectMiddleware(make_app())) as client:
        answer = client.post("/length?a=%2F", content=b"x", headers={"host": "example.org"})
        assert (answer.status_code, answer.headers["location"]) == (307, "https://example.org/length?a=%2F")


def test_sessions_are_kept(door: Door) -> None:
    with door(SessionMiddleware(make_app(), "key")) as client:
        assert [client.get("/visits").json() for _ in range(3)] == [1, 2, 3]


def test_large_bodies_are_refused(door: Door) -> None:
    with door(BodySizeLimitMiddleware(make_app(), 100_000)) as client:
        assert client.post("/length", content=b"x" * 100_000).json() == 100_000
        for content in (b"x" * 100_001, iter([b"x" * 60_000, b"x" * 60_000])):
            answer = client.post("/length", content=content)
            assert (answer.status_code, answer.json()) == (413, {"detail": "Content Too Large"})


def test_what_follows_the_answer_is_done(door: Door) -> None:
    app = Faster()
    ran = threading.Event()

    @app.get("/")
    async def handler() -> PlainTextResponse:
        return PlainTextResponse("now", background=BackgroundTask(ran.set))

    with door(GZipMiddleware(Marking(app), 0)) as client:
        assert client.get("/").text == "now"
        assert ran.wait(DEADLINE)


def test_an_application_holds_its_middleware(door: Door) -> None:
    app = Faster(middleware=[Middleware(CORSMiddleware, allow_origins=["https://site.example"])], max_body_size=10)

    @app.post("/")
    async def read(request: Request) -> int:
        return len(await request.body())

    @app.middleware("http")
    async def measure(request: Request, call_next: RequestResponseEndpoint) -> Response:
        length = len(await request.body())
        response = await call_next(request)
        response.headers["x-length"] = str(length)
        return response

    with door(app) as client:
        answer = client.post("/", content=b"body", headers={"origin": "https://site.example"})
        assert (answer.json(), answer.headers["x-length"], answer.headers["vary"]) == (4, "4", "Origin")
        assert client.post("/", content=b"x" * 11).status_code == 413


# What only a connection shows.


@pytest.mark.parametrize("compressed", [True, False])
def test_a_piece_arrives_before_the_next_is_made(compressed: bool) -> None:
    arrived = threading.Event()
    waited: list[bool] = []

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        media_type = b"text/plain" if compressed else b"text/event-stream"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", media_type)]})
        await send({"type": "http.response.body", "body": b"data: one\n\n", "more_body": True})
        # The client is in another thread: it has what it waits for, or this test takes its time and fails.
        waited.append(arrived.wait(DEADLINE))
        await send({"type": "http.response.body", "body": b"data: two\n\n"})

    wrapped = Marking(GZipMiddleware(Marking(app), 0))
    with by_server(wrapped) as client, client.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
        pieces = answer.iter_raw()
        reader = zlib.decompressobj(16 + zlib.MAX_WBITS)
        first = next(pieces)
        assert (reader.decompress(first) if compressed else first) == b"data: one\n\n"
        arrived.set()
        rest = b"".join(pieces)
        assert (reader.decompress(rest) if compressed else rest) == b"data: two\n\n"
    assert waited == [True]


def test_an_application_inside_learns_that_its_client_has_left() -> None:
    left = threading.Event()

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        left.set()

    class PassOn(BaseHTTPMiddleware):
        async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
            return await call_next(request)

    with Serving(PassOn(PassOn(app))) as serving:
        with serving.connect() as client:
            client.send(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert client.socket.recv(1)
        assert left.wait(DEADLINE)


def test_an_answer_that_breaks_off_is_seen_to_be_broken() -> None:
    async def app(scope: Any, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise ZeroDivisionError

    async def pass_on(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["x-passed"] = "1"
        return response

    with by_server(BaseHTTPMiddleware(app, dispatch=pass_on)) as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/")


def test_a_body_that_turns_out_to_be_too_large_is_not_waited_for() -> None:
    """As in CVE-2026-34517: what is beyond the limit is not even received."""
    with Serving(BodySizeLimitMiddleware(make_app(), 100_000)) as serving, serving.connect() as client:
        client.send(b"POST /length HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(2):
            client.send(b"ea60\r\n" + b"x" * 60_000 + b"\r\n")
        answer = client.answer()
        assert (answer.status, answer.headers["connection"]) == (413, "close")


@pytest.mark.parametrize("wrap", [lambda app: TrustedHostMiddleware(app, ["localhost"]), HTTPSRedirectMiddleware], ids=["host", "https"])
def test_handshakes_are_refused(wrap: Callable[[ASGIApp], ASGIApp]) -> None:
    with Serving(wrap(accepting), ws="wsproto") as serving, serving.connect() as client:
        client.send(
            b"GET /chat HTTP/1.1\r\nhost: evil.example\r\nconnection: Upgrade\r\nupgrade: websocket\r\n"
            b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert client.answer().status in (307, 400)
