from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import trustme
from websockets.sync.client import connect

from fasterapi.cli.main import main
from tests.cli.http2_websocket import http2_websocket
from tests.cli.http3_client import Http3Answer, http3
from tests.cli.projects import DEADLINE, Running, get, write
from tests.required import find, needs

CURL = find("curl")

TOLD = """
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fasterapi import Faster, Request, StreamingResponse, WebSocket

@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    yield
    print("left by", os.getpid(), flush=True)

app = Faster(max_body_size=100_000, lifespan=lifespan)
released = asyncio.Event()

@app.get("/")
async def read(request: Request) -> dict[str, object]:
    host = request.client and request.client.host
    scope = request.scope
    told = {"url": str(request.url), "root_path": scope["root_path"], "host": host, "version": scope["http_version"]}
    return {**told, "process": os.getpid()}

@app.post("/length")
async def length(request: Request) -> int:
    return len(await request.body())

@app.post("/release")
async def release() -> None:
    released.set()

@app.get("/events")
async def events() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"data: 1\\n\\n"
        await released.wait()
        released.clear()
        yield b"data: 2\\n\\n"

    return StreamingResponse(pieces(), media_type="text/event-stream")

@app.get("/until/{name}")
async def until(name: str) -> str:
    print("begun by", os.getpid(), flush=True)
    while not os.path.exists(name):
        await asyncio.sleep(0.01)
    # Time for a signal to arrive that must not matter.
    await asyncio.sleep(0.5)
    return "ended"

@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)
"""

SERVE = ("run", "--server", "hypercorn", "--host", "127.0.0.1", "--port", "0")
PATIENT = ("--timeout-keep-alive", str(int(DEADLINE)))


def port_of(server: Running) -> int:
    return int(server.wait_for(r"Running on https?://\S+:(\d+) \(CTRL")[1])


def quic_port_of(server: Running) -> int:
    return int(server.wait_for(r"Running on https://\S+:(\d+) \(QUIC\)")[1])


