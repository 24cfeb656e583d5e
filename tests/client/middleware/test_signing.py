"""Signatures over what is really sent, that another can verify once."""

from __future__ import annotations

from typing import Any

import pytest

from fasterapi.client import (
    AsyncSession,
    FastHTTP,
    FastHTTPRequestError,
    RequestSigner,
    Response,
    SecurityError,
    SeenNonces,
    SigningMiddleware,
)
from tests.client.middleware.test_circuit import Clock
from tests.client.sites import LOCAL, Answer, Asked, Site

KEY = b"a key of thirty-two bytes or so."


def verify(site: Site, asked: Asked, signer: RequestSigner | None = None, **changes: Any) -> None:
    url = site.url(f"{asked.path}?{asked.query}" if asked.query else asked.path)
    given: dict[str, Any] = {"method": asked.method, "url": url, "headers": asked.headers, "body": asked.body, **changes}
    (signer or RequestSigner(KEY)).verify(**given)


async def sent(site: Site) -> Asked:
    async with AsyncSession(base_url=site.url(), security=LOCAL, secret_key=KEY) as session:
        await session.post("/pay", params={"to": "me"}, json={"b": 1, "a": "\xff"})
    return site.last


async def test_what_is_sent_verifies(site: Site) -> None:
    verify(site, await sent(site))


async def test_bytes_verify_whatever_they_are(site: Site) -> None:
    async with AsyncSession(base_url=site.url(), security=LOCAL, secret_key=KEY) as session:
        await session.put("/x", data=b"\xff\x00\xfe")
    verify(site, site.last)
    with pytest.raises(SecurityError):
        verify(site, site.last, body=b"")


@pytest.mark.parametrize("changed", ["method", "url", "body", "x-timestamp", "x-nonce", "x-signature"])
async def test_changes_show(site: Site, changed: str) -> None:
    asked = await sent(site)
    if changed.startswith("x-"):
        asked.headers[changed] = "1" + asked.headers[changed][1:] if not asked.headers[changed].startswith("1") else "2"
        changes: dict[str, Any] = {}
    else:
        changes = {changed: {"method": "PUT", "url": site.url("/pay?to=you"), "body": asked.body + b" "}[changed]}
    with pytest.raises(SecurityError, match="not one of this request"):
        verify(site, asked, **changes)


async def test_another_key_shows(site: Site) -> None:
    with pytest.raises(SecurityError):
        verify(site, await sent(site), RequestSigner(b"another key of sufficient length"))


async def test_nothing_verifies_twice(site: Site) -> None:
    asked = await sent(site)
    signer = RequestSigner(KEY)
    verify(site, asked, signer)
    with pytest.raises(SecurityError, match="before"):
        verify(site, asked, signer)


@pytest.mark.parametrize("seconds", [301, -301])
def test_nothing_verifies_late(seconds: float) -> None:
    clock = Clock()
    signer = RequestSigner(KEY, clock=clock)
    headers = signer.sign("GET", "http://x/", b"")
    clock.now += seconds
    with pytest.raises(SecurityError, match="too old"):
        signer.verify("GET", "http://x/", headers, b"")


def test_unsigned_requests_do_not_verify() -> None:
    with pytest.raises(SecurityError):
        RequestSigner(KEY).verify("GET", "http://x/", {}, b"")


def test_used_numbers_are_forgotten_and_bounded() -> None:
    seen = SeenNonces(max_entries=2)
    assert [seen.is_new("a", 0, 10), seen.is_new("b", 5, 10), seen.is_new("c", 6, 10)] == [True, True, False]
    assert [seen.is_new("c", 10, 10), seen.is_new("b", 11, 10)] == [True, False]


async def test_attempts_are_signed_one_by_one(site: Site) -> None:
    site.answer_in_turn("/x", Answer("busy", 503), Answer("ok"))
    async with AsyncSession(base_url=site.url(), security=LOCAL, secret_key=KEY) as session:
        await session.get("/x", retry=1, headers={"Idempotency-Key": "1"})
    signer = RequestSigner(KEY)
    for asked in site.asked:
        verify(site, asked, signer)


async def test_redirects_are_signed_as_they_are_sent_and_not_for_strangers(site: Site) -> None:
    site.answer("/a", status=302, headers={"Location": "/b"})
    with Site() as other:
        site.answer("/b", status=302, headers={"Location": other.url("/c")})
        async with AsyncSession(base_url=site.url(), security=LOCAL, secret_key=KEY) as session:
            await session.get("/a")
        assert "x-signature" not in other.last.headers
    for asked in site.asked:
        verify(site, asked)


def test_other_hosts_see_no_signature(site: Site) -> None:
    app = FastHTTP(base_url=site.url(), security=LOCAL, secret_key=KEY)

    @app.get(site.url("/x", host="localhost"))
    async def get(response: Response) -> None: ...

    app.run()
    assert "x-signature" not in site.last.headers


async def test_a_body_that_is_not_known_cannot_be_signed(site: Site) -> None:
    signing = SigningMiddleware(RequestSigner(KEY))
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=signing) as session:
        with pytest.raises(FastHTTPRequestError, match="pieces"):
            await session.post("/x", data=iter([b"a"]))


def test_short_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="guessed"):
        RequestSigner("short")
