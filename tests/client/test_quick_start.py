"""The examples that the forerunner's documentation opens with run as they are printed; only imports and hosts are others.

Each is a program of its own, as a reader would paste it.
"""

from __future__ import annotations

import logging
import textwrap
import warnings
from typing import Any

import pytest

import fasterapi.client
from fasterapi.client import FastHTTP, FastHTTPValidationError, UntypedHandlerWarning
from fasterapi.client.results import Results
from tests.client.sites import LOCAL, Answer, Site
from tests.client.test_websocket import Server, server  # noqa: F401 - a fixture


class Program(dict[str, Any]):
    """The names that a program defines, and the results of its run."""

    @property
    def results(self) -> Results:
        app: FastHTTP = self["app"]
        return app.run()


@pytest.fixture
def run(site: Site, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a program whose `https://site` is the test's server, and with the test's server among what may be reached."""
    for path in ("/get", "/post", "/put", "/patch", "/delete", "/users/1", "/users/2", "/users", "/data", "/search", "/upload", "/login"):
        site.echo(path)
    made = FastHTTP.__init__

    def make(self: FastHTTP, **options: Any) -> None:
        made(self, **{"security": LOCAL, **options})

    def run(source: str, **more: Any) -> Program:
        monkeypatch.setattr(FastHTTP, "__init__", make)
        names = Program({"__name__": "program", **more})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UntypedHandlerWarning)
            exec(compile(textwrap.dedent(source).replace("https://site", site.url("")), "program", "exec", dont_inherit=True), names)
        return names

    return run


@pytest.fixture(autouse=True)
def ignore_missing_types() -> Any:
    """The examples have none; that they warn is tested elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UntypedHandlerWarning)
        yield


def test_first_request(run: Any) -> None:
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        app = FastHTTP()

        @app.get(url="https://site/get")
        async def get_data(resp: Response) -> dict:
            return resp.json()
    """)
    assert program.results["get_data"].value["method"] == "GET"


def test_all_methods(run: Any, site: Site) -> None:
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        app = FastHTTP()

        @app.post(url="https://site/post", json={"name": "John", "email": "john@example.com"})
        async def create_user(resp: Response):
            return resp.json()

        @app.put(url="https://site/put", json={"name": "Jane"})
        async def update_user(resp: Response):
            return resp.json()

        @app.patch(url="https://site/patch", json={"age": 25})
        async def patch_user(resp: Response):
            return resp.json()

        @app.delete(url="https://site/delete")
        async def delete_data(resp: Response) -> int:
            return resp.status_code

        @app.head(url="https://site/get")
        async def head_data(resp: Response) -> int:
            return resp.status

        @app.options(url="https://site/get")
        async def options_data(resp: Response) -> dict:
            return {"allow": resp.headers.get("allow", "")}
    """)
    results = program.results
    assert results.errors == []
    assert results["create_user"].value["body"] == '{"name":"John","email":"john@example.com"}'
    assert [results[name].value for name in ("delete_data", "head_data", "options_data")] == [200, 200, {"allow": ""}]
    assert {asked.method for asked in site.asked} == {"POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}


def test_handlers_without_types(run: Any) -> None:
    program = run("""
        from fasterapi.client import FastHTTP

        app = FastHTTP(debug=True)

        @app.get(url="https://site/data")
        async def my_request(resp):
            return resp.json()
    """)
    assert program.results["my_request"].value["method"] == "GET"


def test_query_parameters_and_bodies(run: Any) -> None:
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        app = FastHTTP()

        @app.get(
            url="https://site/search",
            params={
                "q": "fasthttp",
                "page": 1,
                "limit": 10,
            }
        )
        async def search(resp: Response):
            return resp.json()

        @app.post(
            url="https://site/upload",
            data=b"raw bytes data",
        )
        async def upload(resp: Response):
            return resp.json()
    """)
    results = program.results
    assert results["search"].value["params"] == [["q", "fasthttp"], ["page", "1"], ["limit", "10"]]
    assert results["upload"].value["body"] == "raw bytes data"


def test_headers_of_the_app_and_of_a_request(run: Any) -> None:
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        app = FastHTTP(
            get_request={
                "headers": {
                    "Authorization": "Bearer my-secret-token",
                    "User-Agent": "MyApp/1.0",
                    "Accept": "application/json",
                },
            },
        )

        @app.get(
            url="https://site/data",
            get_request={
                "headers": {
                    "X-Custom-Header": "value",
                }
            }
        )
        async def with_headers(resp: Response):
            return resp.json()
    """)
    headers = program.results["with_headers"].value["headers"]
    assert (headers["authorization"], headers["user-agent"], headers["x-custom-header"]) == ("Bearer my-secret-token", "MyApp/1.0", "value")


