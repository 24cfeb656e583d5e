from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.datastructures import Address, State
from fasterapi.errors import HTTPException
from fasterapi.http.connection import HTTPConnection
from fasterapi.http.request import ClientDisconnect, Request
from fasterapi.http.uploads import UploadFile
from fasterapi.routing.paths import parse_path
from fasterapi.routing.tree import PathTarget
from tests.http.requests import LEFT, arriving, cut_off, exchange, in_pieces, scope


def request(*pieces: bytes, headers: list[tuple[bytes, bytes]] | None = None, **more: Any) -> Request:
    return Request(scope(headers=headers or [], **more), arriving(in_pieces(*pieces)))


# What it is made of.


def test_a_request_is_made_of_a_scope() -> None:
    announced = scope()
    made = Request(announced, arriving([]))
    assert made.scope is announced
    assert made["path"] == "/path"
    assert {"path", "headers", "server"} <= set(made)
    assert isinstance(made, Mapping)


def test_a_request_is_made_of_an_exchange() -> None:
    made = exchange()
    assert Request(made).exchange is made


def test_a_request_is_no_websocket() -> None:
    with pytest.raises(ValueError, match="not of a 'websocket' one"):
        Request({"type": "websocket", "path": "/"})


def test_a_connection_may_be_one() -> None:
    connection = HTTPConnection(
        {"type": "websocket", "path": "/chat", "headers": [(b"host", b"a")], "scheme": "wss", "query_string": b"b=1"}
    )
    assert (str(connection.url), connection.query_params["b"]) == ("wss://a/chat?b=1", "1")


def test_requests_are_only_equal_to_themselves() -> None:
    announced = scope()
    one, other = Request(announced), Request(announced)
    assert one == one  # noqa: PLR0124
    assert len({one, other}) == 2


async def test_without_receive_there_is_nothing_to_read() -> None:
    with pytest.raises(RuntimeError, match="without receive"):
        await Request(scope()).body()


async def test_its_messages_can_be_received() -> None:
    made = request(b"ab")
    assert await made.receive() == {"type": "http.request", "body": b"ab", "more_body": True}


# Its head.


def test_its_head_is_there() -> None:
    made = request(
        method="PUT",
        path="/a",
        query_string=b"b=1&b=2",
        headers=[(b"host", b"example.org"), (b"x-own", b"1"), (b"cookie", b"a=1; odd[]=2; b=3"), (b"content-type", b"text/plain")],
    )
    assert (made.method, str(made.url), made.path, made.content_type) == ("PUT", "http://example.org/a?b=1&b=2", "/a", "text/plain")
    assert (made.headers["X-Own"], made.query_params.getlist("b")) == ("1", ["1", "2"])
    assert made.cookies == {"a": "1", "odd[]": "2", "b": "3"}


@pytest.mark.parametrize("name", ["url", "base_url", "headers", "query_params", "cookies", "path_params", "state", "scope"])
def test_what_was_worked_out_is_kept(name: str) -> None:
    made = request()
    assert getattr(made, name) is getattr(made, name)


def test_the_client_has_an_address() -> None:
    assert request().client == Address("203.0.113.7", 4711)
    assert request(client=None).client is None


@pytest.mark.parametrize(("root_path", "base_url"), [("", "http://a/"), ("/api", "http://a/api/"), ("/api/", "http://a/api/")])
def test_the_base_url_is_where_the_application_is_mounted(root_path: str, base_url: str) -> None:
    assert request(headers=[(b"host", b"a")], root_path=root_path, path="/api/x", query_string=b"a=1").base_url == base_url


@pytest.mark.parametrize(
    "host",
    [b"evil.example/admin?", b"evil.example#x", b"evil.example?", b"user@evil.example", b"a\\b", b"a b", b"a\tb", b"evil.example:x", b""],
)
def test_a_hostile_host_changes_nothing(host: bytes) -> None:
    made = request(headers=[(b"host", host)], path="/public")
    assert (made.url.path, made.url.hostname) == ("/public", "server.example")
    assert (made.base_url.path, made.base_url.hostname) == ("/", "server.example")


def test_two_hosts_are_not_believed() -> None:
    assert request(headers=[(b"host", b"a"), (b"host", b"b")]).url.hostname == "server.example"


@pytest.mark.parametrize("path", ["//evil.example/x", "http://evil.example/x", "/a\r\nb", "/a?b", "/a#b", "/a\\b"])
def test_a_hostile_path_keeps_the_host(path: str) -> None:
    assert request(headers=[(b"host", b"example.org")], path=path).url.hostname == "example.org"


