"""Cross-site WebSocket hijacking: a page of another site must not speak with the cookies of its visitor."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fasterapi import Faster, FasterRouter, WebSocket
from fasterapi.testing import TestClient
from tests.routing.websocket_conversations import converse

OURS = "https://example.com"


async def handler(websocket: WebSocket) -> None:
    await websocket.accept()


def answer(allowed: Sequence[str | None] | None, *origins: str) -> str:
    """How a handshake from these origins ends."""
    app = Faster()
    router = FasterRouter()
    router.websocket("/", allowed_origins=allowed)(handler)
    app.include_router(router, prefix="/in")
    seen = converse(TestClient(app), "/in/", [("receive_text",)], headers=[("origin", origin) for origin in origins])
    return str(seen[0][0])


@pytest.mark.parametrize("origins", [[], ["https://evil.example"], ["null"]])
def test_without_the_option_all_may_connect(origins: list[str]) -> None:
    assert answer(None, *origins) == "accepted"


@pytest.mark.parametrize("origin", [OURS, "HTTPS://Example.COM"])
def test_an_allowed_origin_connects(origin: str) -> None:
    assert answer([OURS], origin) == "accepted"


@pytest.mark.parametrize(
    "origins",
    [
        [],
        [""],
        ["null"],
        ["https://evil.example"],
        ["http://example.com"],
        ["https://example.com:8443"],
        ["https://example.com.evil.example"],
        ["https://evil.example/https://example.com"],
        ["https://sub.example.com"],
        ["https://example.com "],
        [OURS, OURS],
        [OURS, "https://evil.example"],
    ],
)
def test_another_origin_is_denied(origins: list[str]) -> None:
    # httpx strips no spaces, and a server would: what is left is compared as it came.
    assert answer([OURS], *origins) == "denied"


def test_a_denial_says_why() -> None:
    app = Faster()
    app.websocket("/", allowed_origins=[OURS])(handler)
    assert converse(TestClient(app), "/", []) == [("denied", 403, "Origin not allowed", None)]


def test_nothing_of_the_route_runs_for_another_origin() -> None:
    app = Faster()
    app.websocket("/", allowed_origins=[OURS])(handler)
    assert converse(TestClient(app), "/?unfit", [], headers={"origin": "https://evil.example"})[0][0] == "denied"


def test_clients_that_are_no_browsers_may_be_allowed() -> None:
    assert answer([OURS, None]) == "accepted"
    assert answer([OURS, None], "https://evil.example") == "denied"
    assert answer([None], OURS) == "denied"
    assert answer([]) == "denied"


def test_a_page_without_an_origin_may_be_allowed() -> None:
    assert answer(["null"], "null") == "accepted"


@pytest.mark.parametrize(
    ("allowed", "origin"),
    [("https://example.com:443", OURS), ("http://Example.com:80", "http://example.com"), ("http://[::1]:8000", "http://[::1]:8000")],
)
def test_an_origin_is_compared_as_browsers_write_it(allowed: str, origin: str) -> None:
    assert answer([allowed], origin) == "accepted"


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "example.com",
        "https://example.com/",
        "https://example.com/path",
        "https://",
        "https://user@example.com",
        "https://example.com?",
    ],
)
def test_what_is_no_origin_is_refused_at_once(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"is no origin\. Write scheme, host and port alone"):
        Faster().websocket("/", allowed_origins=[wrong])(handler)


def test_a_host_that_no_browser_writes_so_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="Punycode"):
        Faster().websocket("/", allowed_origins=["https://b\u00fccher.example"])(handler)


def test_one_string_is_no_list() -> None:
    with pytest.raises(TypeError, match=r"Write \['https://example.com'\]"):
        Faster().websocket("/", allowed_origins=OURS)(handler)
