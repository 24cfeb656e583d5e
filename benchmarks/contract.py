"""What every contender must do: the endpoints, their right answers, and the requests that must be refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True)
class Request:
    """One request, free of any transport."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = "application/json"

    @property
    def target(self) -> str:
        """The path with its query, as it stands in a request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers of a small client; a body adds its type and length."""
        headers = [("host", "127.0.0.1:8000"), ("user-agent", "benchmark"), ("accept", "*/*")]
        if self.body:
            headers += [("content-type", self.content_type), ("content-length", str(len(self.body)))]
        return headers


@dataclass(frozen=True)
class Answer:
    """What came back for a request."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Sample:
    """A request and the JSON value that answers it."""

    request: Request
    answer: object


@dataclass(frozen=True)
class Refusal:
    """Stands for an answer of status 4xx that names these mistakes."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Content:
    """Stands for an answer of exactly these bytes, which need not be JSON."""

    body: bytes


@dataclass(frozen=True)
class Events:
    """Stands for a stream of server-sent events, which carry the numbers below `count` as `{"number": 0}`."""

    count: int


@dataclass(frozen=True)
class Endpoint:
    """One of the things that are measured.

    `timed` requests are alike in work but not in content, so that no cache can answer for the framework;
    `checked` ones are asked once, before anything is timed; `refused` ones hold a wrong value and must get a 4xx.
    A contender that cannot do what is `optional` has no figure for it.
    Where `websocket` is a path, text messages are sent there instead, and have to come back.
    """

    name: str
    title: str
    timed: tuple[Sample, ...]
    checked: tuple[Sample, ...] = ()
    refused: tuple[Request, ...] = ()
    optional: bool = False
    websocket: str = ""
    unit: str = "request"
    """What the figures are of."""
    units: int = 1
    """How many of them are in one request."""


Ask: TypeAlias = Callable[[Request], Answer]


class WrongAnswerError(Exception):
    """A contender gave another answer than the contract demands, so its speed means nothing."""


def _user(number: int, query: str, limit: int, active: bool, q: str | None) -> Sample:
    answer = {"user_id": number, "limit": limit, "active": active, "q": q}
    return Sample(Request("GET", f"/users/{number}", query), answer)


def _item(quantity: int) -> Sample:
    item = {"name": "garden chair", "price": 12.5, "quantity": quantity, "tags": ["garden", "wood", "sale"]}
    body = json.dumps(item).encode()
    return Sample(Request("POST", "/items", body=body), item | {"total": 12.5 * quantity})


def _tenant(name: str) -> Sample:
    return Sample(Request("GET", "/deps", f"tenant={name}"), {"tenant": name, "orders": len(name)})


def _shelf(number: int) -> Sample:
    query = f"limit={number}0&price={number}.5"
    return Sample(Request("GET", f"/shelves/{number}", query), {"shelf": number, "limit": number * 10, "price": number + 0.5})


_ORDER_QUERY: Final = "page=2&size=50&paid=true&minimum=1.5&maximum=99.5&status=open&sort=price&code=x-17"


def _order(number: int) -> Sample:
    answer = {
        "customer": number,
        "order": number * 7,
        "page": 2,
        "size": 50,
        "paid": True,
        "minimum": 1.5,
        "maximum": 99.5,
        "status": "open",
        "sort": "price",
        "code": "x-17",
    }
    return Sample(Request("GET", f"/customers/{number}/orders/{number * 7}", _ORDER_QUERY), answer)


STATIC_JSON: Final = Endpoint("json", "static JSON", timed=(Sample(Request("GET", "/json"), {"message": "Hello, World!"}),))

PARAMETERS: Final = Endpoint(
    "params",
    "path + query",
    timed=tuple(_user(number, f"limit={number}0&active=true&q=abc", number * 10, True, "abc") for number in range(1, 9)),
    checked=(
        _user(7, "", 10, True, None),
        _user(8, "active=false&q=a%20b%C3%A9", 10, False, "a bé"),
    ),
    refused=(
        Request("GET", "/users/abc", "limit=10&active=true&q=abc"),
        Request("GET", "/users/7", "limit=ten&active=true&q=abc"),
    ),
)

JSON_BODY: Final = Endpoint(
    "body",
    "JSON body",
    timed=tuple(_item(quantity) for quantity in range(1, 9)),
    refused=(
        Request("POST", "/items", body=b'{"name": "chair", "price": 12.5, "quantity": "many", "tags": []}'),
        Request("POST", "/items", body=b'{"name": "chair", "price": 12.5, "tags": []}'),
        Request("POST", "/items", body=b'{"name": "chair", "price": 12.5, "quantity": 1, "tags": ["wood", 5]}'),
    ),
)

DEPENDENCIES: Final = Endpoint(
    "deps",
    "3-deep dependencies",
    timed=tuple(_tenant(name) for name in ("acme", "globex", "initech", "umbrella")),
)

ENDPOINTS: Final[tuple[Endpoint, ...]] = (STATIC_JSON, PARAMETERS, JSON_BODY, DEPENDENCIES)
"""What every mode measures."""

LARGE_TEXT: Final = b"0123456789" * 1000

