"""The same application behind both doors, on a real server: what handlers see and clients get must not depend on the door."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from fasterapi import BackgroundTasks, Depends, Faster, Form, Request, Response, UploadFile
from tests.server.servers import DEADLINE, Serving

log: list[str] = []
left = threading.Event()


def make_app() -> Faster:
    app = Faster(max_body_size=100_000)

    @app.post("/request/{number:int}")
    async def of_request(request: Request, response: Response) -> dict[str, Any]:
        response.set_cookie("seen", "1")
        pieces = [piece async for piece in request.stream()]
        scope = request.scope
        return {
            "method": request.method,
            "path": request.url.path,
            "query": list(request.query_params.multi_items()),
            "header": request.headers["x-own"],
            "parameters": request.path_params,
            "client": request.client is not None and request.client.host,
            "scheme": request.url.scheme,
            "body": b"".join(pieces).decode(),
            "scope": [scope["type"], scope["http_version"], scope["path"], scope["raw_path"].decode(), scope["query_string"].decode()],
            "disconnected": await request.is_disconnected(),
            "same state": request.state is request.state,
        }

    @app.post("/form")
    async def form(photo: UploadFile, note: str = Form("none")) -> list[Any]:
        return [photo.filename, photo.size, note]

    async def provider() -> AsyncIterator[str]:
        log.append("enter")
        yield "provided"
        log.append("leave")
        left.set()

    @app.get("/cleanup")
    async def cleanup(tasks: BackgroundTasks, value: str = Depends(provider)) -> str:
        tasks.add_task(log.append, "task")
        return value

    return app


@pytest.fixture(scope="module", params=["fasterapi.server:HttpProtocol", "httptools"])
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with Serving(make_app(), http=request.param) as server:
        host, port = server.listener.getsockname()
        with httpx.Client(base_url=f"http://{host}:{port}") as found:
            yield found


def test_a_request_shows_the_same(client: httpx.Client) -> None:
    response = client.post("/request/7?a=1&a=%C3%A9", content=b"body", headers={"x-own": "yes"})
    assert response.json() == {
        "method": "POST",
        "path": "/request/7",
        "query": [["a", "1"], ["a", "é"]],
        "header": "yes",
        "parameters": {"number": 7},
        "client": "127.0.0.1",
        "scheme": "http",
        "body": "body",
        "scope": ["http", "1.1", "/request/7", "/request/7", "a=1&a=%C3%A9"],
        "disconnected": False,
        "same state": True,
    }
    assert response.cookies["seen"] == "1"


def test_a_body_in_chunks_is_streamed(client: httpx.Client) -> None:
    response = client.post("/request/7", content=iter([b"one", b"two", b"three"]), headers={"x-own": "yes"})
    assert response.json()["body"] == "onetwothree"


def test_a_form_is_read(client: httpx.Client) -> None:
    content = b"x" * 50_000
    assert client.post("/form", files={"photo": ("p.png", content)}, data={"note": "n"}).json() == ["p.png", 50_000, "n"]


def test_a_form_beyond_the_limit_is_refused(client: httpx.Client) -> None:
    assert client.post("/form", files={"photo": ("p.png", b"x" * 200_000)}).status_code == 413


def test_clean_up_and_tasks_run_behind_the_answer(client: httpx.Client) -> None:
    log.clear()
    left.clear()
    assert client.get("/cleanup").json() == "provided"
    assert left.wait(DEADLINE)
    assert log == ["enter", "task", "leave"]