def test_error_statuses_reach_the_handler(run: Any, site: Site) -> None:
    site.answer("/status/404", "gone", 404)
    site.answer("/status/500", "broken", 500)
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        app = FastHTTP(debug=True)

        @app.get(url="https://site/status/404")
        async def handle_error(resp: Response):
            return f"Status: {resp.status}"

        @app.get(url="https://site/status/500")
        async def handle_server_error(resp: Response):
            return f"Status: {resp.status}"
    """)
    results = program.results
    assert (results["handle_error"].value, results["handle_server_error"].value) == ("Status: 404", "Status: 500")


def test_return_values(run: Any) -> None:
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        app = FastHTTP()

        @app.get(url="https://site/data")
        async def return_dict(resp: Response):
            return {"message": "Hello", "status": resp.status}

        @app.get(url="https://site/data")
        async def return_list(resp: Response):
            return [1, 2, 3, 4, 5]

        @app.get(url="https://site/data")
        async def return_string(resp: Response):
            return "Hello, World!"

        @app.get(url="https://site/data")
        async def return_number(resp: Response):
            return resp.status

        @app.get(url="https://site/data")
        async def return_response(resp: Response):
            return resp
    """)
    values = [outcome.value for outcome in program.results]
    assert values[:4] == [{"message": "Hello", "status": 200}, [1, 2, 3, 4, 5], "Hello, World!", 200]
    assert values[4].headers["content-type"] == "application/json"


def test_tags(run: Any, site: Site) -> None:
    program = run("""
        from fasterapi.client import FastHTTP

        app = FastHTTP()

        @app.get(url="https://site/users", tags=["users"])
        async def get_users(resp):
            return resp.json()

        @app.post(url="https://site/users", tags=["users"])
        async def create_user(resp):
            return resp.json()

        @app.get(url="https://site/data", tags=["posts"])
        async def get_posts(resp):
            return resp.json()

        results = app.run(tags=["users"])
    """)
    assert [outcome.route.name for outcome in program["results"]] == ["get_users", "create_user"]
    assert {asked.path for asked in site.asked} == {"/users"}


def test_dependencies_that_change_the_request(run: Any) -> None:
    program = run("""
        from fasterapi.client import FastHTTP, Depends
        from fasterapi.client.response import Response

        app = FastHTTP()

        async def add_auth(route, config):
            config.setdefault("headers", {})["Authorization"] = "Bearer my-token"
            return config

        @app.get(
            url="https://site/get",
            dependencies=[Depends(add_auth)]
        )
        async def protected_request(resp: Response):
            return resp.json()
    """)
    assert program.results["protected_request"].value["headers"]["authorization"] == "Bearer my-token"


def test_dependencies_without_arguments(run: Any) -> None:
    program = run("""
        from fasterapi.client import FastHTTP, Depends
        from fasterapi.client.response import Response
        from fasterapi.client.types import RequestsOptinal

        def auth_headers() -> RequestsOptinal:
            return {"headers": {"Authorization": "Bearer my-token"}}

        app = FastHTTP()

        @app.get(
            url="https://site/get",
            dependencies=[Depends(auth_headers)],
        )
        async def get_data(resp: Response) -> dict:
            return resp.json()
    """)
    assert program.results["get_data"].value["headers"]["authorization"] == "Bearer my-token"


def test_request_validation(run: Any, site: Site) -> None:
    program = run(r"""
        from fasterapi.client import FastHTTP
        from pydantic import BaseModel, Field

        app = FastHTTP()

        class UserRequest(BaseModel):
            name: str = Field(min_length=1, max_length=100)
            email: str = Field(pattern=r"^[\w\.-]+@[\w\.-]+\.\w+$")
            age: int = Field(ge=0, le=150)

        class FormData(BaseModel):
            username: str
            password: str = Field(min_length=8)

        @app.post(
            url="https://site/users",
            json={"name": "John", "email": "john@example.com", "age": 25},
            request_model=UserRequest
        )
        async def create_user(resp):
            return resp.json()

        @app.post(
            url="https://site/users",
            json={"name": "", "email": "invalid-email", "age": 200},
            request_model=UserRequest
        )
        async def create_wrong_user(resp):
            return resp.json()

        @app.post(
            url="https://site/login",
            data={"username": "john", "password": "secret123"},
            request_model=FormData
        )
        async def login(resp):
            return resp.json()
    """)
    results = program.results
    assert results["create_user"].value["body"] == '{"name":"John","email":"john@example.com","age":25}'
    assert results["login"].value["body"] == "username=john&password=secret123"
    error = results["create_wrong_user"].error
    assert isinstance(error, FastHTTPValidationError)
    assert len(error.errors()) == 3
    assert len(site.asked) == 2


