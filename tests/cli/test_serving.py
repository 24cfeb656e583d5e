from __future__ import annotations

import json
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from fasterapi.cli.main import main
from tests.cli.projects import APP, DEADLINE, Running, get, write
from tests.ports import reserved_port

TOLD = """
import os
import fasterapi
from fasterapi import Faster, Request

app = Faster()

@app.get("/")
async def read(request: Request) -> dict[str, object]:
    host = request.client and request.client.host
    return {"root_path": request.scope["root_path"], "scheme": request.url.scheme, "host": host, "process": os.getpid()}
"""


@pytest.fixture
def project(folder: Path) -> Path:
    """An application that tells what the server tells it."""
    write(folder, {"main.py": TOLD})
    return folder


def exchange(connection: socket.socket) -> str:
    """The answer to a request on a connection."""
    connection.settimeout(DEADLINE)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = b""
    while chunk := connection.recv(65536):
        answer += chunk
    return answer.decode()


def test_the_application_is_found_and_served(project: Path) -> None:
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0") as server:
        status, _ = get(server.port())
        assert status == 200
        assert server.wait_for("Serving")[0]
        assert server.lines[0].startswith("INFO:     Serving main:app (main.py), ")


def test_ctrl_c_ends_with_0(project: Path) -> None:
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0") as server:
        server.port()
        assert server.stop() == 0


def test_what_a_proxy_says_reaches_the_application(project: Path) -> None:
    options = ["--root-path", "/shop", "--forwarded-allow-ips", "127.0.0.1"]
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0", *options) as server:
        told = json.loads(get(server.port(), **{"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"})[1])
    assert {name: told[name] for name in ("root_path", "scheme", "host")} == {
        "root_path": "/shop",
        "scheme": "https",
        "host": "192.0.2.1",
    }


def test_a_unix_socket_is_listened_on(project: Path) -> None:
    with Running(project, "run", "--uds", "server.sock") as server, socket.socket(socket.AF_UNIX) as connection:
        server.wait_for("Application startup complete")
        server.wait_for("running on unix socket")
        connection.connect(str(project / "server.sock"))
        assert exchange(connection).startswith("HTTP/1.1 200 OK\r\n")


