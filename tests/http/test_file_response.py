from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from fasterapi import Faster, Response
from fasterapi.background import BackgroundTask
from fasterapi.http.file_response import FileResponse
from fasterapi.testing import TestClient
from tests.http.requests import dropped, scope, staying
from tests.server.servers import Serving
from tests.server.test_protocol import request

CONTENT = bytes(range(256)) * 4
CHANGED = 784111777
"""Sun, 06 Nov 1994 08:49:37 GMT"""
RANGE = "range"

_opened: list[tuple[str, int]] = []
_watched: list[str] = []


def _note_opening(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and arguments[0] in _watched:
        _opened.append((arguments[0], threading.get_ident()))


# Hooks cannot be taken away again: this one does nothing while no file is watched.
sys.addaudithook(_note_opening)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENT)
    os.utime(path, (CHANGED, CHANGED))
    return path


@pytest.fixture
def watched(file: Path) -> Iterator[Path]:
    """A file, and in `_opened` the threads that open it."""
    _opened.clear()
    _watched.append(str(file))
    yield file
    _watched.clear()


def client_of(response: FileResponse, *, raise_server_exceptions: bool = True) -> TestClient:
    """Asks an application that answers everything with this response."""
    app = Faster()

    @app.get("/")
    async def get() -> Response:
        return response

    @app.post("/")
    async def post() -> Response:
        return response

    return TestClient(app, raise_server_exceptions=raise_server_exceptions)


