from __future__ import annotations

from typing import Any

import pytest

from fasterapi import Faster
from fasterapi.testing import TestClient


def make_client(address: str = "127.0.0.1", *, debug: bool = True) -> TestClient:
    app = Faster(debug=debug)

    @app.get("/")
    async def fail(word: str = "") -> None:
        try:
            int(word)
        except ValueError as error:
            raise RuntimeError(f"<script>{word}</script>") from error

    return TestClient(app, raise_server_exceptions=False, client=(address, 5000))


def ask(client: TestClient, accept: str = "text/html") -> Any:
    return client.get("/", params={"word": "<b>"}, headers={"accept": accept})


def test_it_shows_what_was_raised_and_what_caused_it() -> None:
    page = ask(make_client())
    assert page.status_code == 500
    assert "RuntimeError" in page.text
    assert "Before that: ValueError" in page.text
    assert "test_debug_page.py" in page.text


def test_it_escapes_what_came_from_the_request() -> None:
    assert "<b>" not in ask(make_client()).text


def test_nothing_in_it_may_run() -> None:
    assert ask(make_client()).headers["content-security-policy"].startswith("default-src 'none'")


def test_a_client_that_wants_no_page_gets_text() -> None:
    answer = ask(make_client(), "application/json")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "Traceback" in answer.text


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::1"])
def test_a_client_on_another_machine_learns_nothing(address: str) -> None:
    assert ask(make_client(address)).text == "Internal Server Error"


def test_ipv6_loopback_is_near() -> None:
    assert "RuntimeError" in ask(make_client("::1")).text


def test_without_debug_nobody_learns_anything() -> None:
    assert ask(make_client(debug=False)).text == "Internal Server Error"
