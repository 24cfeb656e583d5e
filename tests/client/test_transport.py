"""What carries requests: our own server and others, HTTP/2, proxies, transports of httpx."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import httpx
import hypercorn.asyncio
import hypercorn.config
import msgspec
import pytest
import trustme

from fasterapi import Faster, File, Form, Header, HTTPException, RedirectResponse, Request, UploadFile
from fasterapi.client import AsyncSession, Body, CookieJar, FastHTTP, FastHTTPBadStatusError, HttpxTransport, Response
from fasterapi.client.transport import _require
from tests.client.sites import LOCAL, Site
from tests.deadline import DEADLINE
from tests.server.servers import Serving


class Item(msgspec.Struct):
    name: str
    price: float


def served_app() -> Faster:
    app = Faster()

    @app.post("/items/{item_id}")
    async def create(item_id: int, item: Item, q: str = "", x_trace: Annotated[str, Header()] = "") -> dict[str, Any]:
        return {"id": item_id, "name": item.name, "q": q, "trace": x_trace}

    @app.post("/form")
    async def form(name: Annotated[str, Form()], photo: Annotated[UploadFile, File()]) -> dict[str, Any]:
        return {"name": name, "photo": photo.filename, "size": len(await photo.read())}

    @app.get("/away")
    async def away() -> RedirectResponse:
        response = RedirectResponse("/cookies")
        response.set_cookie("sid", "1")
        return response

    @app.get("/cookies")
    async def cookies(request: Request) -> dict[str, str]:
        return request.cookies

    @app.get("/fail")
    async def fail() -> None:
        raise HTTPException(418, "teapot")

    @app.post("/bytes")
    async def count(request: Request) -> int:
        return len(await request.body())

    return app


@pytest.fixture(scope="module")
def ours() -> Iterator[str]:
    with Serving(served_app()) as serving:
        yield f"http://127.0.0.1:{serving.listener.getsockname()[1]}"


async def test_our_own_server(ours: str) -> None:
    app = FastHTTP(base_url=ours, security=LOCAL)

    @app.post("/items/{item_id}")
    async def create(created: dict[str, Any], item_id: int, q: str, item: Annotated[Item, Body()]) -> dict[str, Any]:
        return created

    async with app:
        values = await asyncio.gather(*(app.call(create, item_id=number, q="a&b", item=Item("x", 1)) for number in range(50)))
    assert values == [{"id": number, "name": "x", "q": "a&b", "trace": ""} for number in range(50)]


async def test_forms_of_our_own_server(ours: str) -> None:
    async with AsyncSession(base_url=ours, security=LOCAL, cookie_jar=CookieJar(unsafe=True)) as session:
        uploaded = await session.post("/form", data={"name": "é"}, files={"photo": ("ö.png", b"\x00" * 100_000)})
        assert uploaded.json() == {"name": "é", "photo": "ö.png", "size": 100_000}
        redirected = await session.get("/away")
        assert (redirected.json(), redirected.history[0].status_code) == ({"sid": "1"}, 307)
        with pytest.raises(FastHTTPBadStatusError) as raised:
            await session.get("/fail", raise_for_status=True, responses={418: dict[str, str]})
        assert raised.value.model == {"detail": "teapot"}
        faults = (await session.post("/items/x", json={"name": 1})).json()
        assert [fault["loc"] for fault in faults["detail"]] == [["path", "item_id"], ["body", "name"], ["body", "price"]]
        pieces = (b"x" * 1000 for _ in range(100))
        assert (await session.post("/bytes", data=pieces)).json() == 100_000


async def test_a_transport_of_httpx_may_carry_requests() -> None:
    transport = HttpxTransport(httpx.ASGITransport(served_app()))
    async with AsyncSession(base_url="http://app.example", transport=transport) as session:
        created = await session.post("/items/7", json={"name": "x", "price": 1}, headers={"X-Trace": "t"}, params={"q": "1"})
        assert created.json() == {"id": 7, "name": "x", "q": "1", "trace": "t"}
        assert (await session.get("/away")).json() == {}


async def test_http2_is_spoken(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["http_version"].encode()})

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = hypercorn.config.Config()
        config.bind = [f"fd://{listener.fileno()}"]
        config.certfile, config.keyfile = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
        config.loglevel = "CRITICAL"
        config.graceful_timeout = 0.1
        stop = asyncio.Event()
        serving = asyncio.create_task(hypercorn.asyncio.serve(app, config, shutdown_trigger=stop.wait, mode="asgi"))
        url = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        versions = []
        for http2 in (True, False):
            async with AsyncSession(security=LOCAL, verify=str(tmp_path / "ca.pem"), http2=http2) as session:
                responses = await asyncio.gather(*(session.get(url) for _ in range(5)))
                versions.append({(response.http_version, response.text) for response in responses})
        stop.set()
        await serving
        listener.detach()
    assert versions == [{("HTTP/2", "2")}, {("HTTP/1.1", "1.1")}]


class Proxy:
    """Passes on requests for whole URLs, and connections."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://user:pw@127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        self.passing: list[threading.Thread] = []

    def serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            passing = threading.Thread(target=self.pass_on, args=[client])
            passing.start()
            self.passing.append(passing)

    def pass_on(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65536)
        self.lines.append(head)
        method, target, _ = head.split(b" ", 2)
        authority = target if method == b"CONNECT" else target.split(b"/")[2]
        host, port = authority.decode().split(":")
        with client, socket.create_connection((host, int(port))) as server:
            if method == b"CONNECT":
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                server.sendall(head.replace(target, b"/" + target.split(b"/", 3)[3], 1))
            upwards = threading.Thread(target=self.pump, args=[client, server])
            upwards.start()
            self.pump(server, client)
            upwards.join()

    @staticmethod
    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in (self.thread, *self.passing):
            thread.join(DEADLINE)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.close()