def descriptors(path: Path) -> list[str]:
    """The descriptors of this process that the file is open by."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            if descriptor.samefile(path):
                found.append(descriptor.name)
        except OSError:
            continue
    return found


def test_a_file_is_sent_with_what_is_known_of_it(file: Path) -> None:
    answer = client_of(FileResponse(file)).get("/")
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert dict(answer.headers) == {
        "content-type": "application/octet-stream",
        "content-length": "1024",
        "accept-ranges": "bytes",
        "etag": answer.headers["etag"],
        "last-modified": "Sun, 06 Nov 1994 08:49:37 GMT",
    }
    assert re.fullmatch(r'"[0-9a-f]+-400"', answer.headers["etag"])


def test_a_file_is_sent_in_pieces(file: Path) -> None:
    class InSmallPieces(FileResponse):
        chunk_size = 100

    assert client_of(InSmallPieces(file)).get("/").content == CONTENT


def test_an_empty_file_is_sent(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    answer = client_of(FileResponse(tmp_path / "empty")).get("/")
    assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "0", b"")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"filename": "page.html"}, "text/html; charset=utf-8"),
        ({"media_type": "text/x-own"}, "text/x-own; charset=utf-8"),
        ({"headers": {"Content-Type": "image/own"}}, "image/own"),
        ({}, "application/octet-stream"),
    ],
)
def test_the_media_type(file: Path, given: dict[str, Any], expected: str) -> None:
    assert client_of(FileResponse(file, **given)).get("/").headers["content-type"] == expected


def test_a_subclass_can_say_its_media_type(file: Path) -> None:
    class Image(FileResponse):
        media_type = "image/own"

    assert client_of(Image(file)).get("/").headers["content-type"] == "image/own"


def test_a_file_is_saved_under_a_name_or_shown(file: Path) -> None:
    assert FileResponse(file, filename="a.txt").headers["content-disposition"] == 'attachment; filename="a.txt"'
    shown = FileResponse(file, filename="a.txt", content_disposition_type="inline")
    assert shown.headers["content-disposition"] == 'inline; filename="a.txt"'
    assert "content-disposition" not in FileResponse(file).headers


def test_cve_2020_7695_no_name_makes_a_header(file: Path) -> None:
    answer = client_of(FileResponse(file, filename='a"\r\nset-cookie: a=b\r\n\r\n\0')).get("/")
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-disposition"] == (
        "attachment; filename=\"a___set-cookie: a=b_____\"; filename*=UTF-8''a%22%0D%0Aset-cookie%3A%20a%3Db%0D%0A%0D%0A%00"
    )


def test_what_the_application_says_goes_before(file: Path) -> None:
    given = {"ETag": '"own"', "Last-Modified": "Mon, 07 Nov 1994 08:49:37 GMT", "Accept-Ranges": "none", "Content-Disposition": "inline"}
    answer = client_of(FileResponse(file, headers=given, filename="x")).get("/")
    for name, value in given.items():
        assert answer.headers.get_list(name) == [value]


def test_a_length_that_is_not_the_files_is_not_said(file: Path) -> None:
    assert client_of(FileResponse(file, headers={"content-length": "5"})).get("/").headers.get_list("content-length") == ["1024"]


def test_another_status_and_cookies(file: Path) -> None:
    response = FileResponse(file, 404)
    response.set_cookie("a", "b")
    answer = client_of(response).get("/")
    assert (answer.status_code, SimpleCookie(answer.headers["set-cookie"])["a"].value) == (404, "b")


def test_background_work_follows(file: Path) -> None:
    done: list[str] = []
    client_of(FileResponse(file, background=BackgroundTask(done.append, "x"))).get("/")
    assert done == ["x"]


def test_a_handler_may_return_the_path_alone(file: Path) -> None:
    app = Faster()

    @app.get("/", response_class=FileResponse)
    async def get() -> str:
        return str(file)

    assert TestClient(app).get("/").content == CONTENT


def test_head_is_answered_as_get_is(file: Path) -> None:
    client = client_of(FileResponse(file, filename="x"))
    for headers in ({}, {RANGE: "bytes=0-4"}, {RANGE: "bytes=5000-"}, {"if-none-match": "*"}):
        got, asked = client.get("/", headers=headers), client.head("/", headers=headers)
        assert (asked.status_code, asked.headers, asked.content) == (got.status_code, got.headers, b"")


def test_head_opens_nothing(watched: Path) -> None:
    assert client_of(FileResponse(watched)).head("/").status_code == 200
    assert _opened == []


def test_who_has_the_file_has_it_not_opened(watched: Path) -> None:
    client = client_of(FileResponse(watched))
    assert client.get("/", headers={"if-none-match": client.head("/").headers["etag"]}).status_code == 304
    assert _opened == []


async def test_the_file_is_opened_in_a_thread(watched: Path) -> None:
    await FileResponse(watched)(scope(method="GET"), staying, _Sent())
    assert [path for path, _ in _opened] == [str(watched)]
    assert threading.get_ident() not in [thread for _, thread in _opened]


# Faults of the disk


def test_a_file_that_is_not_there_is_the_servers_fault(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"File at path .*/missing does not exist\."):
        client_of(FileResponse(tmp_path / "missing")).get("/")


def test_its_client_learns_nothing_of_it(tmp_path: Path) -> None:
    answer = client_of(FileResponse(tmp_path / "missing", filename="x"), raise_server_exceptions=False).get("/")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert "content-disposition" not in answer.headers


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="is not a file"):
        client_of(FileResponse(tmp_path)).get("/")


def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path, file: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RuntimeError, match="is not a file"):
        client_of(FileResponse(tmp_path / "pipe")).get("/")
    with pytest.raises(RuntimeError, match="is not a file"):
        client_of(FileResponse(tmp_path / "pipe", stat_result=file.stat())).get("/")


def test_a_file_that_changed_since_it_was_looked_at_is_described_as_it_is_now(file: Path) -> None:
    response = FileResponse(file, stat_result=file.stat())
    before = response.headers["etag"]
    file.write_bytes(b"new")
    answer = client_of(response).get("/")
    assert (answer.content, answer.headers["content-length"]) == (b"new", "3")
    assert answer.headers.get_list("etag") != [before]
    assert answer.headers["etag"] == client_of(FileResponse(file)).head("/").headers["etag"]


def test_a_header_that_the_application_took_away_stays_away(file: Path) -> None:
    response = FileResponse(file, stat_result=file.stat())
    del response.headers["etag"]
    assert "etag" not in client_of(response).get("/").headers


def test_a_change_in_the_future_is_one_of_now(file: Path) -> None:
    ahead = int(time.time()) + 10_000
    os.utime(file, (ahead, ahead))
    said = client_of(FileResponse(file)).get("/").headers["last-modified"]
    assert time.mktime(time.strptime(said, "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone <= time.time()


def test_a_change_before_all_time_is_said_somehow(file: Path) -> None:
    os.utime(file, (-5, -5))
    assert client_of(FileResponse(file)).get("/").headers["last-modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"


# Conditional requests and ranges


@pytest.mark.parametrize("conditional", ["etag", "last-modified"])
def test_who_has_the_file_gets_what_does_not_describe_it(file: Path, conditional: str) -> None:
    response = FileResponse(file, headers={"cache-control": "max-age=5", "vary": "accept", "content-language": "en"}, filename="x")
    client = client_of(response)
    etag, seen = client.get("/").headers["etag"], client.get("/").headers["last-modified"]
    answer = client.get("/", headers={"if-none-match": etag} if conditional == "etag" else {"if-modified-since": seen})
    assert (answer.status_code, answer.content) == (304, b"")
    assert dict(answer.headers) == {"cache-control": "max-age=5", "vary": "accept", "etag": etag}


def test_a_changed_file_is_sent_again(file: Path) -> None:
    client = client_of(FileResponse(file))
    headers = {"if-none-match": client.get("/").headers["etag"]}
    os.utime(file, (CHANGED + 1, CHANGED + 1))
    assert client.get("/", headers=headers).status_code == 200


def test_a_failed_precondition_is_told_without_what_caches_go_by(file: Path) -> None:
    answer = client_of(FileResponse(file, headers={"cache-control": "max-age=5"})).get("/", headers={"if-match": '"other"'})
    assert (answer.status_code, answer.text) == (412, "Precondition Failed")
    assert not {"etag", "cache-control", "last-modified", "accept-ranges"} & set(answer.headers)


@pytest.mark.parametrize("headers", [{"if-none-match": "*"}, {"if-match": '"other"'}, {RANGE: "bytes=0-4"}])
def test_conditions_are_for_get_alone_and_for_answers_that_are_the_file(file: Path, headers: dict[str, str]) -> None:
    assert client_of(FileResponse(file)).post("/", headers=headers).content == CONTENT
    answer = client_of(FileResponse(file, 404)).get("/", headers=headers)
    assert (answer.status_code, answer.content) == (404, CONTENT)


@pytest.mark.parametrize(
    ("asked", "said", "content"),
    [
        ("bytes=0-4", "bytes 0-4/1024", CONTENT[:5]),
        ("bytes=1000-", "bytes 1000-1023/1024", CONTENT[1000:]),
        ("bytes=-4", "bytes 1020-1023/1024", CONTENT[-4:]),
        ("bytes=0-9999", "bytes 0-1023/1024", CONTENT),
        ("bytes=0-4,2-9", "bytes 0-9/1024", CONTENT[:10]),
    ],
)
def test_one_part(file: Path, asked: str, said: str, content: bytes) -> None:
    answer = client_of(FileResponse(file)).get("/", headers={RANGE: asked})
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (206, said, content)
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["etag"]


def test_several_parts(file: Path) -> None:
    class InSmallPieces(FileResponse):
        chunk_size = 3

    answer = client_of(InSmallPieces(file, media_type="image/own")).get("/", headers={RANGE: "bytes=1000-1004,0-9,5000-"})
    boundary = re.fullmatch("multipart/byteranges; boundary=([0-9a-f]{32})", answer.headers["content-type"])
    assert boundary is not None
    _, first, second, end = answer.content.split(b"--" + boundary[1].encode())
    assert answer.status_code == 206
    assert first == b"\r\nContent-Type: image/own\r\nContent-Range: bytes 1000-1004/1024\r\n\r\n" + CONTENT[1000:1005] + b"\r\n"
    assert second == b"\r\nContent-Type: image/own\r\nContent-Range: bytes 0-9/1024\r\n\r\n" + CONTENT[:10] + b"\r\n"
    assert end == b"--\r\n"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert "content-range" not in answer.headers


def test_no_such_part(file: Path) -> None:
    answer = client_of(FileResponse(file, headers={"cache-control": "max-age=5"})).get("/", headers={RANGE: "bytes=1024-"})
    assert (answer.status_code, answer.headers["content-range"], answer.content) == (416, "bytes */1024", b"")
    assert "cache-control" not in answer.headers


def test_a_range_that_means_nothing_is_refused(file: Path) -> None:
    assert client_of(FileResponse(file)).get("/", headers={RANGE: "bytes=a-b"}).status_code == 400


@pytest.mark.parametrize("asked", ["items=0-4", "bytes=" + ",".join(["0-0"] * 101)])
def test_a_range_that_is_ignored(file: Path, asked: str) -> None:
    answer = client_of(FileResponse(file)).get("/", headers={RANGE: asked})
    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_a_subclass_can_allow_fewer_parts(file: Path) -> None:
    class OnePart(FileResponse):
        max_ranges = 1

    client = client_of(OnePart(file))
    assert client.get("/", headers={RANGE: "bytes=0-0"}).status_code == 206
    assert client.get("/", headers={RANGE: "bytes=0-0,2-2"}).status_code == 200


@pytest.mark.parametrize(("condition", "status"), [("etag", 206), ("last-modified", 206), ("old", 200)])
def test_a_part_is_sent_to_who_has_the_rest(file: Path, condition: str, status: int) -> None:
    client = client_of(FileResponse(file))
    valid = client.head("/").headers.get(condition, '"old"')
    assert client.get("/", headers={RANGE: "bytes=0-4", "if-range": valid}).status_code == status


# As an ASGI application


class _Sent:
    """Takes messages, `at_most` so many, then has left."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    async def __call__(self, message: Any) -> None:
        self.messages.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.messages)