def test_path_parameters_are_those_of_the_scope() -> None:
    assert request(path_params={"a": 1}).path_params == {"a": 1}


def test_path_parameters_are_those_that_were_matched() -> None:
    made = exchange(path_params={"tenant": "t", "number": 1})
    made.matched = PathTarget(parse_path("/{number:int}"), frozenset())
    made.path_values = ["5"]
    assert Request(made).path_params == {"tenant": "t", "number": 5}


def test_the_state_is_the_scopes() -> None:
    announced = scope(state={"pool": "p"})
    made = Request(announced)
    made.state.user = "u"
    assert (made.state.pool, announced["state"], Request(announced).state.user) == ("p", {"pool": "p", "user": "u"}, "u")


def test_the_type_of_the_state_can_be_told() -> None:
    class Pools(TypedDict):
        pool: str

    class Mine(State):
        pool: str

    assert Request[Pools](scope(state={"pool": "p"})).state["pool"] == "p"
    assert Request[Mine](scope(state={"pool": "p"})).state.pool == "p"


def test_the_application_is_known() -> None:
    made = exchange()
    made.app = "the app"
    assert (Request(made).app, Request(scope(app="the other")).app) == ("the app", "the other")
    assert Request(made).scope["app"] == "the app"


@pytest.mark.parametrize("name", ["session", "user", "auth"])
def test_what_middleware_gives_is_there_or_the_middleware_is_named(name: str) -> None:
    assert getattr(Request(scope(**{name: {"a": 1}})), name) == {"a": 1}
    with pytest.raises(AssertionError, match=f"Middleware must be installed to access request.{name}"):
        getattr(request(), name)


# Its body.


async def test_the_body_is_kept() -> None:
    made = request(b"ab", b"cd")
    assert (await made.body(), await made.body()) == (b"abcd", b"abcd")


async def test_a_body_that_was_read_before_is_there() -> None:
    made = exchange(b"ab")
    await made.read_body(10)
    assert await Request(made).body() == b"ab"


async def test_a_body_beyond_the_limit_is_refused() -> None:
    made = exchange(b"ab", b"cd")
    made.body_limit = 3
    with pytest.raises(HTTPException, match="413: Content Too Large"):
        await Request(made).body()
    with pytest.raises(RuntimeError, match="in pieces"):
        await Request(made).body()


async def test_a_body_that_is_cut_off_has_nobody_to_answer() -> None:
    with pytest.raises(ClientDisconnect):
        await Request(cut_off(b"ab")).body()


async def test_the_body_comes_in_pieces() -> None:
    assert [piece async for piece in request(b"ab", b"", b"cd").stream()] == [b"ab", b"cd", b""]


async def test_a_kept_body_comes_in_one_piece_and_again() -> None:
    made = request(b"ab", b"cd")
    await made.body()
    assert [piece async for piece in made.stream()] == [b"abcd", b""]
    assert [piece async for piece in made.stream()] == [b"abcd", b""]


async def test_pieces_are_not_kept() -> None:
    made = request(b"ab", b"cd")
    async for _ in made.stream():
        pass
    with pytest.raises(RuntimeError, match="in pieces"):
        await made.body()
    with pytest.raises(RuntimeError, match="in pieces"):
        await anext(made.stream())


async def test_a_stream_can_be_left() -> None:
    stream = request(b"ab", b"cd").stream()
    assert await anext(stream) == b"ab"
    await stream.aclose()
    assert [piece async for piece in stream] == []


async def test_pieces_beyond_the_limit_are_refused() -> None:
    made = exchange(b"ab", b"cd")
    made.body_limit = 3
    stream = Request(made).stream()
    assert await anext(stream) == b"ab"
    with pytest.raises(HTTPException, match="413"):
        await anext(stream)


async def test_pieces_that_are_cut_off_have_nobody_to_answer() -> None:
    stream = Request(cut_off(b"ab")).stream()
    assert await anext(stream) == b"ab"
    with pytest.raises(ClientDisconnect):
        await anext(stream)


async def test_a_client_that_left_is_known() -> None:
    assert not await request(b"ab").is_disconnected()
    assert await Request(scope(), arriving([LEFT])).is_disconnected()


async def test_json_is_decoded_once() -> None:
    made = request(b'{"a":', b" [1]}")
    value = await made.json()
    assert value == {"a": [1]}
    assert await made.json() is value


@pytest.mark.parametrize("body", [b"NaN", b"-Infinity", b"1e999", b'"\\ud800"', b"\xef\xbb\xbf1", b"1" * 100])
async def test_json_is_what_the_standard_library_takes(body: bytes) -> None:
    assert repr(await request(body).json()) == repr(json.loads(body))


