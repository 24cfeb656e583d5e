"""Values that are meant to become more than a value in an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from fasterapi import Faster, RedirectResponse, Response
from fasterapi.testing import TestClient
from tests.attacks.application import make_app
from tests.server.servers import Client, Serving

Connect = Callable[[], Client]


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\rb", "a\0b", "\x1b[0m"])
def test_header_values_never_carry_control_characters(value: str) -> None:
    client = TestClient(make_app(), raise_server_exceptions=False)
    answer = client.get("/header", params={"value": value})
    assert answer.status_code == 500
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize("value", [b"a%0D%0Ax-evil:%201", b"a%00b", b"a%0Ab"])
def test_a_bad_header_of_the_application_is_a_500_and_the_server_lives(connect: Connect, value: bytes) -> None:
    client = connect()
    client.send(b"GET /raw-header?value=" + value + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    answer = client.answer()
    assert (answer.status, "x-evil" in answer.headers) == (500, False)
    after = connect()
    after.send(b"GET /page HTTP/1.1\r\nHost: a\r\n\r\n")
    assert after.answer().status == 200


def test_what_came_with_a_request_is_never_shown_as_a_page() -> None:
    answer = TestClient(make_app()).get("/detail", params={"value": "<script>alert(1)</script>"})
    assert answer.headers["content-type"] == "application/json"


def test_a_redirect_shows_no_page() -> None:
    app = Faster()

    @app.get("/")
    async def leave(to: str) -> Response:
        return RedirectResponse(to)

    answer = TestClient(app, follow_redirects=False).get("/", params={"to": "/<script>"})
    assert (answer.content, answer.headers["location"]) == (b"", "/%3Cscript%3E")


def test_control_characters_of_a_request_never_reach_the_access_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "uvicorn.access"), Serving(make_app(), access_log=True) as server, server.connect() as client:
        client.send(b"GET /url/%1b%5b0m%0aforged?x=%0d HTTP/1.1\r\nHost: a\r\n\r\n")
        client.answer()
    lines = [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"]
    assert len(lines) == 1
    assert lines[0].isprintable()
