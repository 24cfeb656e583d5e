"""The same requests for the same files, to Starlette and to us: the answers are the same but for what is named here."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import fastapi
import fastapi.staticfiles
import pytest
from fastapi.testclient import TestClient as TheirClient
from starlette.applications import Starlette
from starlette.routing import Mount

import fasterapi.staticfiles
from fasterapi import Faster
from fasterapi.testing import TestClient
from tests.http.requests import staying

CONTENT: Final = bytes(range(256)) * 4
CHANGED: Final = "Sun, 06 Nov 1994 08:49:37 GMT"
COMPARED: Final = ("accept-ranges", "allow", "cache-control", "content-disposition", "content-range", "content-type", "last-modified")


class Answer(NamedTuple):
    """What is compared: not the tag itself, and not the boundary between parts, which are each framework's own."""

    status: int
    headers: dict[str, str]
    has_tag: bool
    body: bytes


def answer_of(response: Any) -> Answer:
    headers = {name: response.headers[name] for name in COMPARED if name in response.headers}
    body = response.content
    boundary = re.fullmatch("multipart/byteranges; boundary=(.+)", headers.get("content-type", ""))
    if boundary is not None:
        headers["content-type"] = "multipart/byteranges"
        # What follows the last boundary is nobody's business (RFC 2046, 5.1.1).
        body = body.replace(boundary[1].encode(), b"BOUNDARY").rstrip(b"\r\n")
    if response.status_code >= 400:
        # What is said to people is each framework's own.
        body = b""
        headers.pop("content-type", None)
    return Answer(response.status_code, headers, "etag" in response.headers, body)


class Both:
    """A file, a directory and the two frameworks that serve them."""

    def __init__(self, root: Path, **given: Any) -> None:
        path = root / "file.bin"
        theirs, ours = fastapi.FastAPI(), Faster()

        @theirs.api_route("/", methods=["GET", "HEAD", "POST"])
        async def their_file() -> fastapi.Response:
            return fastapi.responses.FileResponse(path, **given)

        @ours.api_route("/", methods=["GET", "POST"])
        async def our_file() -> fasterapi.Response:
            return fasterapi.FileResponse(path, **given)

        theirs.mount("/static", fastapi.staticfiles.StaticFiles(directory=root))
        ours.mount("/static", fasterapi.staticfiles.StaticFiles(directory=root))
        theirs.mount("/html", Starlette(routes=[Mount("/", fastapi.staticfiles.StaticFiles(directory=root, html=True))]))
        ours.mount("/html", fasterapi.staticfiles.StaticFiles(directory=root, html=True))
        self.theirs = TheirClient(theirs, follow_redirects=False)
        self.ours = TestClient(ours, follow_redirects=False)

    def ask(self, method: str, path: str, headers: dict[str, str]) -> tuple[Answer, Answer]:
        """Their answer and ours, to `{etag}` in a header each with its own tag."""
        return self._ask(self.theirs, method, path, headers), self._ask(self.ours, method, path, headers)

    def _ask(self, client: Any, method: str, path: str, headers: dict[str, str]) -> Answer:
        if any("{etag}" in value for value in headers.values()):
            etag = client.get(path).headers["etag"]
            headers = {name: value.format(etag=etag) for name, value in headers.items()}
        return answer_of(client.request(method, path, headers=headers))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("served")
    (root / "folder").mkdir()
    (root / "no-index").mkdir()
    (root / "page.html").write_text("<p>page")
    (root / "app.css").write_text("css")
    (root / "noextension").write_text("x")
    (root / "empty").touch()
    (root / "404.html").write_text("<p>lost")
    (root / "folder" / "index.html").write_text("<p>index")
    (root / "file.bin").write_bytes(CONTENT)
    for path in root.rglob("*"):
        os.utime(path, (784111777, 784111777))
    return root


@pytest.fixture(scope="module")
def both(root: Path) -> Both:
    return Both(root)


RANGES: Final = [
    "bytes=0-0",
    "bytes=0-99",
    "bytes=1000-",
    "bytes=-10",
    "bytes=-5000",
    "bytes=0-5000",
    "bytes=0-",
    "bytes=0-9,20-29",
    "bytes=0-9, 20-29, -5",
    "bytes=0-9,5-14",
    "bytes=0-9,10-19",
    "bytes=0-,0-",
    "bytes=,0-1",
    "bytes=" + ",".join(f"{2 * number}-{2 * number}" for number in range(100)),
    "bytes=" + ",".join(f"{2 * number}-{2 * number}" for number in range(101)),
    "Bytes=0-1",
    "bytes=1024-",
    "bytes=5000-6000",
    "bytes=-0",
    "bytes=",
    "bytes",
    "",
    "bytes=-",
    "bytes=a-b",
    "bytes=9-0",
    "bytes=5",
]


