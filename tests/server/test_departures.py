"""Where uvicorn's own protocol does what HTTP does not allow, or not quite, ours does what it says instead."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from fasterapi.server import HttpProtocol
from tests.server.probe import AsgiProbe
from tests.server.test_protocol import post, request
from tests.server.wire import Answer, Wire


@dataclass
class Departure:
    """What is sent, and what must be true of our answers and is not of uvicorn's."""

    data: bytes
    holds: Callable[[list[Answer]], bool]
    ws: str = "none"


def statuses(*expected: int) -> Callable[[list[Answer]], bool]:
    return lambda answers: [answer.status for answer in answers] == list(expected)


def bodies(*expected: str) -> Callable[[list[Answer]], bool]:
    """Whether the requests were told to have had these bodies."""
    return lambda answers: [json.loads(answer.body)[4] for answer in answers] == list(expected)


DEPARTURES = {
    # RFC 9112, 3.2
    "no host": Departure(b"GET /echo HTTP/1.1\r\n\r\n", statuses(400)),
    "two hosts": Departure(request("/echo", b"host: b"), statuses(400)),
    # RFC 9112, 3.2.2, and RFC 9110, 4.2.3
    "URL without a path": Departure(request("http://b"), statuses(200)),
    # RFC 9112, 5.1
    "blanks behind a header": Departure(request("/echo", b"x-a: b \t "), lambda answers: json.loads(answers[0].body)[3][1] == ["x-a", "b"]),
    # RFC 9112, 6.1
    "chunks for HTTP/1.0": Departure(
        b"GET /pieces HTTP/1.0\r\n\r\n", lambda answers: all("transfer-encoding" not in answer.headers for answer in answers)
    ),
    # RFC 9110, 7.8: a server may ignore a request to upgrade, but not its body
    "body of an upgrade": Departure(post("/echo", b"body", b"connection: upgrade", b"upgrade: h2c") + request("/echo"), bodies("body", "")),
    # RFC 6455, 4.1: it is no WebSocket that such a request asks for
    "WebSocket in a POST": Departure(
        post("/early", b"", b"connection: upgrade", b"upgrade: websocket", b"sec-websocket-version: 13"), statuses(200), ws="wsproto"
    ),
    # RFC 9110, 10.1.1
    "leave to send no body": Departure(request("/echo", b"expect: 100-continue"), statuses(200)),
    "leave to send a body that is here": Departure(post("/echo", b"body", b"expect: 100-continue"), statuses(200)),
    "leave for HTTP/1.0": Departure(b"POST /echo HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n", statuses()),
    # RFC 9110, 10.1.1: the client may still send the body, or the next request
    "body that nobody gave leave to send": Departure(
        post("/early", b"body", b"expect: 100-continue")[:-4], lambda answers: answers[0].headers.get("connection") == "close"
    ),
}


@pytest.mark.parametrize("name", DEPARTURES)
async def test_departure(name: str) -> None:
    departure = DEPARTURES[name]
    assert departure.holds(await answers_of(HttpProtocol, departure))


@pytest.mark.parametrize("name", DEPARTURES)
async def test_uvicorn_still_differs(name: str) -> None:
    departure = DEPARTURES[name]
    assert not departure.holds(await answers_of(HttpToolsProtocol, departure))


async def answers_of(protocol_class: type, departure: Departure) -> list[Answer]:
    probe = AsgiProbe()
    probe.gates.gate.set()
    wire = Wire(probe, protocol_class=protocol_class, ws=departure.ws)
    await wire.send(departure.data)
    answers = wire.answers()
    # Lets the application end that still waits for a body.
    await wire.hang_up()
    return answers
