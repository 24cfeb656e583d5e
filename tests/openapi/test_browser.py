"""The pages in a real browser that reaches nothing but this machine: what they show, and what can be done on them.

Skipped where there is no Chromium, unless FASTERAPI_BROWSER=required.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import pytest
from msgspec import Struct
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from fasterapi import Depends, Faster, Form, HTTPException, RedirectResponse, Request, UploadFile
from fasterapi.security import APIKeyHeader, HTTPBearer, OAuth2AuthorizationCodeBearer, OAuth2PasswordBearer, OAuth2PasswordRequestForm
from tests.server.servers import Serving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.any_python("what scripts make of the pages; that the pages are the same everywhere is asked without a browser"),
]

CHROMIUM: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PAGES: Final = ("docs", "redoc", "scalar")
HOSTILE: Final = "</script><script>document.title = 'broken'</script><img src=x onerror=\"document.title = 'broken'\">"
PATIENCE: Final = 60_000
"""Milliseconds after which something is taken never to appear."""


class Item(Struct):
    """A thing that is sold."""

    name: str
    price: float = 1.5


by_password: Final = OAuth2PasswordBearer("token", scopes={"items": "Read items"}, scheme_name="password")
by_code: Final = OAuth2AuthorizationCodeBearer("authorize", "token-for-code", scheme_name="code")
by_token: Final = HTTPBearer(scheme_name="bearer")
by_key: Final = APIKeyHeader(name="X-Key", scheme_name="key")


def make_app(**options: Any) -> Faster:
    app = Faster(title="Shop", scalar_url="/scalar", swagger_ui_init_oauth={"clientId": "docs"}, **options)

    @app.get("/items/{number}", summary="Read an item")
    async def read_item(number: int, shout: bool = False) -> Item:
        return Item("CUP" if shout else "cup", number / 2)

    @app.post("/items", summary="Create an item", status_code=201)
    async def create_item(item: Item) -> Item:
        return Item(item.name + "!", item.price)

    @app.post("/files", summary="Upload a file")
    async def upload(file: UploadFile, note: Annotated[str, Form()]) -> dict[str, str]:
        return {"note": note, "name": str(file.filename), "content": (await file.read()).decode()}

    @app.get("/by-token", summary="Ask by token")
    async def ask_by_token(request: Request, token: Annotated[Any, Depends(by_token)]) -> dict[str, str]:
        return {"sent": request.headers["authorization"]}

    @app.get("/by-key", summary="Ask by key")
    async def ask_by_key(key: Annotated[str, Depends(by_key)]) -> dict[str, str]:
        return {"sent": key}

    @app.get("/by-password", summary="Ask by password")
    async def ask_by_password(token: Annotated[str, Depends(by_password)]) -> dict[str, str]:
        return {"sent": token}

    @app.get("/by-code", summary="Ask by code")
    async def ask_by_code(token: Annotated[str, Depends(by_code)]) -> dict[str, str]:
        return {"sent": token}

    @app.post("/token", include_in_schema=False)
    async def token(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> dict[str, str]:
        if form.password != "secret":
            raise HTTPException(400, "Wrong password")
        return {"access_token": f"of-{form.username}", "token_type": "bearer"}

    @app.get("/authorize", include_in_schema=False)
    async def authorize(redirect_uri: str, state: str, client_id: str) -> RedirectResponse:
        return RedirectResponse(f"{redirect_uri}?{urlencode({'code': 'code-of-' + client_id, 'state': state})}")

    @app.post("/token-for-code", include_in_schema=False)
    async def token_for_code(request: Request) -> dict[str, str]:
        form = await request.form()
        return {"access_token": f"for-{form['code']}", "token_type": "bearer"}

    return app


SUMMARIES: Final = ("Read an item", "Create an item", "Upload a file", "Ask by token", "Ask by key", "Ask by password", "Ask by code")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("FASTERAPI_BROWSER") == "required":
            pytest.fail("There is no Chromium: apt install chromium")
        pytest.skip("there is no Chromium on this machine: apt install chromium")
    # No name is found: what is not on this machine cannot be reached.
    expect.set_options(timeout=PATIENCE)
    alone = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", alone])
        yield browser
        browser.close()


class Visit:
    """A page that is open, and what went wrong on it."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.base: Final = base
        self.faults: Final[list[str]] = []
        self.strangers: Final[list[str]] = []
        self.page: Final[Page] = context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        context.on("request", lambda request: self._note(request.url))

    def _note(self, url: str) -> None:
        if not url.startswith((self.base, "data:", f"blob:{self.base}")):
            self.strangers.append(url)

    def open(self, path: str) -> Page:
        """Go to a page of the documentation."""
        self.page.goto(f"{self.base}/{path}")
        return self.page


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with Serving(make_app()) as serving:
        yield f"http://127.0.0.1:{serving.listener.getsockname()[1]}"


@pytest.fixture
def visit(chromium: Browser, shop: str) -> Iterator[Visit]:
    """A visit of the shop; afterwards nothing must have gone wrong, and nobody else been asked."""
    with chromium.new_context() as context:
        opened = Visit(context, shop)
        yield opened
        assert (opened.faults, opened.strangers) == ([], [])


@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_every_operation(visit: Visit, path: str) -> None:
    page = visit.open(path)
    for summary in SUMMARIES:
        expect(page.get_by_text(summary).first).to_be_visible(timeout=PATIENCE)


