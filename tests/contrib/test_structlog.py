from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from fasterapi import Faster
from fasterapi.contrib.request_id import RequestIDMiddleware
from fasterapi.contrib.structlog import RequestLogMiddleware, configure_structlog, escape_control_characters
from fasterapi.testing import TestClient


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Leave the loggers as they were found: everything that this configures is the process's."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines of requests."""
    return [line for line in lines(capsys) if line["event"] == "request"]


def fail_with(words: str) -> None:
    raise ValueError(words)


def app_with(**options: Any) -> Faster:
    app = Faster()
    app.add_middleware(RequestLogMiddleware, **options)
    app.add_middleware(RequestIDMiddleware)

    @app.get("/users/{user_id}")
    async def read_user(user_id: int) -> int:
        structlog.get_logger().info("reading", user_id=user_id)
        logging.getLogger("of.a.library").warning("%s is read", user_id)
        return user_id

    @app.get("/thread")
    def read_in_thread() -> None:
        structlog.get_logger().info("in a thread")

    @app.get("/error")
    async def fail() -> None:
        raise ZeroDivisionError("by zero")

    return app


def test_json_lines_tell_what_was_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    structlog.get_logger("shop").info("paid", amount=12)
    [line] = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "paid", "amount": 12, "level": "info", "logger": "shop"}


def test_loggers_of_the_standard_library_write_the_same_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    logging.getLogger("shop").warning("%s left", 3, extra={"item": "tea"})
    [line] = lines(capsys)
    assert (line["event"], line["level"], line["logger"], line["item"]) == ("3 left", "warning", "shop", "tea")


@pytest.mark.parametrize("level", ["WARNING", "warning", logging.WARNING])
def test_level_holds_for_both_kinds(level: str | int, capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True, log_level=level)
    structlog.get_logger().info("quiet")
    logging.getLogger("shop").info("quiet")
    structlog.get_logger().warning("loud")
    logging.getLogger("shop").warning("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud", "loud"]


def test_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="write one of CRITICAL, ERROR"):
        configure_structlog(log_level="LOUD")


def test_configuring_again_replaces_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog()
    configure_structlog(json_format=True)
    structlog.get_logger().info("once")
    assert [line["event"] for line in lines(capsys)] == ["once"]


def test_request_is_logged_with_its_route(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    TestClient(app_with()).get("/users/7?secret=1", headers={"x-request-id": "r-1"})
    [line] = logged(capsys)
    assert line.pop("duration_ms") > 0
    del line["timestamp"]
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "fasterapi.requests",
        "request_id": "r-1",
        "method": "GET",
        "path": "/users/7",
        "route": "/users/{user_id}",
        "status": 200,
        "client": "testclient",
    }


