"""`get_openapi`, under the name that FastAPI's users know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fasterapi.openapi.document import DocumentBody
from fasterapi.openapi.json_values import without_nulls


def get_openapi(
    *,
    title: str,
    version: str,
    openapi_version: str = "3.1.0",
    summary: str | None = None,
    description: str | None = None,
    routes: Sequence[object],
    webhooks: Sequence[object] | None = None,
    tags: Sequence[Mapping[str, Any]] | None = None,
    servers: Sequence[Mapping[str, Any]] | None = None,
    terms_of_service: str | None = None,
    contact: Mapping[str, Any] | None = None,
    license_info: Mapping[str, Any] | None = None,
    separate_input_output_schemas: bool = True,
    external_docs: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The OpenAPI document of some routes.

    Example:
        def with_logo() -> dict[str, Any]:
            if app.openapi_schema is None:
                schema = get_openapi(title="Shop", version="2.0", routes=app.routes)
                schema["info"]["x-logo"] = {"url": "/static/logo.png"}
                app.openapi_schema = schema
            return app.openapi_schema

        app.openapi = with_logo
    """
    info = {
        "title": title,
        "version": version,
        "summary": summary or None,
        "description": description or None,
        "termsOfService": terms_of_service or None,
        "contact": contact or None,
        "license": license_info or None,
    }
    body = DocumentBody(routes, webhooks or (), separate_input_output_schemas)
    document: dict[str, Any] = {"openapi": openapi_version, "info": without_nulls(info)}
    if servers:
        document["servers"] = without_nulls(servers)
    if body.components:
        document["components"] = body.components
    document["paths"] = body.paths
    if body.webhooks:
        document["webhooks"] = body.webhooks
    if tags:
        document["tags"] = without_nulls(tags)
    if external_docs:
        document["externalDocs"] = without_nulls(external_docs)
    return document
