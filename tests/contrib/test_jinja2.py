from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jinja2
import pytest

from fasterapi import Faster, Request, Response
from fasterapi.background import BackgroundTask
from fasterapi.contrib.jinja2 import Jinja2Templates, RenderedTemplate
from fasterapi.staticfiles import StaticFiles
from fasterapi.testing import TestClient
from tests.checkouts import CHECKOUT
from tests.server.servers import Serving
from tests.server.test_protocol import request as raw_request

TEMPLATES = {
    "page.html": "<p>{{ name }}",
    "page.htm": "{{ name }}",
    "page.xml": "{{ name }}",
    "page.xhtml": "{{ name }}",
    "page.svg": "{{ name }}",
    "PAGE.HTML": "{{ name }}",
    "page.html.j2": "{{ name }}",
    "page.html.jinja": "{{ name }}",
    "page.xml.jinja2": "{{ name }}",
    "page.jinja": "{{ name }}",
    "mail.txt": "{{ name }}",
    "mail.txt.j2": "{{ name }}",
    "data.json": "{{ name }}",
    "link.html": "{{ url_for('read_item', item_id=7) }}|{{ url_for('static', path='/app.css') }}",
    "request.html": "{{ request.url.path }} {{ request.query_params['q'] }}",
    "broken.html": "{% if %}",
    "undefined.html": "{{ missing.attribute }}",
    "child.html": "{% extends 'base.html' %}{% block body %}{{ name }}{% endblock %}",
    "base.html": "<b>{% block body %}{% endblock %}</b>",
}


@pytest.fixture
def templates(tmp_path: Path) -> Jinja2Templates:
    for name, source in TEMPLATES.items():
        (tmp_path / name).write_text(source)
    return Jinja2Templates(directory=tmp_path)


def client_of(templates: Jinja2Templates, name: str, context: dict[str, Any] | None = None, **given: Any) -> TestClient:
    """Asks for one page, `/` by `TemplateResponse` and `/thread` by `render_response`."""
    app = Faster()

    @app.get("/")
    async def page(request: Request) -> Response:
        return templates.TemplateResponse(request, name, context, **given)

    @app.get("/thread")
    async def thread(request: Request) -> Response:
        return await templates.render_response(request, name, context, **given)

    @app.get("/items/{item_id}")
    async def read_item(item_id: int) -> int:
        return item_id

    app.mount("/static", StaticFiles(directory=CHECKOUT / "docs"), name="static")
    return TestClient(app, base_url="http://example.org")


@pytest.fixture(params=["/", "/thread"])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_page_of_a_template(templates: Jinja2Templates, path: str) -> None:
    answer = client_of(templates, "page.html", {"name": "Ada"}).get(path)
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "<p>Ada", "text/html; charset=utf-8")


def test_all_that_a_response_takes(templates: Jinja2Templates, path: str) -> None:
    done: list[int] = []
    client = client_of(
        templates,
        "page.xml",
        {"name": "Ada"},
        status_code=404,
        headers={"x-own": "1"},
        media_type="application/xml",
        background=BackgroundTask(done.append, 1),
    )
    answer = client.get(path)
    assert (answer.status_code, answer.headers["x-own"], answer.headers["content-type"]) == (404, "1", "application/xml")
    assert done == [1]


@pytest.mark.parametrize(
    "name",
    [
        "page.html",
        "page.htm",
        "page.xml",
        "page.xhtml",
        "page.svg",
        "PAGE.HTML",
        "page.html.j2",
        "page.html.jinja",
        "page.xml.jinja2",
        "page.jinja",
        "child.html",
    ],
)
def test_markup_is_escaped(templates: Jinja2Templates, name: str, path: str) -> None:
    assert "&lt;script&gt;&amp;&#34;" in client_of(templates, name, {"name": '<script>&"'}).get(path).text


@pytest.mark.parametrize("name", ["mail.txt", "mail.txt.j2", "data.json"])
def test_other_text_is_not(templates: Jinja2Templates, name: str) -> None:
    assert client_of(templates, name, {"name": '<script>&"'}).get("/").text == '<script>&"'


def test_a_template_that_is_no_file_is_escaped(templates: Jinja2Templates) -> None:
    assert templates.env.from_string("{{ name }}").render(name="<") == "&lt;"


def test_urls_of_routes(templates: Jinja2Templates, path: str) -> None:
    assert client_of(templates, "link.html").get(path).text == "http://example.org/items/7|http://example.org/static/app.css"


def test_the_request(templates: Jinja2Templates, path: str) -> None:
    assert client_of(templates, "request.html").get(path + "?q=<b>").text == f"{path} &lt;b&gt;"


