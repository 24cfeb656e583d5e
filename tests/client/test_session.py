"""Imperative requests, against a server of another make."""

from __future__ import annotations

import asyncio
import gzip
import io
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from fasterapi.client import (
    AsyncSession,
    FastHTTPBadStatusError,
    FastHTTPRequestError,
    FastHTTPValidationError,
    Limits,
    Response,
    Session,
)
from fasterapi.client.target import complete_url, parse_target
from tests.client.sites import LOCAL, Answer, Site


@dataclass
class User:
    id: int
    name: str


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete", "options"])
async def test_verbs_are_sent(site: Site, session: AsyncSession, verb: str) -> None:
    site.answer("/x", {"ok": True})
    response = await getattr(session, verb)("/x")
    assert (site.last.method, response.json()) == (verb.upper(), {"ok": True})


async def test_head_has_no_body_and_keeps_the_connection(site: Site, session: AsyncSession) -> None:
    site.answer("/x", "text", headers={"X-Count": "3"})
    response = await session.head("/x")
    assert (response.content, response.headers["x-count"], response.headers["content-length"]) == (b"", "3", "4")
    assert (await session.get("/x")).text == "text"


async def test_methods_of_other_protocols_are_sent(site: Site, session: AsyncSession) -> None:
    site.answer("/x", "found")
    assert (await session.request("propfind", "/x")).text == "found"


async def test_response_says_what_came_back(site: Site, session: AsyncSession) -> None:
    site.answer("/x", {"a": 1}, 201, [("X-A", "1"), ("x-a", "2"), ("Set-Cookie", "k=v; Path=/")])
    response = await session.get("/x?page=2")
    assert response.status == response.status_code == 201
    assert response.ok
    assert response.headers["X-a"] == "1"
    assert response.headers.getlist("x-A") == ["1", "2"]
    assert response.cookies == {"k": "v"}
    assert response.url == site.url("/x?page=2")
    assert (response.method, response.query, response.reason) == ("GET", "page=2", "Created")
    assert response.elapsed.total_seconds() > 0
    assert response.history == []
    assert response.content == response.bytes() == b'{"a": 1}'
    assert response.http_version == "HTTP/1.1"
    assert "201" in repr(response)


async def test_error_statuses_are_responses(site: Site, session: AsyncSession) -> None:
    response = await session.get("/nowhere")
    assert (response.status_code, response.ok) == (404, False)
    with pytest.raises(FastHTTPBadStatusError, match="404 Not Found") as raised:
        response.raise_for_status()
    assert raised.value.response is response
    assert (raised.value.method, raised.value.url, raised.value.status_code) == ("GET", site.url("/nowhere"), 404)


async def test_raise_for_status_of_one_request(site: Site, session: AsyncSession) -> None:
    with pytest.raises(FastHTTPBadStatusError):
        await session.get("/nowhere", raise_for_status=True)


async def test_bad_status_carries_the_declared_model(site: Site, session: AsyncSession) -> None:
    site.answer("/x", {"id": 7, "name": "not here"}, 404)
    with pytest.raises(FastHTTPBadStatusError) as raised:
        await session.get("/x", raise_for_status=True, responses={404: {"model": User}})
    assert raised.value.model == User(7, "not here")


async def test_a_misfit_of_an_error_body_does_not_hide_the_status(site: Site, session: AsyncSession) -> None:
    site.answer("/x", "<html>", 404)
    response = await session.get("/x", responses={404: User})
    assert (response.status_code, response.model) == (404, None)


async def test_json_becomes_the_type_that_is_asked_for(site: Site, session: AsyncSession) -> None:
    site.answer("/x", [{"id": 1, "name": "a"}])
    assert (await session.get("/x")).json(list[User]) == [User(1, "a")]


async def test_json_faults_are_all_told(site: Site, session: AsyncSession) -> None:
    site.answer("/x", {"id": "one"})
    with pytest.raises(FastHTTPValidationError) as raised:
        (await session.get("/x")).json(User)
    assert [error["loc"] for error in raised.value.errors()] == [("response", "id"), ("response", "name")]
    assert raised.value.url == site.url("/x")