@pytest.mark.parametrize("asked", RANGES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/static/file.bin"])
def test_ranges(both: Both, method: str, path: str, asked: str) -> None:
    theirs, ours = both.ask(method, path, {"range": asked})
    assert ours == theirs


@pytest.mark.parametrize(
    "condition", ["{etag}", 'W/"x"', '"x"', "W/{etag}", CHANGED, "Sun, 06 Nov 1994 08:49:36 GMT", "Sun, 06 Nov 1994 08:49:38 GMT", "x"]
)
def test_conditional_ranges(both: Both, condition: str) -> None:
    theirs, ours = both.ask("GET", "/", {"range": "bytes=0-4", "if-range": condition})
    assert ours == theirs


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"if-none-match": "{etag}"},
        {"if-none-match": "W/{etag}"},
        {"if-none-match": '"x", {etag}'},
        {"if-none-match": "*"},
        {"if-none-match": '"x"'},
        {"if-none-match": '"x"', "if-modified-since": CHANGED},
        {"if-modified-since": CHANGED},
        {"if-modified-since": "Sun, 06 Nov 1994 08:49:36 GMT"},
        {"if-modified-since": "Mon, 07 Nov 1994 08:49:37 GMT"},
        {"if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT"},
        {"if-modified-since": "yesterday"},
        {"if-none-match": "{etag}", "range": "bytes=0-4"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditional_requests_for_static_files(both: Both, method: str, headers: dict[str, str]) -> None:
    theirs, ours = both.ask(method, "/static/page.html", headers)
    assert ours == theirs


@pytest.mark.parametrize(
    "path",
    [
        "page.html",
        "app.css",
        "noextension",
        "empty",
        "./page.html",
        "folder//index.html",
        "page.html/",
        "folder/index.html",
        "folder",
        "folder/",
        "no-index",
        "missing",
        "page.html/x",
        "",
        "%2e%2e/page.html",
        "..%2f..%2fetc%2fpasswd",
        "..%5cpage.html",
        "%ff",
    ],
)
@pytest.mark.parametrize("mount", ["static", "html"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_paths(both: Both, method: str, mount: str, path: str) -> None:
    theirs, ours = both.ask(method, f"/{mount}/{path}", {})
    assert ours == theirs


@pytest.mark.parametrize(
    "given",
    [
        {"filename": "report.pdf"},
        {"filename": "report.pdf", "content_disposition_type": "inline"},
        {"media_type": "text/plain"},
        {"headers": {"cache-control": "no-store", "content-type": "image/own"}},
        {"headers": {"last-modified": "Mon, 07 Nov 1994 08:49:37 GMT", "accept-ranges": "none"}},
        {"status_code": 404},
    ],
)
def test_what_is_said_of_a_file(root: Path, given: dict[str, Any]) -> None:
    both = Both(root, **given)
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"range": "bytes=0-4"}), ("POST", {"range": "bytes=0-4"})):
        theirs, ours = both.ask(method, "/", headers)
        assert ours == theirs


@pytest.mark.parametrize(
    ("headers", "theirs", "ours"),
    [
        # A unit that is not known must be ignored (RFC 9110, 14.2).
        ({"range": "items=0-4"}, 400, 200),
        # Parts that are there are sent, whatever else was asked for (RFC 9110, 14.1.2).
        ({"range": "bytes=0-4,5000-"}, 416, 206),
        # A list with one element that means nothing means nothing.
        ({"range": "bytes=0-4,x"}, 206, 400),
        # Numbers are of ASCII digits alone.
        ({"range": "bytes=0-1_0"}, 206, 400),
        # A handler's file is asked for as static files are.
        ({"if-none-match": "{etag}"}, 200, 304),
        ({"if-modified-since": CHANGED}, 200, 304),
        ({"if-match": '"x"'}, 200, 412),
        ({"if-unmodified-since": "Sun, 06 Nov 1994 08:49:36 GMT"}, 200, 412),
        # Every form of a date is one (RFC 9110, 5.6.7).
        ({"range": "bytes=0-4", "if-range": "Sunday, 06-Nov-94 08:49:37 GMT"}, 200, 206),
    ],
)
def test_differences_in_what_is_asked(both: Both, headers: dict[str, str], theirs: int, ours: int) -> None:
    answers = both.ask("GET", "/", headers)
    assert (answers[0].status, answers[1].status) == (theirs, ours)


def test_parts_in_the_order_of_the_request(both: Both) -> None:
    theirs, ours = both.ask("GET", "/", {"range": "bytes=20-29,0-9"})
    assert [re.findall(rb"Content-Range: bytes (\d+)", answer.body) for answer in (theirs, ours)] == [[b"0", b"20"], [b"20", b"0"]]


@pytest.mark.parametrize(
    ("filename", "theirs", "ours"),
    [
        ("a b.txt", "attachment; filename*=utf-8''a%20b.txt", 'attachment; filename="a b.txt"'),
        ("ü.txt", "attachment; filename*=utf-8''%C3%BC.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%BC.txt"),
    ],
)
def test_names_that_older_clients_read_too(root: Path, filename: str, theirs: str, ours: str) -> None:
    answers = Both(root, filename=filename).ask("GET", "/", {})
    assert [answer.headers["content-disposition"] for answer in answers] == [theirs, ours]


def test_what_is_packed_is_not_called_what_is_inside(root: Path) -> None:
    answers = Both(root, filename="a.tar.gz").ask("GET", "/", {})
    assert [answer.headers["content-type"] for answer in answers] == ["application/x-tar", "application/gzip"]


async def test_dots_are_not_worked_out(root: Path) -> None:
    statuses: list[int] = []

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    for files in (fastapi.staticfiles.StaticFiles(directory=root), fasterapi.staticfiles.StaticFiles(directory=root)):
        await files({"type": "http", "method": "GET", "path": "/folder/../page.html", "headers": []}, staying, send)
    assert statuses == [200, 404]


@pytest.mark.parametrize("path", ["%00", "x" * 3000])
def test_what_cannot_be_a_name_is_missing_as_anything_else(both: Both, path: str) -> None:
    theirs, ours = both.ask("GET", f"/static/{path}", {})
    assert ours == theirs
    pages = [client.get(f"/html/{path}") for client in (both.theirs, both.ours)]
    assert [page.status_code for page in pages] == [404, 404]
    assert [page.text == "<p>lost" for page in pages] == [False, True]


def test_redirects_name_no_host(both: Both) -> None:
    locations = [client.get("/html/folder").headers["location"] for client in (both.theirs, both.ours)]
    assert locations == ["http://testserver/html/folder/", "/html/folder/"]
