"""The protocol over a fake transport: what a client sees of it, whichever way the application is spoken to."""

from __future__ import annotations

import json
import logging

import pytest

from fasterapi.http.exchange import ExchangeHandler
from tests.server.probe import AsgiProbe, NativeProbe, seen
from tests.server.wire import Wire, server_state, settle

Probe = NativeProbe | AsgiProbe

HOST = b"host: a\r\n"


@pytest.fixture(params=[NativeProbe, AsgiProbe], ids=["exchange", "asgi"])
def probe(request: pytest.FixtureRequest) -> Probe:
    app: Probe = request.param()
    return app


def request(target: str, *headers: bytes, method: str = "GET", body: bytes = b"") -> bytes:
    line = f"{method} {target} HTTP/1.1\r\n".encode("latin-1")
    return line + HOST + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


def post(target: str, body: bytes, *headers: bytes) -> bytes:
    return request(target, b"content-length: %d" % len(body), *headers, method="POST", body=body)


def chunked(target: str, *chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b""))
    return request(target, b"transfer-encoding: chunked", method="POST", body=body)


# Requests as they come in.


async def test_answers(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/echo?q=1"))
    assert wire.answer().status == 200
    assert json.loads(wire.answer().body) == ["GET", "/echo", "q=1", [["host", "a"]], ""]


async def test_head_and_body_are_one_write(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/early"))
    assert wire.transport.writes == 1


async def test_default_headers(probe: Probe) -> None:
    wire = Wire(probe, headers=[("x-served-by", "us")])
    wire.state.default_headers = [*wire.state.default_headers, (b"x-served-by", b"us")]
    await wire.send(request("/early"))
    headers = wire.answer().headers
    assert (headers["server"], headers["x-served-by"]) == ("uvicorn", "us")
    assert headers["date"] == "Thu, 01 Jan 1970 00:00:00 GMT"


async def test_date_is_kept_current(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/early"))
    wire.state.default_headers = [(b"date", b"later")]
    await wire.send(request("/early"))
    assert [answer.headers["date"] for answer in wire.answers()] == ["Thu, 01 Jan 1970 00:00:00 GMT", "later"]


async def test_body_of_known_length(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(post("/echo", b"body"))
    assert json.loads(wire.answer("POST").body)[4] == "body"


async def test_chunked_body(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(chunked("/echo", b"one", b"two"))
    assert json.loads(wire.answer("POST").body)[4] == "onetwo"


@pytest.mark.parametrize("data", [post("/echo", b"0123456789"), chunked("/echo", b"01\r\n\r\n23", b"456789")], ids=["counted", "chunked"])
async def test_request_byte_by_byte(probe: Probe, data: bytes) -> None:
    wire = Wire(probe)
    await wire.send(*(data[at : at + 1] for at in range(len(data))))
    assert wire.answer("POST").status == 200


@pytest.mark.parametrize("size", range(1, 40))
async def test_chunked_requests_cut_anywhere(probe: Probe, size: int) -> None:
    data = chunked("/echo", b"a\r\n\r\n", b"\r\n\r\nb") + request("/early") + chunked("/echo", b"c")
    wire = Wire(probe)
    await wire.send(*(data[at : at + size] for at in range(0, len(data), size)))
    first, second, third = wire.answers("POST", "GET", "POST")
    assert (json.loads(first.body)[4], second.body, json.loads(third.body)[4]) == ("a\r\n\r\n\r\n\r\nb", b"early", "c")


async def test_trailers_are_passed_over(probe: Probe) -> None:
    wire = Wire(probe)
    data = request("/echo", b"transfer-encoding: chunked", method="POST", body=b"1\r\na\r\n0\r\nx: y\r\n\r\n")
    await wire.send(data + request("/early"))
    first, second = wire.answers("POST", "GET")
    assert json.loads(first.body)[3:] == [[["host", "a"], ["transfer-encoding", "chunked"]], "a"]
    assert second.body == b"early"


async def test_requests_on_one_connection(probe: Probe) -> None:
    wire = Wire(probe)
    for _ in range(3):
        await wire.send(request("/early"))
    assert len(wire.answers()) == 3
    assert not wire.is_over


async def test_empty_lines_before_a_request(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(b"\r\n\r\n" + request("/early"), b"\r\n", request("/early"))
    assert [answer.body for answer in wire.answers()] == [b"early", b"early"]


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a%20b", "/a b", ""),
        ("/%C3%A9?q=%C3%A9", "/é", "q=%C3%A9"),
        ("/%ff", "/\ufffd", ""),
        ("/%2e%2e/%2F", "/..//", ""),
        ("//evil/x", "//evil/x", ""),
        ("/?", "/", ""),
        ("/a??b", "/a", "?b"),
        ("http://other/x?y", "/x", "y"),
        ("http://other", "/", ""),
        ("http://other?y", "/", "y"),
        ("HTTPS://other/", "/", ""),
    ],
)
async def test_target(probe: Probe, target: str, path: str, query: str) -> None:
    wire = Wire(probe)
    await wire.send(request(target))
    assert json.loads(wire.answer().body)[1:3] == [path, query]


async def test_asterisk(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("*", method="OPTIONS"))
    assert json.loads(wire.answer().body)[:2] == ["OPTIONS", "*"]


async def test_header_values_lose_their_blanks(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/", b"X-A: \t b c \t ", b"x-empty:"))
    assert json.loads(wire.answer().body)[3][1:] == [["x-a", "b c"], ["x-empty", ""]]


# How long the connection lasts.


@pytest.mark.parametrize("value", [b"close", b"Close", b"x, close"])
async def test_connection_close(probe: Probe, value: bytes) -> None:
    wire = Wire(probe)
    await wire.send(request("/early", b"connection: " + value))
    assert wire.answer().headers["connection"] == "close"
    assert wire.transport.closed


async def test_http_1_0(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(b"GET /early HTTP/1.0\r\n\r\n")
    assert wire.answer().body == b"early"
    assert wire.transport.closed


async def test_application_closes(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/close"))
    assert wire.answer().headers["connection"] == "close"
    assert wire.transport.closed


async def test_nothing_is_answered_after_the_last(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/early", b"connection: close") + request("/early"))
    assert len(wire.answers()) == 1
    assert wire.is_over


async def test_unread_body_that_is_small_is_drained(probe: Probe) -> None:
    wire = Wire(probe)
    data = post("/early", b"x" * 1000)
    await wire.send(data[:-500])
    assert wire.answer("POST").body == b"early"
    await wire.send(data[-500:] + request("/early"))
    assert [answer.body for answer in wire.answers("POST", "GET")] == [b"early", b"early"]


async def test_unread_body_that_is_large_ends_the_connection(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(post("/early", b"x" * 1_000_000)[:1000])
    assert wire.answer("POST").headers["connection"] == "close"
    assert wire.is_over


async def test_unread_chunked_body_ends_the_connection(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(chunked("/early", b"x")[:-3])
    assert wire.answer("POST").headers["connection"] == "close"
    assert wire.is_over


async def test_last_answer_can_be_read_while_the_client_sends(probe: Probe) -> None:
    """A socket closed with unread data in it is reset, and the client may never see what was written to it."""
    wire = Wire(probe)
    await wire.send(post("/early", b"x" * 1_000_000)[:1000], b"x" * 1000)
    assert wire.transport.eof_written
    assert not wire.transport.closed


# Several requests at once.


async def test_pipelined_requests_are_answered_in_order(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/wait?1") + request("/early") + post("/echo", b"x") + request("/wait?2"))
    assert wire.transport.written == b""
    probe.gates.gate.set()
    await settle()
    first, second, third, fourth = wire.answers("GET", "GET", "POST", "GET")
    assert (first.body, second.body, fourth.body) == (b"waited 1", b"early", b"waited 2")
    assert json.loads(third.body)[4] == "x"


async def test_client_that_pipelines_has_to_wait(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/wait"), request("/early"))
    waits = not wire.transport.reading
    probe.gates.gate.set()
    await settle()
    assert waits
    assert wire.transport.reading
    assert len(wire.answers()) == 2


async def test_many_pipelined_requests_are_all_answered(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/early") * 1000)
    while wire.transport.writes < 1000:
        await settle()
    assert len(wire.answers()) == 1000
    assert wire.transport.reading


async def test_no_request_begins_while_answers_are_not_read(probe: Probe) -> None:
    wire = Wire(probe)
    wire.protocol.pause_writing()
    await wire.send(request("/early"))
    assert wire.transport.written == b""
    wire.protocol.resume_writing()
    await settle()
    assert wire.answer().body == b"early"
    assert wire.transport.reading


async def test_each_request_has_its_own_variables(probe: Probe) -> None:
    wire = Wire(probe)
    probe.gates.gate.set()
    await wire.send(request("/variable?mine") + request("/variable?yours"), request("/variable"))
    assert [answer.body for answer in wire.answers()] == [b"nothing"] * 3


async def test_pipelined_requests_have_their_own_variables(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/variable?mine") + request("/variable?yours"))
    probe.gates.gate.set()
    await settle()
    assert [answer.body for answer in wire.answers()] == [b"nothing"] * 2


@pytest.mark.parametrize(("resets", "found"), [(False, b"the server's"), (True, b"nothing")])
async def test_requests_see_the_variables_of_the_server(probe: Probe, resets: bool, found: bytes) -> None:
    probe.gates.gate.set()
    token = seen.set("the server's")
    try:
        wire = Wire(probe, reset_contextvars=resets)
    finally:
        seen.reset(token)
    await wire.send(request("/variable"))
    assert wire.answer().body == found


async def test_handler_runs_in_a_task(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/task"))
    assert wire.answer().body == b"in a task"


# Answers.


async def test_head_has_no_body(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/early", method="HEAD"), request("/early"))
    first, second = wire.answers("HEAD", "GET")
    assert (first.headers["content-length"], first.body) == ("5", b"")
    assert second.body == b"early"


async def test_no_content(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/empty"), request("/early"))
    first, second = wire.answers()
    assert first.status == 204
    assert not {"content-length", "transfer-encoding"} & first.headers.keys()
    assert second.body == b"early"


async def test_continue_is_sent_when_the_body_is_read(probe: Probe) -> None:
    wire = Wire(probe)
    data = post("/echo", b"body", b"expect: 100-continue")
    await wire.send(data[:-4])
    assert wire.transport.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    await wire.send(data[-4:])
    assert [answer.status for answer in wire.answers("POST")] == [100, 200]


async def test_continue_is_not_sent_when_the_body_is_not_read(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(post("/early", b"body", b"expect: 100-continue")[:-4])
    assert wire.answer("POST").headers["connection"] == "close"


async def test_continue_is_not_sent_when_the_body_is_here(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(post("/echo", b"body", b"expect: 100-continue"))
    assert wire.answer("POST").status == 200


async def test_second_answer_is_dropped() -> None:
    wire = Wire(NativeProbe())
    await wire.send(request("/twice"))
    assert wire.answer().body == b"first"


@pytest.mark.parametrize("path", ["/raise", "/silent", "/cancel"])
async def test_handler_that_gives_no_answer(probe: Probe, path: str) -> None:
    wire = Wire(probe)
    await wire.send(request(path))
    assert wire.answer().status == 500
    assert wire.answer().body == b"Internal Server Error"
    assert wire.is_over
    assert not wire.state.tasks


async def test_bug_is_logged(probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire(probe)
    await wire.send(request("/raise"))
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("uvicorn.error", logging.ERROR)
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], RuntimeError)


async def test_application_that_cannot_begin() -> None:
    class Broken(NativeProbe):
        def exchange_handler(self) -> ExchangeHandler | None:
            raise RuntimeError("a wrong graph")

    state = server_state()
    with pytest.raises(RuntimeError, match="a wrong graph"):
        Wire(Broken(), state=state)
    await settle()
    assert not state.connections


async def test_cancelled_handler_leaves_a_closed_connection(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/wait"))
    for task in list(wire.state.tasks):
        task.cancel()
    await settle()
    assert wire.answer().status == 500
    assert wire.transport.closed


# Bodies that are too long, or do not come.


async def test_announced_body_beyond_the_limit() -> None:
    probe = NativeProbe()
    wire = Wire(probe)
    await wire.send(post("/limit", b"x" * 11)[:-5])
    assert probe.gates.outcomes == ["too long"]
    assert wire.answer("POST").status == 413
    assert wire.is_over


async def test_chunked_body_beyond_the_limit() -> None:
    probe = NativeProbe()
    wire = Wire(probe)
    await wire.send(chunked("/limit", b"x" * 8, b"x" * 8)[:-5])
    assert probe.gates.outcomes == ["too long"]
    assert wire.is_over


async def test_body_at_the_limit() -> None:
    wire = Wire(NativeProbe())
    await wire.send(chunked("/limit", b"x" * 10))
    assert wire.answer("POST").body == b"x" * 10


async def test_client_that_leaves_inside_its_body(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(post("/echo", b"body")[:-1])
    await wire.hang_up()
    assert probe.gates.outcomes == ["cut off"]
    assert not wire.state.connections
    assert not wire.state.tasks


async def test_answer_to_a_client_that_left_is_dropped(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/wait"))
    await wire.hang_up()
    probe.gates.gate.set()
    await settle()
    assert wire.transport.written == b""
    assert not wire.state.tasks


async def test_body_that_nobody_reads_is_held_back(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(post("/wait", b"x" * 1_000_000)[:100_000])
    assert not wire.transport.reading


async def test_body_that_is_read_is_not_held_back() -> None:
    wire = Wire(NativeProbe())
    data = post("/echo", b"x" * 1_000_000)
    await wire.send(*(data[at : at + 100_000] for at in range(0, len(data), 100_000)))
    assert len(json.loads(wire.answer("POST").body)[4]) == 1_000_000


# What uvicorn sees.


async def test_connections_are_counted(probe: Probe) -> None:
    state = server_state()
    wire = Wire(probe, state=state)
    assert len(state.connections) == 1
    await wire.hang_up()
    assert not state.connections


async def test_requests_are_counted(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/early") * 3)
    assert wire.state.total_requests == 3


async def test_running_handlers_are_counted(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/wait"))
    assert len(wire.state.tasks) == 1
    probe.gates.gate.set()
    await settle()
    assert not wire.state.tasks


async def test_shutdown_closes_an_idle_connection(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/early"))
    wire.protocol.shutdown()
    assert wire.transport.closed


async def test_shutdown_lets_a_request_finish(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/wait"))
    wire.protocol.shutdown()
    assert not wire.is_over
    probe.gates.gate.set()
    await settle()
    assert wire.answer().headers["connection"] == "close"
    assert wire.transport.closed


async def test_limit_concurrency(probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    state = server_state()
    Wire(probe, state=state, limit_concurrency=2)
    wire = Wire(probe, state=state, limit_concurrency=2)
    await wire.send(request("/early"))
    assert (wire.answer().status, wire.answer().body) == (503, b"Service Unavailable")
    assert wire.transport.closed
    assert caplog.messages == ["Exceeded concurrency limit."]


async def test_access_log(probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "uvicorn.access")
    wire = Wire(probe, root_path="/root")
    await wire.send(request("/early/%1B%20x?q=%1B"))
    assert caplog.messages == ['127.0.0.1:50000 - "GET /root/early/%1B%20x?q=%1B HTTP/1.1" 200']


async def test_proxy_headers(probe: Probe, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "uvicorn.access")
    wire = Wire(probe)
    await wire.send(request("/client", b"x-forwarded-for: 1.2.3.4, 127.0.0.1", b"x-forwarded-proto: https"))
    assert wire.answer().body == b"(('1.2.3.4', 0), 'https')"
    assert caplog.messages == ['1.2.3.4:0 - "GET /client HTTP/1.1" 200']


async def test_proxy_headers_of_strangers(probe: Probe) -> None:
    wire = Wire(probe, forwarded_allow_ips="10.0.0.1")
    await wire.send(request("/client", b"x-forwarded-for: 1.2.3.4", b"x-forwarded-proto: https"))
    assert wire.answer().body == b"(('127.0.0.1', 50000), 'http')"


async def test_proxy_headers_switched_off(probe: Probe) -> None:
    wire = Wire(probe, proxy_headers=False)
    await wire.send(request("/client", b"x-forwarded-for: 1.2.3.4", b"x-forwarded-proto: https"))
    assert wire.answer().body == b"(('127.0.0.1', 50000), 'http')"


async def test_tls_and_no_address(probe: Probe) -> None:
    wire = Wire(probe, extra={"sslcontext": object(), "peername": "", "sockname": "/run/socket"})
    await wire.send(request("/client"))
    assert wire.answer().body == b"(None, 'https')"


# Upgrades.


@pytest.mark.parametrize("body", [b"", b"body"])
async def test_upgrade_that_is_not_ours(probe: Probe, body: bytes) -> None:
    wire = Wire(probe)
    headers = (b"connection: Upgrade, HTTP2-Settings", b"upgrade: h2c", b"http2-settings: AAMAAABkAARAAAAAAAIAAAAA")
    await wire.send(post("/echo", body, *headers) + request("/early"))
    first, second = wire.answers("POST", "GET")
    method, _, _, pairs, received = json.loads(first.body)
    assert (method, received, second.body) == ("POST", body.decode(), b"early")
    assert ["upgrade", "h2c"] in pairs


async def test_upgrade_that_is_not_ours_with_chunks(probe: Probe) -> None:
    wire = Wire(probe)
    data = chunked("/echo", b"one", b"two").replace(HOST, HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n")
    await wire.send(*(data[at : at + 1] for at in range(len(data))), request("/early"))
    first, second = wire.answers("POST", "GET")
    assert (json.loads(first.body)[4], second.body) == ("onetwo", b"early")


async def test_websocket_where_there_are_none(probe: Probe) -> None:
    wire = Wire(probe)
    await wire.send(request("/early", b"connection: upgrade", b"upgrade: websocket"))
    assert wire.answer().body == b"early"


async def test_upgrade_to_websocket_with_a_body(probe: Probe) -> None:
    wire = Wire(probe, ws="wsproto")
    await wire.send(request("/early", b"connection: upgrade", b"upgrade: websocket", b"content-length: 4") + b"body")
    assert wire.answer().status == 400
    assert wire.is_over
