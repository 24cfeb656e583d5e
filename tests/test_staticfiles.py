from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi import Faster, Request, Response
from fasterapi.asgi import Scope
from fasterapi.errors import HTTPException
from fasterapi.http.responses import JSONResponse
from fasterapi.staticfiles import StaticFiles
from fasterapi.testing import TestClient
from tests.http.requests import scope, staying
from tests.server.servers import Serving
from tests.server.test_protocol import request

OUTSIDE = "outside"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A directory to serve, and around it what may never be served."""
    root = tmp_path / "static"
    (root / "folder").mkdir(parents=True)
    (root / "page.html").write_text("<p>page")
    (root / "folder" / "index.html").write_text("<p>index")
    (root / "folder" / "app.js").write_text("app")
    (root / "with space & ü.txt").write_text("odd")
    (root / "..odd..").write_text("dots")
    (root / "inside").symlink_to("page.html")
    (root / "link").symlink_to(tmp_path / "secret.txt")
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    (tmp_path / "secret.txt").write_text(OUTSIDE)
    (tmp_path / "static-secret").mkdir()
    (tmp_path / "static-secret" / "secret.txt").write_text(OUTSIDE)
    return root


def mounted(files: StaticFiles, path: str = "/static") -> Faster:
    app = Faster()
    app.mount(path, files, name="static")
    return app


def client_of(root: Path, **options: Any) -> TestClient:
    return TestClient(mounted(StaticFiles(directory=root, **options)), follow_redirects=False)


async def ask(app: Any, path: str, **more: Any) -> tuple[int, dict[bytes, bytes], bytes]:
    """Ask for a path exactly as it is written here."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope(**{"method": "GET", "path": path, **more}), staying, send)
    start, *pieces = messages
    return start["status"], dict(start["headers"]), b"".join(piece.get("body", b"") for piece in pieces)


# What is served


def test_a_file(root: Path) -> None:
    answer = client_of(root).get("/static/page.html")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "<p>page", "text/html; charset=utf-8")
    assert {"etag", "last-modified", "accept-ranges", "content-length"} <= set(answer.headers)
    assert "content-disposition" not in answer.headers


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("folder/app.js", "app"),
        ("folder//app.js", "app"),
        ("./folder/./app.js", "app"),
        ("with%20space%20&%20%C3%BC.txt", "odd"),
        ("..odd..", "dots"),
        ("inside", "<p>page"),
    ],
)
def test_files_by_other_paths(root: Path, path: str, content: str) -> None:
    assert client_of(root).get("/static/" + path).text == content