LARGE: Final = Endpoint("large", "10 KB response", timed=(Sample(Request("GET", "/large"), Content(LARGE_TEXT)),))

UPLOAD_SIZE: Final = 1_000_000

UPLOAD: Final = Endpoint(
    "upload",
    "1 MB upload",
    timed=(
        Sample(
            Request("POST", "/upload", body=b"x" * UPLOAD_SIZE, content_type="application/octet-stream"),
            {"size": UPLOAD_SIZE},
        ),
    ),
)

EVENT_COUNT: Final = 100

EVENTS: Final = Endpoint("events", "SSE", timed=(Sample(Request("GET", "/events"), Events(EVENT_COUNT)),), unit="event", units=EVENT_COUNT)

ECHO: Final = Endpoint("echo", "WebSocket echo", timed=(), websocket="/echo", unit="message")

SERVED_ENDPOINTS: Final[tuple[Endpoint, ...]] = (*ENDPOINTS, LARGE, UPLOAD, EVENTS, ECHO)
"""What a framework is asked together with its server: also what is mostly the server's work."""

CONSTRAINED: Final = Endpoint(
    "bounds",
    "3 constrained",
    timed=tuple(_shelf(number) for number in range(1, 9)),
    refused=(
        Request("GET", "/shelves/0", "limit=10&price=1.5"),
        Request("GET", "/shelves/1", "limit=101&price=1.5"),
        Request("GET", "/shelves/1", "limit=ten&price=1.5"),
        Request("GET", "/shelves/1", "limit=10&price=0"),
    ),
)

TEN_PARAMETERS: Final = Endpoint(
    "ten",
    "10 parameters",
    timed=tuple(_order(number) for number in range(1, 9)),
    refused=(
        Request("GET", "/customers/a/orders/1", _ORDER_QUERY),
        Request("GET", "/customers/1/orders/1", _ORDER_QUERY.replace("page=2", "page=two")),
        Request("GET", "/customers/1/orders/1", _ORDER_QUERY.replace("minimum=1.5", "minimum=low")),
    ),
)

FAULTS: Final = Endpoint(
    "faults",
    "refused, 3 faults",
    timed=tuple(
        Sample(Request("GET", "/shelves/0", f"limit={number}01&price=-{number}"), Refusal(("shelf", "limit", "price")))
        for number in range(1, 9)
    ),
    optional=True,
)

DIRECT_ENDPOINTS: Final[tuple[Endpoint, ...]] = (*ENDPOINTS, CONSTRAINED, TEN_PARAMETERS, FAULTS)
"""What a framework is asked in-process: also what it does with more parameters, and with wrong ones."""

ROUTES_ASKED: Final = 64
"""Enough routes to reach every part of a table, few enough that the handlers stay in the processor's cache at every size."""


def routes_endpoint(count: int) -> Endpoint:
    """Requests to routes spread evenly over an application that has `count` of them, the last one included."""
    asked = min(count, ROUTES_ASKED)
    numbers = [count - 1 - index * count // asked for index in range(asked)]
    return Endpoint("routes", f"{count} routes", timed=tuple(_resource(number) for number in numbers))


def _resource(number: int) -> Sample:
    item_id = number % 97
    return Sample(Request("GET", f"/resource{number}/{item_id}"), {"route": number, "item_id": item_id})


def verify(endpoint: Endpoint, ask: Ask) -> bool:
    """Say whether the contender refuses wrong values; raise `WrongAnswerError` where it answers a right one wrongly."""
    for sample in endpoint.timed + endpoint.checked:
        expect(sample, ask)
    return all(400 <= ask(request).status < 500 for request in endpoint.refused)


def expect(sample: Sample, ask: Ask) -> None:
    """Ask once and raise `WrongAnswerError` unless the answer is the sample's."""
    answer = ask(sample.request)
    request = f"{sample.request.method} {sample.request.target}"
    if isinstance(sample.answer, Refusal):
        if answer.status // 100 != 4:
            raise WrongAnswerError(f"{request}: status {answer.status} instead of a refusal")
        return
    if answer.status // 100 != 2:
        raise WrongAnswerError(f"{request}: status {answer.status}, body {answer.body[:200]!r}")
    if not _is_right(sample.answer, answer.body):
        raise WrongAnswerError(f"{request}: {answer.body[:200]!r} instead of {str(sample.answer)[:200]}")


def _is_right(expected: object, body: bytes) -> bool:
    match expected:
        case Content(content):
            return body == content
        case Events(count):
            return _event_data(body) == [{"number": number} for number in range(count)]
        case _:
            return bool(json.loads(body) == expected)


def _event_data(stream: bytes) -> list[object]:
    """What the events of a stream carry; a framework may end its lines in any of the ways that the format allows."""
    lines = stream.decode().splitlines()
    return [json.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:")]


def names_all_faults(endpoint: Endpoint, ask: Ask) -> bool:
    """Say whether refusals name everything that is wrong, not only what was found first."""
    for sample in endpoint.timed:
        if isinstance(sample.answer, Refusal):
            body = ask(sample.request).body
            if not all(name.encode() in body for name in sample.answer.names):
                return False
    return True
