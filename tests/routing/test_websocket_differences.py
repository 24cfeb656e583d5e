"""Where WebSockets differ from FastAPI's on purpose: both frameworks in the same real server."""

import logging
from typing import Any

import fastapi
import pytest

import fasterapi
from fasterapi import Faster
from tests.routing.test_websocket_served import SocketClient
from tests.routing.websocket_conversations import converse
from tests.server.servers import Serving

BROKEN_OFF = ("closed", 1006, "")


def declare(framework: Any, app: Faster) -> None:
    websocket_class: Any = framework.WebSocket
    response_class: Any = framework.Response
    tasks_class: Any = framework.BackgroundTasks

    @app.websocket("/returns")
    async def returns(websocket: websocket_class) -> None:
        await websocket.accept()

    @app.websocket("/bug")
    async def bug(websocket: websocket_class) -> None:
        await websocket.accept()
        raise ValueError("a bug")

    @app.websocket("/http-exception")
    async def http_exception(websocket: websocket_class, status: int) -> None:
        await websocket.accept()
        raise framework.HTTPException(status, "said")

    @app.websocket("/text")
    async def text(websocket: websocket_class) -> None:
        await websocket.accept()
        await websocket.receive_text()

    @app.websocket("/json")
    async def json(websocket: websocket_class) -> None:
        await websocket.accept()
        await websocket.receive_json()

    @app.websocket("/drafts")
    async def drafts(websocket: websocket_class, response: response_class, tasks: tasks_class) -> None:
        tasks.add_task(ran.append, framework)
        response.headers["x-own"] = "1"
        await websocket.accept()
        await websocket.close()


ran: list[Any] = []


def asked(framework: Any, path: str, *script: tuple[Any, ...], **options: Any) -> list[Any]:
    """What a client sees of a conversation with an application of this framework."""
    app = framework.FastAPI()
    declare(framework, app)
    with Serving(app, ws="websockets-sansio") as serving:
        return converse(SocketClient(serving.listener.getsockname()[1]), path, [*script, ("receive_text",)], **options)


@pytest.mark.parametrize(
    ("path", "script", "end"),
    [
        ("/returns", [], ("closed", 1000, "")),
        ("/bug", [], ("closed", 1011, "")),
        ("/http-exception?status=403", [], ("closed", 1008, "said")),
        ("/http-exception?status=503", [], ("closed", 1011, "said")),
        ("/text", [("send_bytes", b"1")], ("closed", 1003, "A text message is expected here, not a binary one.")),
        (
            "/json",
            [("send_text", "{")],
            ("closed", 1007, "The message is not JSON: Expecting property name enclosed in double quotes at position 1."),
        ),
    ],
)
def test_what_breaks_off_there_is_closed_here(path: str, script: list[tuple[Any, ...]], end: tuple[Any, ...]) -> None:
    assert asked(fastapi, path, *script)[-1] == BROKEN_OFF
    assert asked(fasterapi, path, *script)[-1] == end


def test_a_client_that_leaves_is_an_error_there(caplog: pytest.LogCaptureFixture) -> None:
    asked(fastapi, "/text", ("close",))
    assert [record.levelno for record in caplog.records if record.name == "uvicorn.error"][-1:] == [logging.ERROR]
    caplog.clear()
    asked(fasterapi, "/text", ("close",))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_drafts_and_tasks_that_are_dropped_there() -> None:
    ran.clear()
    assert asked(fastapi, "/drafts")[0] == ("accepted", None, [])
    assert asked(fasterapi, "/drafts")[0] == ("accepted", None, [(b"x-own", b"1")])
    assert ran == [fasterapi]
