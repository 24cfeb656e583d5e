"""The pages of the documentation, as FastAPI's users write them themselves: for other paths, other assets, other settings.

Without URLs of your own they load the scripts from a CDN, pinned and held to their digests. The pages that an application
serves by itself load nothing from elsewhere.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fasterapi.http.responses import HTMLResponse
from fasterapi.openapi.assets import ASSETS
from fasterapi.openapi.json_values import as_json
from fasterapi.openapi.pages import Page

__all__ = [
    "get_redoc_html",
    "get_scalar_html",
    "get_swagger_ui_html",
    "get_swagger_ui_oauth2_redirect_html",
    "swagger_ui_default_parameters",
]

swagger_ui_default_parameters: Final[dict[str, Any]] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
    "validatorUrl": None,
}
"""The settings of Swagger UI where an application says nothing else."""

ANYWHERE: Final = ("http:", "https:")
"""Any host: which ones the document speaks of, such a page does not know."""

_RUN_SWAGGER_UI: Final = """\
const parameters = settings.parameters;
parameters.presets = [SwaggerUIBundle.presets.apis];
if (window.SwaggerUIStandalonePreset) parameters.presets.push(window.SwaggerUIStandalonePreset);
if (settings.oauth2RedirectUrl) parameters.oauth2RedirectUrl = new URL(settings.oauth2RedirectUrl, window.location.href).href;
window.ui = SwaggerUIBundle(parameters);
if (settings.oauth) window.ui.initOAuth(settings.oauth);"""

_RUN_REDOC: Final = 'Redoc.init(settings.url, settings.parameters, document.getElementById("redoc"));'

_RUN_SCALAR: Final = 'Scalar.createApiReference("#scalar", settings.parameters);'

_LOCAL_SCALAR: Final[dict[str, Any]] = {
    "withDefaultFonts": False,
    "telemetry": False,
    "agent": {"disabled": True},
    "mcp": {"disabled": True},
    "showDeveloperTools": "never",
    "hideClientButton": True,
}
"""Switches off what speaks to the servers of Scalar's makers, or leads there."""

_NO_SCRIPT: Final = "<noscript>This page needs JavaScript to show the documentation.</noscript>"


def get_swagger_ui_html(
    *,
    openapi_url: str,
    title: str,
    swagger_js_url: str | None = None,
    swagger_css_url: str | None = None,
    swagger_favicon_url: str | None = None,
    oauth2_redirect_url: str | None = None,
    init_oauth: Mapping[str, Any] | None = None,
    swagger_ui_parameters: Mapping[str, Any] | None = None,
    connect_to: Sequence[str] = ANYWHERE,
) -> HTMLResponse:
    """A page of Swagger UI.

    Example:
        @app.get("/docs", include_in_schema=False)
        async def docs() -> HTMLResponse:
            return get_swagger_ui_html(openapi_url="/openapi.json", title="Shop", swagger_js_url="/static/swagger-ui.js")

    `connect_to` are the URLs of the servers that "Try it out" and the sign-in may speak to, beside the page's own.
    """
    page = swagger_ui_page(
        openapi_url, title, swagger_js_url, swagger_css_url, swagger_favicon_url, oauth2_redirect_url, init_oauth, swagger_ui_parameters
    )
    return _response(page, openapi_url, connect_to)


def get_redoc_html(
    *,
    openapi_url: str,
    title: str,
    redoc_js_url: str | None = None,
    redoc_favicon_url: str | None = None,
    with_google_fonts: bool = False,
) -> HTMLResponse:
    """A page of ReDoc.

    Example: `get_redoc_html(openapi_url="/openapi.json", title="Shop", redoc_js_url="/static/redoc.js")`.
    """
    return _response(redoc_page(openapi_url, title, redoc_js_url, redoc_favicon_url, with_google_fonts), openapi_url, ())


