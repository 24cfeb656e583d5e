from __future__ import annotations

from typing import Any

import pytest

from fasterapi.middleware.httpsredirect import HTTPSRedirectMiddleware
from tests.middleware.asking import accepting, answering, ask, open_websocket

APP = HTTPSRedirectMiddleware(answering(b"in"))


async def location(host: bytes = b"example.org", **more: Any) -> str | None:
    answer = await ask(APP, headers=[(b"host", host)], **more)
    assert answer.status == 307
    return answer.value("location")


async def test_an_encrypted_request_gets_in() -> None:
    assert (await ask(APP, scheme="https")).body == b"in"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (b"example.org", "https://example.org/"),
        (b"example.org:80", "https://example.org/"),
        (b"example.org:443", "https://example.org/"),
        (b"example.org:8000", "https://example.org:8000/"),
        (b"[::1]:80", "https://[::1]/"),
        (b"[::80]", "https://[::80]/"),
    ],
)
async def test_a_plain_request_is_redirected(host: bytes, expected: str) -> None:
    assert await location(host, path="/") == expected


async def test_the_method_is_kept() -> None:
    assert (await ask(APP, method="POST")).status == 307


async def test_the_redirection_may_be_for_good() -> None:
    assert (await ask(HTTPSRedirectMiddleware(answering(), status_code=308))).status == 308


def test_no_other_status_is_taken() -> None:
    with pytest.raises(ValueError, match="write 307"):
        HTTPSRedirectMiddleware(answering(), status_code=301)  # type: ignore[arg-type]  # that is the mistake


async def test_path_and_query_stay_as_they_were_written() -> None:
    assert await location(path="/a/b c", raw_path=b"/a%2Fb%20c", query_string=b"x=%2F&y=1") == "https://example.org/a%2Fb%20c?x=%2F&y=1"


@pytest.mark.parametrize(("path", "expected"), [("/ж", "/%D0%B6"), ("/100%", "/100%25"), ("/a?b#c", "/a%3Fb%23c"), ("*", "/")])
async def test_a_path_without_its_bytes_is_encoded(path: str, expected: str) -> None:
    assert await location(path=path) == f"https://example.org{expected}"


async def test_a_path_does_not_become_a_host() -> None:
    """As in CVE-2021-21330: `//evil.com` stays a path."""
    assert await location(path="//evil.com/") == "https://example.org//evil.com/"
    assert await location(path="/\\evil.com") == "https://example.org/%5Cevil.com"


async def test_location_cannot_be_split() -> None:
    """As in CVE-2020-7695: no line break reaches the header."""
    answer = await ask(APP, path="/\r\nset-cookie: a=1", query_string=b"\r\nset-cookie: b=1")
    assert answer.value("location") == "https://example.org/%0D%0Aset-cookie:%20a=1?%0D%0Aset-cookie:%20b=1"
    assert answer.values("set-cookie") == []


@pytest.mark.parametrize("hosts", [[], [b"evil.com/"], [b"a@b"], [b"example.org", b"example.org"]])
async def test_without_one_well_formed_host_there_is_nowhere_to_go(hosts: list[bytes]) -> None:
    answer = await ask(APP, headers=[(b"host", host) for host in hosts])
    assert (answer.status, answer.values("location")) == (400, [])


async def test_websockets_are_redirected_where_the_server_can_say_so() -> None:
    app = HTTPSRedirectMiddleware(accepting)
    messages = await open_websocket(app, extensions={"websocket.http.response": {}})
    assert (messages[0]["status"], dict(messages[0]["headers"])[b"location"]) == (307, b"wss://example.org/chat")
    assert (await open_websocket(app))[0]["type"] == "websocket.close"
    assert await open_websocket(app, scheme="wss") == [{"type": "websocket.accept"}]
