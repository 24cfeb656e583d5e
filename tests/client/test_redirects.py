"""Redirects: where they lead, what they take along, what they leave behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from fasterapi.client import AsyncSession, FastHTTPRedirectError, Guard, Limits, SecurityError, SSRFBlockedError
from tests.client.conftest import Resolver
from tests.client.sites import LOCAL, Site


async def test_redirects_are_followed(site: Site, session: AsyncSession) -> None:
    site.answer("/a", status=302, headers={"Location": "b?x=1"})
    site.answer("/b", status=301, headers={"Location": site.url("/c")})
    site.answer("/c", "here")
    response = await session.get("/a")
    assert (response.text, response.url) == ("here", site.url("/c"))
    assert [hop.url for hop in response.history] == [site.url("/a"), site.url("/b?x=1")]


async def test_redirects_can_be_left_alone(site: Site, session: AsyncSession) -> None:
    site.answer("/a", status=302, headers={"Location": "/b"})
    response = await session.get("/a", follow_redirects=False)
    assert (response.status_code, response.is_redirect, len(site.asked)) == (302, True, 1)


async def test_a_redirect_to_nowhere_is_a_response(site: Site, session: AsyncSession) -> None:
    site.answer("/a", status=302)
    assert (await session.get("/a")).status_code == 302


@pytest.mark.parametrize(
    ("status", "method", "becomes"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "PUT", "GET"),
        (307, "POST", "POST"),
        (308, "PUT", "PUT"),
        (301, "PUT", "PUT"),
        (303, "HEAD", "HEAD"),
    ],
)
async def test_methods_and_bodies_after_redirects(site: Site, session: AsyncSession, status: int, method: str, becomes: str) -> None:
    site.answer("/a", status=status, headers={"Location": "/b"})
    await session.request(method, "/a", json={"a": 1})
    assert site.last.method == becomes
    assert site.last.body == (site.asked[0].body if becomes == method else b"")
    assert ("content-type" in site.last.headers) == (becomes == method)


async def test_a_body_in_pieces_cannot_be_sent_again(site: Site, session: AsyncSession) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"once"

    site.answer("/a", status=307, headers={"Location": "/b"})
    with pytest.raises(FastHTTPRedirectError, match="pieces"):
        await session.post("/a", data=pieces())


@pytest.mark.parametrize(
    ("location", "path"),
    [("/a b?c=d e", "/a%20b?c=d%20e"), ("/é".encode().decode("latin-1"), "/%C3%A9"), ("/a%20b%2Fc", "/a%20b%2Fc")],
)
async def test_what_should_have_been_encoded_is(site: Site, session: AsyncSession, location: str, path: str) -> None:
    site.answer("/to", status=302, headers={"Location": location})
    assert (await session.get("/to")).url == site.url(path)
    assert (site.last.path, site.last.query) == (path.partition("?")[0], path.partition("?")[2])


@pytest.mark.parametrize("location", ["http://127.0.0.1 .example/", "//bücher.example/", "/a\\b", "/a\tb", "http:\\\\127.0.0.1/"])
async def test_what_could_be_read_in_two_ways_is_not_followed(site: Site, session: AsyncSession, location: str) -> None:
    site.answer("/to", status=302, headers={"Location": location})
    with pytest.raises(FastHTTPRedirectError, match="leads nowhere"):
        await session.get("/to")


async def test_loops_end(site: Site) -> None:
    site.answer("/a", status=302, headers={"Location": "/a"})
    async with AsyncSession(base_url=site.url(), security=LOCAL, limits=Limits(max_redirects=3)) as session:
        with pytest.raises(FastHTTPRedirectError, match="More than 3"):
            await session.get("/a")
        assert len(site.asked) == 4
        with pytest.raises(FastHTTPRedirectError, match="More than 3"):
            async with session.stream("GET", "/a"):
                pass


SECRETS: dict[str, Any] = {
    "headers": {"Authorization": "Bearer secret", "X-Api-Key": "secret", "Proxy-Authorization": "Basic secret", "X-Trace": "1"},
    "cookies": {"session": "secret"},
}


async def test_secrets_stay_with_their_origin(site: Site, session: AsyncSession) -> None:
    with Site() as other:
        site.answer("/a", status=307, headers={"Location": other.url("/b")})
        await session.post("/a", json={}, **SECRETS)
        assert "secret" not in str(other.last.raw_headers)
        assert other.last.headers["x-trace"] == "1"


async def test_secrets_stay_within_their_scheme_and_host(site: Site, session: AsyncSession) -> None:
    site.answer("/a", status=302, headers={"Location": site.url("/b", host="localhost")})
    await session.get("/a", **SECRETS)
    assert "secret" not in str(site.last.raw_headers)


async def test_secrets_are_not_sent_again_after_a_stranger(site: Site, session: AsyncSession) -> None:
    with Site() as other:
        site.answer("/a", status=302, headers={"Location": other.url("/b")})
        other.answer("/b", status=302, headers={"Location": site.url("/c")})
        await session.get("/a", auth=("user", "secret"), **SECRETS)
    assert site.last.path == "/c"
    assert "authorization" not in site.last.headers


async def test_secrets_follow_within_the_origin(site: Site, session: AsyncSession) -> None:
    site.answer("/a", status=302, headers={"Location": "/b"})
    await session.get("/a", auth=("user", "secret"), cookies={"session": "secret"})
    assert site.last.headers["authorization"].startswith("Basic ")
    assert site.last.headers["cookie"] == "session=secret"


async def test_redirects_are_guarded(resolver: Resolver, site: Site) -> None:
    resolver.say("start.example", ["127.0.0.1"])
    site.answer("/a", status=302, headers={"Location": site.url("/secret")})
    async with AsyncSession(security=Guard(allow=["start.example"])) as session:
        with pytest.raises(SSRFBlockedError):
            await session.get(site.url("/a", host="start.example"))
        with pytest.raises(SSRFBlockedError):
            async with session.stream("GET", site.url("/a", host="start.example")):
                pass
    assert [asked.path for asked in site.asked] == ["/a", "/a"]


@pytest.mark.parametrize("location", ["file:///etc/passwd", "javascript:alert(1)", "ftp://127.0.0.1/", "http://"])
async def test_redirects_lead_to_http_only(site: Site, session: AsyncSession, location: str) -> None:
    site.answer("/a", status=302, headers={"Location": location})
    with pytest.raises(FastHTTPRedirectError):
        await session.get("/a")


async def test_a_downgrade_is_refused(site: Site) -> None:
    import ssl

    import trustme

    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Site(context=context) as secure:
        secure.answer("/a", status=302, headers={"Location": site.url("/plain")})
        async with AsyncSession(security=LOCAL, verify=False) as session:
            with pytest.raises(SecurityError, match="encryption"):
                await session.get(secure.url("/a"))
        async with AsyncSession(security=Guard(allow=["127.0.0.1"], allow_downgrade=True), verify=False) as session:
            assert (await session.get(secure.url("/a"))).status_code == 404