async def test_one_response_answers_any_number_of_requests(file: Path) -> None:
    response = FileResponse(file)
    for asked, body in ((b"bytes=0-4", CONTENT[:5]), (b"bytes=5-9", CONTENT[5:10]), (b"bytes=0-", CONTENT)):
        sent = _Sent()
        await response(scope(method="GET", headers=[(b"range", asked)]), staying, sent)
        assert sent.body == body
        names = [name for name, _ in sent.messages[0]["headers"]]
        assert len(names) == len(set(names))


async def test_a_request_that_is_cancelled_lets_the_file_go(file: Path) -> None:
    is_sending = asyncio.Event()

    class InSmallPieces(FileResponse):
        chunk_size = 100

    async def stuck(message: Any) -> None:
        if message.get("body"):
            is_sending.set()
            await asyncio.Event().wait()

    answering = asyncio.create_task(InSmallPieces(file)(scope(method="GET"), staying, stuck))
    await is_sending.wait()
    assert len(descriptors(file)) == 1
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert descriptors(file) == []


async def test_the_file_is_let_go_before_the_last_piece_is_taken(file: Path) -> None:
    open_files: list[int] = []

    class InSmallPieces(FileResponse):
        chunk_size = 400

    async def send(message: Any) -> None:
        if message.get("body"):
            open_files.append(len(descriptors(file)))

    for asked in (b"bytes=0-", b"bytes=0-4,1000-"):
        await InSmallPieces(file)(scope(method="GET", headers=[(b"range", asked)]), staying, send)
    assert open_files[:3] == [1, 1, 0]
    assert open_files[3:5] == [1, 0]


