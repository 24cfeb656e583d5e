from __future__ import annotations

from typing import Any

import fastapi.exception_handlers
import fastapi.exceptions
import fastapi.testclient
import pytest

import fasterapi.exception_handlers
import fasterapi.exceptions
from fasterapi import Faster
from fasterapi.testing import TestClient


def declare(framework: Any, app: Faster, log: list[str]) -> None:
    """An application that logs what it refuses, and refuses it as it would without that."""
    handlers = framework.exception_handlers

    @app.exception_handler(framework.HTTPException)
    async def refuse(request: Any, error: Any) -> Any:
        log.append(f"{error.status_code}")
        return await handlers.http_exception_handler(request, error)

    @app.exception_handler(framework.exceptions.RequestValidationError)
    async def refuse_faults(request: Any, error: Any) -> Any:
        log.append(f"{len(error.errors())} faults")
        return await handlers.request_validation_exception_handler(request, error)

    @app.exception_handler(framework.exceptions.WebSocketRequestValidationError)
    async def refuse_handshake(websocket: Any, error: Any) -> None:
        log.append("handshake")
        await handlers.websocket_request_validation_exception_handler(websocket, error)

    @app.get("/raise/{status}")
    def raise_status(status: int, detail: str = "no") -> None:
        raise framework.HTTPException(status, {"reason": detail}, {"x-own": "1"})

    @app.get("/numbers")
    def numbers(first: int, second: float) -> None:
        return None


@pytest.mark.parametrize(
    "path", ["/raise/404", "/raise/304", "/raise/503?detail=%F0%9F%90%8C", "/raise/abc", "/numbers?first=a&second=NaN"]
)
def test_a_handler_can_fall_back_on_what_is_answered_without_it(path: str) -> None:
    their_log: list[str] = []
    our_log: list[str] = []
    theirs: Any = fastapi.FastAPI()
    ours = Faster()
    declare(fastapi, theirs, their_log)
    declare(fasterapi, ours, our_log)
    expected, answer = fastapi.testclient.TestClient(theirs).get(path), TestClient(ours).get(path)
    assert (answer.status_code, answer.headers.get("x-own")) == (expected.status_code, expected.headers.get("x-own"))
    assert (answer.json() if answer.content else None) == (expected.json() if expected.content else None)
    assert our_log == their_log != []


def test_a_handshake_with_faults_is_closed_with_the_first_of_them() -> None:
    log: list[str] = []
    app = Faster()
    declare(fasterapi, app, log)

    @app.websocket("/ws")
    async def speak(websocket: fasterapi.WebSocket, number: int) -> None:
        raise AssertionError("it was called")

    with pytest.raises(fasterapi.WebSocketDisconnect) as raised, TestClient(app).websocket_connect("/ws?number=a"):
        pytest.fail("it was accepted")
    assert raised.value.code == 1008
    assert raised.value.reason is not None
    assert raised.value.reason.startswith("query.number: ")
    assert log == ["handshake"]
