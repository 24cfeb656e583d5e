"""Declared requests in a browser: those and no others, for whoever has the token."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from fasterapi.client import Body, FastHTTP, FastHTTPError, File, FileValue, Form, Header, Response, WebSocket
from fasterapi.client.web.pages import WebPages
from tests.client.sites import LOCAL, Answer, Site


class Item(msgspec.Struct):
    name: str


COUNTRY = "query ($code: Int!, $short: Boolean) { country(code: $code) { name } }"


def declared(site: Site) -> FastHTTP:
    app = FastHTTP(base_url=site.url(), security=LOCAL, title="Mine", docs_base_url="/api")

    @app.put("/items/{item_id}")
    async def save(
        response: Response,
        item_id: int,
        item: Annotated[Item, Body()],
        tag: list[str] | None = None,
        limit: int = 10,
        x_a: str = Header("none"),
    ) -> tuple[int, list[str] | None]:
        assert (type(item_id), type(limit), type(item)) == (int, int, Item)
        return item_id, tag

    @app.get("/page")
    async def page(response: Response) -> None: ...

    @app.get("/item")
    async def item(item: Item) -> None: ...

    @app.get("/page")
    async def buggy(response: Response) -> None:
        raise ValueError("mine")

    @app.get("http://10.0.0.1/")
    async def blocked(response: Response) -> None: ...

    @app.post("/login")
    async def login(response: Response, name: Annotated[str, Form()], age: Annotated[int, Form()] = 1) -> int:
        return age + 1

    @app.post("/photos")
    async def upload(response: Response, title: Annotated[str, Form()], photo: Annotated[list[FileValue], File()]) -> None: ...

    @app.graphql("/graphql", query=COUNTRY)
    async def country(data: dict[str, Item], code: int, short: bool = True) -> str:
        assert type(code) is int
        return data["country"].name

    @app.graphql("/graphql")
    async def handmade(response: Response, code: str) -> dict[str, Any]:
        return {"query": "{ made }", "variables": {"made_of": code}}

    @app.ws("/live/{room}")
    async def live(ws: WebSocket, room: str) -> None:
        """What is said in a room."""

    return app


class Browser:
    def __init__(self, pages: WebPages) -> None:
        self.pages = pages
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(pages), base_url="http://127.0.0.1:8000/api")

    async def sign_in(self) -> httpx.Response:
        return await self.client.get("/docs", params={"token": self.pages.token})


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[Browser]:
    app = declared(site)
    pages = app.web_app()
    assert isinstance(pages, WebPages)
    async with app:
        browser = Browser(pages)
        async with browser.client:
            yield browser


async def test_the_page_works_offline(browser: Browser) -> None:
    page = await browser.sign_in()
    assert page.status_code == 200
    cookie = page.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    loaded = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(loaded) == 2
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]+)"', page.text))
    for url in loaded:
        assert (await browser.client.get(f"http://127.0.0.1:8000{url}")).status_code == 200
    document = (await browser.client.get("/openapi.json")).json()
    assert document["info"]["title"] == "Mine"
    assert document["paths"]["/items/{item_id}"]["put"]["servers"] == [{"url": "/api/request/0"}]


async def test_a_declared_request_is_made(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    site.echo("/items/7")
    answer = await browser.client.put("/request/0/items/7?tag=a&tag=b&limit=5&other=1", json={"name": "x"}, headers={"X-A": "h"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    echoed = answer.json()
    assert echoed["params"] == [["tag", "a"], ["tag", "b"], ["limit", "5"]], "nothing that is not declared"
    assert (echoed["body"], echoed["headers"]["x-a"]) == ('{"name":"x"}', "h")
    assert "cookie" not in echoed["headers"]


async def test_forms_are_sent_on(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    site.echo("/login")
    site.echo("/photos")
    answer = await browser.client.post("/request/5/login", data={"name": "Ada", "age": "36", "more": "1"})
    assert answer.json()["body"] == "name=Ada&age=36"
    files = [("photo", ("a.png", b"of a", "image/png")), ("photo", ("b.png", b"of b", "image/png"))]
    answer = await browser.client.post("/request/6/photos", data={"title": "Two"}, files=files)
    sent = answer.json()["body"]
    for part in ('name="title"\r\n\r\nTwo', 'name="photo"; filename="b.png"\r\nContent-Type: image/png\r\n\r\nof b'):
        assert part in sent


async def test_a_form_that_is_none_is_refused(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    answer = await browser.client.post("/request/6/photos", content=b"x", headers={"Content-Type": "multipart/form-data"})
    assert (answer.status_code, site.asked) == (400, [])


async def test_an_operation_of_graphql_is_made(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    site.answer("/graphql", {"data": {"country": {"name": "France"}}})
    shown = (await browser.client.get("/openapi.json")).json()["paths"]["/graphql"]["post"]
    assert shown["servers"] == [{"url": "/api/request/7"}]
    answer = await browser.client.post("/request/7/graphql", json={"query": COUNTRY, "variables": {"code": "33", "other": 1}})
    assert (answer.status_code, answer.json()) == (200, {"data": {"country": {"name": "France"}}})
    assert site.last.json() == {"query": COUNTRY, "variables": {"code": 33, "short": True}}, "nothing that is not declared"
    answer = await browser.client.post("/request/8/graphql", json={"variables": {"code": "a"}})
    assert answer.status_code == 200
    assert site.last.json() == {"query": "{ made }", "variables": {"made_of": "a"}}


async def test_faults_of_graphql_are_handed_on(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    faulty = {"data": None, "errors": [{"message": "no such country"}]}
    site.answer("/graphql", faulty)
    answer = await browser.client.post("/request/7/graphql", json={"variables": {"code": 1}})
    assert (answer.status_code, answer.json()) == (200, faulty)


@pytest.mark.parametrize(
    ("number", "body", "status"),
    [
        (7, {"query": "{ everything }", "variables": {"code": 1}}, 403),
        (8, {"query": "{ everything }", "variables": {"code": 1}}, 403),
        (7, [1], 422),
        (7, {"variables": [1]}, 422),
        (7, {"variables": {}}, 422),
    ],
)
async def test_no_other_query_is_sent(browser: Browser, site: Site, number: int, body: object, status: int) -> None:
    await browser.sign_in()
    answer = await browser.client.post(f"/request/{number}/graphql", json=body)
    assert (answer.status_code, site.asked) == (status, [])


async def test_websockets_are_shown(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    shown = (await browser.client.get("/openapi.json")).json()["info"]["description"]
    assert f"- **live** `ws://127.0.0.1:{site.port}/live/{{room}}` What is said in a room." in shown.splitlines()


async def test_what_comes_back_cannot_run_here(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    site.answer("/page", b"<script>alert(1)</script>", headers={"Content-Type": "text/html", "Set-Cookie": "a=1"})
    answer = await browser.client.get("/request/1/page")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert "set-cookie" not in answer.headers


async def test_failures_are_told(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    site.answer("/page", "ok")
    answers = [await browser.client.get(path) for path in ("/request/1/page", "/request/2/item", "/request/3/page", "/request/4/")]
    assert [answer.status_code for answer in answers] == [200, 404, 500, 502]
    assert answers[1].json() == {"error": "nothing here"}, "an error status is handed on as it came"
    assert "mine" in answers[2].text
    assert "SSRFBlockedError" in answers[3].text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/request/0/items/7", 405),
        ("PUT", "/request/0/other/7", 404),
        ("PUT", "/request/0/items/7/more", 404),
        ("PUT", f"/request/0/items/{quote('../../secret', safe='')}", 422),
        ("GET", "/request/99/page", 404),
        ("GET", "/request/x/page", 404),
        ("GET", "/request/http://127.0.0.1/", 404),
        ("POST", "/request", 404),
        ("GET", "/nothing", 404),
    ],
)
async def test_nothing_else_is_made(browser: Browser, site: Site, method: str, path: str, status: int) -> None:
    await browser.sign_in()
    answer = await browser.client.request(method, path, content=b"{" if status == 422 else b"")
    assert (answer.status_code, site.asked) == (status, [])


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/request/1/page", "/docs?token=wrong"])
async def test_nothing_without_the_token(browser: Browser, site: Site, path: str) -> None:
    assert ((await browser.client.get(path)).status_code, site.asked) == (403, [])


async def test_other_sites_cannot_ask(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert (await browser.client.get("/request/1/page", headers=headers)).status_code == 403
    for host in ("evil.example", "evil.example:8000", "127.0.0.1.evil.example", ""):
        assert (await browser.client.get("/request/1/page", headers={"Host": host})).status_code == 421
    assert site.asked == []


async def test_large_bodies_are_refused(browser: Browser, site: Site) -> None:
    await browser.sign_in()
    answer = await browser.client.put("/request/0/items/7", content=b"x" * 10_000_001)
    assert (answer.status_code, site.asked) == (413, [])


async def test_a_token_in_a_header_serves_programs(browser: Browser, site: Site) -> None:
    headers = {"Authorization": f"Bearer {browser.pages.token}"}
    site.answers["/page"] = lambda _: Answer("ok")
    assert (await browser.client.get("/request/1/page", headers=headers)).text == "ok"


async def test_the_app_lives_as_long_as_the_server(site: Site) -> None:
    app = declared(site)
    pages: Any = app.web_app(host="::1", port=9000, base_url="")
    assert pages.url == f"http://[::1]:9000/docs?token={pages.token}"
    received = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return received.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])
        if message["type"] == "lifespan.startup.complete":
            site.answer("/page", "ok")
            app._opened_engine()

    await pages({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    with pytest.raises((RuntimeError, FastHTTPError)):
        app._opened_engine()
