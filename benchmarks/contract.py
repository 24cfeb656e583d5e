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

    @property
    def target(self) -> str:
        """The path with its query, as it stands in a request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers of a small client; a body adds its type and length."""
        headers = [("host", "127.0.0.1:8000"), ("user-agent", "benchmark"), ("accept", "*/*")]
        if self.body:
            headers += [("content-type", "application/json"), ("content-length", str(len(self.body)))]
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
class Endpoint:
    """One of the four things that are measured.

    `timed` requests are alike in work but not in content, so that no cache can answer for the framework;
    `checked` ones are asked once, before anything is timed; `refused` ones hold a wrong value and must get a 4xx.
    """

    name: str
    title: str
    timed: tuple[Sample, ...]
    checked: tuple[Sample, ...] = ()
    refused: tuple[Request, ...] = ()


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
    if answer.status // 100 != 2:
        raise WrongAnswerError(f"{request}: status {answer.status}, body {answer.body[:200]!r}")
    if json.loads(answer.body) != sample.answer:
        raise WrongAnswerError(f"{request}: {answer.body[:200]!r} instead of {sample.answer!r}")
