"""The pages of the documentation as texts, under the names that FasterAPI's users know; their policy stands inside them."""

from __future__ import annotations

from fasterapi.openapi.docs import ANYWHERE, redoc_page, swagger_ui_page


def swagger_ui_html(openapi_url: str, title: str) -> str:
    """A page of Swagger UI, whose script comes from a CDN: `HTMLResponse(swagger_ui_html("/openapi.json", "Shop"))`."""
    page = swagger_ui_page(openapi_url, title, None, None, None, None, None, None)
    page.allow_requests([openapi_url, *ANYWHERE])
    return page.html(with_policy=True)


def redoc_html(openapi_url: str, title: str) -> str:
    """A page of ReDoc, whose script comes from a CDN: `HTMLResponse(redoc_html("/openapi.json", "Shop"))`."""
    page = redoc_page(openapi_url, title, None, None, False)
    page.allow_requests([openapi_url])
    return page.html(with_policy=True)