def test_head_ranges_and_conditions(root: Path) -> None:
    client = client_of(root)
    head = client.head("/static/page.html")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "7", b"")
    assert client.get("/static/page.html", headers={"range": "bytes=3-"}).text == "page"
    unchanged = client.get("/static/page.html", headers={"if-none-match": head.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_files_are_only_read(root: Path, method: str) -> None:
    answer = client_of(root).request(method, "/static/page.html")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["", "missing", "folder", "folder/", "page.html/x", "pipe", "loop", "loop/x", "link"])
def test_what_is_no_file_is_not_found(root: Path, path: str) -> None:
    answer = client_of(root).get("/static/" + path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_the_applications_exception_handlers_answer(root: Path) -> None:
    app = mounted(StaticFiles(directory=root))

    @app.exception_handler(404)
    async def missing(request: Request, error: HTTPException) -> Response:
        return JSONResponse({"missing": request.url.path}, 404)

    assert TestClient(app).get("/static/x").json() == {"missing": "/static/x"}


def test_the_url_of_a_file(root: Path) -> None:
    app = mounted(StaticFiles(directory=root))

    @app.get("/")
    async def url(request: Request) -> str:
        return str(request.url_for("static", path="/folder/app.js"))

    client = TestClient(app, base_url="http://example.org")
    assert client.get("/").json() == "http://example.org/static/folder/app.js"
    assert client.get(client.get("/").json()).text == "app"


def test_as_the_whole_application(root: Path) -> None:
    client = TestClient(StaticFiles(directory=root))
    assert client.get("/page.html").text == "<p>page"
    assert client.get("/missing").status_code == 404
    assert client.post("/page.html").status_code == 405


def test_below_the_path_of_a_proxy(root: Path) -> None:
    assert TestClient(mounted(StaticFiles(directory=root)), root_path="/api").get("/api/static/page.html").text == "<p>page"


async def test_a_directory_whose_name_is_no_text(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"odd-\xff")
    odd.mkdir()
    (odd / "index.html").write_text("odd")
    files = StaticFiles(directory=tmp_path, html=True)
    _, headers, _ = await ask(files, "/odd-\udcff")
    assert headers[b"location"] == b"/odd-%FF/"
    assert (await ask(files, "/odd-\udcff/"))[2] == b"odd"


async def test_a_websocket_is_refused(root: Path) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await StaticFiles(directory=root)({"type": "websocket", "path": "/page.html"}, staying, send)
    assert [message["type"] for message in sent] == ["websocket.close"]


# Pages


def test_a_directory_is_answered_by_its_index(root: Path) -> None:
    assert client_of(root, html=True).get("/static/folder/").text == "<p>index"


def test_a_directory_without_its_slash_is_redirected_to_the_path_alone(root: Path) -> None:
    answer = client_of(root, html=True).get("/static/folder?a=b%20c&d", headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/static/folder/?a=b%20c&d")


def test_the_redirect_keeps_odd_names(root: Path) -> None:
    odd = root / "a%2e ?#ü"
    odd.mkdir()
    (odd / "index.html").write_text("odd")
    client = client_of(root, html=True)
    answer = client.get("/static/a%252e%20%3F%23%C3%BC")
    assert answer.headers["location"] == "/static/a%252e%20%3F%23%C3%BC/"
    assert client.get(answer.headers["location"]).text == "odd"


def test_the_root_is_answered_by_its_index(root: Path) -> None:
    (root / "index.html").write_text("<p>root")
    assert TestClient(mounted(StaticFiles(directory=root, html=True), "/")).get("/").text == "<p>root"


def test_what_is_missing_is_answered_by_a_page(root: Path) -> None:
    (root / "404.html").write_text("<p>lost")
    client = client_of(root, html=True)
    for path in ("missing", "link", "x" * 3000, "%00"):
        answer = client.get("/static/" + path, headers={"range": "bytes=0-1", "if-none-match": "*"})
        assert (answer.status_code, answer.text) == (404, "<p>lost")


def test_a_directory_without_an_index_is_missing(root: Path) -> None:
    (root / "empty").mkdir()
    assert client_of(root, html=True).get("/static/empty/").status_code == 404


def test_pages_are_for_html_alone(root: Path) -> None:
    (root / "404.html").write_text("<p>lost")
    assert client_of(root).get("/static/missing").json() == {"detail": "Not Found"}


# Nothing outside is served


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "folder/../../secret.txt",
        "..\\secret.txt",
        "folder\\..\\..\\secret.txt",
        "/etc/passwd",
        "//etc/passwd",
        "\\\\host\\share\\secret.txt",
        "//host/share/secret.txt",
        "C:/secret.txt",
        "file:///etc/passwd",
        "../static-secret/secret.txt",
        "./../secret.txt",
        "link",
        "page.html/../../secret.txt",
        "page.html\0",
        "\0",
        "\udcff",
        "page\ud800.html",
        "x" * 300,
        "x/" * 3000,
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "%252e%252e/secret.txt",
    ],
)
async def test_cve_2017_16762_no_path_leads_out_of_the_directory(root: Path, path: str) -> None:
    for app in (mounted(StaticFiles(directory=root)), mounted(StaticFiles(directory=root, html=True))):
        status, _, body = await ask(app, "/static/" + path)
        assert (status, OUTSIDE.encode() in body) == (404, False)


@pytest.mark.parametrize(
    "path",
    [
        b"/static/../secret.txt",
        b"/static/%2e%2e/secret.txt",
        b"/static/..%2fsecret.txt",
        b"/static/%2e%2e%2fsecret.txt",
        b"/static/%252e%252e%252fsecret.txt",
        b"/static/..%5csecret.txt",
        b"/static/..%c0%afsecret.txt",
        b"/static/folder/%2e%2e/%2e%2e/secret.txt",
        b"/static//etc/passwd",
        b"/static/%2fetc%2fpasswd",
        b"/static/%5c%5chost%5cshare",
        b"/static/page.html%00.png",
        b"/static/%ff%fe",
        b"/static/" + b"x" * 3000,
        b"/static-secret/secret.txt",
        b"/static/../static-secret/secret.txt",
    ],
)
@pytest.mark.parametrize("protocol", ["fasterapi.server:HttpProtocol", "h11", "httptools"])
def test_nor_does_one_on_the_wire(served: dict[str, Serving], path: bytes, protocol: str) -> None:
    with served[protocol].connect() as client:
        client.send(b"GET %b HTTP/1.1\r\nhost: a\r\n\r\n" % path)
        assert client.answer().status == 404


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One server of each protocol for all paths."""
    around = tmp_path_factory.mktemp("around")
    (around / "static" / "folder").mkdir(parents=True)
    (around / "static" / "page.html").touch()
    (around / "static-secret").mkdir()
    for secret in (around / "secret.txt", around / "static-secret" / "secret.txt"):
        secret.write_text(OUTSIDE)
    app = mounted(StaticFiles(directory=around / "static"))
    with (
        Serving(app) as ours,
        Serving(app, http="h11") as h11,
        Serving(app, http="httptools") as httptools,
    ):
        yield {"fasterapi.server:HttpProtocol": ours, "h11": h11, "httptools": httptools}


PARTS = st.one_of(
    st.sampled_from(["..", ".", "", "static", "folder", "secret.txt", "static-secret", "link", "\\", "\0"]), st.text(max_size=4)
)


@given(parts=st.lists(PARTS, max_size=8))
async def test_no_segments_lead_out_of_the_directory(secrets: StaticFiles, parts: list[str]) -> None:
    status, _, body = await ask(secrets, "/" + "/".join(parts))
    assert status in (200, 307, 404)
    assert OUTSIDE.encode() not in body


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> StaticFiles:
    around = tmp_path_factory.mktemp("around")
    for folder in (around, around / "static-secret"):
        folder.mkdir(exist_ok=True)
        (folder / "secret.txt").write_text(OUTSIDE)
    (around / "static" / "folder").mkdir(parents=True)
    (around / "static" / "folder" / "index.html").touch()
    (around / "static" / "link").symlink_to("..")
    return StaticFiles(directory=around / "static", html=True)


async def test_cve_2021_21330_no_redirect_leads_to_another_host(tmp_path: Path) -> None:
    (tmp_path / "evil.example").mkdir()
    (tmp_path / "evil.example" / "index.html").touch()
    status, headers, _ = await ask(StaticFiles(directory=tmp_path, html=True), "//evil.example")
    assert (status, headers[b"location"]) == (307, b"/evil.example/")


def test_links_out_of_the_directory_are_followed_where_it_is_allowed(root: Path) -> None:
    client = client_of(root, follow_symlink=True)
    assert client.get("/static/link").text == OUTSIDE
    assert client.get("/static/%2e%2e/secret.txt").status_code == 404
    assert client.get("/static/loop").status_code == 404


# The disk


async def test_the_disk_is_asked_in_threads(root: Path) -> None:
    threads: list[int] = []

    class Watched(StaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            threads.append(threading.get_ident())
            return super().lookup_path(path)

    await ask(Watched(directory=root, html=True), "/folder/")
    assert len(threads) == 2
    assert threading.get_ident() not in threads


@contextmanager
def unprivileged() -> Iterator[None]:
    """Let this process be nobody, if it is root."""
    if os.geteuid():
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def guarded() -> Iterator[Path]:
    """A directory that all may read, but for a file and a directory in it."""
    # Not below pytest's own directories, which nobody else may enter.
    with TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "locked").mkdir()
        for path in (root / "file", root / "locked-file", root / "locked" / "file"):
            path.write_text("x")
        root.chmod(0o755)
        (root / "locked-file").chmod(0)
        (root / "locked").chmod(0)
        yield root
        (root / "locked").chmod(0o755)


async def test_a_file_that_may_not_be_read_is_forbidden(guarded: Path) -> None:
    files = StaticFiles(directory=guarded)
    # Everything that is imported late is there then.
    await ask(files, "/missing")
    with unprivileged():
        answers = [await ask(files, path) for path in ("/file", "/locked-file", "/locked/file", "/missing")]
    assert [status for status, _, _ in answers] == [200, 403, 403, 404]


def test_a_disk_that_fails_is_the_servers_fault(root: Path) -> None:
    class Broken(StaticFiles):
        def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
            raise OSError(5, "Input/output error")

    client = TestClient(mounted(Broken(directory=root)), raise_server_exceptions=False)
    assert client.get("/static/page.html").status_code == 500


def test_a_directory_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"Directory '.*/missing' does not exist\."):
        StaticFiles(directory=tmp_path / "missing")


def test_or_at_the_first_request(tmp_path: Path) -> None:
    files = StaticFiles(directory=tmp_path / "later", check_dir=False)
    with pytest.raises(RuntimeError, match="does not exist"):
        TestClient(mounted(files)).get("/static/a")
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "a").write_text("x")
    assert TestClient(mounted(files)).get("/static/a").text == "x"


def test_nothing_to_serve_is_told() -> None:
    with pytest.raises(RuntimeError, match=r"Write StaticFiles\(directory=...\) or StaticFiles\(packages=\[...\]\)"):
        StaticFiles()


# Packages


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a package with files in `statics` and `assets`."""
    name = f"package_with_files_{tmp_path.name}".replace("-", "_")
    for folder in ("statics", "assets"):
        (tmp_path / "site" / name / folder).mkdir(parents=True)
        (tmp_path / "site" / name / folder / "where.txt").write_text(folder)
    (tmp_path / "site" / name / "__init__.py").touch()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "site")])
    return name