async def test_what_is_no_json_says_so(site: Site, session: AsyncSession) -> None:
    site.answer("/x", "<html>")
    with pytest.raises(FastHTTPValidationError, match="text/plain"):
        (await session.get("/x")).json()


async def test_deeply_nested_json_is_an_error_and_no_crash(site: Site, session: AsyncSession) -> None:
    site.answer("/x", b"[" * 200_000)
    with pytest.raises(FastHTTPValidationError):
        (await session.get("/x")).json()


async def test_response_model_is_read_without_being_asked_for(site: Site, session: AsyncSession) -> None:
    site.answer("/x", {"id": 1, "name": "a"})
    assert (await session.get("/x", response_model=User)).model == User(1, "a")
    site.answer("/x", {"id": 1})
    with pytest.raises(FastHTTPValidationError, match="name"):
        await session.get("/x", response_model=User)


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ({"a": 1, "b": True, "c": None, "d": ["x", "y"]}, "a=1&b=true&d=x&d=y"),
        ([("a", "1"), ("a", "2")], "a=1&a=2"),
        ("a=1&b=2", "a=1&b=2"),
        ({"q": "a&b=c d/é"}, "q=a%26b%3Dc+d%2F%C3%A9"),
        ({}, ""),
    ],
)
async def test_params_are_added_to_the_query(site: Site, session: AsyncSession, params: Any, query: str) -> None:
    await session.get("/x", params=params)
    assert site.last.query == query


async def test_params_join_a_query_that_is_there(site: Site, session: AsyncSession) -> None:
    await session.get("/x?a=1", params={"b": 2})
    assert site.last.query == "a=1&b=2"


async def test_path_params_are_encoded(site: Site, session: AsyncSession) -> None:
    response = await session.get("/users/{name}", path_params={"name": "a/../b?c"})
    assert site.last.path == "/users/a%2F..%2Fb%3Fc"
    assert response.path_params == {"name": "a/../b?c"}


class Item(msgspec.Struct):
    name: str
    price: float


@pytest.mark.parametrize(
    ("options", "content_type", "body"),
    [
        ({"json": {"a": [1, None]}}, "application/json", b'{"a":[1,null]}'),
        ({"json": Item("x", 1.5)}, "application/json", b'{"name":"x","price":1.5}'),
        ({"data": {"a": "1 2", "b": ["x", "y"], "c": True}}, "application/x-www-form-urlencoded", b"a=1+2&b=x&b=y&c=true"),
        ({"data": Item("x", 1.5)}, "application/x-www-form-urlencoded", b"name=x&price=1.5"),
        ({"data": b"raw"}, None, b"raw"),
        ({"data": "é"}, "text/plain; charset=utf-8", "é".encode()),
        ({"data": [b"a", b"b"]}, None, b"ab"),
        ({"data": io.BytesIO(b"file")}, None, b"file"),
        ({"data": b"<a/>", "headers": {"Content-Type": "text/xml"}}, "text/xml", b"<a/>"),
    ],
)
async def test_bodies_are_sent(site: Site, session: AsyncSession, options: Any, content_type: str | None, body: bytes) -> None:
    await session.post("/x", **options)
    assert (site.last.headers.get("content-type"), site.last.body) == (content_type, body)


async def async_pieces(pieces: list[Any]) -> AsyncIterator[Any]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("of", [iter, async_pieces])
async def test_pieces_are_bytes(site: Site, session: AsyncSession, of: Any) -> None:
    site.echo("/x")
    assert (await session.post("/x", data=of([b"a", bytearray(b"b"), memoryview(b"c")]))).json()["body"] == "abc"
    with pytest.raises(FastHTTPRequestError, match=r"a piece of type str.*Write text\.encode"):
        await session.post("/x", data=of([b"a", "b"]))
    assert (await session.post("/x", data=of([]))).json()["body"] == ""


async def test_a_body_in_pieces_is_sent_chunked(site: Site, session: AsyncSession) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    await session.post("/x", data=pieces())
    assert (site.last.headers["transfer-encoding"], site.last.body) == ("chunked", b"one two")


async def test_files_are_sent_as_multipart(site: Site, session: AsyncSession) -> None:
    await session.post("/x", data={"title": "t"}, files={"photo": ('p".png', b"\x89PNG", "image/png")})
    assert site.last.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="title"' in site.last.body
    assert b'filename="p%22.png"' in site.last.body
    assert b"Content-Type: image/png\r\n\r\n\x89PNG" in site.last.body