def test_swagger_ui_shows_the_models(visit: Visit) -> None:
    page = visit.open("docs")
    page.locator(".models").get_by_text("Item", exact=True).first.click()
    expect(page.get_by_text("A thing that is sold.")).to_be_visible(timeout=PATIENCE)


def operation(page: Page, summary: str) -> Any:
    """The block of one operation of Swagger UI, opened and ready to try."""
    block = page.locator(".opblock", has_text=summary)
    block.locator(".opblock-summary").click()
    block.get_by_role("button", name="Try it out").click()
    return block


def execute(block: Any) -> Any:
    """The answer to what a block sends."""
    block.get_by_role("button", name="Execute").click()
    return block.locator(".live-responses-table .response").first


def test_try_it_out_sends_parameters(visit: Visit) -> None:
    block = operation(visit.open("docs"), "Read an item")
    block.get_by_placeholder("number").fill("7")
    block.locator("tr", has_text="shout").locator("select").select_option("true")
    answer = execute(block)
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer.locator(".microlight").first).to_contain_text('"name": "CUP"')
    expect(answer.locator(".microlight").first).to_contain_text('"price": 3.5')


def test_try_it_out_sends_a_body(visit: Visit) -> None:
    block = operation(visit.open("docs"), "Create an item")
    block.locator("textarea.body-param__text").fill('{"name": "pot", "price": 2}')
    answer = execute(block)
    expect(answer.locator(".response-col_status")).to_contain_text("201")
    expect(answer.locator(".microlight").first).to_contain_text('"name": "pot!"')


def test_try_it_out_sends_a_file(visit: Visit) -> None:
    block = operation(visit.open("docs"), "Upload a file")
    block.locator("input[type=file]").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"content"})
    block.locator("tr", has_text="note").locator("input[type=text]").fill("mine")
    body = execute(block).locator(".microlight").first
    expect(body).to_contain_text('"note": "mine"')
    expect(body).to_contain_text('"name": "a.txt"')
    expect(body).to_contain_text('"content": "content"')


def authorize(page: Page, scheme: str) -> Any:
    """The form of one scheme in the dialog of Swagger UI."""
    page.get_by_role("button", name="Authorize").first.click()
    return page.locator(".auth-container", has=page.locator("h4", has_text=scheme))


@pytest.mark.parametrize(("scheme", "summary", "sent"), [("bearer", "Ask by token", "Bearer mine"), ("key", "Ask by key", "mine")])
def test_authorize_with_a_secret(visit: Visit, scheme: str, summary: str, sent: str) -> None:
    page = visit.open("docs")
    form = authorize(page, scheme)
    form.locator("input").fill("mine")
    form.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").first.click()
    expect(execute(operation(page, summary)).locator(".microlight").first).to_contain_text(f'"sent": "{sent}"')


def test_authorize_with_a_password(visit: Visit) -> None:
    page = visit.open("docs")
    form = authorize(page, "password")
    form.locator("#oauth_username").fill("ada")
    form.locator("#oauth_password").fill("secret")
    form.get_by_role("button", name="Apply given OAuth2 credentials").click()
    form.get_by_role("button", name="Remove authorization").wait_for()
    page.get_by_role("button", name="Close").first.click()
    expect(execute(operation(page, "Ask by password")).locator(".microlight").first).to_contain_text('"sent": "of-ada"')


def test_authorize_with_a_code_from_another_window(visit: Visit) -> None:
    page = visit.open("docs")
    form = authorize(page, "code")
    with page.expect_popup() as opened:
        form.get_by_role("button", name="Apply given OAuth2 credentials").click()
    form.get_by_role("button", name="Remove authorization").wait_for()
    if not opened.value.is_closed():
        opened.value.wait_for_event("close")
    assert len(page.context.pages) == 1
    page.get_by_role("button", name="Close").first.click()
    expect(execute(operation(page, "Ask by code")).locator(".microlight").first).to_contain_text('"sent": "for-code-of-docs"')


def test_try_it_out_below_a_root_path(chromium: Browser) -> None:
    outer = Faster(openapi_url=None)
    outer.mount("/inner", make_app())
    with Serving(outer) as serving, chromium.new_context() as context:
        visit = Visit(context, f"http://127.0.0.1:{serving.listener.getsockname()[1]}")
        block = operation(visit.open("inner/docs"), "Read an item")
        block.get_by_placeholder("number").fill("7")
        expect(execute(block).locator(".microlight").first).to_contain_text('"name": "cup"')
        assert (visit.faults, visit.strangers) == ([], [])


@pytest.mark.parametrize("path", PAGES)
def test_nothing_that_a_document_says_is_run(chromium: Browser, path: str) -> None:
    app = make_app(description=HOSTILE)

    @app.get("/hostile", summary=HOSTILE, description=HOSTILE, tags=[HOSTILE])
    async def hostile() -> None: ...

    with Serving(app) as serving, chromium.new_context() as context:
        visit = Visit(context, f"http://127.0.0.1:{serving.listener.getsockname()[1]}")
        page = visit.open(path)
        expect(page.get_by_text("Read an item").first).to_be_visible(timeout=PATIENCE)
        assert page.title().startswith("Shop")
        assert visit.strangers == []