async def test_answers_leave_no_memory_behind(file: Path) -> None:
    response = FileResponse(file)
    blocks: list[int] = []
    for _ in range(6):
        for asked in ([], [(b"range", b"bytes=0-4,9-10")], [(b"range", b"bytes=a")], [(b"if-none-match", b"*")]) * 50:
            await response(scope(method="GET", headers=asked), staying, dropped)
        gc.collect()
        blocks.append(sys.getallocatedblocks())
    assert blocks[-1] - blocks[1] < 200, blocks


# Real servers


@pytest.fixture(params=["fasterapi.server:HttpProtocol", "h11", "httptools"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def serving(response: FileResponse, protocol: str) -> Serving:
    app = Faster()

    @app.get("/")
    async def get() -> Response:
        return response

    return Serving(app, http=protocol)


def test_served(file: Path, protocol: str) -> None:
    with serving(FileResponse(file), protocol) as server, server.connect() as client:
        client.send(request("/"))
        assert client.answer().body == CONTENT
        client.send(request("/", b"range: bytes=1-2"))
        answer = client.answer()
        assert (answer.status, answer.body, answer.headers["content-length"]) == (206, CONTENT[1:3], "2")
        client.send(request("/", b"range: bytes=1-2,4-5"))
        answer = client.answer()
        assert (answer.status, len(answer.body)) == (206, int(answer.headers["content-length"]))
        client.send(request("/", b"if-none-match: *"))
        answer = client.answer()
        assert (answer.status, "content-length" in answer.headers) == (304, False)
        client.send(request("/", method="HEAD"))
        assert client.answer("HEAD").headers["content-length"] == "1024"
        client.send(request("/", b"range: bytes=5000-"))
        assert client.answer().status == 416
        client.send(request("/"))
        assert client.answer().body == CONTENT
    assert descriptors(file) == []


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_a_file_that_is_deleted_meanwhile_is_sent_whole(tmp_path: Path, protocol: str) -> None:
    path = sparse(tmp_path / "large", 50_000_000)
    with serving(FileResponse(path), protocol) as server, server.connect() as client:
        client.send(request("/", b"connection: close"))
        client.received = client.socket.recv(1000)
        path.unlink()
        assert len(client.rest().partition(b"\r\n\r\n")[2]) == 50_000_000


def test_a_file_that_becomes_shorter_breaks_the_connection_off(tmp_path: Path, protocol: str, caplog: pytest.LogCaptureFixture) -> None:
    path = sparse(tmp_path / "large", 50_000_000)
    with serving(FileResponse(path), protocol) as server:
        with server.connect() as client, caplog.at_level(logging.ERROR):
            client.send(request("/"))
            client.received = client.socket.recv(1000)
            os.truncate(path, 1000)
            try:
                body = client.rest().partition(b"\r\n\r\n")[2]
            except ConnectionResetError:
                body = b""
            assert len(body) < 50_000_000
        with server.connect() as client:
            client.send(request("/"))
            assert len(client.answer().body) == 1000
    told = [record.exc_info[1] for record in caplog.records if record.exc_info is not None]
    assert [str(error) for error in told] == [f"File at path {path} became shorter while it was sent."]


def bytes_read() -> int:
    """How many bytes this process has read of files."""
    return int(Path("/proc/self/io").read_text().split()[1])


def test_a_client_that_leaves_lets_the_file_go(tmp_path: Path, protocol: str) -> None:
    path = sparse(tmp_path / "large", 200_000_000)
    left = threading.Event()
    before = bytes_read()
    with serving(FileResponse(path, background=BackgroundTask(left.set)), protocol) as server:
        with server.connect() as client:
            client.send(request("/"))
            client.received = client.socket.recv(1000)
            assert len(descriptors(path)) == 1
        assert left.wait(20)
        assert descriptors(path) == []
    assert bytes_read() - before < 100_000_000


def resident() -> int:
    """How much memory this process has in use, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    size = 512 * 1024 * 1024
    path = sparse(tmp_path / "large", size)
    with serving(FileResponse(path), "fasterapi.server:HttpProtocol") as server, server.connect() as client:
        client.send(request("/", b"connection: close"))
        before = highest = resident()
        received = 0
        buffer = bytearray(1024 * 1024)
        while count := client.socket.recv_into(buffer):
            received += count
            highest = max(highest, resident())
    assert received > size
    assert highest - before < 32 * 1024 * 1024
