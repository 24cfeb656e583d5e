"""What a WebSocket's handler may ask for, and what start-up says of what it may not."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import msgspec
import pytest

from fasterapi import (
    Body,
    Depends,
    Faster,
    FasterRouter,
    File,
    Form,
    GraphError,
    HTTPConnection,
    Query,
    Request,
    UploadFile,
    WebSocket,
)
from fasterapi.testing import TestClient
from tests.routing.websocket_conversations import converse


class Item(msgspec.Struct):
    name: str


def told_of(handler: Callable[..., Any], path: str = "/") -> str:
    """What start-up says of a handler."""
    app = Faster()
    app.websocket(path)(handler)
    with pytest.raises(GraphError) as caught:
        app.compile()
    return str(caught.value)


async def with_struct(websocket: WebSocket, item: Item) -> None: ...


async def with_body(websocket: WebSocket, value: int = Body()) -> None: ...


async def with_form(websocket: WebSocket, value: int = Form()) -> None: ...


async def with_file(websocket: WebSocket, value: Annotated[UploadFile, File()]) -> None: ...


async def provide_item(item: Item) -> Item:
    return item


async def with_provided_body(websocket: WebSocket, item: Item = Depends(provide_item)) -> None: ...


@pytest.mark.parametrize("handler", [with_struct, with_body, with_form, with_file, with_provided_body])
def test_a_body_is_refused(handler: Callable[..., Any]) -> None:
    told = told_of(handler)
    assert "is read from a body, and a WebSocket has messages instead. Read them with `await websocket.receive_json(type=...)`" in told
    assert told.count("\n") == 1


def test_only_the_parameter_of_the_form_is_refused() -> None:
    async def handler(value: int = Form(), limit: int = Query(1), item_id: str = Query("")) -> None: ...

    assert told_of(handler).count("\n") == 1


async def with_request(request: Request) -> None: ...


async def with_typed_request(request: "Request[Any]") -> None: ...


@pytest.mark.parametrize("handler", [with_request, with_typed_request])
def test_a_request_is_refused(handler: Callable[..., Any]) -> None:
    assert "a WebSocket has no Request. Write WebSocket, or HTTPConnection for both, or give the parameter a default" in told_of(handler)


def test_a_websocket_in_a_handler_of_requests_is_refused() -> None:
    app = Faster()

    @app.get("/")
    async def handler(websocket: WebSocket) -> None: ...

    with pytest.raises(GraphError, match=r"a request has no WebSocket\. Write Request, or HTTPConnection for both"):
        app.compile()


def with_blocking(websocket: WebSocket) -> None: ...


async def with_yield(websocket: WebSocket) -> AsyncIterator[int]:
    yield 1


@pytest.mark.parametrize("handler", [with_blocking, with_yield])
def test_a_handler_that_is_no_coroutine_is_refused(handler: Callable[..., Any]) -> None:
    assert "handler of a WebSocket is a coroutine. Write `async def`" in told_of(handler)


def test_a_marker_beside_the_websocket_is_refused() -> None:
    async def handler(websocket: WebSocket = Query()) -> None: ...

    assert "which needs no Query" in told_of(handler)


def test_all_mistakes_are_told_with_path_handler_and_place() -> None:
    async def handler(request: Request, item: Item, room: int = Query()) -> None: ...

    told = told_of(handler, "/{room}")
    assert told.count("- WebSocket /{room}: test_all_mistakes_are_told_with_path_handler_and_place.<locals>.handler (") == 3


def test_a_path_that_cannot_be_parsed_is_told() -> None:
    assert "- WebSocket /{a: " in told_of(with_request, "/{a")


def test_what_cannot_be_called_is_no_handler() -> None:
    with pytest.raises(TypeError, match="5 cannot be called"):
        Faster().add_api_websocket_route("/", 5)  # type: ignore[arg-type]  # what the message is about


def test_two_routes_at_one_path_are_told() -> None:
    app = Faster()
    app.websocket("/{a}")(with_websocket)
    app.websocket("/{b}")(with_websocket)
    with pytest.warns(UserWarning, match=r"WebSocket /{b}: with_websocket .* is never called"):
        app.compile()


async def with_websocket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_json(websocket.path_params)


def test_a_request_and_a_websocket_share_a_path() -> None:
    app = Faster()

    async def either(request: Request | None = None, websocket: WebSocket | None = None) -> str:
        return f"{type(request).__name__} {type(websocket).__name__}"

    async def either_as_written_once(request: Request = None, websocket: WebSocket = None) -> str:  # type: ignore[assignment]  # FastAPI's way
        return await either(request, websocket)

    async def both(connection: HTTPConnection) -> str:
        return str(connection.url.path)

    @app.get("/shared")
    async def answer(kind: str = Depends(either), again: str = Depends(either_as_written_once), path: str = Depends(both)) -> list[str]:
        return [kind, again, path]

    @app.websocket("/shared")
    async def speak(
        websocket: WebSocket, kind: str = Depends(either), again: str = Depends(either_as_written_once), path: str = Depends(both)
    ) -> None:
        await websocket.accept()
        await websocket.send_json([kind, again, path])

    client = TestClient(app)
    assert client.get("/shared").json() == ["Request NoneType", "Request NoneType", "/shared"]
    assert converse(client, "/shared", [("receive_json",)])[1] == ["NoneType WebSocket", "NoneType WebSocket", "/shared"]


def test_callable_objects_are_handlers() -> None:
    class Handler:
        async def __call__(self, websocket: WebSocket, name: str) -> None:
            await websocket.accept()
            await websocket.send_text(name)

    app = Faster()
    app.add_api_websocket_route("/{name}", Handler())
    assert converse(TestClient(app), "/x", [("receive_text",)])[1] == "x"


def test_a_handler_that_takes_the_websocket_alone_stands_outside_of_a_routers_dependencies() -> None:
    log: list[str] = []

    async def dependency() -> None:
        log.append("called")

    async def alone(socket) -> None:  # type: ignore[no-untyped-def]  # the handlers of Starlette need no annotations
        await socket.accept()
        await socket.send_text(socket.path_params["name"])

    router = FasterRouter(dependencies=[Depends(dependency)])
    router.add_websocket_route("/alone/{name}", alone)
    app = Faster(dependencies=[Depends(dependency)])
    app.include_router(router, prefix="/outer")
    assert converse(TestClient(app), "/outer/alone/x", [("receive_text",)])[1] == "x"
    assert log == []


def test_routes_know_their_names() -> None:
    app = Faster()
    app.websocket("/a/{b}", name="own")(with_websocket)
    route: Any = app.routes[0]
    assert (route.path, route.name, route.endpoint, str(app.url_path_for("own", b=1))) == ("/a/{b}", "own", with_websocket, "/a/1")


def test_an_application_of_a_host_has_its_own_websockets() -> None:
    inner, outer = Faster(), Faster()
    inner.websocket("/{room}")(with_websocket)
    outer.websocket("/{name}")(with_websocket)
    outer.host("{tenant}.example.org", inner)
    client = TestClient(outer)
    seen = [converse(client, "/x", [("receive_json",)], headers={"host": host})[1] for host in ("a.example.org:80", "example.org")]
    assert seen == [{"tenant": "a", "room": "x"}, {"name": "x"}]