def get_scalar_html(
    *,
    openapi_url: str,
    title: str,
    scalar_js_url: str | None = None,
    scalar_favicon_url: str | None = None,
    scalar_parameters: Mapping[str, Any] | None = None,
    connect_to: Sequence[str] = ANYWHERE,
) -> HTMLResponse:
    """A page of Scalar.

    Example: `get_scalar_html(openapi_url="/openapi.json", title="Shop", scalar_parameters={"theme": "moon"})`.
    """
    return _response(scalar_page(openapi_url, title, scalar_js_url, scalar_favicon_url, scalar_parameters), openapi_url, connect_to)


def get_swagger_ui_oauth2_redirect_html() -> HTMLResponse:
    """The page to which a sign-in leads back; it hands what came along to Swagger UI and closes itself."""
    page = Page("Swagger UI: OAuth2 redirect")
    page.add_plain_code(ASSETS["oauth2-redirect.js"].content().decode())
    return HTMLResponse(page.html(), headers=page.headers())


def swagger_ui_page(
    openapi_url: str,
    title: str,
    script_url: str | None,
    style_url: str | None,
    icon_url: str | None,
    oauth2_redirect_url: str | None,
    init_oauth: Mapping[str, Any] | None,
    parameters: Mapping[str, Any] | None,
) -> Page:
    """The page of `get_swagger_ui_html`, before it is told where it may connect to."""
    page = _page(title, icon_url)
    _add_style(page, "swagger-ui.css", style_url)
    page.add_html('<div id="swagger-ui"></div>')
    page.add_html(_NO_SCRIPT)
    settings: dict[str, Any] = {"parameters": {**swagger_ui_default_parameters, "url": openapi_url, **_settings(parameters)}}
    if oauth2_redirect_url:
        settings["oauth2RedirectUrl"] = oauth2_redirect_url
    if init_oauth:
        settings["oauth"] = _settings(init_oauth)
    page.add_settings(settings)
    _add_script(page, "swagger-ui.js", script_url)
    page.add_code(_RUN_SWAGGER_UI)
    return page


def redoc_page(openapi_url: str, title: str, script_url: str | None, icon_url: str | None, with_google_fonts: bool) -> Page:
    """The page of `get_redoc_html`."""
    page = _page(title, icon_url)
    if with_google_fonts:
        fonts = "https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700"
        page.add_fonts(fonts, "https://fonts.gstatic.com")
    page.add_html("<style>body { margin: 0; padding: 0; }</style>")
    page.add_html('<div id="redoc"></div>')
    page.add_html(_NO_SCRIPT)
    page.add_settings({"url": openapi_url, "parameters": {}})
    _add_script(page, "redoc.js", script_url)
    page.add_code(_RUN_REDOC)
    return page


def scalar_page(openapi_url: str, title: str, script_url: str | None, icon_url: str | None, parameters: Mapping[str, Any] | None) -> Page:
    """The page of `get_scalar_html`."""
    page = _page(title, icon_url)
    page.add_html('<div id="scalar"></div>')
    page.add_html(_NO_SCRIPT)
    page.add_settings({"parameters": {**_LOCAL_SCALAR, "url": openapi_url, **_settings(parameters)}})
    _add_script(page, "scalar.js", script_url)
    page.add_code(_RUN_SCALAR)
    return page


def _page(title: str, icon_url: str | None) -> Page:
    page = Page(title)
    if icon_url is None:
        icon_url = f"data:image/png;base64,{base64.b64encode(ASSETS['favicon.png'].content()).decode()}"
    page.add_icon(icon_url)
    return page


def _add_script(page: Page, name: str, url: str | None) -> None:
    if url is None:
        page.add_script(ASSETS[name].cdn_url, ASSETS[name].integrity)
    else:
        page.add_script(url)


def _add_style(page: Page, name: str, url: str | None) -> None:
    if url is None:
        page.add_style(ASSETS[name].cdn_url, ASSETS[name].integrity)
    else:
        page.add_style(url)


def _settings(parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: as_json(value) for name, value in (parameters or {}).items()}


def _response(page: Page, openapi_url: str, connect_to: Sequence[str]) -> HTMLResponse:
    page.allow_requests([openapi_url, *connect_to])
    return HTMLResponse(page.html(), headers=page.headers())