async def test_proxies_pass_requests_on(site: Site, proxy: Proxy) -> None:
    site.answer("/x", "through")
    async with AsyncSession(security=LOCAL, proxy=proxy.url) as session:
        assert (await session.get(site.url("/x"))).text == "through"
    assert proxy.lines[0].startswith(f"GET {site.url('/x')} HTTP/1.1\r\n".encode())
    assert b"Proxy-Authorization: Basic dXNlcjpwdw==" in proxy.lines[0]
    assert "proxy-authorization" in site.last.headers, "this proxy passes everything on"


async def test_proxies_do_not_see_what_is_encrypted(proxy: Proxy) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Site(context=context) as secure:
        async with AsyncSession(security=LOCAL, proxy=proxy.url, verify=False) as session:
            assert (await session.get(secure.url("/x"), headers={"Authorization": "Bearer s3cret"})).status_code == 404
    assert [line.split(b" ")[0] for line in proxy.lines] == [b"CONNECT"]
    assert b"s3cret" not in proxy.lines[0]


class SocksProxy(Proxy):
    """Passes on connections as SOCKS 5 asks for them, with a user name and a password (RFC 1928, RFC 1929)."""

    def pass_on(self, client: socket.socket) -> None:
        with client:
            methods = client.recv(2 + 255)
            assert methods[0] == 5
            client.sendall(b"\x05\x02")
            self.lines.append(client.recv(512))
            client.sendall(b"\x01\x00")
            asked = client.recv(512)
            assert asked[:3] == b"\x05\x01\x00"
            kind, rest = asked[3], asked[4:]
            host = socket.inet_ntoa(rest[:4]) if kind == 1 else rest[1 : 1 + rest[0]].decode()
            port = int.from_bytes(rest[-2:], "big")
            self.lines.append(f"{host}:{port}".encode())
            with socket.create_connection((host, port)) as server:
                client.sendall(b"\x05\x00\x00\x01" + bytes(6))
                upwards = threading.Thread(target=self.pump, args=[client, server])
                upwards.start()
                self.pump(server, client)
                upwards.join()


async def test_socks_proxies_pass_connections_on(site: Site) -> None:
    proxy = SocksProxy()
    site.answer("/x", "through")
    async with AsyncSession(security=LOCAL, proxy=proxy.url.replace("http://", "socks5://")) as session:
        assert (await session.get(site.url("/x", host="localhost"))).text == "through"
    proxy.close()
    assert proxy.lines == [b"\x01\x04user\x02pw", f"localhost:{site.port}".encode()]


def test_defaults_of_the_app_reach_the_wire(site: Site) -> None:
    app = FastHTTP(base_url=site.url(), security=LOCAL, headers={"X-App": "1"}, timeout=DEADLINE, follow_redirects=False)
    site.answer("/a", status=302, headers={"Location": "/b"})

    @app.get("/a")
    async def get(response: Response) -> int:
        return response.status

    assert app.run()[get].value == 302
    assert site.last.headers["user-agent"].startswith("fasterapi/")


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(ImportError, match=r"fasterapi-framework\[socks\]"):
        _require("nothing_of_this_name", "A SOCKS proxy", "socks")