@given(st.binary(max_size=20) | st.text(alphabet='{}[]":,019eE+-.\\u aln', max_size=20).map(str.encode))
async def test_json_is_a_value_or_a_fault(body: bytes) -> None:
    try:
        expected = repr(json.loads(body.decode("utf-8-sig")))
    except ValueError:
        with pytest.raises(HTTPException, match="400: The body is not JSON"):
            await request(body).json()
    else:
        assert repr(await request(body).json()) == expected


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{bad", "The body is not JSON: Expecting property name enclosed in double quotes at position 1."),
        (b"", "The body is not JSON: Expecting value at position 0."),
        (b'"\xff"', "The body is not JSON: Invalid UTF-8 at position 1."),
        ("1".encode("utf-16"), "The body is not JSON: Invalid UTF-8 at position 0."),
        (b"[" * 100_000, "The body is not JSON: Nested too deeply at position 0."),
        (b"1" * 5000, "The body is not JSON: Number with too many digits at position 0."),
    ],
)
async def test_malformed_json_is_the_clients_fault(body: bytes, detail: str) -> None:
    with pytest.raises(HTTPException) as caught:
        await request(body).json()
    assert (caught.value.status_code, caught.value.detail, caught.value.headers) == (400, detail, None)


async def test_malformed_json_can_be_caught_as_elsewhere() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        await request(b"[1 2]").json()
    assert (caught.value.pos, caught.value.doc) == (3, "[1 2]")


# Its form.

URLENCODED = [(b"content-type", b"application/x-www-form-urlencoded")]
MULTIPART = [(b"content-type", b"multipart/form-data; boundary=B")]
FILE = b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\ncontent\r\n--B--\r\n'


async def test_a_form_is_read() -> None:
    made = request(b"a=1&b=2", headers=URLENCODED)
    form = await made.form()
    assert form == await made.form()
    assert (form["a"], form["b"]) == ("1", "2")


async def test_a_form_closes_its_files() -> None:
    made = request(FILE, headers=MULTIPART)
    async with made.form() as form:
        upload = form["f"]
        assert isinstance(upload, UploadFile)
        assert await upload.read() == b"content"
    assert upload.file.closed


async def test_a_request_closes_its_files() -> None:
    made = request(FILE, headers=MULTIPART)
    upload = (await made.form())["f"]
    assert isinstance(upload, UploadFile)
    await made.close()
    assert upload.file.closed


async def test_a_request_without_a_form_has_nothing_to_close() -> None:
    await request().close()


@pytest.mark.parametrize(
    ("headers", "body", "limits", "detail"),
    [
        (URLENCODED, b"a=1&b=2", {"max_fields": 1}, "Too many fields. Maximum number of fields is 1."),
        (URLENCODED, bytes(1025), {"max_part_size": 1024}, "Field exceeded maximum size of 1KB."),
        (MULTIPART, FILE, {"max_files": 0}, "Too many files. Maximum number of files is 0."),
        (MULTIPART, FILE[:-5], {}, "Invalid multipart data: the body ends before its last boundary."),
    ],
)
async def test_what_is_no_form_is_the_clients_fault(
    headers: list[tuple[bytes, bytes]], body: bytes, limits: dict[str, int], detail: str
) -> None:
    with pytest.raises(HTTPException) as caught:
        await request(body, headers=headers).form(**limits)
    assert (caught.value.status_code, caught.value.detail) == (400, detail)


async def test_a_form_that_is_cut_off_has_nobody_to_answer() -> None:
    with pytest.raises(ClientDisconnect):
        await Request(cut_off(b"a=1", headers=URLENCODED)).form()


async def test_a_form_can_be_read_after_the_body() -> None:
    made = request(b"a=1", headers=URLENCODED)
    await made.body()
    assert (await made.form())["a"] == "1"


# Subclasses.


async def test_a_subclass_may_read_the_body_in_its_own_way() -> None:
    class Reversed(Request):
        async def body(self) -> bytes:
            if not hasattr(self, "_body"):
                self._body = (await super().body())[::-1]
            return self._body

    made = Reversed(scope(), arriving(in_pieces(b"]1", b"[")))
    assert await made.json() == [1]


async def test_a_subclass_may_be_made_of_another_request() -> None:
    class Mine(Request):
        @property
        def tenant(self) -> str:
            return self.headers.get("x-tenant", "none")

    first = request(b"ab", headers=[(b"x-tenant", b"t")])
    second = Mine(first.scope, first.receive)
    assert (second.tenant, await second.body()) == ("t", b"ab")