def test_files_of_packages(package: str) -> None:
    assert TestClient(mounted(StaticFiles(packages=[package]))).get("/static/where.txt").text == "statics"
    assert TestClient(mounted(StaticFiles(packages=[(package, "assets")]))).get("/static/where.txt").text == "assets"


def test_the_first_directory_that_has_a_file_serves_it(package: str, root: Path) -> None:
    client = TestClient(mounted(StaticFiles(directory=root, packages=[package])))
    assert client.get("/static/where.txt").text == "statics"
    (root / "where.txt").write_text("root")
    assert client.get("/static/where.txt").text == "root"


@pytest.mark.parametrize("packages", [["no_such_package"], [("fasterapi", "no-such-folder")]])
def test_a_package_without_files_is_told(packages: list[Any]) -> None:
    with pytest.raises(RuntimeError, match=r"'no_such_package'\. Is it installed|no directory 'no-such-folder'"):
        StaticFiles(packages=packages)


# Subclasses


def test_a_subclass_adds_headers(root: Path) -> None:
    class Cached(StaticFiles):
        def file_response(self, *args: Any, **kwargs: Any) -> Response:
            response = super().file_response(*args, **kwargs)
            response.headers["cache-control"] = "max-age=3600"
            return response

    client = TestClient(mounted(Cached(directory=root)))
    answer = client.get("/static/page.html")
    assert answer.headers["cache-control"] == "max-age=3600"
    unchanged = client.get("/static/page.html", headers={"if-none-match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.headers["cache-control"]) == (304, "max-age=3600")


def test_a_subclass_answers_everything_by_one_page(root: Path) -> None:
    class SinglePage(StaticFiles):
        async def get_response(self, path: str, scope: Scope) -> Response:
            try:
                return await super().get_response(path, scope)
            except HTTPException as error:
                if error.status_code != 404:
                    raise
                return await super().get_response("page.html", scope)

    client = TestClient(mounted(SinglePage(directory=root)))
    assert client.get("/static/some/route").text == "<p>page"
    assert client.get("/static/folder/app.js").text == "app"


def test_a_subclass_asks_who_it_is(root: Path) -> None:
    class Private(StaticFiles):
        async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
            if (b"x-key", b"secret") not in scope["headers"]:
                raise HTTPException(401)
            await super().__call__(scope, receive, send)

    client = TestClient(mounted(Private(directory=root)))
    assert client.get("/static/page.html").status_code == 401
    assert client.get("/static/page.html", headers={"x-key": "secret"}).text == "<p>page"


def test_served(root: Path) -> None:
    with Serving(mounted(StaticFiles(directory=root, html=True))) as server, server.connect() as client:
        client.send(request("/static/folder/app.js") + request("/static/folder"))
        assert client.answer().body == b"app"
        assert client.answer().headers["location"] == "/static/folder/"
        client.send(request("/static/page.html", b"range: bytes=0-2"))
        assert client.answer().body == b"<p>"
        client.send(request("/static/missing"))
        assert client.answer().status == 404