@pytest.fixture
def project(folder: Path) -> Path:
    write(folder, {"main.py": TOLD})
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application, with a certificate and the authority that has signed it."""
    folder = tmp_path_factory.mktemp("served")
    write(folder, {"main.py": TOLD})
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    return folder


@pytest.fixture(scope="module")
def encrypted(place: Path) -> Iterator[Running]:
    """A server of HTTP/1.1, HTTP/2 and HTTP/3, over TLS."""
    options = ["--ssl-certfile", "server.pem", "--quic-bind", "127.0.0.1:0", "--timeout-graceful-shutdown", "0"]
    with Running(place, *SERVE, *PATIENT, *options) as server:
        quic_port_of(server)
        yield server


@pytest.fixture(scope="module")
def plain(place: Path) -> Iterator[Running]:
    """A server without TLS."""
    with Running(place, *SERVE, *PATIENT, "--log-format", "json") as server:
        port_of(server)
        yield server


@pytest.fixture
def http2(plain: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port_of(plain)}", http1=False, http2=True, timeout=DEADLINE) as client:
        yield client


def curl(place: Path, *arguments: str) -> str:
    """What curl prints."""
    assert CURL is not None, "needs curl"
    command = [CURL, "--silent", "--show-error", "--max-time", str(DEADLINE), "--cacert", str(place / "authority.pem"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=2 * DEADLINE).stdout


@needs(CURL, "curl: apt-get install curl")
@pytest.mark.parametrize(("option", "version"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_curl_chooses_the_version_in_the_handshake(place: Path, encrypted: Running, option: str, version: str) -> None:
    told = json.loads(curl(place, option, f"https://localhost:{port_of(encrypted)}/"))
    assert (told["version"], told["url"]) == (version, f"https://localhost:{port_of(encrypted)}/")


@needs(CURL, "curl: apt-get install curl")
@pytest.mark.parametrize("option", ["--http2-prior-knowledge", "--http2"])
def test_curl_speaks_http2_without_tls(place: Path, plain: Running, option: str) -> None:
    assert json.loads(curl(place, option, f"http://127.0.0.1:{port_of(plain)}/"))["version"] == "2"


async def test_httpx_asks_much_at_once_on_one_connection(place: Path, encrypted: Running) -> None:
    context = ssl.create_default_context(cafile=place / "authority.pem")
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(verify=context, http2=True, limits=limits, timeout=DEADLINE) as client:
        url = f"https://localhost:{port_of(encrypted)}/length"
        answers = await asyncio.gather(*[client.post(url, content=b"x" * length) for length in range(0, 60_000, 2000)])
    assert [answer.json() for answer in answers] == list(range(0, 60_000, 2000))
    assert {answer.http_version for answer in answers} == {"HTTP/2"}


def test_events_come_one_by_one_over_http2(http2: httpx.Client) -> None:
    with http2.stream("GET", "/events") as events:
        lines = events.iter_lines()
        assert next(lines) == "data: 1"
        http2.post("/release")
        assert list(lines) == ["", "data: 2", ""]


def test_an_upload_that_is_refused_leaves_an_http2_connection_whole(http2: httpx.Client) -> None:
    first = http2.post("/length", content=b"x" * 300_000)
    second = http2.post("/length", content=b"x" * 90_000)
    assert (first.status_code, second.json()) == (413, 90_000)
    streams = [answer.extensions["stream_id"] for answer in (first, second)]
    assert streams == sorted(set(streams))


def test_a_websocket_is_a_stream_of_http2(plain: Running) -> None:
    with http2_websocket(port_of(plain), "/echo") as websocket:
        assert websocket.status == 200
        websocket.send("carried")
        assert websocket.receive() == "carried"


def test_a_websocket_upgrades_http1(plain: Running) -> None:
    with connect(f"ws://127.0.0.1:{port_of(plain)}/echo", open_timeout=DEADLINE) as websocket:
        websocket.send("carried")
        assert websocket.recv(DEADLINE) == "carried"


def test_http3_is_announced(place: Path, encrypted: Running) -> None:
    context = ssl.create_default_context(cafile=place / "authority.pem")
    answer = httpx.get(f"https://localhost:{port_of(encrypted)}/", verify=context, timeout=DEADLINE)
    assert answer.headers["alt-svc"] == f'h3=":{quic_port_of(encrypted)}"; ma=3600'


async def test_http3_is_spoken(place: Path, encrypted: Running) -> None:
    async with http3(quic_port_of(encrypted), place / "authority.pem") as client:
        answer = await client.ask("GET", "/")
    told = json.loads(answer.content)
    assert (answer.status, told["version"], told["url"]) == (200, "3", "https://localhost/")


async def test_an_upload_comes_over_http3(place: Path, encrypted: Running) -> None:
    async with http3(quic_port_of(encrypted), place / "authority.pem") as client:
        assert (await client.ask("POST", "/length", [b"x" * 1000] * 90)).content == b"90000"


async def test_events_come_one_by_one_over_http3(place: Path, encrypted: Running) -> None:
    async with http3(quic_port_of(encrypted), place / "authority.pem") as client:
        _, events = client.begin("GET", "/events")
        await events.received(b"data: 1\n\n")
        await client.ask("POST", "/release")
        await events.end()
    assert events.content == b"data: 1\n\ndata: 2\n\n"


async def test_an_answer_before_the_end_of_a_body_leaves_http3_whole(place: Path, encrypted: Running) -> None:
    async with http3(quic_port_of(encrypted), place / "authority.pem") as client:
        answers: list[Http3Answer] = []
        for _ in range(2):
            stream, answer = client.begin("POST", "/nowhere", ends=False)
            await answer.received(b"Not Found")
            client.send(stream, b"x" * 5000, ends=True)
            await answer.end()
            answers.append(answer)
    assert [answer.status for answer in answers] == [404, 404]


def test_what_a_proxy_says_reaches_the_application(project: Path) -> None:
    headers = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https", "Host": "shop.example"}
    with Running(project, *SERVE, "--root-path", "/shop", "--forwarded-allow-ips", "127.0.0.1", "--no-access-log") as server:
        told = json.loads(get(port_of(server), **headers)[1])
        server.stop()
    assert (told["url"], told["root_path"], told["host"]) == ("https://shop.example/shop/", "/shop", "192.0.2.1")
    assert [line for line in server.lines if "GET" in line] == []


def test_the_log_is_as_that_of_uvicorn(plain: Running) -> None:
    get(port_of(plain), "/?logged=1")
    line = json.loads(plain.wait_for(r".*\?logged=1.*")[0])
    assert line["logger"] == "uvicorn.access"
    assert (line["method"], line["target"], line["http_version"], line["status"]) == ("GET", "/?logged=1", "1.1", 200)


def test_a_unix_socket_is_listened_on_and_open_to_all(project: Path) -> None:
    with Running(project, "run", "--server", "hypercorn", "--uds", "server.sock") as server:
        server.wait_for("Running on")
        assert (project / "server.sock").stat().st_mode & 0o777 == 0o666
        with httpx.Client(transport=httpx.HTTPTransport(uds="server.sock"), timeout=DEADLINE) as client:
            assert client.get("http://localhost/").status_code == 200


def test_an_open_socket_is_listened_on_and_a_factory_called_once(folder: Path) -> None:
    write(folder, {"main.py": "from fasterapi import Faster\ndef create_app():\n    print('made', flush=True)\n    return Faster()\n"})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        descriptor = listener.fileno()
        options = ["--factory", "--fd", str(descriptor)]
        with Running(folder, "run", "--server", "hypercorn", *options, descriptors=(descriptor,)) as server:
            server.wait_for("Running on")
            assert get(listener.getsockname()[1], "/openapi.json")[0] == 200
            assert server.stop() == 0
    assert server.lines.count("made") == 1


def wait_for_the_end_of(process: int) -> None:
    """Wait until a process has ended."""
    with contextlib.suppress(ProcessLookupError):
        descriptor = os.pidfd_open(process)
        try:
            assert select.select([descriptor], [], [], DEADLINE)[0], "a worker that should have ended runs on"
        finally:
            os.close(descriptor)


@pytest.mark.skipif(sys.platform != "linux", reason="waits for a process of others")
def test_requests_are_answered_before_the_workers_end(project: Path) -> None:
    answers: list[tuple[int, str]] = []
    with Running(project, *SERVE, "--workers", "2", "--timeout-graceful-shutdown", str(int(DEADLINE))) as server:
        port = port_of(server)
        server.wait_for("Running on", after=1 + next(number for number, line in enumerate(server.lines) if "Running on" in line))
        asking = threading.Thread(target=lambda: answers.append(get(port, "/until/released")))
        asking.start()
        busy = server.wait_for(r"begun by (\d+)")[1]
        server.process.send_signal(signal.SIGTERM)
        idle = server.wait_for(r"left by (\d+)")[1]
        wait_for_the_end_of(int(idle))
        (project / "released").touch()
        asking.join(DEADLINE)
        assert server.process.wait(DEADLINE) == 0
    assert busy != idle
    assert answers == [(200, '"ended"')]


async def test_an_upload_that_never_ends_is_given_up_when_the_time_is_over(place: Path) -> None:
    options = ["--ssl-certfile", "server.pem", "--quic-bind", "127.0.0.1:0", "--timeout-graceful-shutdown", "1"]
    with Running(place, *SERVE, *options) as server:
        async with http3(quic_port_of(server), place / "authority.pem") as client:
            _, answer = client.begin("POST", "/nowhere", ends=False)
            await answer.received(b"Not Found")
            stream, _ = client.begin("POST", "/length", ends=False)
            client.send(stream, b"x")
            assert await asyncio.to_thread(server.stop) == 0
    assert any("Requests were cut off" in line for line in server.lines)


def test_a_port_that_is_taken_ends_with_3(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ["--port", str(taken.getsockname()[1])]
        with Running(project, "run", "--server", "hypercorn", "--host", "127.0.0.1", *options) as server:
            server.wait_for("ERROR: .*Address already in use")
            assert server.process.wait(DEADLINE) == 3


def test_an_application_that_fails_to_start_ends_with_3(folder: Path) -> None:
    text = "from fasterapi import Faster\napp = Faster()\n@app.on_event('startup')\nasync def fail():\n    raise ValueError('told')\n"
    write(folder, {"main.py": text})
    with Running(folder, *SERVE) as server:
        server.wait_for("told")
        assert server.process.wait(DEADLINE) == 3


QUIC = ("--server", "hypercorn", "--quic-bind", "127.0.0.1:0")
CERTIFICATE = ("--ssl-certfile", "main.py")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--server", "hypercorn", "--http", "h11"), "hypercorn has no --http. Leave it out, or write --server uvicorn."),
        (("--server", "hypercorn", "--limit-concurrency", "9"), "hypercorn has no --limit-concurrency. Leave it out, or"),
        (("--quic-bind", "127.0.0.1:0"), "uvicorn has no --quic-bind. Leave it out, or write --server hypercorn."),
        (QUIC, "HTTP/3 is always encrypted. Write --ssl-certfile too."),
        ((*QUIC, *CERTIFICATE, "--workers", "2"), "--quic-bind takes one worker, for workers would get each other's packets."),
        (
            (*QUIC, *CERTIFICATE, "--ssl-cert-reqs", "required", "--ssl-ca-certs", "main.py"),
            "certificates of clients are not asked for over HTTP/3. Leave out --quic-bind, or --ssl-cert-reqs.",
        ),
        ((*QUIC, *CERTIFICATE, "--ssl-keyfile-password", "x"), "over HTTP/3 the key cannot have a password. Leave out --quic-bind"),
    ],
)
def test_what_a_server_lacks_is_refused_in_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], told: str
) -> None:
    assert main(["run", *options]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"fasterapi run: {told}")


@pytest.mark.parametrize(
    ("missing", "options", "extra"), [("hypercorn", ("--server", "hypercorn"), "hypercorn"), ("aioquic", (*QUIC, *CERTIFICATE), "http3")]
)
def test_what_is_not_installed_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, missing: str, options: tuple[str, ...], extra: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert main(["run", *options]) == 2
    assert capsys.readouterr().err.endswith(f"needs {missing}. Write: pip install 'fasterapi-framework[{extra}]'\n")