def test_an_open_socket_is_listened_on(project: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as connection:
        listener.bind(str(project / "server.sock"))
        listener.listen()
        descriptor = listener.fileno()
        with Running(project, "run", "--fd", str(descriptor), descriptors=(descriptor,)) as server:
            server.wait_for("Application startup complete")
            connection.connect(str(project / "server.sock"))
            assert exchange(connection).startswith("HTTP/1.1 200 OK\r\n")


def test_workers_serve(project: Path) -> None:
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0", "--workers", "2") as server:
        told = json.loads(get(server.port())[1])
        assert told["process"] != server.process.pid


def test_https_is_spoken(project: Path) -> None:
    authority = trustme.CA()
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(project / "server.pem")
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0", "--ssl-certfile", "server.pem") as server:
        plain = socket.create_connection(("127.0.0.1", server.port()), DEADLINE)
        with context.wrap_socket(plain, server_hostname="localhost") as connection:
            assert '"scheme":"https"' in exchange(connection)


def test_logs_are_json_lines(project: Path) -> None:
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0", "--log-format", "json") as server:
        get(server.port(), "/?x=1")
        server.wait_for("uvicorn.access")
        server.stop()
    lines = [json.loads(line) for line in server.lines]
    assert [(line["method"], line["target"], line["status"]) for line in lines if line["logger"] == "uvicorn.access"] == [
        ("GET", "/?x=1", 200)
    ]


def test_the_log_is_configured_by_a_file(project: Path) -> None:
    handler = {"class": "logging.StreamHandler", "formatter": "mine"}
    uvicorn_logger = {"handlers": ["mine"], "level": "INFO"}
    config = {"version": 1, "formatters": {"mine": {"format": "mine: %(message)s"}}, "handlers": {"mine": handler}}
    write(project, {"log.json": json.dumps({**config, "loggers": {"uvicorn": uvicorn_logger}})})
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0", "--log-config", "log.json") as server:
        server.wait_for("^Serving main:app")
        server.wait_for("^mine: Application startup complete")


def test_the_access_log_can_be_left_out(project: Path) -> None:
    with Running(project, "run", "--host", "127.0.0.1", "--port", "0", "--no-access-log") as server:
        get(server.port())
        server.stop()
    assert [line for line in server.lines if "GET" in line] == []


def test_an_application_of_another_framework_is_served(folder: Path) -> None:
    write(folder, {"main.py": "from starlette.applications import Starlette\napp = Starlette()\n"})
    with Running(folder, "run", "--host", "127.0.0.1", "--port", "0") as server:
        assert get(server.port())[0] == 404


def test_a_factory_is_called(folder: Path) -> None:
    write(folder, {"main.py": "from fasterapi import Faster\ndef create_app():\n    return Faster()\n"})
    with Running(folder, "run", "--factory", "--host", "127.0.0.1", "--port", "0") as server:
        assert get(server.port(), "/openapi.json")[0] == 200


def test_a_port_that_is_taken_ends_with_3(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with Running(project, "run", "--host", "127.0.0.1", "--port", port) as server:
            server.wait_for("address already in use")
            assert server.process.wait(DEADLINE) == 3


def test_an_application_that_cannot_start_ends_with_2_and_all_its_mistakes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": f"{APP}\n@app.get('/a')\ndef a(*x): ...\n\n@app.get('/b')\ndef b(*x): ...\n"})
    assert main(["run"]) == 2
    *mistakes, last = capsys.readouterr().err.splitlines()
    assert [mistake.partition(":")[0] for mistake in mistakes] == ["GET /a", "GET /b"]
    assert last == "fasterapi run: main:app cannot start: 2 mistakes in its routes, listed above. Correct them."


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--uds", "a", "--fd", "3"], "--uds and --fd both say where to listen. Write one of them."),
        (["--ssl-keyfile", "main.py"], "TLS needs a certificate. Write --ssl-certfile too."),
        (["--ssl-certfile", "main.py", "--ssl-cert-reqs", "required"], "certificates of clients are judged by authorities."),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    assert main(["run", *options]) == 2
    assert capsys.readouterr().err.startswith(f"fasterapi run: {told}")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--fd", "999"], "--fd 999 is no open socket. Whoever starts this process must open it, and hand it on."),
        (["--uds", "gone/server.sock"], "--uds gone/server.sock cannot be made: there is no folder gone that may be written to. Make it."),
        (["--uds", "main.py"], "--uds main.py is there, and is no socket. Write another path."),
        (["--uds", "x" * 108], f"--uds {'x' * 108} is too long for a socket. Write a path of at most 107 bytes."),
        (["--ssl-certfile", "main.py"], "main.py is no certificate with main.py as its key: SSLError: "),
        (["--root-path", "shop"], "the root path begins with a slash. Write --root-path /shop."),
        (["--log-config", "main.py"], "main.py does not configure logging: "),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_cannot_be_used_ends_with_2_and_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    assert main(["run", *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"fasterapi run: {told}")
    assert error.count("\n") == 1


def test_certificates_are_tried_before_they_are_used(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificate = trustme.CA().issue_cert("localhost")
    certificate.private_key_and_cert_chain_pem.write_to_path(project / "server.pem")
    trustme.CA().issue_cert("localhost").private_key_pem.write_to_path(project / "other.key")
    assert main(["run", "--ssl-certfile", "server.pem", "--ssl-keyfile", "other.key"]) == 2
    assert "server.pem is no certificate with other.key as its key: " in capsys.readouterr().err
    assert main(["run", "--ssl-certfile", "server.pem", "--ssl-ca-certs", "main.py"]) == 2
    assert "main.py has no certificates: " in capsys.readouterr().err
    assert main(["run", "--ssl-certfile", "server.pem", "--ssl-ciphers", "none"]) == 2
    assert "--ssl-ciphers none names none. " in capsys.readouterr().err


def test_what_is_no_application_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": "app = 1\n"})
    assert main(["run"]) == 2
    told = "main:app is no application, but of type int. Write the name of a Faster() object."
    assert capsys.readouterr().err == f"fasterapi run: {told}\n"


DEVELOPED = (
    APP
    + """
import fasterapi

@app.get("/compiled")
async def compiled() -> bool:
    return fasterapi.COMPILED

@app.get("/failing")
async def failing() -> None:
    raise ValueError("told")
"""
)


@pytest.fixture(scope="module")
def developed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`fasterapi dev`, with an application that stays as it is."""
    folder = tmp_path_factory.mktemp("developed")
    write(folder, {"main.py": DEVELOPED})
    with Running(folder, "dev", "--port", str(reserved_port())) as server:
        yield server


def test_dev_tells_where_the_documentation_is(developed: Running) -> None:
    port = developed.port()
    assert developed.wait_for("Documentation: (.*)")[1] == f"http://127.0.0.1:{port}/docs"


def test_dev_runs_the_sources(developed: Running) -> None:
    assert get(developed.port(), "/compiled") == (200, "false")


def test_dev_shows_the_debug_page(developed: Running) -> None:
    status, page = get(developed.port(), "/failing", Accept="text/html")
    assert status == 500
    assert "raise ValueError" in page


def test_dev_serves_what_was_changed(folder: Path) -> None:
    write(folder, {"main.py": APP})
    with Running(folder, "dev", "--port", "0") as server:
        port = server.port()
        server.change(folder / "main.py", APP.replace("first", "second"), "Application startup complete")
        assert get(port) == (200, '"second"')


def test_dev_tells_a_mistake_in_one_line_and_goes_on_when_it_is_mended(folder: Path) -> None:
    write(folder, {"main.py": APP})
    with Running(folder, "dev", "--port", "0") as server:
        port = server.port()
        server.change(folder / "main.py", f"{APP}\nraise ValueError('told')\n", "main cannot be imported: ValueError: told")
        assert [line for line in server.lines if "Traceback" in line] == []
        server.change(folder / "main.py", APP, "Application startup complete")
        assert get(port) == (200, '"first"')


def test_dev_ends_with_0(folder: Path) -> None:
    write(folder, {"main.py": APP})
    environment = {**os.environ, "NO_COLOR": "1"}
    with Running(folder, "dev", "--port", "0", environment=environment) as server:
        server.port()
        assert server.stop() == 0