def test_context_processors_give_what_every_template_sees(templates: Jinja2Templates, path: str) -> None:
    templates.context_processors.append(lambda request: {"name": request.url.path, "other": 1})
    assert client_of(templates, "page.html", {"name": "theirs"}).get(path).text == f"<p>{path}"


def test_the_context_stays_as_it_was_given(templates: Jinja2Templates) -> None:
    context = {"name": "Ada"}
    client_of(templates, "page.html", context).get("/")
    assert context == {"name": "Ada"}


def test_an_environment_of_ones_own(path: str) -> None:
    env = jinja2.Environment(loader=jinja2.DictLoader({"a": "<< name >>"}), variable_start_string="<<", variable_end_string=">>")
    own = object()
    env.globals["url_for"] = own
    templates = Jinja2Templates(env=env)
    assert client_of(templates, "a", {"name": "<"}).get(path).text == "<"
    assert env.globals["url_for"] is own


def test_several_directories(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.html").write_text(folder)
    (tmp_path / "second" / "b.html").write_text("b")
    templates = Jinja2Templates(directory=[tmp_path / "first", str(tmp_path / "second")])
    assert [templates.get_template(name).render() for name in ("a.html", "b.html")] == ["first", "b"]


@pytest.mark.parametrize("name", ["../outside.html", "/etc/passwd", "..\\outside.html"])
def test_names_lead_nowhere_else(templates: Jinja2Templates, tmp_path: Path, name: str) -> None:
    (tmp_path.parent / "outside.html").write_text("outside")
    with pytest.raises(jinja2.TemplateNotFound):
        templates.get_template(name)


@pytest.mark.parametrize(
    ("name", "error"),
    [("missing.html", jinja2.TemplateNotFound), ("broken.html", jinja2.TemplateSyntaxError), ("undefined.html", jinja2.UndefinedError)],
)
def test_a_template_with_a_mistake_is_the_servers_fault(templates: Jinja2Templates, name: str, error: type[Exception], path: str) -> None:
    with pytest.raises(error):
        client_of(templates, name).get(path)


@pytest.mark.parametrize("given", [{}, {"directory": ".", "env": jinja2.Environment(autoescape=True)}])
def test_either_a_directory_or_an_environment(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="either directory= or env="):
        Jinja2Templates(**given)


def test_tests_see_what_a_page_was_made_of(templates: Jinja2Templates, path: str) -> None:
    answer: Any = client_of(templates, "page.html", {"name": "Ada"}).get(path)
    assert (answer.template.name, answer.context["name"], answer.context["request"].url.path) == ("page.html", "Ada", path)


def test_head_sends_no_page(templates: Jinja2Templates, path: str) -> None:
    answer = client_of(templates, "page.html", {"name": "Ada"}).head(path)
    assert (answer.headers["content-length"], answer.content) == ("6", b"")


async def test_a_page_is_rendered_in_a_thread(templates: Jinja2Templates) -> None:
    threads: list[int] = []

    def note(*_: object) -> dict[str, Any]:
        threads.append(threading.get_ident())
        return {}

    templates.env.globals["note"] = note
    templates.context_processors.append(note)
    templates.env.loader = jinja2.DictLoader({"a": "{{ note() }}"})
    await templates.render_response(Request({"type": "http", "path": "/", "headers": []}), "a")
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_a_page_that_awaits_is_rendered_on_the_loop() -> None:
    async def later(value: str) -> str:
        await asyncio.sleep(0)
        return value

    env = jinja2.Environment(loader=jinja2.DictLoader({"a": "{{ later(name) }}"}), enable_async=True, autoescape=True)
    env.globals["later"] = later
    response = await Jinja2Templates(env=env).render_response(Request({"type": "http", "path": "/", "headers": []}), "a", {"name": "<"})
    assert isinstance(response, RenderedTemplate)
    assert response.body == b"&lt;"


def test_served(templates: Jinja2Templates) -> None:
    app = Faster()

    @app.get("/")
    async def page(request: Request) -> Response:
        return templates.TemplateResponse(request, "page.html", {"name": "Ada"})

    with Serving(app) as server, server.connect() as client:
        client.send(raw_request("/") * 2)
        assert [client.answer().body for _ in range(2)] == [b"<p>Ada", b"<p>Ada"]


def test_the_extra_is_named_where_jinja_is_missing() -> None:
    program = (
        "import sys; sys.modules['jinja2'] = None\n"
        "from fasterapi.templating import Jinja2Templates\n"
        "try: Jinja2Templates(directory='.')\n"
        "except ImportError as error: print(error)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "Jinja2Templates needs jinja2: pip install 'fasterapi-framework[jinja2]'"


def test_fastapis_name_is_the_same_class() -> None:
    from fasterapi.templating import Jinja2Templates as Renamed

    assert Renamed is Jinja2Templates
