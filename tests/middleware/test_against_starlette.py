"""The same requests to our middleware and to Starlette's, around the same application."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any, Final, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.middleware.cors import CORSMiddleware as TheirCORSMiddleware
from starlette.middleware.gzip import GZipMiddleware as TheirGZipMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware as TheirHTTPSRedirectMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware as TheirTrustedHostMiddleware

from fasterapi.asgi import ASGIApp
from fasterapi.middleware import CORSMiddleware, GZipMiddleware, HTTPSRedirectMiddleware, TrustedHostMiddleware
from tests.middleware.asking import Answer, answering, ask

Pairs: TypeAlias = list[tuple[bytes, bytes]]

SITE: Final = b"https://site.example"


def asked(app: ASGIApp, headers: Pairs, method: str = "GET", **more: Any) -> Answer:
    return asyncio.run(ask(app, method=method, headers=headers, **more))


def comparable(answer: Answer, *left_out: str) -> Any:
    """What must be the same: fields in any order, and lists without their repetitions."""
    names = {name.decode().lower() for name, _ in answer.headers} - {"vary", *left_out}
    body = gzip.decompress(answer.body) if answer.value("content-encoding") == "gzip" else answer.body
    return answer.status, {name: answer.values(name) for name in names}, {name.lower() for name in answer.vary()}, body


# CORS.

CORS_OPTIONS: Final[list[dict[str, Any]]] = [
    {},
    {"allow_origins": ["https://site.example"]},
    {"allow_origins": ["https://site.example", "null"], "allow_credentials": True, "allow_methods": ["GET", "PUT"], "max_age": 5},
    {"allow_origins": ["*"]},
    {"allow_origins": ["*"], "allow_credentials": True, "allow_headers": ["*"], "allow_methods": ["*"]},
    {"allow_origin_regex": r"https://.*\.site\.example", "allow_headers": ["X-Own"], "expose_headers": ["X-A", "X-B"]},
    {"allow_origins": ["*"], "allow_private_network": True, "expose_headers": ["X-A"]},
]

ORIGINS: Final = st.one_of(
    st.sampled_from(
        [
            SITE,
            b"https://a.site.example",
            b"null",
            b"",
            b"*",
            b"https://site.example.evil.com",
            b"http://site.example",
            b"HTTPS://SITE.EXAMPLE",
        ]
    ),
    st.binary(max_size=12).filter(lambda value: not set(value) & {0, 10, 13}),
)
REQUESTED_HEADERS: Final = st.lists(st.sampled_from(["X-Own", "x-own", "accept", "Content-Type", "x-other"]), min_size=1, max_size=3)


def without_disclosures(found: Any) -> Any:
    """Starlette says to origins that it does not allow what it would expose to others."""
    status, fields, vary, body = found
    if "access-control-allow-origin" not in fields and status != 400:
        fields = {name: value for name, value in fields.items() if not name.startswith("access-control-")}
    return status, fields, vary, body


@pytest.mark.parametrize("options", CORS_OPTIONS, ids=str)
@given(origin=st.none() | ORIGINS, vary=st.sampled_from([b"", b"Accept", b"Accept, Origin"]))
@settings(max_examples=30)
def test_simple_requests(options: dict[str, Any], origin: bytes | None, vary: bytes) -> None:
    app = answering(b"in", headers=[(b"vary", vary)] if vary else [])
    headers = [] if origin is None else [(b"origin", origin)]
    ours, theirs = (comparable(asked(cls(app, **options), headers)) for cls in (CORSMiddleware, TheirCORSMiddleware))
    assert ours == without_disclosures(theirs)


@pytest.mark.parametrize("options", CORS_OPTIONS, ids=str)
@given(
    origin=ORIGINS,
    method=st.sampled_from(["GET", "PUT", "QUERY", "get", "PURGE", ""]),
    names=st.none() | REQUESTED_HEADERS,
    private=st.booleans(),
)
@settings(max_examples=30)
def test_preflight_requests(options: dict[str, Any], origin: bytes, method: str, names: list[str] | None, private: bool) -> None:
    headers = [(b"origin", origin), (b"access-control-request-method", method.encode())]
    if names is not None:
        headers.append((b"access-control-request-headers", ", ".join(names).encode()))
    if private:
        headers.append((b"access-control-request-private-network", b"true"))
    answers = [asked(cls(answering(b"in"), **options), headers, "OPTIONS") for cls in (CORSMiddleware, TheirCORSMiddleware)]
    ours, theirs = (comparable(answer) for answer in answers)
    assert ours == theirs


# GZip.

CODINGS: Final = st.lists(st.sampled_from(["gzip", "br", "identity", "deflate", "GZIP", "*"]), max_size=3)


@given(
    codings=CODINGS,
    sizes=st.lists(st.sampled_from([0, 1, 499, 500, 2000]), min_size=1, max_size=3),
    media_type=st.sampled_from(["text/plain", "image/png", "text/event-stream", "application/json; charset=utf-8"]),
    status=st.sampled_from([200, 206, 404]),
    encoded=st.booleans(),
)
@settings(max_examples=150)
def test_compression(codings: list[str], sizes: list[int], media_type: str, status: int, encoded: bool) -> None:
    headers = [(b"content-type", media_type.encode()), *([(b"content-encoding", b"br")] if encoded else [])]
    app = answering(*[b"x" * size for size in sizes], status=status, headers=headers)
    # Names alone: what Starlette takes for gzip is any header that has the word in it.
    accepted = [(b"accept-encoding", ", ".join(coding for coding in codings if coding not in {"*", "GZIP"}).encode())]
    ours, theirs = (comparable(asked(cls(app), accepted), "content-length") for cls in (GZipMiddleware, TheirGZipMiddleware))
    assert ours == theirs


# Hosts.

HOST_OPTIONS: Final[list[list[str]]] = [["example.org"], ["*.example.org"], ["www.example.org", "[::1]", "127.0.0.1"], ["*"], []]
HOSTS: Final = st.one_of(
    st.sampled_from(
        [
            b"example.org",
            b"EXAMPLE.ORG:80",
            b"a.example.org",
            b"www.example.org",
            b"[::1]:8000",
            b"127.0.0.1",
            b"example.org.",
            b".example.org",
            b"",
            b"a@b",
        ]
    ),
    st.text("abcxyz.-:[]@/\\%19 ", max_size=10).map(str.encode),
    st.from_regex(r"([a-c]{1,3}\.)?example\.org(:[0-9]{1,4})?", fullmatch=True).map(str.encode),
)


@pytest.mark.parametrize("allowed", HOST_OPTIONS, ids=str)
@given(host=st.none() | HOSTS)
@settings(max_examples=60)
def test_hosts(allowed: list[str], host: bytes | None) -> None:
    headers = [] if host is None else [(b"host", host)]
    ours, theirs = (
        comparable(asked(cls(answering(b"in"), allowed), headers, path="/a")) for cls in (TrustedHostMiddleware, TheirTrustedHostMiddleware)
    )
    assert ours == theirs


# HTTPS.


@given(
    host=st.from_regex(r"[a-z]{1,5}(\.[a-z]{2,3})?(:(80|443|8000))?", fullmatch=True),
    path=st.from_regex(r"/[a-z0-9/~.-]{0,8}", fullmatch=True),
    query=st.from_regex(r"([a-z]=[a-z0-9%]{0,3}&?){0,2}", fullmatch=True),
    scheme=st.sampled_from(["http", "https"]),
)
@settings(max_examples=100)
def test_redirections(host: str, path: str, query: str, scheme: str) -> None:
    more: dict[str, Any] = {"scheme": scheme, "path": path, "raw_path": path.encode(), "query_string": query.encode()}
    both = (HTTPSRedirectMiddleware, TheirHTTPSRedirectMiddleware)
    ours, theirs = (comparable(asked(cls(answering(b"in")), [(b"host", host.encode())], **more)) for cls in both)
    assert ours == theirs
