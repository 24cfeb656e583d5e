"""nginx in front of the service, which systemd's own activator starts, each as its file in `examples/deploy` says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection

import httpx
import pytest
from websockets.sync.client import connect as open_websocket

from tests.cli.projects import DEADLINE, connect
from tests.deploy.files import DEPLOY, adapted, start_command, unit
from tests.ports import held_port
from tests.required import find, needs

NGINX = find("nginx")
ACTIVATE = find("systemd-socket-activate")

pytestmark = [
    needs(NGINX, "nginx: apt-get install nginx-light"),
    needs(ACTIVATE, "systemd-socket-activate: apt-get install systemd"),
]

AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/nginx.conf;
}}
"""


@contextmanager
def running(command: Sequence[str]) -> Iterator[None]:
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(DEADLINE)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where nginx listens."""
    assert NGINX is not None, "needs nginx"
    assert ACTIVATE is not None, "needs systemd-socket-activate"
    folder = tmp_path_factory.mktemp("nginx")
    socket = unit("web.socket", "ListenStream")
    environment = [f"--setenv={variable}" for variable in unit("web.service", "Environment").split() if "WEB_CONCURRENCY" not in variable]
    environment += [f"--setenv={name}" for name in ("PATH", "PYTHONPATH", "PYTHONSAFEPATH") if name in os.environ]
    program = [sys.executable, "-m", "fasterapi", *(argument.replace("/opt/web", str(DEPLOY)) for argument in start_command())]
    with held_port() as holder:
        number: int = holder.getsockname()[1]
        adapted(
            "nginx.conf", folder, socket=(f"unix:{socket}", f"unix:{folder}/web.sock"), port=("listen 80;", f"listen 127.0.0.1:{number};")
        )
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "around.conf").write_text(AROUND.format(folder=folder, user=user))
        service = [ACTIVATE, f"--listen={folder}/web.sock", *environment, *program]
        with running(service), running([NGINX, "-p", str(folder), "-c", str(folder / "around.conf")]):
            connect(number).close()
            yield number


@pytest.fixture
def client(port: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=DEADLINE) as client:
        yield client


def status_from(address: str, port: int) -> int:
    """The status that a client at an address gets."""
    connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE, source_address=(address, 0))
    connection.request("POST", "/login")
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_application_sees_the_client_whatever_it_says_of_itself(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=DEADLINE, source_address=("127.0.0.2", 0))
    connection.request("GET", "/", headers={"Host": "web.example", "X-Forwarded-For": "192.0.2.9", "X-Forwarded-Proto": "https"})
    told = json.loads(connection.getresponse().read())
    connection.close()
    assert told == {"client": "127.0.0.2", "url": "http://web.example/"}


def test_each_client_has_a_limit_of_its_own(port: int) -> None:
    assert [status_from("127.0.0.3", port) for _ in range(6)] == [200] * 5 + [429]
    assert status_from("127.0.0.4", port) == 200


def test_events_come_as_they_happen(client: httpx.Client) -> None:
    client.post("/news", params={"text": "first"})
    with client.stream("GET", "/news") as events:
        texts = (line for line in events.iter_lines() if line.startswith("data:"))
        assert next(texts) == 'data: "first"'
        client.post("/news", params={"text": "second"})
        assert next(texts) == 'data: "second"'


def test_a_websocket_goes_through(port: int) -> None:
    with open_websocket(f"ws://127.0.0.1:{port}/echo", open_timeout=DEADLINE) as websocket:
        websocket.send("carried")
        assert websocket.recv(DEADLINE) == "carried"


def test_an_upload_goes_through(client: httpx.Client) -> None:
    assert client.post("/files", files={"file": b"x" * 3_000_000}).json() == 3_000_000


def test_what_is_too_large_is_told_by_the_application(client: httpx.Client) -> None:
    answer = client.post("/files", files={"file": b"x" * (16 * 1024 * 1024)})
    assert (answer.status_code, answer.json()) == (413, {"detail": "Content Too Large"})


def test_health_is_told_and_metrics_are_not(client: httpx.Client) -> None:
    assert [client.get(path).status_code for path in ("/livez", "/readyz", "/metrics")] == [200, 200, 404]