def test_response_models(run: Any, site: Site) -> None:
    site.answer("/users/1", {"id": 1, "name": "a", "email": "a@example.com"})
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response
        from pydantic import BaseModel

        class User(BaseModel):
            id: int
            name: str
            email: str

        app = FastHTTP()

        @app.get(
            url="https://site/users/1",
            response_model=User,
        )
        async def get_user(resp: Response) -> User:
            return User(**resp.json())
    """)
    assert program.results["get_user"].value.name == "a"


def test_routers_with_a_url_as_prefix(run: Any) -> None:
    program = run("""
        from fasterapi.client import FastHTTP, Router
        from fasterapi.client.response import Response

        users_router = Router(prefix="https://site")

        @users_router.get(url="/users/1")
        async def get_user(resp: Response) -> dict:
            return resp.json()

        @users_router.post(url="/users")
        async def create_user(resp: Response) -> dict:
            return resp.json()

        app = FastHTTP()
        app.include_router(users_router)
    """)
    assert [outcome.value["method"] for outcome in program.results] == ["GET", "POST"]


def test_middleware(run: Any, capsys: pytest.CaptureFixture[str], site: Site) -> None:
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.middleware import BaseMiddleware
        from fasterapi.client.response import Response

        class LoggingMiddleware(BaseMiddleware):
            __priority__ = 0
            __methods__ = None
            __enabled__ = True

            async def request(self, method: str, url: str, kwargs: dict) -> dict:
                print(f"-> {method} {url}")
                return kwargs

            async def response(self, response: Response) -> Response:
                print(f"<- {response.status}")
                return response

        app = FastHTTP(middleware=[LoggingMiddleware()])

        @app.get(url="https://site/get")
        async def get_data(resp: Response) -> dict:
            return resp.json()
    """)
    program.results.raise_errors()
    assert capsys.readouterr().out == f"-> GET {site.url('/get')}\n<- 200\n"


def test_lifespan_that_adds_attributes(run: Any, capsys: pytest.CaptureFixture[str]) -> None:
    program = run("""
        from contextlib import asynccontextmanager

        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        @asynccontextmanager
        async def lifespan(app: FastHTTP):
            print("Startup: loading credentials...")
            app.token = "my-secret-token"  # type: ignore[attr-defined]
            yield
            print("Shutdown: cleanup done.")

        app = FastHTTP(lifespan=lifespan)

        @app.get(url="https://site/get")
        async def get_data(resp: Response) -> dict:
            return resp.json()
    """)
    program.results.raise_errors()
    assert program["app"].token == "my-secret-token"
    assert capsys.readouterr().out.splitlines() == ["Startup: loading credentials...", "Shutdown: cleanup done."]


def test_concurrency(run: Any, site: Site) -> None:
    program = run("""
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        app = FastHTTP(concurrency=3)

        @app.get(url="https://site/get")
        async def item_1(resp: Response) -> dict:
            return resp.json()

        @app.get(url="https://site/get")
        async def item_2(resp: Response) -> dict:
            return resp.json()

        @app.get(url="https://site/get")
        async def item_3(resp: Response) -> dict:
            return resp.json()

        @app.get(url="https://site/get")
        async def item_4(resp: Response) -> dict:
            return resp.json()
    """)
    assert program.results.errors == []
    assert len(site.asked) == 4


def test_websockets(run: Any, server: Server, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811 - the fixture
    program = run(
        """
        from fasterapi.client import FastHTTP, WebSocket

        app = FastHTTP()

        @app.ws(url=URL)
        async def echo(ws: WebSocket) -> None:
            await ws.send("Hello from fasthttp!")
            msg = await ws.recv()
            print(f"Received: {msg}")
        """,
        URL=server.url(),
    )
    program.results.raise_errors()
    assert capsys.readouterr().out == "Received: Hello from fasthttp!\n"


def test_graphql(run: Any, site: Site) -> None:
    site.answers["/graphql"] = lambda asked: Answer({"data": {"countries": [{"name": "x", "asked": "capital" in asked.json()["query"]}]}})
    program = run('''
        from fasterapi.client import FastHTTP
        from fasterapi.client.response import Response

        app = FastHTTP()

        @app.graphql(url="https://site/graphql")
        async def get_countries(resp: Response) -> dict:
            return {
                "query": """
                    {
                        countries {
                            name
                            code
                            capital
                        }
                    }
                """
            }
    ''')
    assert program.results["get_countries"].value == {"countries": [{"name": "x", "asked": True}]}


def test_runs_are_logged(run: Any, caplog: pytest.LogCaptureFixture) -> None:
    program = run("""
        from fasterapi.client import FastHTTP

        app = FastHTTP()

        @app.get(url="https://site/get")
        async def get_data(resp):
            return resp.json()
    """)
    with caplog.at_level(logging.INFO, "fasterapi.client"):
        program.results.raise_errors()
    started, request, done = [record.message for record in caplog.records]
    assert started.startswith("✔ FastHTTP API started")
    assert request.startswith("✔ GET http://127.0.0.1")
    assert request.endswith("ms")
    assert done.startswith("✔ Done in ")


NAMES = """
FastHTTP Router AsyncSession Depends EventHooks WebSocket WebSocketMessage
BasicAuth BearerAuth DigestAuth OAuth2ClientCredentials
BaseMiddleware CacheMiddleware MiddlewareChain MiddlewareManager RetryMiddleware SessionMiddleware CookieJar DummyCookieJar
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_every_name_is_there(name: str) -> None:
    assert hasattr(fasterapi.client, name)
