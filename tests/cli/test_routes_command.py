from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fasterapi.cli.main import main
from tests.cli.projects import write

SHOP = """from typing import Annotated
from fasterapi import APIRouter, Depends, Faster, WebSocket
from fasterapi.middleware.gzip import GZipMiddleware

def settings(): ...
def session(settings: Annotated[None, Depends(settings)]): ...
def key(): ...

app = Faster(dependencies=[Depends(key)])
app.add_middleware(GZipMiddleware)
router = APIRouter(prefix="/items")

@router.get("/{number}", name="item")
def read_item(number: int, session: Annotated[None, Depends(session)]): ...

@router.api_route("/", methods=["POST", "PUT"])
def write_item(): ...

@app.websocket("/live")
async def live(websocket: WebSocket): ...

inner = Faster()

@inner.get("/status")
def status(): ...

app.include_router(router)
app.mount("/inner", inner, name="inside")
"""


@pytest.fixture
def listed(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The routes of the shop, by their path."""
    write(folder, {"main.py": SHOP})
    assert main(["routes", "--format", "json"]) == 0
    return {route["path"]: route for route in json.loads(capsys.readouterr().out)}


def test_a_route_is_listed_with_all_that_it_needs(listed: dict[str, Any]) -> None:
    assert listed["/items/{number}"] == {
        "kind": "http",
        "methods": ["GET"],
        "path": "/items/{number}",
        "name": "item",
        "handler": "read_item",
        "file": "main.py:14",
        "dependencies": ["key", "session", "settings"],
        "middleware": ["GZipMiddleware"],
    }


def test_all_methods_are_listed(listed: dict[str, Any]) -> None:
    assert listed["/items/"]["methods"] == ["POST", "PUT"]


def test_websockets_are_listed(listed: dict[str, Any]) -> None:
    live = listed["/live"]
    assert (live["kind"], live["handler"], live["file"], live["dependencies"]) == ("websocket", "live", "main.py:20", ["key"])


def test_what_is_mounted_is_listed(listed: dict[str, Any]) -> None:
    mount = listed["/inner"]
    assert (mount["kind"], mount["name"], mount["handler"]) == ("mount", "inside", "inner")


def test_the_routes_of_a_mounted_application_are_listed(listed: dict[str, Any]) -> None:
    status = listed["/inner/status"]
    assert (status["handler"], status["dependencies"], status["middleware"]) == ("status", [], ["GZipMiddleware"])


def test_the_table_has_a_line_for_each_route(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = "from fasterapi import Faster\napp = Faster()\n@app.get('/')\ndef read(): ...\n@app.websocket('/live')\nasync def live(): ...\n"
    write(folder, {"main.py": app})
    assert main(["routes"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "METHOD     PATH   NAME  HANDLER         DEPENDENCIES  MIDDLEWARE",
        "GET        /      read  read main.py:4  -             -",
        "WEBSOCKET  /live  live  live main.py:6  -             -",
    ]


def test_applications_of_a_host_are_listed_below_its_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = "from fasterapi import Faster\napp, api = Faster(), Faster()\napp.host('api.example.org', api)\n@api.get('/x')\ndef read(): ...\n"
    write(folder, {"main.py": app})
    assert main(["routes", "main:app", "--format", "json"]) == 0
    assert [route["path"] for route in json.loads(capsys.readouterr().out)] == ["api.example.org", "api.example.org/x"]


def test_routes_that_cannot_start_are_listed_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = "from fasterapi import Faster\napp = Faster()\n@app.get('/{x}')\ndef read(*args): ...\n"
    write(folder, {"main.py": app})
    assert main(["routes", "--format", "json"]) == 0
    assert [route["dependencies"] for route in json.loads(capsys.readouterr().out)] == [[]]


def test_without_routes_there_is_a_word(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"main.py": "from fasterapi import Faster\napp = Faster()\n"})
    assert main(["routes"]) == 0
    assert capsys.readouterr().out == "main:app has no routes\n"