def test_request_to_a_mounted_application_is_logged_with_its_route(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    outer = Faster()
    outer.add_middleware(RequestLogMiddleware)
    outer.mount("/v1", app_with())
    TestClient(outer).get("/v1/users/7")
    assert {line["route"] for line in logged(capsys)} == {"/users/{user_id}", "/v1/users/{user_id}"}


def test_everything_logged_for_a_request_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    TestClient(app_with()).get("/users/7", headers={"x-request-id": "r-1"})
    of_the_handler = [line for line in lines(capsys) if line["event"] in ("reading", "7 is read")]
    assert [(line["request_id"], line["path"]) for line in of_the_handler] == [("r-1", "/users/7")] * 2


def test_threads_log_for_their_request(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    TestClient(app_with()).get("/thread", headers={"x-request-id": "r-1"})
    assert [line["request_id"] for line in lines(capsys) if line["event"] == "in a thread"] == ["r-1"]


def test_nothing_of_a_request_outlasts_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    TestClient(app_with()).get("/users/7")
    structlog.get_logger().info("later")
    [line] = [line for line in lines(capsys) if line["event"] == "later"]
    assert line.keys() == {"event", "level", "timestamp", "logger"}


def test_unhandled_error_is_logged_as_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    TestClient(app_with(), raise_server_exceptions=False).get("/error")
    [line] = logged(capsys)
    assert (line["status"], line["level"], line["error"], line["route"]) == (500, "error", "ZeroDivisionError", "/error")


def test_path_without_route_has_none(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    TestClient(app_with()).get("/nowhere")
    [line] = logged(capsys)
    assert (line["status"], line["route"]) == (404, None)


def test_excluded_paths_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)
    TestClient(app_with(exclude_paths=["/users/7"])).get("/users/7")
    assert logged(capsys) == []


def test_text_as_excluded_paths_is_refused() -> None:
    with pytest.raises(TypeError, match=r"write \['/livez'\]"):
        RequestLogMiddleware(Faster(), exclude_paths="/livez")


def test_local_variables_are_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=True)

    def check(password: str) -> None:
        raise ValueError(len(password))

    try:
        check("hun" + "ter2".lower())
    except ValueError:
        structlog.get_logger().exception("failed")
    text = capsys.readouterr().err
    assert "ValueError" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("json_format", [True, False])
def test_path_cannot_forge_a_line(json_format: bool, capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog(json_format=json_format)
    TestClient(app_with()).get("/a%0aforged%0d%1b[31m%7f%c2%85%e2%80%a8%e2%80%ae")
    text = capsys.readouterr().err
    assert len([line for line in text.splitlines() if "request" in line]) == 1
    assert not any(line.startswith("forged") for line in text.splitlines())
    assert not set(text) & set("\r\x1b\x7f\x85\u2028\u202e")


def test_exception_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_structlog()
    try:
        fail_with("first\nforged \x1b[31m")
    except ValueError:
        structlog.get_logger().exception("failed")
    text = capsys.readouterr().err
    assert "    forged \\x1b[31m" in text
    assert "\nforged" not in text
    assert "\x1b" not in text


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none() | st.lists(st.text())))
def test_escaped_values_hold_no_controls(event: dict[str, Any]) -> None:
    safe = escape_control_characters(None, "info", dict(event))
    for key, value in safe.items():
        assert key.isprintable() or not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in key)
        if isinstance(value, str) and key not in ("exception", "stack"):
            assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in value)


SERVED = """
import sys, uvicorn, urllib.request, threading, socket
from fasterapi import Faster
from fasterapi.contrib.structlog import RequestLogMiddleware, configure_structlog

app = Faster()
app.add_middleware(RequestLogMiddleware)
configure_structlog(json_format=True)
listener = socket.create_server(("127.0.0.1", 0))
options = {"left": {"log_config": None}, "configured": {}, "without access": {"access_log": False}}[sys.argv[2]]
server = uvicorn.Server(uvicorn.Config(app, http=sys.argv[1], **options))
thread = threading.Thread(target=server.run, args=([listener],))
thread.start()
while not server.started:
    pass
try:
    urllib.request.urlopen("http://127.0.0.1:%d/nowhere" % listener.getsockname()[1])
except urllib.error.HTTPError:
    pass
server.should_exit = True
thread.join()
"""


@pytest.mark.parametrize(
    ("http", "logs"), [("fasterapi.server:HttpProtocol", "left"), ("h11", "left"), ("fasterapi.server:HttpProtocol", "configured")]
)
def test_logs_of_the_server_are_in_the_same_stream(http: str, logs: str) -> None:
    done = subprocess.run([sys.executable, "-c", SERVED, http, logs], capture_output=True, text=True, timeout=60, check=True)
    # A server that configures its logs itself, behind the import, has said two lines when the application starts.
    found = [json.loads(line) for line in done.stderr.splitlines()[0 if logs == "left" else 2 :]]
    assert done.stdout == ""
    assert {"uvicorn.error", "uvicorn.access"} <= {line["logger"] for line in found}
    assert any('"GET /nowhere HTTP/1.1" 404' in line["event"] for line in found)
    assert not any("color_message" in line for line in found)


@pytest.mark.parametrize("http", ["fasterapi.server:HttpProtocol", "h11"])
def test_an_access_log_that_is_switched_off_stays_so(http: str) -> None:
    done = subprocess.run([sys.executable, "-c", SERVED, http, "without access"], capture_output=True, text=True, timeout=60, check=True)
    loggers = [json.loads(line)["logger"] for line in done.stderr.splitlines()[2:]]
    assert "uvicorn.error" in loggers
    assert "fasterapi.requests" in loggers
    assert "uvicorn.access" not in loggers


def test_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['structlog'] = None\n"
        "from fasterapi.contrib.structlog import configure_structlog, RequestLogMiddleware\n"
        "configure_structlog()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "configure_structlog needs structlog: pip install 'fasterapi-framework[structlog]'" in done.stderr
