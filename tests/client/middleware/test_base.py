"""Middleware of one's own: what it sees, in which order, for which requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from fasterapi.client import AsyncSession, BaseMiddleware, FastHTTP, FastHTTPConnectionError, MiddlewareChain, Request, Response
from fasterapi.client.middleware import CallNext, MiddlewareManager
from fasterapi.client.transport import WireResponse
from tests.client.sites import LOCAL, Site, refused_url


class Noting(BaseMiddleware):
    def __init__(self, name: str, notes: list[str]) -> None:
        self.name = name
        self.notes = notes

    async def request(self, method: str, url: str, kwargs: dict[str, Any]) -> dict[str, Any]:
        self.notes.append(f"{self.name} request {method} {url}")
        headers = kwargs.get("headers") or {}
        kwargs["headers"] = {**headers, f"X-{self.name}": "1"}
        return kwargs

    async def around(self, request: Request, call_next: CallNext) -> Response:
        self.notes.append(f"{self.name} in")
        response = await call_next(request)
        self.notes.append(f"{self.name} out")
        return response

    async def outgoing(self, request: Request) -> None:
        self.notes.append(f"{self.name} outgoing {request.target.path}")

    async def incoming(self, request: Request, response: WireResponse) -> None:
        self.notes.append(f"{self.name} incoming {response.status}")

    async def response(self, response: Response) -> Response:
        self.notes.append(f"{self.name} response {response.status}")
        return response

    async def on_error(self, error: Exception, route: Any, config: Any) -> None:
        self.notes.append(f"{self.name} error {type(error).__name__} {route.method}")


class Outer(Noting):
    __priority__: ClassVar[int] = -1


class PostOnly(Noting):
    __methods__: ClassVar[Sequence[str] | None] = ["post"]


class Disabled(Noting):
    __enabled__: ClassVar[bool] = False


async def test_the_order(site: Site) -> None:
    notes: list[str] = []
    site.answer("/a", status=302, headers={"Location": "/b"})
    chain = Noting("B", notes) | Outer("A", notes) | Disabled("D", notes) | PostOnly("P", notes)
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=chain) as session:
        await session.get("/a")
    assert notes == [
        *("A request GET /a", "B request GET /a", "A in", "B in"),
        *("A outgoing /a", "B outgoing /a", "A incoming 302", "B incoming 302"),
        *("A outgoing /b", "B outgoing /b", "A incoming 404", "B incoming 404"),
        *("B out", "A out", "B response 404", "A response 404"),
    ]
    assert (site.asked[0].headers["x-a"], site.asked[0].headers["x-b"]) == ("1", "1")


async def test_the_methods(site: Site) -> None:
    notes: list[str] = []
    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=[PostOnly("P", notes)]) as session:
        await session.get("/a")
        assert notes == []
        await session.post("/a")
    assert len(notes) == 6


async def test_errors_are_told(site: Site) -> None:
    notes: list[str] = []
    async with AsyncSession(security=LOCAL, middleware=Noting("A", notes)) as session:
        with pytest.raises(FastHTTPConnectionError):
            await session.get(refused_url())
    assert notes[-1] == "A error FastHTTPConnectionError GET"


async def test_an_answer_without_a_request(site: Site) -> None:
    class Canned(BaseMiddleware):
        async def around(self, request: Request, call_next: CallNext) -> Response:
            response = await call_next(request)
            response.content = b"canned"
            return response

    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=Canned()) as session:
        assert (await session.get("/x")).text == "canned"


async def test_a_changed_request_is_what_is_sent(site: Site) -> None:
    class Tenant(BaseMiddleware):
        async def outgoing(self, request: Request) -> None:
            request.headers["x-tenant"] = "7"

    async with AsyncSession(base_url=site.url(), security=LOCAL, middleware=Tenant()) as session:
        response = await session.get("/x")
    assert site.last.headers["x-tenant"] == response.req_headers["x-tenant"] == "7"


def test_chains() -> None:
    a, b, c = (Noting(name, []) for name in "abc")
    chain = a | b | (c | a)
    assert (list(chain), len(chain)) == ([a, b, c, a], 4)
    assert list(a | MiddlewareChain([b])) == [a, b]
    assert len(MiddlewareManager([a, chain]).middlewares) == 5
    with pytest.raises(TypeError, match="BaseMiddleware"):
        FastHTTP(middleware=[object()])  # type: ignore[list-item]  # the mistake