async def test_an_open_file_is_uploaded(site: Site, session: AsyncSession) -> None:
    await session.post("/x", files={"f": ("a.txt", io.BytesIO(b"content"))})
    assert b"\r\n\r\ncontent\r\n" in site.last.body


async def test_one_body_only(session: AsyncSession) -> None:
    with pytest.raises(FastHTTPRequestError, match="one body"):
        await session.post("/x", json={}, data=b"x")


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "a\x00b", "\u2028"])
async def test_header_values_cannot_begin_another_header(site: Site, session: AsyncSession, value: str) -> None:
    with pytest.raises(FastHTTPRequestError, match="X-Name"):
        await session.get("/x", headers={"X-Name": value})
    assert site.asked == []


@pytest.mark.parametrize("value", [1, None, b"a", ["a"]])
async def test_header_and_cookie_values_are_text(site: Site, session: AsyncSession, value: Any) -> None:
    with pytest.raises(FastHTTPRequestError, match=r"The header 'X-Name' is of type .* Write str"):
        await session.get("/x", headers={"X-Name": value})
    with pytest.raises(FastHTTPRequestError, match=r"The cookie 'name' is of type .* Write str"):
        await session.get("/x", cookies={"name": value})
    assert site.asked == []


@pytest.mark.parametrize("name", ["X-A\r\nX-B", "", "X A", "X:A"])
async def test_header_names_are_tokens(site: Site, session: AsyncSession, name: str) -> None:
    with pytest.raises(FastHTTPRequestError, match="not a header name"):
        await session.get("/x", headers={name: "1"})
    assert site.asked == []


@pytest.mark.parametrize("method", ["GET /admin HTTP/1.1\r\nX: ", "", "GE T"])
async def test_methods_are_tokens(site: Site, session: AsyncSession, method: str) -> None:
    with pytest.raises(FastHTTPRequestError, match="method"):
        await session.request(method, "/x")
    assert site.asked == []


@pytest.mark.parametrize("path", ["/a b", "/a\r\nX: 1", "/a\\b", "/a\x00"])
async def test_ambiguous_urls_are_refused(site: Site, session: AsyncSession, path: str) -> None:
    with pytest.raises(FastHTTPRequestError, match="Percent-encode"):
        await session.get(path)
    assert site.asked == []


async def test_own_framing_headers_are_refused(session: AsyncSession) -> None:
    with pytest.raises(FastHTTPRequestError, match="Content-Length"):
        await session.post("/x", data=b"abc", headers={"Content-Length": "1"})


async def test_headers_of_the_request_win_in_any_case(site: Site) -> None:
    async with AsyncSession(security=LOCAL, headers={"X-A": "session", "X-B": "session"}) as session:
        await session.get(site.url(), headers={"x-a": "request"})
    assert (site.last.headers["x-a"], site.last.headers["x-b"]) == ("request", "session")
    assert len([name for name, _ in site.last.raw_headers if name.lower() == "x-a"]) == 1


async def test_own_host_and_empty_headers_are_sent(site: Site, session: AsyncSession) -> None:
    await session.get("/x", headers={"Host": "other.example", "X-Empty": ""})
    assert (site.last.headers["host"], site.last.headers["x-empty"]) == ("other.example", "")


async def test_cookies_of_one_request(site: Site, session: AsyncSession) -> None:
    await session.get("/x", cookies={"a": "1", "b": "2"}, headers={"Cookie": "c=3"})
    assert site.last.headers["cookie"] == "c=3; a=1; b=2"


