"""The routes of the documentation: the document, the pages, and the files that these load.

Interpreted: handlers, whose signatures are read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from fasterapi.http.request import Request
from fasterapi.http.responses import HTMLResponse, Response
from fasterapi.middleware.accept_encoding import accepts_gzip
from fasterapi.openapi.served import ServedDocument
from fasterapi.routing.declaration import RouteDeclaration

_MEDIA_TYPES: Final = {"js": "text/javascript", "css": "text/css", "png": "image/png"}
_SWAGGER_UI: Final = ("swagger-ui.js", "swagger-ui.css")
_REDOC: Final = ("redoc.js",)
_SCALAR: Final = ("scalar.js",)


class Documented(Protocol):
    """What the documentation asks of an application."""

    title: str
    openapi_url: str | None
    docs_url: str | None
    redoc_url: str | None
    scalar_url: str | None
    docs_from_cdn: bool
    root_path_in_servers: bool
    swagger_ui_oauth2_redirect_url: str | None
    swagger_ui_init_oauth: dict[str, Any] | None
    swagger_ui_parameters: dict[str, Any] | None
    scalar_parameters: dict[str, Any] | None

    def openapi(self) -> Mapping[str, Any]:
        """The document."""
        ...


class DocumentationSite:
    """Serves the documentation of one application."""

    def __init__(self, app: Documented) -> None:
        self._app = app
        self._served = ServedDocument()

    def routes(self) -> list[RouteDeclaration]:
        """The routes, as the application is configured now."""
        app = self._app
        if not app.openapi_url:
            return []
        routes = [_route(app.openapi_url, self.send_document)]
        if app.docs_url:
            routes.append(_route(app.docs_url, self.show_swagger_ui))
            routes.extend(self._asset_routes(app.docs_url, _SWAGGER_UI))
            if app.swagger_ui_oauth2_redirect_url:
                routes.append(_route(app.swagger_ui_oauth2_redirect_url, show_oauth2_redirect))
        if app.redoc_url:
            routes.append(_route(app.redoc_url, self.show_redoc))
            routes.extend(self._asset_routes(app.redoc_url, _REDOC))
        if app.scalar_url:
            routes.append(_route(app.scalar_url, self.show_scalar))
            routes.extend(self._asset_routes(app.scalar_url, _SCALAR))
        return routes

    async def send_document(self, request: Request) -> Response:
        """The document, or nothing new."""
        root_path = _root_path(request) if self._app.root_path_in_servers else ""
        return self._served.response(self._app.openapi(), root_path, request.headers.raw)

    async def show_swagger_ui(self, request: Request) -> HTMLResponse:
        """The page of Swagger UI."""
        from fasterapi.openapi.docs import swagger_ui_page

        app = self._app
        root_path = _root_path(request)
        script, style = self._asset_urls(root_path, app.docs_url, _SWAGGER_UI)
        redirect = app.swagger_ui_oauth2_redirect_url
        page = swagger_ui_page(
            f"{root_path}{app.openapi_url}",
            f"{app.title} - Swagger UI",
            script,
            style,
            None,
            f"{root_path}{redirect}" if redirect else None,
            app.swagger_ui_init_oauth,
            app.swagger_ui_parameters,
        )
        return self._connected(page)

    async def show_redoc(self, request: Request) -> HTMLResponse:
        """The page of ReDoc."""
        from fasterapi.openapi.docs import redoc_page

        app = self._app
        root_path = _root_path(request)
        (script,) = self._asset_urls(root_path, app.redoc_url, _REDOC)
        page = redoc_page(f"{root_path}{app.openapi_url}", f"{app.title} - ReDoc", script, None, False)
        return HTMLResponse(page.html(), headers=page.headers())

    async def show_scalar(self, request: Request) -> HTMLResponse:
        """The page of Scalar."""
        from fasterapi.openapi.docs import scalar_page

        app = self._app
        root_path = _root_path(request)
        (script,) = self._asset_urls(root_path, app.scalar_url, _SCALAR)
        page = scalar_page(f"{root_path}{app.openapi_url}", f"{app.title} - Scalar", script, None, app.scalar_parameters)
        return self._connected(page)

    def _connected(self, page: Any) -> HTMLResponse:
        """A page that sends requests to the servers that the document names, and to no other."""
        from fasterapi.openapi.connections import connections_of

        page.allow_requests(connections_of(self._app.openapi()))
        return HTMLResponse(page.html(), headers=page.headers())

    def _asset_routes(self, page_url: str, names: Sequence[str]) -> list[RouteDeclaration]:
        if self._app.docs_from_cdn:
            return []
        from fasterapi.openapi.assets import ASSETS

        return [_route(_beside(page_url, ASSETS[name].file_name), _sender(name)) for name in names]

    def _asset_urls(self, root_path: str, page_url: str | None, names: Sequence[str]) -> list[str | None]:
        """Where the files are, `None` for the CDN's."""
        if self._app.docs_from_cdn or page_url is None:
            return [None for _ in names]
        from fasterapi.openapi.assets import ASSETS

        return [f"{root_path}{_beside(page_url, ASSETS[name].file_name)}" for name in names]


async def show_oauth2_redirect(_: Request) -> HTMLResponse:
    """The page that a sign-in leads back to."""
    from fasterapi.openapi.docs import get_swagger_ui_oauth2_redirect_html

    return get_swagger_ui_oauth2_redirect_html()


def _sender(name: str) -> Callable[[Request], Response]:
    """The handler of one file. Not asynchronous: it reads from a disk, and may have much to unpack."""

    def send_asset(request: Request) -> Response:
        from fasterapi.openapi.assets import ASSETS

        asset = ASSETS[name]
        headers = {"cache-control": "public, max-age=31536000, immutable", "vary": "accept-encoding", "x-content-type-options": "nosniff"}
        media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
        if accepts_gzip(request.exchange.header(b"accept-encoding")):
            return Response(asset.compressed(), 200, {**headers, "content-encoding": "gzip"}, media_type)
        return Response(asset.content(), 200, headers, media_type)

    return send_asset


def _route(path: str, handler: Callable[[Any], Any]) -> RouteDeclaration:
    return RouteDeclaration(path, handler, takes_request=True, include_in_schema=False)


def _beside(page_url: str, file_name: str) -> str:
    return f"{page_url.rstrip('/')}/{file_name}"


def _root_path(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")
