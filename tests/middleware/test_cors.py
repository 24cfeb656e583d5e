from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from fasterapi.middleware.cors import CORSMiddleware
from tests.middleware.asking import Answer, accepting, answering, ask, open_websocket

SITE = "https://site.example"


async def asked(
    origin: str | None = SITE, *, headers: list[tuple[bytes, bytes]] | None = None, status: int = 200, **options: Any
) -> Answer:
    """The answer to a simple request."""
    app = CORSMiddleware(answering(b"in", status=status, headers=headers or []), **options)
    return await ask(app, headers=[] if origin is None else [(b"origin", origin.encode("latin-1"))])


async def preflight(origin: str = SITE, method: str = "GET", more: dict[str, str] | None = None, **options: Any) -> Answer:
    """The answer to a preflight request."""
    fields = {"origin": origin, "access-control-request-method": method, **(more or {})}
    headers = [(name.encode(), value.encode()) for name, value in fields.items()]
    return await ask(CORSMiddleware(answering(b"in"), **options), method="OPTIONS", headers=headers)


def cors(answer: Answer) -> dict[str, str]:
    """What an answer says of other origins."""
    prefix = "access-control-"
    found = [(name.decode(), value.decode()) for name, value in answer.headers if name.startswith(prefix.encode())]
    assert len(found) == len(dict(found))
    return {name.removeprefix(prefix): value for name, value in found}


# Simple requests.


async def test_nothing_is_allowed_by_default() -> None:
    answer = await asked()
    assert (answer.body, cors(answer), answer.vary()) == (b"in", {}, ["Origin"])


async def test_an_allowed_origin_is_named() -> None:
    answer = await asked(allow_origins=[SITE])
    assert (cors(answer), answer.vary()) == ({"allow-origin": SITE}, ["Origin"])


async def test_an_answer_without_an_origin_varies_too() -> None:
    answer = await asked(None, allow_origins=[SITE])
    assert (cors(answer), answer.vary()) == ({}, ["Origin"])


async def test_any_origin_is_an_asterisk() -> None:
    answer = await asked(allow_origins=["*"])
    assert (cors(answer), answer.vary()) == ({"allow-origin": "*"}, ["Origin"])


async def test_any_origin_is_named_where_credentials_are_sent() -> None:
    answer = await asked(allow_origins=["*"], allow_credentials=True)
    assert (cors(answer), answer.vary()) == ({"allow-origin": SITE, "allow-credentials": "true"}, ["Origin"])


async def test_credentials_are_allowed_to_allowed_origins_alone() -> None:
    options: dict[str, Any] = {"allow_origins": [SITE], "allow_credentials": True, "expose_headers": ["x-a"]}
    assert cors(await asked(**options)) == {"allow-origin": SITE, "allow-credentials": "true", "expose-headers": "x-a"}
    assert cors(await asked("https://evil.example", **options)) == {}


@pytest.mark.parametrize(
    "origin",
    [
        "https://site.example.evil.com",
        "https://siteXexample",
        "http://site.example",
        "https://site.example:8443",
        "https://site.exampl",
        "null",
        "",
    ],
)
async def test_allow_list_is_no_regex(origin: str) -> None:
    """As in CVE-2026-25479: origins are compared as they are, whole."""
    assert cors(await asked(origin, allow_origins=[SITE])) == {}


@pytest.mark.parametrize("pattern", [r"https://.*\.site\.example", re.compile(r"https://.*\.site\.example")])
async def test_a_pattern_has_to_match_the_whole_origin(pattern: str | re.Pattern[str]) -> None:
    assert cors(await asked("https://a.site.example", allow_origin_regex=pattern)) == {"allow-origin": "https://a.site.example"}
    assert cors(await asked("https://a.site.example.evil.com", allow_origin_regex=pattern)) == {}
    assert cors(await asked("xhttps://a.site.example", allow_origin_regex=pattern)) == {}


async def test_null_is_an_origin_like_any_other() -> None:
    assert cors(await asked("null", allow_origins=["null"])) == {"allow-origin": "null"}
    assert cors(await asked("null", allow_origins=[SITE])) == {}


async def test_origins_are_allowed_as_browsers_spell_them() -> None:
    assert cors(await asked("https://site.example", allow_origins=["https://Site.Example"])) == {"allow-origin": SITE}


async def test_headers_to_expose_are_told() -> None:
    assert cors(await asked(allow_origins=[SITE], expose_headers=["X-A", "X-B"]))["expose-headers"] == "X-A, X-B"


async def test_sets_stand_in_order() -> None:
    names = {f"x-{letter}" for letter in "qwertyuiop"}
    assert cors(await asked(allow_origins=[SITE], expose_headers=names))["expose-headers"] == ", ".join(sorted(names))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([(b"vary", b"Accept")], ["Accept", "Origin"]),
        ([(b"vary", b"accept, origin")], ["accept", "origin"]),
        ([(b"Vary", b"Accept"), (b"vary", b"Cookie")], ["Accept", "Cookie", "Origin"]),
        ([(b"vary", b"*")], ["*"]),
        ([(b"vary", b"")], ["Origin"]),
    ],
)
async def test_vary_of_the_application_is_kept(headers: list[tuple[bytes, bytes]], expected: list[str]) -> None:
    assert (await asked(allow_origins=[SITE], headers=headers)).vary() == expected