async def test_a_cookie_cannot_bring_another(session: AsyncSession) -> None:
    with pytest.raises(FastHTTPRequestError, match="cookie"):
        await session.get("/x", cookies={"a": "1; admin=1"})


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("gzip, deflate", lambda data: zlib.compress(gzip.compress(data))),
        ("gzip", lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:])),
    ],
)
async def test_packed_bodies_are_unpacked(site: Site, session: AsyncSession, coding: str, pack: Any) -> None:
    site.answer("/x", pack(b"hello hello"), headers={"Content-Encoding": coding})
    assert (await session.get("/x")).content == b"hello hello"


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain", "é".encode(), "é"),
        ("text/plain; charset=iso-8859-1", "é".encode("latin-1"), "é"),
        ('text/plain; charset="utf-16"', "é".encode("utf-16"), "é"),
        ("text/plain; charset=nonsense", "é".encode(), "é"),
        ("text/plain", b"\xff", "\ufffd"),
    ],
)
async def test_text_is_read_in_its_charset(site: Site, session: AsyncSession, content_type: str, body: bytes, text: str) -> None:
    site.answer("/x", body, headers={"Content-Type": content_type})
    assert (await session.get("/x")).text == text


async def test_a_page_names_its_assets(site: Site, session: AsyncSession) -> None:
    page = b"""<base href="/static/"><link rel="stylesheet" href="a.css?v=1&amp;x=2"><LINK REL=icon href=i.png>
        <script src=//cdn.example/b.js></script><script>inline()</script><script src="b.js"></script>"""
    site.answer("/page", page, headers={"Content-Type": "text/html"})
    response = await session.get("/page")
    assert response.html() == page.decode()
    assert response.assets() == {"css": [site.url("/static/a.css?v=1&x=2")], "js": ["http://cdn.example/b.js", site.url("/static/b.js")]}
    assert response.assets(css=False)["css"] == []


async def test_html_of_something_else_is_an_error(site: Site, session: AsyncSession) -> None:
    site.answer("/x", {"a": 1})
    with pytest.raises(ValueError, match="application/json"):
        (await session.get("/x")).html()


async def test_xml_is_read(site: Site, session: AsyncSession) -> None:
    site.answer("/x", b"<root><a>1</a></root>")
    assert (await session.get("/x")).xml().findtext("a") == "1"


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><r>&b;</r>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
        b"<r",
    ],
)
async def test_dangerous_or_broken_xml_is_refused(site: Site, session: AsyncSession, document: bytes) -> None:
    site.answer("/x", document)
    with pytest.raises(FastHTTPValidationError):
        (await session.get("/x")).xml()


async def test_the_response_remembers_what_was_sent(site: Site, session: AsyncSession) -> None:
    site.answer("/x", b"")
    response = await session.post("/x", json={"a": 1}, headers={"X-A": "1"})
    assert (response.req_json(), response.req_text(), response.req_headers["x-a"]) == ({"a": 1}, '{"a":1}', "1")
    empty = await session.get("/x")
    assert (empty.req_json(), empty.req_text()) == (None, None)


async def test_security_headers_of_ordinary_apis_break_nothing(site: Site, session: AsyncSession) -> None:
    headers = {"Content-Security-Policy": "default-src 'none'", "X-RateLimit-Limit": "60"}
    site.answer("/x", {"t": "x < y and z > 1; options = 3"}, headers=headers)
    assert (await session.get("/x")).json() == {"t": "x < y and z > 1; options = 3"}


async def test_a_stream_is_read_in_pieces(site: Site, session: AsyncSession) -> None:
    site.answer("/x", gzip.compress(b"one\ntwo\r\nthree"), headers={"Content-Encoding": "gzip"})
    async with session.stream("GET", "/x") as response:
        assert [line async for line in response.aiter_lines()] == ["one", "two", "three"]
    async with session.stream("GET", "/x") as response:
        assert (await response.read()).text == "one\ntwo\r\nthree"


async def test_lines_may_come_in_any_pieces(site: Site, session: AsyncSession) -> None:
    pieces = [b"on", b"e\r", b"\ntwo\n\nfo", b"u", b"r\r\n", b"a\rb", b"\nlast\r"]
    body = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    site.raw["/x"] = lambda sent: sent.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n")
    async with session.stream("GET", "/x") as response:
        assert [line async for line in response.aiter_lines()] == ["one", "two", "", "four", "a\rb", "last\r"]


async def test_a_stream_that_is_left_early_leaves_nothing_behind(site: Site) -> None:
    site.answer("/x", b"x" * 10_000_000)
    async with AsyncSession(base_url=site.url(), security=LOCAL, limits=Limits(max_connections=1)) as session:
        for _ in range(3):
            async with session.stream("GET", "/x") as response:
                async for _ in response.aiter_bytes():
                    break
        assert (await session.get("/nowhere")).status_code == 404


