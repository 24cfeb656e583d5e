from typing import Any

import pytest

from fasterapi import BackgroundTasks, Depends, Faster, GraphError, HTTPException, JSONResponse, Query, Request, Response
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    depends = framework.Depends
    request_class: Any = framework.Request
    response_class: Any = framework.Response
    tasks_class: Any = framework.BackgroundTasks
    json_response: Any = JSONResponse if framework.__name__ == "fasterapi" else framework.responses.JSONResponse

    @app.get("/request/{number:int}")
    async def of_request(request: request_class) -> Any:
        return [
            request.method,
            request.url.path,
            request.path_params,
            dict(request.query_params),
            request.headers["x-own"],
            request.cookies,
        ]

    @app.post("/raw")
    async def raw_body(request: request_class) -> Any:
        return [(await request.body()).decode(), await request.json()]

    async def from_provider(request: request_class) -> Any:
        return request

    @app.get("/same")
    async def same(request: request_class, other: Any = depends(from_provider)) -> Any:
        return request is other

    async def drafting(response: response_class) -> None:
        response.headers["x-provider"] = "1"
        response.set_cookie("session", "s")
        response.status_code = 202

    @app.get("/draft", dependencies=[depends(drafting)])
    async def draft(response: response_class) -> Any:
        response.headers["x-handler"] = "2"
        return {"a": 1}

    @app.get("/draft-replaced", dependencies=[depends(drafting)])
    async def draft_replaced(response: response_class) -> Any:
        response.headers["x-handler"] = "2"
        return json_response({"own": True})

    async def noting(tasks: tasks_class) -> None:
        tasks.add_task(log.append, "provider's task")

    @app.get("/tasks", dependencies=[depends(noting)])
    async def with_tasks(tasks: tasks_class) -> Any:
        async def asynchronous(*, name: str) -> None:
            log.append(name)

        tasks.add_task(asynchronous, name="handler's task")
        tasks.add_task(log.append, "another")
        log.append("handler")
        return None

    @app.get("/task-of-response")
    async def task_of_response() -> Any:
        tasks = tasks_class()
        tasks.add_task(log.append, "response's task")
        return json_response("sent", background=tasks)

    async def around(tasks: tasks_class) -> Any:
        log.append("enter")
        yield
        log.append("leave")

    @app.get("/tasks-and-cleanup")
    async def tasks_and_cleanup(tasks: tasks_class, value: Any = depends(around)) -> Any:
        tasks.add_task(log.append, "task")
        return "sent"


@pytest.fixture(scope="module")
def apps() -> SideBySide:
    return SideBySide(declare)


def test_a_handler_may_ask_for_the_request(apps: SideBySide) -> None:
    apps.get("/request/5?a=1&b=2", headers={"x-own": "yes", "cookie": "c=1"})


def test_a_request_gives_the_body(apps: SideBySide) -> None:
    apps.post("/raw", content=b'{"a": [1, 2]}')


@pytest.mark.parametrize("url", ["/same", "/draft", "/draft-replaced", "/tasks", "/task-of-response", "/tasks-and-cleanup"])
def test_what_handlers_ask_for_by_annotation(apps: SideBySide, url: str) -> None:
    apps.get(url)


def test_a_draft_adds_status_headers_and_cookies(apps: SideBySide) -> None:
    response = TestClient(apps.ours).get("/draft")
    assert (response.status_code, response.headers["x-provider"], response.headers["x-handler"]) == (202, "1", "2")
    assert response.cookies["session"] == "s"


def test_a_failing_task_is_reported_and_keeps_no_other_from_running() -> None:
    log: list[str] = []
    app = Faster()

    def failing() -> None:
        raise OSError("mail server away")

    @app.get("/")
    async def handler(tasks: BackgroundTasks) -> None:
        tasks.add_task(failing)
        tasks.add_task(log.append, "next")

    with pytest.raises(OSError, match="mail server away"):
        TestClient(app).get("/")
    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 200
    assert log == ["next", "next"]


def test_an_exception_drops_the_tasks() -> None:
    log: list[str] = []
    app = Faster()

    @app.get("/")
    async def handler(tasks: BackgroundTasks) -> None:
        tasks.add_task(log.append, "never")
        raise HTTPException(400)

    assert TestClient(app).get("/").status_code == 400
    assert log == []


def test_the_form_of_a_request_is_closed_with_it() -> None:
    app = Faster()
    files: list[Any] = []

    @app.post("/")
    async def handler(request: Request) -> int:
        form = await request.form()
        files.append(form["file"])
        return len(form)

    assert TestClient(app).post("/", files={"file": b"content"}).json() == 1
    assert files[0].file.closed


def test_a_marker_beside_a_special_annotation_is_refused() -> None:
    app = Faster()

    @app.get("/")
    async def handler(response: Response = Query()) -> None: ...

    with pytest.raises(GraphError, match="which needs no Query"):
        app.compile()


def test_a_provider_may_give_what_an_annotation_would() -> None:
    app = Faster()

    def provider() -> Response:
        return Response(status_code=299)

    @app.get("/")
    async def handler(response: Response = Depends(provider)) -> int:
        return response.status_code

    assert TestClient(app).get("/").json() == 299
