"""What handlers raise passes through all middleware before it is answered."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from fasterapi import Faster, HTTPException, JSONResponse, Request, Response
from fasterapi.asgi import ASGIApp, Receive, Scope, Send
from fasterapi.testing import TestClient

SEEN: list[str] = []


class Watching:
    """ASGI middleware that notes what passes through it."""

    def __init__(self, app: ASGIApp, name: str = "watching") -> None:
        self.app = app
        self.name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def watched(message: Mapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                SEEN.append(f"{self.name} {message['status']}")
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            SEEN.append(f"{self.name} {type(error).__name__}")
            raise


def make_app(**options: Any) -> Faster:
    SEEN.clear()
    app = Faster(**options)
    app.add_middleware(Watching)

    @app.get("/bug")
    async def bug() -> None:
        raise ValueError("a bug")

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418)

    @app.get("/started")
    async def started(request: Request) -> Response:
        return _BrokenResponse()

    return app


class _BrokenResponse(JSONResponse):
    """Begins its answer and fails in the middle."""

    is_streamed = True

    async def stream(self, exchange: Any) -> None:
        await exchange.start(self.head(), -1)
        await exchange.write(b"half")
        raise ValueError("in the middle")


def test_middleware_sees_what_nobody_expected_and_the_client_gets_500(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = TestClient(make_app(), raise_server_exceptions=False).get("/bug")
    assert (answer.status_code, answer.text, SEEN) == (500, "Internal Server Error", ["watching ValueError"])
    assert [record.message for record in caplog.records] == ["GET '/bug' raised ValueError"]


def test_middleware_sees_the_answer_to_what_was_expected() -> None:
    assert TestClient(make_app()).get("/teapot").status_code == 418
    assert SEEN == ["watching 418"]


def test_the_handler_of_exception_stands_around_the_middleware() -> None:
    async def answer(request: Request, error: Exception) -> Response:
        return JSONResponse({"error": str(error)}, 503)

    app = make_app(exception_handlers={Exception: answer})
    answered = TestClient(app, raise_server_exceptions=False).get("/bug")
    assert (answered.status_code, answered.json(), SEEN) == (503, {"error": "a bug"}, ["watching ValueError"])


def test_test_clients_raise_what_nobody_expected() -> None:
    with pytest.raises(ValueError, match="a bug"):
        TestClient(make_app()).get("/bug")


def test_the_last_middleware_is_the_outermost() -> None:
    app = make_app()
    app.add_middleware(Watching, name="outer")
    TestClient(app).get("/teapot")
    assert SEEN == ["watching 418", "outer 418"]


def test_an_answer_that_breaks_off_is_raised_to_the_server() -> None:
    with pytest.raises(ValueError, match="in the middle"):
        TestClient(make_app()).get("/started")
    assert SEEN == ["watching 200", "watching ValueError"]
