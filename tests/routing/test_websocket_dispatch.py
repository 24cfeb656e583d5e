"""WebSockets of an application; FastAPI is asked the same where it does the same."""

from typing import Annotated, Any

import fastapi.requests
import fastapi.security
import fastapi.testclient
import pytest

from fasterapi import Faster, FasterRouter
from fasterapi.testing import TestClient
from tests.routing.websocket_conversations import Conversations, converse

TEXT = ("receive_text",)
JSON = ("receive_json",)
END = ("receive_text",)
"""Waits for the close of the application."""


def declare_arguments(framework: Any, app: Faster, log: list[Any]) -> None:
    depends, query, header, cookie, security = framework.Depends, framework.Query, framework.Header, framework.Cookie, framework.Security
    websocket_class: Any = framework.WebSocket
    connection_class: Any = fastapi.requests.HTTPConnection if framework is fastapi else framework.HTTPConnection
    scopes_class: Any = framework.security.SecurityScopes
    bearer = framework.security.OAuth2PasswordBearer("token")

    @app.websocket("/echo")
    async def echo(websocket: websocket_class) -> None:
        await websocket.accept()
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                log.append((message["code"], message["reason"]))
                break
            await websocket.send({**message, "type": "websocket.send"})

    @app.websocket("/parameters/{number}/{rest:path}")
    async def parameters(
        websocket: websocket_class,
        number: int,
        rest: str,
        limit: Annotated[int, query(ge=1)] = 10,
        tags: list[str] = query(default_factory=list),
        x_token: str = header("none"),
        theme: str | None = cookie(None),
    ) -> None:
        await websocket.accept()
        await websocket.send_json([number, rest, limit, tags, x_token, theme, websocket.path_params])
        await websocket.close()

    async def shared(connection: connection_class, flag: bool = False) -> Any:
        return connection

    async def user(scopes: scopes_class, websocket: websocket_class, same: Any = depends(shared)) -> Any:
        return [scopes.scopes, websocket is same, same.query_params.get("flag")]

    @app.websocket("/token")
    async def token(websocket: websocket_class, found: str = depends(bearer)) -> None:
        await websocket.accept()
        await websocket.send_text(found)
        await websocket.close()

    @app.websocket("/provided")
    async def provided(websocket: websocket_class, found: Any = security(user, scopes=["chat"])) -> None:
        await websocket.accept()
        await websocket.send_json(found)
        await websocket.close(4000, "done")


def make_resource(log: list[Any]) -> Any:
    """A provider with clean-up."""

    async def resource() -> Any:
        log.append("enter")
        try:
            yield "resource"
        except BaseException as error:
            log.append(type(error).__name__)
            raise
        finally:
            log.append("leave")

    return resource


def declare_cleanup(framework: Any, app: Faster, log: list[Any]) -> None:
    depends = framework.Depends
    websocket_class: Any = framework.WebSocket
    resource = make_resource(log)

    def blocking(value: str = depends(resource)) -> Any:
        log.append("enter blocking")
        yield value + " twice"
        log.append("leave blocking")

    @app.websocket("/cleaned")
    async def cleaned(websocket: websocket_class, value: str = depends(blocking), fails: bool = False) -> None:
        await websocket.accept()
        await websocket.send_text(value)
        log.append("handler")
        if fails:
            raise framework.WebSocketException(4001, "failed")
        await websocket.close()

    @app.websocket("/departure")
    async def departure(websocket: websocket_class, value: str = depends(resource, scope="function")) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except framework.WebSocketDisconnect as end:
            log.append((end.code, end.reason))


def declare_endings(framework: Any, app: Faster, log: list[Any]) -> None:
    websocket_class: Any = framework.WebSocket
    response_class: Any = framework.Response

    @app.websocket("/refused")
    async def refused(websocket: websocket_class) -> None:
        await websocket.close(4002, "not you")

    @app.websocket("/policy")
    async def policy(websocket: websocket_class, late: bool = False) -> None:
        if late:
            await websocket.accept()
        raise framework.WebSocketException(1008, "not you")

    @app.websocket("/denied")
    async def denied(websocket: websocket_class) -> None:
        raise framework.HTTPException(401, {"need": "token"}, {"x-why": "because"})

    @app.websocket("/denial")
    async def denial(websocket: websocket_class) -> None:
        response = response_class("busy", 503, {"x-why": "full"}, media_type="text/plain")
        await websocket.send_denial_response(response)

    class OwnError(Exception):
        pass

    @app.exception_handler(OwnError)
    async def on_own_error(websocket: Any, error: OwnError) -> None:
        log.append(("handled", type(websocket) is websocket_class))
        await websocket.close(4003, str(error))

    @app.websocket("/own")
    async def own(websocket: websocket_class, late: bool = False) -> None:
        if late:
            await websocket.accept()
        raise OwnError("own")


