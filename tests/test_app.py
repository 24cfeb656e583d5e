from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

import msgspec
import pytest

from fasterapi import Faster, GraphError, HTTPException, PlainTextResponse, Query, RequestValidationError, Response
from fasterapi.testing import TestClient


class Item(msgspec.Struct):
    name: str
    price: float


def make_app() -> Faster:
    app = Faster()

    @app.get("/dict")
    async def answer_dict() -> dict[str, str]:
        return {"message": "hello"}

    @app.get("/none")
    async def answer_none() -> None:
        return None

    @app.get("/struct")
    async def answer_struct() -> Item:
        return Item("pen", 1.5)

    @app.get("/response")
    async def answer_response() -> Response:
        return PlainTextResponse("plain", 201, {"x-own": "1"})

    @app.get("/blocking")
    def answer_from_thread() -> str:
        return "from a thread"

    @app.post("/items", status_code=201)
    async def create(item: Item) -> Item:
        return item

    @app.delete("/items/{item_id}", status_code=204)
    async def remove(item_id: int) -> None:
        return None

    @app.get("/forbidden")
    async def forbidden() -> None:
        raise HTTPException(403, {"reason": "no key"}, {"x-hint": "key"})

    @app.get("/bug")
    async def bug() -> None:
        raise ValueError("a bug")

    @app.get("/unencodable")
    async def unencodable() -> object:
        return object()

    return app


@pytest.fixture
def client() -> TestClient:
    return TestClient(make_app(), raise_server_exceptions=False)


def test_a_dict_is_answered_as_json(client: TestClient) -> None:
    response = client.get("/dict")
    assert (response.status_code, response.headers["content-type"], response.content) == (200, "application/json", b'{"message":"hello"}')


def test_none_is_answered_as_null(client: TestClient) -> None:
    assert client.get("/none").content == b"null"


def test_a_struct_is_answered_as_json(client: TestClient) -> None:
    assert client.get("/struct").json() == {"name": "pen", "price": 1.5}


def test_a_response_is_answered_as_it_is(client: TestClient) -> None:
    response = client.get("/response")
    assert (response.status_code, response.text, response.headers["x-own"]) == (201, "plain", "1")


def test_a_plain_function_answers_from_a_thread(client: TestClient) -> None:
    assert client.get("/blocking").json() == "from a thread"


def test_the_declared_status_is_answered(client: TestClient) -> None:
    assert client.post("/items", json={"name": "pen", "price": 2}).status_code == 201


def test_no_content_has_neither_body_nor_content_headers(client: TestClient) -> None:
    response = client.delete("/items/1")
    assert (response.status_code, response.content) == (204, b"")
    assert not response.headers.keys() & {"content-type", "content-length"}


def test_the_length_of_a_body_is_always_announced(client: TestClient) -> None:
    response = client.get("/dict")
    assert int(response.headers["content-length"]) == len(response.content)


def test_an_http_exception_is_answered_with_its_status_detail_and_headers(client: TestClient) -> None:
    response = client.get("/forbidden")
    assert (response.status_code, response.json(), response.headers["x-hint"]) == (403, {"detail": {"reason": "no key"}}, "key")


def test_an_unknown_path_is_not_found(client: TestClient) -> None:
    response = client.get("/nowhere")
    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


def test_another_method_is_refused_with_those_allowed(client: TestClient) -> None:
    response = client.put("/dict")
    assert (response.status_code, response.json()) == (405, {"detail": "Method Not Allowed"})
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_tells_the_allowed_methods(client: TestClient) -> None:
    response = client.options("/items")
    assert (response.status_code, response.headers["allow"], response.content) == (204, "OPTIONS, POST", b"")


def test_head_is_answered_for_get_with_the_length_and_no_body(client: TestClient) -> None:
    response = client.head("/dict")
    assert (response.status_code, response.headers["content-length"], response.content) == (200, "19", b"")


