"""Declared requests: what is sent, who handles it, what comes of it."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any, assert_type

import msgspec
import pytest
from pydantic import BaseModel

from fasterapi.client import (
    Body,
    Cookie,
    DeclarationError,
    Depends,
    FastHTTP,
    FastHTTPBadStatusError,
    FastHTTPConnectionError,
    FastHTTPRequestError,
    FastHTTPValidationError,
    Header,
    Query,
    RequestConfig,
    Response,
    Route,
    Router,
    UntypedHandlerWarning,
)
from tests.client.sites import LOCAL, Answer, Site, refused_url
from tests.deadline import DEADLINE


class User(msgspec.Struct):
    id: int
    name: str


class PydanticUser(BaseModel):
    id: int
    name: str


@dataclass
class Problem:
    error: str


def new_app(site: Site, **options: Any) -> FastHTTP:
    return FastHTTP(base_url=site.url(), security=LOCAL, **options)


def test_a_run_gives_the_value_of_each_handler(site: Site) -> None:
    site.answer("/user", {"id": 1, "name": "a"})
    app = new_app(site)

    @app.get("/user")
    async def get_user(response: Response) -> User:
        return response.json(User)

    @app.get(url="/missing")
    def missing(response: Response) -> int:
        return response.status

    results = app.run()
    assert_type(results[get_user].value, User)
    assert_type(results[missing].value, int)
    assert results[get_user].value == User(1, "a")
    assert results[missing].value == results["missing"].value == 404
    assert [outcome.route.method for outcome in results] == ["GET", "GET"]
    assert (len(results), results.errors, results[0].ok) == (2, [], True)
    assert results[0].response is not None
    assert results.elapsed >= results[0].elapsed
    results.raise_errors()


def test_handlers_are_given_back_as_they_were(site: Site) -> None:
    app = new_app(site)

    @app.post("/x", json={})
    async def create(response: Response, count: int = 1) -> str:
        return "text"

    assert create.__name__ == "create"
    assert asyncio.iscoroutinefunction(create)


def test_every_run_works(site: Site) -> None:
    app = new_app(site)
    for number in range(150):

        @app.get(f"/{number}")
        async def get(response: Response) -> int:
            return response.status_code

    for _ in range(2):
        assert [outcome.value for outcome in app.run()] == [404] * 150


async def test_a_run_within_a_loop(site: Site) -> None:
    app = new_app(site)

    @app.get("/x")
    async def get(response: Response) -> int:
        return response.status_code

    assert (await app.arun())[get].value == 404
    with pytest.raises(RuntimeError, match=r"await app\.arun"):
        app.run()


def test_tags_choose(site: Site) -> None:
    app = new_app(site)

    @app.get("/a", tags=["a", "both"])
    async def a(response: Response) -> None: ...

    @app.get("/b", tags=["b", "both"])
    async def b(response: Response) -> None: ...

    @app.get("/c")
    async def c(response: Response) -> None: ...

    assert [outcome.route.name for outcome in app.run(tags=["b"])] == ["b"]
    assert len(app.run(tags=["both"])) == 2
    assert len(app.run()) == 3
    with pytest.raises(KeyError, match="not run"):
        app.run(tags=["a"])[c]
    with pytest.raises(TypeError, match="list"):
        app.run(tags="a")


def test_a_failure_keeps_nothing_else_from_running(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    app = new_app(site, raise_for_status=True)
    site.answer("/good", "ok")

    @app.get(refused_url())
    async def refused(response: Response) -> None: ...

    @app.get("/missing")
    async def missing(response: Response) -> None: ...

    @app.get("/good")
    async def buggy(response: Response) -> int:
        return 1 // 0

    @app.get("/good")
    async def good(response: Response) -> str:
        return response.text

    with caplog.at_level(logging.INFO, "fasterapi.client"):
        results = app.run()
    assert results[good].value == "ok"
    assert isinstance(results[refused].error, FastHTTPConnectionError)
    assert isinstance(results[missing].error, FastHTTPBadStatusError)
    assert results[missing].response is not None
    with pytest.raises(ZeroDivisionError):
        _ = results[buggy].value
    with pytest.raises(ExceptionGroup, match="3 of 4"):
        results.raise_errors()
    assert "return 1 // 0" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_concurrency_is_bounded(site: Site) -> None:
    running = 0
    most = 0
    lock = threading.Lock()
    released = threading.Event()

    def answer(_: object) -> Answer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running == 3:
                released.set()
        released.wait(DEADLINE)
        with lock:
            running -= 1
        return Answer("ok")

    site.answers["/x"] = answer
    app = new_app(site, concurrency=3)
    for _ in range(12):

        @app.get("/x")
        async def get(response: Response) -> None: ...

    assert app.run().errors == []
    assert most == 3
    with pytest.raises(ValueError, match="concurrency"):
        FastHTTP(concurrency=0)


@pytest.mark.parametrize("model", [User, PydanticUser, dict[str, Any]])
def test_a_handler_may_take_the_body_as_a_model(site: Site, model: Any) -> None:
    site.answer("/user", {"id": 1, "name": "a"})
    app = new_app(site)

    async def get(user: Any) -> Any:
        return user

    get.__annotations__["user"] = model
    app.get("/user")(get)
    value = app.run()[get].value
    assert isinstance(value, model if isinstance(model, type) else dict)


def test_a_handler_of_a_model_does_not_see_errors_as_one(site: Site) -> None:
    app = new_app(site)

    @app.get("/missing", responses={404: Problem})
    async def get(user: User) -> None: ...

    error = app.run()[get].error
    assert isinstance(error, FastHTTPBadStatusError)
    assert error.model == Problem("nothing here")


def test_models_of_both_makes_are_checked(site: Site) -> None:
    site.answer("/user", [{"id": "x", "name": "a"}])
    app = new_app(site)

    @app.get("/user", response_model=list[User])
    async def ours(response: Response) -> None: ...

    @app.get("/user", response_model=list[PydanticUser])
    async def pydantics(response: Response) -> None: ...

    results = app.run()
    for handler in (ours, pydantics):
        error = results[handler].error
        assert isinstance(error, FastHTTPValidationError)
        assert [item["loc"] for item in error.errors()] == [("response", 0, "id")]


def test_the_model_is_there_for_the_handler(site: Site) -> None:
    site.answer("/user", {"id": 1, "name": "a"})
    app = new_app(site)

    @app.get("/user", response_model=User)
    async def get(response: Response) -> Any:
        return response.model, response.json()

    assert app.run()[get].value == (User(1, "a"), {"id": 1, "name": "a"})


@pytest.mark.parametrize(
    ("body", "faults"),
    [({"id": 1, "name": "a"}, 0), ({}, 2), ([], 1), ({"id": "x"}, 2)],
)
@pytest.mark.parametrize("model", [User, PydanticUser])
def test_what_does_not_fit_its_request_model_is_not_sent(site: Site, body: Any, faults: int, model: Any) -> None:
    app = new_app(site)

    @app.post("/x", json=body, request_model=model)
    async def create(response: Response) -> None: ...

    error = app.run()[create].error
    assert (len(error.errors()) if isinstance(error, FastHTTPValidationError) else 0, len(site.asked)) == (faults, 0 if faults else 1)


async def test_calls_fill_the_url_and_the_rest_of_the_request(site: Site) -> None:
    app = new_app(site)
    site.echo("/users/7")

    @app.post("/users/{user_id}")
    async def update(
        response: Response,
        user_id: int,
        item: Annotated[User, Body()],
        page: int = 1,
        tag: list[str] | None = None,
        x_trace: str = Header("none"),
        session: str | None = Cookie(None, alias="sid"),
        limit: int = Query(10, alias="max"),
    ) -> tuple[dict[str, Any], int]:
        return response.json(), page

    echoed, page = await app.call(update, 7, User(1, "a"), page=2, tag=["x", "y"], session="s")
    assert page == 2
    assert echoed["params"] == [["page", "2"], ["tag", "x"], ["tag", "y"], ["max", "10"]]
    assert echoed["body"] == '{"id":1,"name":"a"}'
    assert (echoed["headers"]["x-trace"], echoed["headers"]["cookie"]) == ("none", "sid=s")


async def test_calls_are_typed_as_their_handlers(site: Site) -> None:
    app = new_app(site)

    @app.get("/users/{user_id}")
    async def get(response: Response, user_id: int) -> int:
        return response.status_code

    @app.get("/users/{user_id}")
    def get_text(response: Response, user_id: int) -> str:
        return str(response.path_params["user_id"])

    async with app:
        assert_type(await app.call(get, user_id=7), int)
        assert_type(await app.call(get_text, 8), str)
    assert [asked.path for asked in site.asked] == ["/users/7", "/users/8"]


async def test_connections_are_kept_between_calls(site: Site) -> None:
    app = new_app(site)

    @app.get("/x")
    async def get(response: Response) -> None: ...

    async with app:
        with pytest.raises(RuntimeError, match="open already"):
            await app.__aenter__()
        await asyncio.gather(*(app.call(get) for _ in range(20)))
    assert len(site.asked) == 20


async def test_values_that_are_missing_or_too_many_are_named(site: Site) -> None:
    app = new_app(site)

    @app.get("/users/{user_id}")
    async def get(response: Response, user_id: int, q: str) -> None: ...

    with pytest.raises(FastHTTPRequestError, match="'q'"):
        await app.call(get, user_id=1)  # type: ignore[call-overload]  # the mistake
    with pytest.raises(DeclarationError, match="colour"):
        await app.call(get, 1, "q", colour="red")  # type: ignore[call-arg]  # the mistake
    assert isinstance((await app.arun())[get].error, FastHTTPRequestError)
    with pytest.raises(DeclarationError, match="not declared"):
        await app.call(lambda response: None)


def test_values_of_the_url_can_be_declared(site: Site) -> None:
    app = new_app(site)

    @app.get("/users/{user_id}", path_params={"user_id": "a/b"})
    async def get(response: Response) -> object:
        return response.path_params["user_id"]

    assert app.run()[get].value == "a/b"
    assert site.last.path == "/users/a%2Fb"


@pytest.mark.parametrize("value", ["..", ".", ""])
async def test_values_cannot_climb_out_of_the_url(site: Site, value: str) -> None:
    app = new_app(site)

    @app.get("/users/{name}/secret")
    async def get(response: Response, name: str) -> None: ...

    with pytest.raises(FastHTTPRequestError, match="part of a path"):
        await app.call(get, name=value)


def test_untyped_handlers_run_with_a_warning(site: Site) -> None:
    app = new_app(site)

    @app.get("/x")
    async def get(resp):  # type: ignore[no-untyped-def]  # the mistake
        return resp.status

    with pytest.warns(UntypedHandlerWarning, match="resp: Response and -> dict"):
        assert app.run()[get].value == 404


def test_mistakes_of_declarations_say_what_to_write(site: Site) -> None:
    def declared(handler: Any, url: str = "/x", **options: Any) -> str:
        app = new_app(site)

        def run() -> None:
            app.get(url, **options)(handler)
            app.run()

        with pytest.raises(DeclarationError) as raised:
            run()
        return str(raised.value)

    async def untyped(response: Response, page) -> None: ...  # type: ignore[no-untyped-def]  # the mistake
    async def nothing() -> None: ...
    async def generator(response: Response) -> AsyncIterator[int]:
        yield 1

    async def typed(response: Response) -> None: ...

    assert "Write page: int" in declared(untyped)
    assert "first parameter" in declared(nothing)
    assert "generator" in declared(generator)
    assert "colour" in declared(typed, colour="red")
    assert "twice" in declared(typed, "/{a}/{a}")
    assert "name of a value" in declared(typed, "/{a b}")
    assert "Depends(your_function)" in declared(typed, dependencies=["x"])
    assert "no function" in declared(7)
    assert declared(typed, response_model="User").startswith("The model 'User': 'User' cannot be read from JSON. Use a ")


@pytest.mark.parametrize(("verb", "shown"), [("get", "get"), ("graphql", "graphql"), ("ws", "ws")])
def test_a_decorator_without_its_url_is_refused(verb: str, shown: str) -> None:
    async def handler(response: Response) -> None: ...

    with pytest.raises(DeclarationError, match=rf"Write @app\.{shown}\('/path'\) above <function"):
        getattr(FastHTTP(), verb)(handler)


def test_defaults_of_verbs_and_of_requests(site: Site) -> None:
    site.echo("/x")
    app = new_app(
        site,
        headers={"X-All": "1"},
        get_request={"headers": {"X-Get": "1", "X-Own": "app"}},
        post_request={"headers": {"X-Post": "1"}},
    )

    @app.get("/x", headers={"x-own": "request"}, get_request={"headers": {"X-Documented": "1"}}, params={"a": 1})
    async def get(response: Response) -> Any:
        return response.json()["headers"]

    @app.post("/x", data={"a": "b"})
    async def post(response: Response) -> Any:
        return response.json()["headers"]

    results = app.run()
    got = results[get].value
    assert (got["x-all"], got["x-get"], got["x-own"], got["x-documented"]) == ("1", "1", "request", "1")
    assert "x-post" not in got
    assert results[post].value["x-post"] == "1"


async def test_dependencies_of_every_form(site: Site) -> None:
    app = new_app(site)
    site.echo("/x")
    calls: list[str] = []

    async def changes(route: Route, config: RequestConfig) -> RequestConfig:
        config.setdefault("headers", {})["X-Changed"] = route.method
        return config

    def adds() -> RequestConfig:
        return {"headers": {"X-Added": "1"}, "params": {"p": "1"}}

    def documented(r, c):  # type: ignore[no-untyped-def]  # as people write it
        c["headers"]["X-Documented"] = "1"
        return c

    def token() -> Iterator[str]:
        calls.append("open")
        yield "secret"
        calls.append("close")

    async def signed(config: RequestConfig, value: str = Depends(token)) -> RequestConfig:
        return {"headers": {"X-Token": value}}

    async def later() -> AsyncIterator[int]:
        yield 7
        calls.append("async close")

    @app.get("/x", dependencies=[Depends(changes), Depends(adds), Depends(documented), Depends(signed)])
    async def get(response: Response, value: str = Depends(token), number: int = Depends(later)) -> tuple[dict[str, Any], str, int]:
        calls.append("handled")
        return response.json(), value, number

    echoed, value, number = await app.call(get)
    headers = echoed["headers"]
    assert [headers[name] for name in ("x-changed", "x-added", "x-documented", "x-token")] == ["GET", "1", "1", "secret"]
    assert echoed["params"] == [["p", "1"]]
    assert (value, number, calls) == ("secret", 7, ["open", "handled", "async close", "close"])


async def test_a_dependency_that_fails_keeps_the_request_from_being_sent(site: Site) -> None:
    app = new_app(site)
    told: list[Exception] = []

    async def fails() -> None:
        raise ValueError("no token")

    @app.on_error
    async def tell(error: Exception, route: Route) -> None:
        told.append(error)

    @app.get("/x", dependencies=[Depends(fails)])
    async def get(response: Response) -> None: ...

    with pytest.raises(ValueError, match="no token"):
        await app.call(get)
    assert (site.asked, [str(error) for error in told]) == ([], ["no token"])


async def test_a_dependency_that_nothing_can_fill_says_so(site: Site) -> None:
    app = new_app(site)

    async def needs(a: int, b: int, c: int) -> None: ...

    @app.get("/x", dependencies=[Depends(needs)])
    async def get(response: Response) -> None: ...

    with pytest.raises(DeclarationError, match="'a'"):
        await app.call(get)


def test_routers_nest(site: Site) -> None:
    with Site() as other:
        app = new_app(site)
        outer = Router(prefix="/outer", tags=["outer"])
        inner = Router(prefix="inner/", tags=["inner"])
        elsewhere = Router(base_url=other.url())
        absolute = Router(prefix=other.url("/abs"))

        def note(route: Route, config: RequestConfig) -> RequestConfig:
            config.setdefault("headers", {})["X-Router"] = "outer"
            return config

        app.include_router(outer, prefix="/v1", dependencies=[Depends(note)])
        outer.include_router(inner)
        outer.include_router(elsewhere, base_url=site.url())
        outer.include_router(absolute)

        @inner.get("/a?q=1")
        async def a(response: Response) -> None: ...

        @elsewhere.get("/b")
        async def b(response: Response) -> None: ...

        @absolute.get("/c")
        async def c(response: Response) -> None: ...

        @inner.get(other.url("/d"))
        async def d(response: Response) -> None: ...

        results = app.run(tags=["outer"])
        assert results.errors == []
        assert [asked.path for asked in site.asked] == ["/v1/outer/inner/a"]
        assert sorted(asked.path for asked in other.asked) == ["/abs/c", "/d", "/v1/outer/b"]
        assert site.last.headers["x-router"] == "outer"
        assert results[a].route.tags == ["outer", "inner"]
        with pytest.raises(DeclarationError, match="itself"):
            inner.include_router(outer)


def test_hooks_of_a_router_are_its_own(site: Site) -> None:
    app = new_app(site)
    router = Router()
    app.include_router(router)
    seen: list[str] = []

    @app.on_response
    async def all_of_them(response: Response) -> None:
        seen.append(f"app {response.request.target.path}")

    @router.on_response
    async def its_own(response: Response) -> None:
        seen.append(f"router {response.request.target.path}")

    @app.get("/a")
    async def a(response: Response) -> None: ...

    @router.get("/b")
    async def b(response: Response) -> None: ...

    app.run()
    assert sorted(seen) == ["app /a", "app /b", "router /b"]


def test_a_lifespan_surrounds_a_run(site: Site) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def lifespan(app: FastHTTP) -> AsyncIterator[None]:
        app.state.token = "secret"
        seen.append("start")
        yield
        seen.append("stop")

    app = new_app(site, lifespan=lifespan)

    @app.get("/x")
    async def get(response: Response) -> None:
        seen.append(app.state.token)

    app.run()
    app.run()
    assert seen == ["start", "secret", "stop"] * 2

    async def forgotten(app: FastHTTP) -> AsyncIterator[None]:
        yield

    with pytest.raises(DeclarationError, match="asynccontextmanager"):
        FastHTTP(lifespan=forgotten).run()  # type: ignore[arg-type]  # the mistake


@pytest.mark.parametrize("version", ["v4", "v7"])
def test_all_requests_can_carry_one_id(site: Site, version: Any) -> None:
    app = new_app(site, generate_startup_uuid=True, startup_uuid_version=version)
    for path in ("/a", "/b"):

        @app.get(path)
        async def get(response: Response) -> None: ...

    app.run()
    ids = {asked.headers["x-request-id"] for asked in site.asked}
    assert len(ids) == 1
    assert ids.pop()[14] == version[1]


def test_logs_show_no_secrets(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    app = new_app(site, debug=True)

    @app.get("/x", params={"api_key": "s3cret", "page": 2}, auth=("user", "s3cret"), cookies={"sid": "s3cret"})
    async def get(response: Response) -> None: ...

    @app.get("http://user:s3cret@10.0.0.1/?token=s3cret")
    async def blocked(response: Response) -> None: ...

    with caplog.at_level(logging.DEBUG, "fasterapi.client"):
        results = app.run()
    assert "s3cret" not in caplog.text
    told = [record.message.split()[:2] for record in caplog.records if record.levelno > logging.DEBUG]
    assert sorted(told) == [["✔", "Done"], ["✔", "FastHTTP"], ["✖", "GET"], ["✖", "blocked:"]], "each once"
    assert "s3cret" not in repr(results) + str(results[blocked].error) + repr(results[get].response)
    assert "page=2" in caplog.text
    assert site.last.params() == [("api_key", "s3cret"), ("page", "2")]


def test_unusual_methods(site: Site) -> None:
    app = new_app(site)

    @app.request("propfind", "/x")
    async def find(response: Response) -> str:
        return response.method

    assert app.run()[find].value == "PROPFIND"
