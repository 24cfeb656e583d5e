"""What applications declare for exceptions, compared with FastAPI on the same requests."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest

from fasterapi import (
    Depends,
    Faster,
    HTTPException,
    JSONResponse,
    Query,
    Request,
    RequestValidationError,
    Response,
    StreamingResponse,
)
from fasterapi.background import BackgroundTask
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


class OwnError(Exception):
    pass


class NarrowError(OwnError):
    pass


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    json_response = __import__(f"{framework.__name__}.responses", fromlist=["JSONResponse"]).JSONResponse
    exceptions = __import__(f"{framework.__name__}.exceptions", fromlist=["HTTPException"])

    @app.exception_handler(OwnError)
    async def own(request: Any, error: OwnError) -> Any:
        log.append(("own", type(error).__name__, request.url.path))
        return json_response({"own": str(error)}, status_code=418)

    @app.exception_handler(404)
    def missing(request: Any, error: Any) -> Any:
        log.append(("404", error.status_code, error.detail))
        return json_response({"missing": request.url.path}, status_code=404)

    @app.exception_handler(405)
    async def not_allowed(request: Any, error: Any) -> Any:
        return json_response({"not": request.method}, status_code=405, headers=error.headers)

    @app.exception_handler(exceptions.RequestValidationError)
    async def invalid(request: Any, error: Any) -> Any:
        log.append([fault["loc"][-1] for fault in error.errors()])
        return json_response({"body": error.body, "count": len(error.errors())}, status_code=400)

    async def raising_provider() -> None:
        raise NarrowError("provided")

    async def yielding_provider() -> Any:
        try:
            yield 1
        except OwnError as error:
            log.append(f"seen {error}")
            raise

    @app.get("/own")
    async def raise_own() -> None:
        raise OwnError("a")

    @app.get("/narrow")
    def raise_narrow() -> None:
        raise NarrowError("b")

    @app.get("/provided")
    async def provided(_: None = framework.Depends(raising_provider)) -> None:
        return None

    @app.get("/yielded")
    async def yielded(_: int = framework.Depends(yielding_provider)) -> None:
        raise OwnError("c")

    @app.get("/missing-item")
    async def missing_item() -> None:
        raise framework.HTTPException(404, "no item")

    @app.get("/forbidden")
    async def forbidden() -> None:
        raise framework.HTTPException(403, "no", {"x-hint": "h"})

    @app.get("/numbers")
    async def numbers(a: int, b: int = framework.Query(ge=3)) -> None:
        return None

    @app.post("/body")
    async def body(items: list[int]) -> None:
        return None


@pytest.mark.parametrize(
    ("method", "url", "options"),
    [
        ("GET", "/own", {}),
        ("GET", "/narrow", {}),
        ("GET", "/provided", {}),
        ("GET", "/yielded", {}),
        ("GET", "/missing-item", {}),
        ("GET", "/nowhere", {}),
        ("DELETE", "/own", {}),
        ("GET", "/forbidden", {}),
        ("GET", "/numbers?a=x&b=1", {}),
        ("POST", "/body", {"json": ["x", 1, "y"]}),
        ("POST", "/body", {"content": b"{", "headers": {"content-type": "application/json"}}),
    ],
)
def test_handlers_answer_as_under_fastapi(method: str, url: str, options: dict[str, Any]) -> None:
    SideBySide(declare).compare(method, url, **options)


def test_a_handler_of_a_base_class_does_not_hide_that_of_the_class_itself() -> None:
    app = Faster(exception_handlers={OwnError: _named("own"), NarrowError: _named("narrow")})

    @app.get("/")
    async def fail() -> None:
        raise NarrowError

    assert TestClient(app).get("/").json() == "narrow"


def test_a_status_counts_before_the_class() -> None:
    app = Faster(exception_handlers={HTTPException: _named("class"), 404: _named("status")})
    client = TestClient(app)

    @app.get("/{status}")
    async def fail(status: int) -> None:
        raise HTTPException(status)

    assert [client.get(f"/{status}").json() for status in (404, 403)] == ["status", "class"]


def test_a_handler_may_give_status_body_and_headers() -> None:
    app = Faster(exception_handlers={OwnError: lambda request, error: (409, b"mine", [(b"x-own", b"1")])})

    @app.get("/")
    async def fail() -> None:
        raise OwnError

    answer = TestClient(app).get("/")
    assert (answer.status_code, answer.content, answer.headers["x-own"]) == (409, b"mine", "1")


def test_a_handler_that_gives_anything_else_is_told_what_to_give(caplog: pytest.LogCaptureFixture) -> None:
    app = Faster(exception_handlers={OwnError: lambda request, error: {"a": 1}})

    @app.get("/")
    async def fail() -> None:
        raise OwnError

    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500
    assert "An exception handler gives a Response, not dict" in caplog.text


def test_a_partial_of_a_coroutine_function_is_awaited() -> None:
    async def answer(word: str, request: Request, error: Exception) -> Response:
        return JSONResponse(word)

    app = Faster(exception_handlers={OwnError: partial(answer, "partial")})

    @app.get("/")
    async def fail() -> None:
        raise OwnError

    assert TestClient(app).get("/").json() == "partial"


def test_the_handler_of_exception_answers_what_nobody_expected_which_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    app = Faster(exception_handlers={Exception: _named("unexpected")})

    @app.get("/")
    async def fail() -> None:
        raise ValueError("a bug")

    with caplog.at_level(logging.ERROR):
        answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert (answer.json(), [record.levelname for record in caplog.records]) == ("unexpected", ["ERROR"])


def test_a_handler_that_fails_gives_500_and_the_log_has_both(caplog: pytest.LogCaptureFixture) -> None:
    def fail_again(request: Request, error: Exception) -> Response:
        raise RuntimeError("again")

    app = Faster(exception_handlers={OwnError: fail_again})

    @app.get("/")
    async def fail() -> None:
        raise OwnError("first")

    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert "again" in caplog.text


def test_a_background_task_of_a_handlers_answer_runs() -> None:
    ran: list[str] = []
    app = Faster(exception_handlers={OwnError: lambda request, error: JSONResponse(1, background=BackgroundTask(ran.append, "ran"))})

    @app.get("/")
    async def fail() -> None:
        raise OwnError

    TestClient(app).get("/")
    assert ran == ["ran"]


def test_a_handler_shares_the_request_with_the_provider() -> None:
    async def remember(request: Request) -> None:
        request.state.word = "kept"

    async def answer(request: Request, error: Exception) -> Response:
        return JSONResponse(request.state.word)

    app = Faster(exception_handlers={OwnError: answer})

    @app.get("/", dependencies=[Depends(remember)])
    async def fail(number: int = Query(1)) -> None:
        raise OwnError

    assert TestClient(app).get("/").json() == "kept"


def _named(name: str) -> Any:
    async def answer(request: Request, error: Exception) -> Response:
        return JSONResponse(name)

    return answer


async def _open() -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize("path", ["/plain", "/cleanup"])
@pytest.mark.parametrize("body", [b"{", b'["x"]'], ids=["no JSON", "no numbers"])
def test_what_follows_a_handlers_answer_follows_it_wherever_the_fault_was_found(path: str, body: bytes) -> None:
    ran: list[str] = []

    async def answer(request: Request, error: Exception) -> Response:
        return StreamingResponse(iter(["in ", "pieces"]), 400, background=BackgroundTask(ran.append, "ran"))

    app = Faster(exception_handlers={RequestValidationError: answer, 413: answer}, max_body_size=10)

    @app.post("/plain")
    async def plain(items: list[int]) -> None:
        return None

    @app.post("/cleanup")
    async def cleanup(items: list[int], _: int = Depends(_open)) -> None:
        return None

    client = TestClient(app)
    for content in (body, b" " * 11):
        ran.clear()
        answered = client.post(path, content=content, headers={"content-type": "application/json"})
        assert (answered.status_code, answered.text, ran) == (400, "in pieces", ["ran"])


@pytest.mark.parametrize("path", ["/plain", "/cleanup"])
def test_what_follows_a_handlers_answer_to_an_exception_follows_it(path: str) -> None:
    ran: list[str] = []
    app = Faster(exception_handlers={OwnError: lambda request, error: JSONResponse(1, background=BackgroundTask(ran.append, "ran"))})

    @app.get("/plain")
    async def plain() -> None:
        raise OwnError

    @app.get("/cleanup")
    async def cleanup(_: int = Depends(_open)) -> None:
        raise OwnError

    TestClient(app).get(path)
    assert ran == ["ran"]


def test_what_was_to_follow_an_answer_that_failed_does_not_follow_another() -> None:
    ran: list[str] = []

    def fail() -> Iterator[str]:
        if not ran:
            raise OwnError
        yield ""

    app = Faster(exception_handlers={OwnError: lambda request, error: JSONResponse("answered", 400)})

    @app.get("/")
    async def stream() -> Response:
        return StreamingResponse(fail(), background=BackgroundTask(ran.append, "ran"))

    assert TestClient(app).get("/").json() == "answered"
    assert ran == []


def test_what_a_mounted_application_of_a_host_raises_is_answered_in_pieces_too() -> None:
    async def raising(scope: Any, receive: Any, send: Any) -> None:
        raise OwnError

    app = Faster(exception_handlers={OwnError: lambda request, error: StreamingResponse(iter(["in ", "pieces"]), 400)})
    app.host("own.example", raising)
    assert TestClient(app).get("/", headers={"host": "own.example"}).text == "in pieces"
