"""Declared requests in a real browser, which reaches nothing but this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Annotated

import msgspec
import pytest
from playwright.sync_api import Browser, expect

from fasterapi.client import Body, FastHTTP, Response, WebSocket
from fasterapi.client.web.pages import WebPages
from tests.client.sites import LOCAL, Site
from tests.openapi.test_browser import PATIENCE, Visit, chromium, execute, operation  # noqa: F401 - a fixture
from tests.server.servers import Serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_python("what scripts make of the pages; that the pages are the same everywhere is asked without a browser"),
]


class Item(msgspec.Struct):
    name: str


@pytest.fixture
def pages(site: Site) -> Iterator[WebPages]:
    site.echo("/items/7")
    site.echo("/graphql")
    app = FastHTTP(base_url=site.url(), security=LOCAL, title="Mine")

    @app.put("/items/{item_id}")
    async def save(response: Response, item_id: int, item: Annotated[Item, Body()], limit: int = 10) -> None:
        """Save an item."""

    @app.graphql("/graphql", query="{ all }")
    async def all_items(response: Response) -> None:
        """All items."""

    @app.graphql("/graphql", query="query ($code: Int!) { one(code: $code) }")
    async def one_item(response: Response, code: int = 7) -> None:
        """One item."""

    @app.ws("/live")
    async def live(ws: WebSocket) -> None:
        """What is said."""

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    served = app.web_app(port=port)
    assert isinstance(served, WebPages)
    with Serving(served, lifespan="on") as serving:
        served.url = served.url.replace(f":{port}/", f":{serving.listener.getsockname()[1]}/")
        yield served


def test_a_declared_request_is_made_from_its_page(chromium: Browser, pages: WebPages, site: Site) -> None:  # noqa: F811 - the fixture
    with chromium.new_context() as context:
        visit = Visit(context, pages.url.partition("/docs")[0])
        visit.page.goto(pages.url)
        expect(visit.page.get_by_text("Mine").first).to_be_visible(timeout=PATIENCE)
        block = operation(visit.page, "Save an item.")
        block.get_by_placeholder("item_id").fill("7")
        block.locator("textarea.body-param__text").fill('{"name": "pot"}')
        answer = execute(block)
        expect(answer.locator(".response-col_status")).to_contain_text("200")
        expect(answer.locator(".microlight").first).to_contain_text('"limit"')
        assert (visit.faults, visit.strangers) == ([], [])
    assert (site.last.method, site.last.path, site.last.body) == ("PUT", "/items/7", b'{"name":"pot"}')


def test_of_two_operations_at_one_url_the_chosen_one_is_made(chromium: Browser, pages: WebPages, site: Site) -> None:  # noqa: F811 - the fixture
    with chromium.new_context() as context:
        visit = Visit(context, pages.url.partition("/docs")[0])
        visit.page.goto(pages.url)
        answer = execute(operation(visit.page, "One item."))
        expect(answer.locator(".response-col_status")).to_contain_text("200")
        expect(visit.page.get_by_text(f"ws://127.0.0.1:{site.port}/live")).to_be_visible()
        assert (visit.faults, visit.strangers) == ([], [])
    assert site.last.json() == {"query": "query ($code: Int!) { one(code: $code) }", "variables": {"code": 7}}
