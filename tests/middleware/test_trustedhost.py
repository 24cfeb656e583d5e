from __future__ import annotations

import pytest

from fasterapi.middleware.trustedhost import TrustedHostMiddleware
from tests.middleware.asking import Answer, accepting, answering, ask, open_websocket

DENIALS: dict[str, object] = {"websocket.http.response": {}}


async def asked(allowed: list[str], *hosts: bytes, path: str = "/", www_redirect: bool = True) -> Answer:
    app = TrustedHostMiddleware(answering(b"in"), allowed, www_redirect)
    return await ask(app, headers=[(b"host", host) for host in hosts], path=path)


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("example.org", b"example.org"),
        ("example.org", b"EXAMPLE.org:8000"),
        ("Example.ORG", b"example.org"),
        ("*.example.org", b"a.example.org"),
        ("*.example.org", b"a.b.example.org:443"),
        ("127.0.0.1", b"127.0.0.1:8000"),
        ("[::1]", b"[::1]:8000"),
        ("::1", b"[0:0:0:0:0:0:0:1]"),
        ("2001:DB8::1", b"[2001:db8::1]"),
        ("*", b"anything"),
    ],
)
async def test_a_host_that_is_allowed_gets_in(allowed: str, host: bytes) -> None:
    assert (await asked([allowed], host)).body == b"in"


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("example.org", b"example.com"),
        ("example.org", b"a.example.org"),
        ("*.example.org", b"example.org"),
        ("*.example.org", b"evilexample.org"),
        ("example.org", b"example.org.evil.com"),
        ("example.org", b"example.org."),
        ("[::1]", b"[::2]"),
        ("[::1]", b"::1"),
    ],
)
async def test_another_host_is_refused(allowed: str, host: bytes) -> None:
    answer = await asked([allowed], host)
    assert (answer.status, answer.body) == (400, b"Invalid host header")


async def test_allow_list_is_no_regex() -> None:
    """As in CVE-2026-25479: a dot of an allowed host stands for a dot alone."""
    assert (await asked(["example.org"], b"exampleXorg")).status == 400
    assert (await asked(["*.example.org"], b"a.exampleXorg")).status == 400


async def test_duplicate_host_is_refused() -> None:
    """As in CVE-2026-34525."""
    assert (await asked(["example.org"], b"example.org", b"example.org")).status == 400


async def test_forwarded_host_is_not_believed() -> None:
    """As in CVE-2026-25479."""
    app = TrustedHostMiddleware(answering(b"in"), ["example.org"])
    headers = [(b"host", b"evil.com"), (b"x-forwarded-host", b"example.org"), (b"forwarded", b"host=example.org")]
    assert (await ask(app, headers=headers)).status == 400


@pytest.mark.parametrize(
    "host", [b"", b"example.org/", b"user@example.org", b"example.org:port", b"example.org:99999", b"example.org\\", b"[::1"]
)
async def test_malformed_host_is_refused(host: bytes) -> None:
    """As in CVE-2026-48710: what could be read as more than a host is none."""
    assert (await asked(["example.org", "*.example.org", "[::1]"], host)).status == 400


async def test_a_request_without_a_host_is_refused() -> None:
    assert (await asked(["example.org"])).status == 400


async def test_www_is_added_where_it_is_missing() -> None:
    answer = await asked(["www.example.org"], b"example.org:8000", path="/a b")
    assert (answer.status, answer.value("location")) == (307, "http://www.example.org:8000/a%20b")


async def test_www_is_not_added_where_that_is_not_wanted() -> None:
    assert (await asked(["www.example.org"], b"example.org", www_redirect=False)).status == 400


async def test_an_empty_list_allows_nothing() -> None:
    assert (await asked([], b"example.org")).status == 400


async def test_without_a_list_all_are_allowed() -> None:
    assert (await ask(TrustedHostMiddleware(answering(b"in")))).body == b"in"


async def test_websockets_are_checked_too() -> None:
    app = TrustedHostMiddleware(accepting, ["example.org"])
    assert await open_websocket(app) == [{"type": "websocket.accept"}]
    refused = await open_websocket(app, [(b"host", b"evil.com")], extensions=DENIALS)
    assert (refused[0]["type"], refused[0]["status"]) == ("websocket.http.response.start", 400)


async def test_a_websocket_is_closed_where_the_server_cannot_answer_it() -> None:
    app = TrustedHostMiddleware(accepting, ["example.org"])
    assert await open_websocket(app, [(b"host", b"evil.com")]) == [{"type": "websocket.close", "code": 1008, "reason": ""}]


async def test_the_lifespan_passes() -> None:
    seen: list[str] = []

    async def app(scope: dict[str, str], receive: object, send: object) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> dict[str, str]:
        return {}

    await TrustedHostMiddleware(app, ["example.org"])({"type": "lifespan"}, nothing, nothing)  # type: ignore[arg-type]  # never called
    assert seen == ["lifespan"]


@pytest.mark.parametrize(
    "host", ["https://example.org", "example.org:8000", "example.*", "*example.org", "", "*.", "bücher.example", "a b"]
)
def test_a_host_that_none_can_match_is_refused_at_once(host: str) -> None:
    with pytest.raises(ValueError, match="is not a host"):
        TrustedHostMiddleware(answering(), [host])


def test_a_text_is_no_list() -> None:
    with pytest.raises(TypeError, match=r"write \['example.org'\]"):
        TrustedHostMiddleware(answering(), "example.org")