async def test_what_the_application_says_itself_is_replaced() -> None:
    answer = await asked(allow_origins=[SITE], headers=[(b"access-control-allow-origin", b"*")])
    assert cors(answer) == {"allow-origin": SITE}


async def test_failures_can_be_read_too() -> None:
    assert cors(await asked(status=500, allow_origins=[SITE])) == {"allow-origin": SITE}


async def test_heads_that_answers_share_are_not_changed() -> None:
    shared = [(b"vary", b"Accept")]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = {"type": "http.response.start", "status": 204, "headers": shared}
        await send(message)
        await send({"type": "http.response.body"})
        assert message["headers"] is shared

    await ask(CORSMiddleware(app, [SITE]), headers=[(b"origin", SITE.encode())])
    assert shared == [(b"vary", b"Accept")]


# Preflight requests.


async def test_a_preflight_request_is_answered() -> None:
    answer = await preflight(allow_origins=[SITE], max_age=5)
    assert (answer.status, answer.body) == (200, b"OK")
    assert cors(answer) == {
        "allow-origin": SITE,
        "allow-methods": "GET",
        "allow-headers": "Accept, Accept-Language, Content-Language, Content-Type",
        "max-age": "5",
    }
    assert answer.vary() == [
        "Origin",
        "Access-Control-Request-Method",
        "Access-Control-Request-Headers",
        "Access-Control-Request-Private-Network",
    ]


@pytest.mark.parametrize(
    ("asking", "expected"),
    [
        ({"origin": "https://evil.example"}, "Disallowed CORS origin"),
        ({"method": "PUT"}, "Disallowed CORS method"),
        ({"more": {"access-control-request-headers": "x-other"}}, "Disallowed CORS headers"),
        ({"more": {"access-control-request-private-network": "true"}}, "Disallowed CORS private-network"),
        ({"origin": "null", "method": "get"}, "Disallowed CORS origin, method"),
    ],
)
async def test_what_is_not_allowed_is_told(asking: dict[str, Any], expected: str) -> None:
    answer = await preflight(allow_origins=[SITE], **asking)
    assert (answer.status, answer.body.decode()) == (400, expected)
    assert ("allow-origin" in cors(answer)) is ("origin" not in expected)


async def test_headers_are_allowed_in_any_case() -> None:
    answer = await preflight(
        more={"access-control-request-headers": "x-own,Content-Type , ,accept"}, allow_origins=[SITE], allow_headers=["X-Own"]
    )
    assert answer.status == 200
    assert cors(answer)["allow-headers"] == "Accept, Accept-Language, Content-Language, Content-Type, X-Own"


async def test_all_headers_are_those_that_are_asked_for() -> None:
    answer = await preflight(more={"access-control-request-headers": "x-a, x-b"}, allow_origins=["*"], allow_headers=["*"])
    assert cors(answer)["allow-headers"] == "x-a, x-b"


async def test_all_methods_are_named() -> None:
    answer = await preflight(method="PATCH", allow_origins=["*"], allow_methods=["*"])
    assert (answer.status, cors(answer)["allow-methods"]) == (200, "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY")


async def test_private_networks_can_be_allowed() -> None:
    answer = await preflight(more={"access-control-request-private-network": "true"}, allow_origins=[SITE], allow_private_network=True)
    assert (answer.status, cors(answer)["allow-private-network"]) == (200, "true")


async def test_any_origin_is_named_before_credentials_are_sent() -> None:
    answer = await preflight(allow_origins=["*"], allow_credentials=True)
    assert (cors(answer)["allow-origin"], cors(answer)["allow-credentials"]) == (SITE, "true")


@pytest.mark.parametrize("headers", [[], [(b"origin", SITE.encode())], [(b"access-control-request-method", b"GET")]])
async def test_other_options_requests_are_the_applications(headers: list[tuple[bytes, bytes]]) -> None:
    assert (await ask(CORSMiddleware(answering(b"in"), [SITE]), method="OPTIONS", headers=headers)).body == b"in"


async def test_websockets_pass() -> None:
    assert await open_websocket(CORSMiddleware(accepting), [(b"origin", b"https://evil.example")]) == [{"type": "websocket.accept"}]


# Mistakes.


@pytest.mark.parametrize("name", ["allow_origins", "allow_methods", "allow_headers", "expose_headers"])
def test_a_text_is_no_list(name: str) -> None:
    options: dict[str, Any] = {name: "https://site.example"}
    with pytest.raises(TypeError, match=rf"{name} is a list: write \['https://site.example'\]"):
        CORSMiddleware(answering(), **options)


@pytest.mark.parametrize(
    "origin", ["https://site.example/", "site.example", "https://*.site.example", "https://site.example/path", "", "https://a b"]
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="is not an origin"):
        CORSMiddleware(answering(), allow_origins=[origin])


def test_a_header_name_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a header name"):
        CORSMiddleware(answering(), expose_headers=["x-a\r\nset-cookie: a=1"])


def test_credentials_for_everybody_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "fasterapi"):
        CORSMiddleware(answering(), allow_origins=["*"], allow_credentials=True)
    assert "lets every site act as its visitor" in caplog.text