def declare_places(framework: Any, app: Faster, log: list[Any]) -> None:
    depends, header = framework.Depends, framework.Header
    websocket_class: Any = framework.WebSocket
    resource = make_resource(log)

    @app.websocket("/subprotocol")
    async def subprotocol(websocket: websocket_class) -> None:
        await websocket.accept(websocket.scope["subprotocols"][-1], [(b"x-a", b"1"), (b"x-b", b"2")])
        await websocket.close()

    @app.websocket("/scope/{room}", name="room")
    async def scope(websocket: websocket_class, room: str) -> None:
        await websocket.accept()
        await websocket.send_json(
            [
                websocket.app is app,
                websocket["endpoint"] is scope,
                websocket["route"].path,
                websocket["route"].name,
                str(websocket.url),
                str(app.url_path_for("room", room="x")),
            ]
        )
        await websocket.close()

    @app.websocket_route("/alone")
    async def alone(websocket) -> None:  # type: ignore[no-untyped-def]  # the handlers of Starlette need no annotations
        await websocket.accept()
        await websocket.send_text(websocket.url.path)
        await websocket.close()

    router: FasterRouter = framework.APIRouter(prefix="/inner", dependencies=[depends(resource)])

    @router.websocket("/{name}")
    async def inner(websocket: websocket_class, name: str) -> None:
        await websocket.accept()
        await websocket.send_text(name)
        await websocket.close()

    app.include_router(router, prefix="/outer")
    mounted = framework.FastAPI()
    mounted.include_router(router)
    app.mount("/mounted", mounted)

    async def check(x_key: str = header()) -> None:
        log.append(x_key)

    @app.websocket("/checked", dependencies=[depends(check), depends(resource)])
    async def checked(websocket: websocket_class) -> None:
        await websocket.accept()
        await websocket.close()


@pytest.fixture(scope="module")
def apps() -> Conversations:
    return Conversations(declare_arguments, declare_cleanup, declare_endings, declare_places)


def test_echo_until_the_client_leaves(apps: Conversations) -> None:
    script = [("send_text", "a"), TEXT, ("send_bytes", b"b"), ("receive_bytes",), ("send_json", {"c": 1}), JSON, ("close", 3001, "bye")]
    apps.compare("/echo", *script)
    assert apps.our_log == [(3001, "bye")]


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/parameters/5/a/b?limit=3&tags=x&tags=y", {"headers": {"x-token": "t", "cookie": "theme=dark"}}),
        ("/parameters/-1/", {}),
        ("/parameters/%35/%20", {}),
    ],
)
def test_parameters_of_every_kind(apps: Conversations, path: str, options: dict[str, Any]) -> None:
    assert len(apps.compare(path, JSON, END, **options)) == 3


def test_providers_and_scopes(apps: Conversations) -> None:
    apps.compare("/provided?flag=yes", JSON, END)


@pytest.mark.parametrize("headers", [{"authorization": "Bearer t"}, {"authorization": "Basic t"}, {}])
def test_security_schemes(apps: Conversations, headers: dict[str, str]) -> None:
    apps.compare("/token", TEXT, END, headers=headers)


@pytest.mark.parametrize("path", ["/cleaned", "/cleaned?fails=1"])
def test_providers_with_clean_up_end_with_the_websocket(apps: Conversations, path: str) -> None:
    apps.compare(path, TEXT, END)
    assert "leave" in apps.our_log


def test_providers_with_clean_up_see_the_client_leave(apps: Conversations) -> None:
    apps.compare("/departure", ("close", 4000, "bye"))
    assert apps.our_log == ["enter", (4000, "bye"), "leave"]


@pytest.mark.parametrize("path", ["/refused", "/policy", "/policy?late=1", "/denied", "/denial", "/own", "/own?late=1"])
def test_how_handlers_refuse(apps: Conversations, path: str) -> None:
    apps.compare(path, END)


@pytest.mark.parametrize("path", ["/unknown", "/echo/", "/inner/a", "/parameters/5", "/mounted/other"])
def test_an_unknown_path_is_refused(apps: Conversations, path: str) -> None:
    assert apps.compare(path) == [("closed", 1000, "")]


def test_subprotocol_and_headers_of_the_answer(apps: Conversations) -> None:
    apps.compare("/subprotocol", END, subprotocols=["v1", "v2"])


@pytest.mark.parametrize("path", ["/scope/a%20b", "/alone", "/outer/inner/a", "/mounted/inner/b"])
def test_what_leads_to_a_handler(apps: Conversations, path: str) -> None:
    apps.compare(path, TEXT, END)


def test_dependencies_of_the_route(apps: Conversations) -> None:
    apps.compare("/checked", END, headers={"x-key": "k"})


@pytest.mark.parametrize("path", ["/parameters/x/a", "/parameters/5/a?limit=0", "/checked"])
def test_a_handshake_that_does_not_fit_is_closed(apps: Conversations, path: str) -> None:
    # FastAPI puts the list of all faults where the reason goes, which no server can send.
    theirs = converse(fastapi.testclient.TestClient(apps.theirs), path, [])
    ours = converse(TestClient(apps.ours), path, [])
    assert [seen[:2] for seen in ours] == [seen[:2] for seen in theirs] == [("closed", 1008)]
    assert apps.our_log == apps.their_log
