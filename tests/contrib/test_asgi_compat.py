from __future__ import annotations

from typing import Any

import pytest

from fasterapi import Faster, Request
from fasterapi.contrib.asgi_compat import get_header, get_server_host, http_version, is_http2, route_template
from fasterapi.testing import TestClient


def test_headers_are_found_in_any_case_and_the_first_wins() -> None:
    scope = {"headers": [(b"x-a", b"1"), (b"X-A", b"2"), (b"x-b", b"\xe4")]}
    assert (get_header(scope, "X-A"), get_header(scope, "x-B"), get_header(scope, "x-c"), get_header({}, "x-a")) == ("1", "ä", None, None)


@pytest.mark.parametrize(("server", "host"), [(("10.0.0.1", 80), "10.0.0.1"), (("/run/app.sock", None), "/run/app.sock"), (None, None)])
def test_the_host_is_the_servers(server: Any, host: str | None) -> None:
    assert get_server_host({"server": server, "headers": [(b"host", b"evil.example")]}) == host


@pytest.mark.parametrize(
    ("given", "version", "second"), [("1.1", "1.1", False), ("2", "2", True), ("2.0", "2", True), ("3", "3", False), (None, "1.1", False)]
)
def test_versions_are_told_one_way(given: str | None, version: str, second: bool) -> None:
    assert (http_version({"http_version": given}), is_http2({"http_version": given})) == (version, second)


def test_what_servers_tell_is_understood() -> None:
    app = Faster()

    @app.get("/items/{item_id}")
    async def read(request: Request, item_id: int) -> list[str | None]:
        scope = request.scope
        return [get_header(scope, "X-Key"), get_server_host(scope), http_version(scope), route_template(scope)]

    assert TestClient(app).get("/items/1", headers={"X-Key": "k"}).json() == ["k", "testserver", "1.1", "/items/{item_id}"]


@pytest.mark.parametrize("scope", [{}, {"route": None}, {"route": object()}])
def test_without_a_route_there_is_no_template(scope: dict[str, Any]) -> None:
    assert route_template(scope) is None
