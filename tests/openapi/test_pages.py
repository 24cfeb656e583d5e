"""The pages as they are sent. What a browser makes of them is in `test_browser.py`."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from fasterapi import Depends, Faster, HTMLResponse
from fasterapi.openapi.docs import get_redoc_html, get_scalar_html, get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fasterapi.openapi.ui import redoc_html, swagger_ui_html
from fasterapi.security import OAuth2AuthorizationCodeBearer, OpenIdConnect
from fasterapi.testing import TestClient

HOSTILE = "</title></script><script>alert(1)</script>'\"&<!--"
PAGES = ["/docs", "/redoc", "/scalar"]


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the texts of its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.elements and data.strip():
            self.texts.append((self.elements[-1][0], data))

    def urls(self) -> list[str]:
        """What the page loads."""
        found = [attributes.get("src") or attributes.get("href") for _, attributes in self.elements]
        return [url for url in found if url and not url.startswith("data:")]

    def scripts(self) -> list[dict[str, str | None]]:
        """The scripts that run."""
        return [attributes for tag, attributes in self.elements if tag == "script" and attributes.get("type") != "application/json"]

    def title(self) -> str:
        """The title."""
        return next(text for tag, text in self.texts if tag == "title")

    def settings(self) -> Any:
        """What the script reads."""
        return json.loads(next(text for tag, text in self.texts if tag == "script"))


def policy_of(response: Any) -> dict[str, list[str]]:
    """The rules of the Content-Security-Policy."""
    rules = [rule.split() for rule in response.headers["content-security-policy"].split("; ")]
    return {name: values for name, *values in rules}


def client_for(**options: Any) -> TestClient:
    return TestClient(Faster(scalar_url="/scalar", **options))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_only_what_the_application_serves(path: str) -> None:
    client = client_for()
    urls = Elements(client.get(path).text).urls()
    assert urls
    for url in urls:
        assert url.startswith(path + "/")
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/docs/oauth2-redirect"])
def test_a_page_runs_only_scripts_of_ours(path: str) -> None:
    client = client_for()
    answer = client.get(path)
    scripts = Elements(answer.text).scripts()
    (nonce,) = {script["nonce"] for script in scripts}
    policy = policy_of(answer)
    assert policy["script-src"] == [f"'nonce-{nonce}'"]
    assert (policy["default-src"], policy["base-uri"], policy["form-action"]) == (["'none'"], ["'none'"], ["'none'"])
    assert answer.headers["cache-control"] == "no-store"
    assert f"nonce-{nonce}" not in client.get(path).headers["content-security-policy"]


@pytest.mark.parametrize("path", PAGES)
def test_nothing_that_users_wrote_becomes_html(path: str) -> None:
    parameters = {"x": HOSTILE}
    client = client_for(
        title=HOSTILE, swagger_ui_parameters=parameters, swagger_ui_init_oauth={"clientId": HOSTILE}, scalar_parameters=parameters
    )
    harmless, hostile = Elements(client_for().get(path).text), Elements(client.get(path).text)
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in harmless.elements]
    assert hostile.title().startswith(HOSTILE)


def test_settings_of_swagger_ui() -> None:
    options = {"swagger_ui_parameters": {"deepLinking": False, "tryItOutEnabled": True}, "swagger_ui_init_oauth": {"clientId": "me"}}
    settings = Elements(client_for(**options).get("/docs").text).settings()
    assert settings["oauth"] == {"clientId": "me"}
    assert settings["oauth2RedirectUrl"] == "/docs/oauth2-redirect"
    assert settings["parameters"] == {
        "dom_id": "#swagger-ui",
        "layout": "BaseLayout",
        "deepLinking": False,
        "showExtensions": True,
        "showCommonExtensions": True,
        "validatorUrl": None,
        "url": "/openapi.json",
        "tryItOutEnabled": True,
    }


@pytest.mark.parametrize("path", PAGES)
def test_a_page_below_a_root_path(path: str) -> None:
    page = Elements(TestClient(Faster(scalar_url="/scalar"), root_path="/v1/").get(path).text)
    assert all(url.startswith(f"/v1{path}/") for url in page.urls())
    assert "/v1/openapi.json" in json.dumps(page.settings())
    assert page.settings().get("oauth2RedirectUrl", "/v1/docs/oauth2-redirect") == "/v1/docs/oauth2-redirect"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_mounted_application(path: str) -> None:
    app = Faster()
    app.mount("/inner", Faster(scalar_url="/scalar"))
    client = TestClient(app)
    for url in Elements(client.get(f"/inner{path}").text).urls():
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_from_a_cdn_is_held_to_its_digests(path: str) -> None:
    answer = client_for(docs_from_cdn=True).get(path)
    loaded = [
        attributes for _, attributes in Elements(answer.text).elements if attributes.get("src") or attributes.get("rel") == "stylesheet"
    ]
    assert loaded
    for attributes in loaded:
        url = attributes.get("src") or attributes["href"]
        assert re.fullmatch(r"https://cdn\.jsdelivr\.net/npm/[^ ]+@\d+\.\d+\.\d+/[^ ]+", url or "")
        assert (attributes["integrity"] or "").startswith("sha384-")
        assert attributes["crossorigin"] == "anonymous"
    if path == "/docs":
        assert "https://cdn.jsdelivr.net" in policy_of(answer)["style-src"]


@pytest.mark.parametrize("path", ["/docs", "/scalar"])
def test_a_page_may_speak_to_the_servers_of_the_document_alone(path: str) -> None:
    schemes = [
        OAuth2AuthorizationCodeBearer("https://sign.in/authorize", "https://token.example.com/token", refreshUrl="relative"),
        OpenIdConnect(openIdConnectUrl="https://id.example.com:8443/.well-known"),
    ]
    servers = [{"url": "https://{tenant}.example.com/v1"}, {"url": "/v1"}, {"url": "http://[::1]:80"}, {"url": "https://a b;script-src *"}]
    app = Faster(scalar_url="/scalar", servers=servers)

    @app.get(
        "/", dependencies=[Depends(scheme) for scheme in schemes], openapi_extra={"servers": [{"url": "https://user@own.example.com"}]}
    )
    def handler() -> None: ...

    assert policy_of(TestClient(app).get(path))["connect-src"] == [
        "'self'",
        "https://*.example.com",
        "http://[::1]:80",
        "https://own.example.com",
        "https://token.example.com",
        "https://id.example.com:8443",
    ]


@pytest.mark.parametrize("accepted", ["gzip", "br, *;q=0.5"])
def test_files_go_compressed_to_whom_takes_that(accepted: str) -> None:
    answer = client_for().get("/docs/swagger-ui-5.35.0.css", headers={"accept-encoding": accepted})
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "accept-encoding")
    assert b".swagger-ui" in answer.content


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", ""])
def test_files_go_as_they_are_to_others(accepted: str) -> None:
    answer = client_for().get("/docs/swagger-ui-5.35.0.css", headers={"accept-encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert b".swagger-ui" in answer.content


def test_files_are_kept_by_browsers() -> None:
    answer = client_for().get("/redoc/redoc-2.5.4.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == ("text/javascript; charset=utf-8", "nosniff")


def test_pages_may_be_left_out() -> None:
    client = TestClient(Faster(docs_url=None, redoc_url=None))
    paths = ["/docs", "/redoc", "/scalar", "/docs/oauth2-redirect", "/docs/swagger-ui-5.35.0.js"]
    assert [client.get(path).status_code for path in paths] == [404] * 5


def test_a_page_at_the_root() -> None:
    client = TestClient(Faster(docs_url="/", redoc_url=None))
    assert [client.get(url).status_code for url in Elements(client.get("/").text).urls()] == [200, 200]


def html_of(response: HTMLResponse) -> Elements:
    return Elements(response.body.decode())


def test_pages_with_urls_of_the_users() -> None:
    swagger_ui = get_swagger_ui_html(
        openapi_url="https://api.example.com/openapi.json",
        title="Mine",
        swagger_js_url="/static/swagger.js",
        swagger_css_url="https://static.example.com/swagger.css",
        swagger_favicon_url="https://static.example.com/icon.png",
        connect_to=["https://other.example.com/v1"],
    )
    assert html_of(swagger_ui).urls() == [
        "https://static.example.com/icon.png",
        "https://static.example.com/swagger.css",
        "/static/swagger.js",
    ]
    policy = policy_of(swagger_ui)
    assert policy["style-src"] == ["'self'", "'unsafe-inline'", "https://static.example.com"]
    assert policy["img-src"] == ["'self'", "data:", "https://static.example.com"]
    assert policy["connect-src"] == ["'self'", "https://api.example.com", "https://other.example.com"]
    redoc = get_redoc_html(openapi_url="/openapi.json", title="Mine", redoc_js_url="/static/redoc.js", redoc_favicon_url="/icon.png")
    assert html_of(redoc).urls() == ["/icon.png", "/static/redoc.js"]
    scalar = get_scalar_html(openapi_url="/openapi.json", title="Mine", scalar_js_url="/static/scalar.js", scalar_favicon_url="/icon.png")
    assert html_of(scalar).urls() == ["/icon.png", "/static/scalar.js"]


def test_a_page_of_the_users_speaks_to_any_server_unless_told_to_which() -> None:
    page = get_swagger_ui_html(openapi_url="/openapi.json", title="Mine")
    assert policy_of(page)["connect-src"] == ["'self'", "http:", "https:"]


def test_the_fonts_of_redoc_are_asked_for_only_if_wanted() -> None:
    assert "google" not in get_redoc_html(openapi_url="/openapi.json", title="Mine").body.decode()
    page = get_redoc_html(openapi_url="/openapi.json", title="Mine", with_google_fonts=True)
    assert "https://fonts.googleapis.com" in policy_of(page)["style-src"]
    assert "https://fonts.gstatic.com" in policy_of(page)["font-src"]


def test_the_page_that_a_sign_in_leads_back_to() -> None:
    answer = get_swagger_ui_oauth2_redirect_html()
    assert "swaggerUIRedirectOauth2" in answer.body.decode()
    assert TestClient(Faster()).get("/docs/oauth2-redirect").text.count("swaggerUIRedirectOauth2") == 1


@pytest.mark.parametrize("make", [swagger_ui_html, redoc_html])
def test_pages_as_texts_carry_their_policy_inside(make: Any) -> None:
    page = Elements(make("/openapi.json", HOSTILE))
    policy = next(attributes["content"] for tag, attributes in page.elements if tag == "meta" and "http-equiv" in attributes)
    assert policy is not None
    assert f"script-src 'nonce-{page.scripts()[0]['nonce']}'" in policy
    assert "frame-ancestors" not in policy
    assert page.title() == HOSTILE
