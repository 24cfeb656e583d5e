"""Cookies go back to where they came from, and nowhere else."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.client import AsyncSession, CookieJar, DummyCookieJar, FastHTTP, Guard, SessionMiddleware
from fasterapi.client.target import parse_target
from tests.client.conftest import Resolver
from tests.client.sites import LOCAL, Site


def after(set_cookie: str, came_from: str, goes_to: str) -> str:
    """What a jar sends to one URL of what another one set."""
    jar = CookieJar()
    jar.store(parse_target(came_from), set_cookie)
    return jar.header_for(parse_target(goes_to))


@pytest.mark.parametrize(
    ("set_cookie", "came_from", "goes_to", "is_sent"),
    [
        ("a=1", "https://x.example/", "https://x.example/", True),
        ("a=1", "https://x.example/", "https://y.example/", False),
        ("a=1", "https://x.example/", "https://sub.x.example/", False),
        ("a=1; Domain=x.example", "https://x.example/", "https://sub.x.example/", True),
        ("a=1; Domain=.x.example", "https://x.example/", "https://sub.x.example/", True),
        ("a=1; Domain=x.example", "https://sub.x.example/", "https://other.x.example/", True),
        ("a=1; Domain=x.example", "https://evil.example/", "https://x.example/", False),
        ("a=1; Domain=ple", "https://x.ample/", "https://y.ple/", False),
        ("a=1; Domain=example", "https://x.example/", "https://y.example/", False),
        ("a=1; Domain=co.uk", "https://x.co.uk/", "https://y.co.uk/", False),
        ("a=1; Domain=com.", "https://x.com./", "https://y.com./", False),
        ("a=1; Domain=co.uk.", "https://x.co.uk./", "https://y.co.uk./", False),
        ("a=1; Domain=localhost", "https://x.localhost/", "https://y.localhost/", False),
        ("a=1; Domain=mple.com", "https://example.com/", "https://mple.com/", False),
        ("a=1; Path=/in", "https://x.example/", "https://x.example/in/side", True),
        ("a=1; Path=/in", "https://x.example/", "https://x.example/in", True),
        ("a=1; Path=/in", "https://x.example/", "https://x.example/inside", False),
        ("a=1", "https://x.example/in/page", "https://x.example/in/other", True),
        ("a=1", "https://x.example/in/page", "https://x.example/", False),
        ("a=1; Secure", "https://x.example/", "http://x.example/", False),
        ("a=1; Secure", "http://x.example/", "https://x.example/", False),
        ("a=1", "https://x.example/", "http://x.example/", True),
        ("a=1; Max-Age=60", "https://x.example/", "https://x.example/", True),
        ("a=1; Max-Age=0", "https://x.example/", "https://x.example/", False),
        ("a=1; Max-Age=-1", "https://x.example/", "https://x.example/", False),
        ("a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://x.example/", "https://x.example/", True),
        ("a=1; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "https://x.example/", "https://x.example/", False),
        ("a=1; Expires=soon", "https://x.example/", "https://x.example/", True),
        ("__Host-a=1; Secure; Path=/", "https://x.example/", "https://x.example/", True),
        ("__Host-a=1; Secure; Path=/; Domain=x.example", "https://x.example/", "https://x.example/", False),
        ("__Secure-a=1", "https://x.example/", "https://x.example/", False),
        ("nothing", "https://x.example/", "https://x.example/", False),
        ("=1", "https://x.example/", "https://x.example/", False),
        ("a=1\x01", "https://x.example/", "https://x.example/", False),
        ("a=1", "https://8.8.8.8/", "https://8.8.8.8/", False),
    ],
)
def test_where_cookies_go(set_cookie: str, came_from: str, goes_to: str, is_sent: bool) -> None:
    assert bool(after(set_cookie, came_from, goes_to)) is is_sent


def test_a_cookie_is_ended_by_its_server() -> None:
    jar = CookieJar()
    target = parse_target("https://x.example/")
    jar.store(target, "a=1")
    jar.store(target, "a=; Max-Age=0")
    assert (jar.header_for(target), len(jar)) == ("", 0)


def test_an_unencrypted_answer_does_not_replace_a_secure_cookie() -> None:
    jar = CookieJar()
    jar.store(parse_target("https://x.example/"), "a=real; Secure")
    jar.store(parse_target("http://x.example/"), "a=forged")
    assert jar.header_for(parse_target("https://x.example/")) == "a=real"


def test_longer_paths_come_first() -> None:
    jar = CookieJar()
    target = parse_target("https://x.example/in/side")
    jar.store(target, "a=1; Path=/")
    jar.store(target, "b=2; Path=/in")
    assert jar.header_for(target) == "b=2; a=1"


def test_addresses_have_cookies_where_that_is_wanted() -> None:
    jar = CookieJar(unsafe=True)
    jar.store(parse_target("https://8.8.8.8/"), "a=1; Domain=8.8")
    jar.store(parse_target("https://8.8.8.8/"), "b=1")
    assert jar.header_for(parse_target("https://8.8.8.8/")) == "b=1"
    assert jar.header_for(parse_target("https://1.8.8.8/")) == ""


def test_a_jar_is_bounded() -> None:
    jar = CookieJar()
    target = parse_target("https://x.example/")
    for number in range(500):
        jar.store(target, f"c{number}=1")
    assert (len(jar), jar.get("c0"), jar.get("c499")) == (180, None, "1")
    for number in range(5000):
        jar.store(parse_target(f"https://h{number}.example/"), "a=1")
    assert len(jar) == 3000
    jar.store(target, "big=" + "x" * 5000)
    assert jar.get("big") is None


def test_given_cookies() -> None:
    jar = CookieJar({"home": "1"})
    jar.set("wide", "2", domain="x.example")
    assert dict(jar.items()) == {"home": "1", "wide": "2"}
    assert jar.header_for(parse_target("https://a.x.example/")) == "wide=2; home=1"
    assert jar.header_for(parse_target("https://b.x.example/")) == "wide=2", "a cookie without a domain stays with the first host"
    assert (jar.get("wide"), jar.get("none", "default")) == ("2", "default")
    jar.clear()
    assert len(jar) == 0


@pytest.mark.parametrize(("name", "value"), [("a;b", "1"), ("a", "1; admin=1"), ("a", "1\r\nX: 1"), ("", "1"), ("a=b", "1")])
def test_a_given_cookie_cannot_bring_another(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        CookieJar({name: value})


def test_a_dummy_keeps_nothing() -> None:
    jar = DummyCookieJar({"a": "1"})
    jar.store(parse_target("https://x.example/"), "b=1")
    assert jar.header_for(parse_target("https://x.example/")) == ""


def test_jars_outlive_the_program(tmp_path: Path) -> None:
    file = tmp_path / "cookies.json"
    jar = CookieJar()
    jar.store(parse_target("https://x.example/"), "kept=1; Max-Age=600; Secure; HttpOnly")
    jar.store(parse_target("https://x.example/"), "wide=1; Max-Age=600; Domain=x.example")
    jar.store(parse_target("https://x.example/"), "session=1")
    jar.save(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    other = CookieJar()
    other.load(file)
    assert other.header_for(parse_target("https://x.example/")) == "kept=1; wide=1"
    assert other.header_for(parse_target("https://sub.x.example/")) == "wide=1", "a host's own cookie stays its own"
    assert other.header_for(parse_target("http://x.example/")) == "wide=1"


@pytest.mark.parametrize("content", [b"", b"[]", b'{"cookies": [{}]}', b"\x80\x04K\x01."])
def test_other_files_are_no_jars(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "cookies"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="not a file of cookies"):
        CookieJar().load(file)


@given(st.text(max_size=200), st.text(max_size=50))
def test_no_cookie_of_a_server_breaks_a_jar(text: str, path: str) -> None:
    jar = CookieJar()
    target = parse_target("https://x.example/")
    jar.store(target, text)
    jar.store(target, f"a=1; Path={path}; Expires={text}; Max-Age={path}")
    header = jar.header_for(target)
    assert "\r" not in header
    assert "\n" not in header


def test_cookies_are_read_in_linear_time() -> None:
    jar = CookieJar()
    began = time.thread_time()
    jar.store(parse_target("https://x.example/"), "a=1" + ";" * 1_000_000)
    assert time.thread_time() - began < 1


async def test_cookies_of_hosts_are_kept_apart(resolver: Resolver, site: Site) -> None:
    for host in ("a.example.com", "b.example.com"):
        resolver.say(host, ["127.0.0.1"])
    site.answer("/set", headers=[("Set-Cookie", "own=a; Path=/"), ("Set-Cookie", "shared=1; Domain=example.com; Path=/")])
    async with AsyncSession(security=Guard(allow=["127.0.0.1"]), cookie_jar=CookieJar()) as session:
        await session.get(site.url("/set", host="a.example.com"))
        await session.get(site.url("/x", host="a.example.com"))
        assert site.last.headers["cookie"] == "own=a; shared=1"
        await session.get(site.url("/x", host="b.example.com"))
        assert site.last.headers["cookie"] == "shared=1"
        await session.get(site.url("/x", host="a.example.com"), cookies={"own": "mine"})
        assert site.last.headers["cookie"] == "own=mine; shared=1"


async def test_cookies_of_redirects_are_kept(site: Site) -> None:
    site.answer("/a", status=302, headers={"Location": "/b", "Set-Cookie": "a=1"})
    async with AsyncSession(base_url=site.url(), security=LOCAL, cookie_jar=CookieJar(unsafe=True)) as session:
        await session.get("/a")
    assert site.last.headers["cookie"] == "a=1"


def test_middleware_keeps_cookies_from_run_to_run(site: Site) -> None:
    site.answer("/a", headers={"Set-Cookie": "a=1"})
    cookies = SessionMiddleware({"given": "0"}, jar=CookieJar(unsafe=True))
    app = FastHTTP(base_url=site.url(), security=LOCAL, middleware=cookies)

    @app.get("/a")
    async def get(response: object) -> None: ...

    app.run()
    app.run()
    assert site.last.headers["cookie"] == "given=0; a=1"
    assert cookies.cookies == cookies.get_cookies() == {"given": "0", "a": "1"}
    cookies.clear()
    assert cookies.cookies == {}