@pytest.mark.parametrize("path", ["/dict/", "/dict/?a=1"])
def test_a_needless_last_slash_is_redirected_away(client: TestClient, path: str) -> None:
    response = client.get(path, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (307, path.replace("/dict/", "/dict"))


def test_a_path_of_another_host_is_never_redirected_to() -> None:
    app = Faster()

    @app.get("/{anything:path}/")
    async def everything(anything: str) -> str:
        return anything

    assert TestClient(app).get("http://testserver//evil.example", follow_redirects=False).status_code == 404


def test_slashes_are_left_alone_when_told_so() -> None:
    app = Faster(redirect_slashes=False)

    @app.get("/here")
    async def here() -> None:
        return None

    assert TestClient(app).get("/here/").status_code == 404


def test_an_unhandled_exception_is_a_500_that_tells_nothing(client: TestClient) -> None:
    response = client.get("/bug")
    assert (response.status_code, response.text) == (500, "Internal Server Error")


def test_an_unhandled_exception_is_logged_once_with_its_traceback(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/bug")
    [record] = [record for record in caplog.records if record.name == "fasterapi"]
    assert record.levelno == logging.ERROR
    assert record.getMessage() == "GET '/bug' raised ValueError"
    assert record.exc_info is not None
    assert "a bug" in str(record.exc_info[1])


def test_the_server_goes_on_after_an_unhandled_exception(client: TestClient) -> None:
    client.get("/bug")
    assert client.get("/dict").status_code == 200


def test_an_unhandled_exception_reaches_the_test(client: TestClient) -> None:
    with pytest.raises(ValueError, match="a bug"):
        TestClient(make_app()).get("/bug")


def test_a_result_that_json_cannot_carry_is_a_logged_500(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    assert client.get("/unencodable").status_code == 500
    assert len([record for record in caplog.records if record.name == "fasterapi"]) == 1


def test_what_a_client_gets_wrong_is_not_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/nowhere")
    client.put("/dict")
    client.post("/items", json={"name": 1})
    client.post("/items", content=b"{", headers={"content-type": "application/json"})
    assert [record for record in caplog.records if record.name == "fasterapi"] == []


def test_a_validation_error_that_a_handler_raises_is_a_422() -> None:
    app = Faster()

    @app.get("/")
    async def refuse() -> None:
        raise RequestValidationError([{"type": "own", "loc": ("query", "q"), "msg": "Own rule", "input": "x"}])

    response = TestClient(app).get("/")
    assert (response.status_code, response.json()["detail"][0]["msg"]) == (422, "Own rule")


def test_a_route_added_after_the_first_request_is_found() -> None:
    app = make_app()
    client = TestClient(app)
    client.get("/dict")

    @app.get("/late")
    async def late() -> str:
        return "here"

    assert client.get("/late").json() == "here"


def test_every_verb_has_its_decorator() -> None:
    app = Faster()
    for verb in ("get", "post", "put", "patch", "delete", "head", "options"):

        async def answer(verb: str = verb) -> Response:
            return Response(headers={"x-verb": verb})

        getattr(app, verb)("/" + verb)(answer)
    client = TestClient(app)
    for verb in ("get", "post", "put", "patch", "delete", "head", "options"):
        assert client.request(verb.upper(), "/" + verb).headers["x-verb"] == verb


def test_a_handler_may_answer_several_methods() -> None:
    app = Faster()

    @app.api_route("/", methods=["get", "POST"])
    async def both() -> str:
        return "both"

    client = TestClient(app)
    assert client.get("/").json() == client.post("/").json() == "both"


def test_an_unknown_route_option_is_refused() -> None:
    with pytest.raises(TypeError, match="does not take statuscode"):
        Faster().get("/", statuscode=201)(lambda: None)  # type: ignore[call-arg]  # the mistake under test


def test_of_two_handlers_of_one_path_the_first_answers_and_a_warning_names_both() -> None:
    app = Faster()

    @app.get("/x")
    async def first() -> str:
        return "first"

    @app.get("/x")
    async def second() -> str:
        return "second"

    with pytest.warns(UserWarning, match=r"second .* is never called, because .*first"):
        answer = TestClient(app).get("/x")
    assert answer.json() == "first"


def test_all_mistakes_of_all_handlers_are_told_at_once() -> None:
    app = Faster()

    @app.get("/one")
    async def one(*values: str) -> None:
        return None

    @app.get("/two")
    async def two(items: list[Item] = Query()) -> None:
        return None

    with pytest.raises(GraphError) as raised:
        app.compile()
    message = str(raised.value)
    assert "GET /one" in message
    assert "GET /two" in message
    assert "test_app.py:" in message


def test_an_app_can_be_subclassed() -> None:
    class Mine(Faster):
        def __init__(self) -> None:
            super().__init__()
            self.extra = 1

    app = Mine()

    @app.get("/")
    async def answer() -> int:
        return app.extra

    assert TestClient(app).get("/").json() == 1


def test_a_body_over_the_limit_is_refused() -> None:
    app = Faster(max_body_size=10)

    @app.post("/")
    async def take(value: list[int]) -> None:
        return None

    assert TestClient(app).post("/", json=list(range(100))).status_code == 413


async def test_a_body_over_the_limit_is_refused_before_it_is_read() -> None:
    app = Faster(max_body_size=10)

    @app.post("/")
    async def take(value: list[int]) -> None:
        return None

    async def receive() -> MutableMapping[str, Any]:
        raise AssertionError("the body was read")

    assert await status_of(app, receive, [(b"content-length", b"11")]) == 413


async def test_a_body_of_unknown_length_is_refused_at_the_limit() -> None:
    app = Faster(max_body_size=10)

    @app.post("/")
    async def take(value: list[int]) -> None:
        return None

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"[1,2,", "more_body": True}

    assert await status_of(app, receive, []) == 413


async def test_a_body_cut_off_never_reaches_the_handler() -> None:
    app = Faster()
    called = False

    @app.post("/")
    async def take(value: list[int]) -> None:
        nonlocal called
        called = True

    start: dict[str, Any] = {"type": "http.request", "body": b"[1]", "more_body": True}
    messages = iter([start, {"type": "http.disconnect"}])

    async def receive() -> MutableMapping[str, Any]:
        return next(messages)

    assert await status_of(app, receive, [(b"content-type", b"application/json")]) is None
    assert not called


async def status_of(app: Faster, receive: Any, headers: list[tuple[bytes, bytes]]) -> int | None:
    """The status that the app answers a POST with, `None` where it gives no answer."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    return sent[0]["status"] if sent else None


async def test_a_connection_of_unknown_kind_is_refused() -> None:
    with pytest.raises(RuntimeError, match="does not answer 'smtp' connections"):
        await Faster()({"type": "smtp"}, None, None)  # type: ignore[arg-type]  # they are not asked for