async def test_a_stream_raises_for_its_status_with_the_body_read(site: Site, session: AsyncSession) -> None:
    async with session.stream("GET", "/nowhere") as response:
        with pytest.raises(FastHTTPBadStatusError) as raised:
            await response.raise_for_status()
    assert raised.value.response.json() == {"error": "nothing here"}


async def test_unknown_options_are_named(session: AsyncSession) -> None:
    with pytest.raises(FastHTTPRequestError, match="colour"):
        await session.get("/x", colour="red")  # type: ignore[call-arg]  # the mistake


def test_unknown_session_options_are_named() -> None:
    with pytest.raises(TypeError, match="colour"):
        AsyncSession(colour="red")  # type: ignore[call-arg]  # the mistake


async def test_relative_urls_need_a_base() -> None:
    async with AsyncSession() as session:
        with pytest.raises(FastHTTPRequestError, match="base_url"):
            await session.get("/x")


@pytest.mark.parametrize(
    ("base_url", "url", "whole"),
    [
        ("https://api.example.com/v1", "users", "https://api.example.com/v1/users"),
        ("https://api.example.com/v1/", "/users", "https://api.example.com/v1/users"),
        ("https://api.example.com/v1", "", "https://api.example.com/v1"),
        ("https://api.example.com/v1", "?page=2", "https://api.example.com/v1?page=2"),
        ("https://api.example.com", "?page=2", "https://api.example.com/?page=2"),
        ("https://api.example.com", "//evil.example/", "https://api.example.com/evil.example/"),
        ("https://api.example.com", "@evil.example/", "https://api.example.com/@evil.example/"),
        ("api.example.com/v1", "/users", "https://api.example.com/v1/users"),
        ("https://api.example.com", "http://other.example/", "http://other.example/"),
        (None, "other.example/users", "https://other.example/users"),
    ],
)
def test_urls_are_completed(base_url: str | None, url: str, whole: str) -> None:
    assert str(parse_target(complete_url(url, base_url))) == whole


async def test_hooks_see_requests_responses_and_errors(site: Site, session: AsyncSession) -> None:
    seen: list[str] = []

    @session.on_request
    async def add(route: Any, config: Any) -> None:
        config["headers"]["X-Hook"] = route.method

    @session.on_response
    def note(response: Response) -> None:
        seen.append(str(response.status_code))

    @session.on_error
    async def tell(error: Exception, route: Any) -> None:
        seen.append(f"{type(error).__name__} {route.method}")

    await session.get("/nowhere")
    assert (site.last.headers["x-hook"], seen) == ("GET", ["404"])
    with pytest.raises(FastHTTPRequestError):
        await session.get("/a b")
    assert seen[1:] == ["FastHTTPRequestError GET"]


def test_a_synchronous_session_does_the_same(site: Site) -> None:
    site.answers["/x"] = lambda asked: Answer({"id": 1, "name": asked.headers["x-a"]})
    with Session(base_url=site.url(), security=LOCAL, headers={"X-A": "sync"}) as session:
        assert session.get("/x").json(User) == User(1, "sync")
        assert session.post("/x", json=1).req_json() == 1
        with session.stream("GET", "/x") as response:
            assert b"".join(response.iter_bytes()) == b'{"id": 1, "name": "sync"}'
        with pytest.raises(FastHTTPRequestError):
            session.get("/a b")
    assert session.get("/x").ok, "a session opens itself again"
    session.close()


def test_a_session_outlives_an_event_loop(site: Site) -> None:
    site.answer("/x", "ok")
    # In a process of its own: what the first run leaves open warns whenever it is found.
    program = f"""
import asyncio
from fasterapi.client import AsyncSession
session = AsyncSession(security=False)
print([asyncio.run(session.get({site.url("/x")!r})).text for _ in range(2)])
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert answer.stdout.strip() == "['ok', 'ok']", answer.stderr


async def test_a_session_that_is_open_in_another_event_loop_says_so(session: AsyncSession) -> None:
    def elsewhere() -> None:
        asyncio.run(session.get("/x"))

    with pytest.raises(RuntimeError, match="open in another event loop"):
        await asyncio.to_thread(elsewhere)
