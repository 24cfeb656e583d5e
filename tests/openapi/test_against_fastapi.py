"""The same application under FastAPI and under fasterapi: the two documents say the same, but for what is named.

Models are dataclasses, TypedDicts and named tuples, which both take; where FastAPI needs pydantic, each gets models of its own
with the same content.
"""

from __future__ import annotations

from typing import Any

import pytest

from fasterapi import Faster
from tests.openapi import declared
from tests.openapi.frameworks import Declare, Framework, our_document, their_document


@pytest.mark.parametrize(
    "declare",
    [
        declared.declare_bodies,
        declared.declare_money,
        declared.declare_parameters,
        declared.declare_groups,
        declared.declare_models,
        declared.declare_responses,
        declared.declare_dependencies,
        declared.declare_groups_of_routes,
    ],
    ids=lambda declare: declare.__name__,
)
def test_the_documents_are_the_same(declare: Declare) -> None:
    assert our_document(declare) == with_titles_of_their_own(their_document(declare))


def with_titles_of_their_own(document: dict[str, Any]) -> dict[str, Any]:
    """The document in which schemas of one title have their names as titles."""
    schemas = document.get("components", {}).get("schemas", {})
    titles = [schema.get("title") for schema in schemas.values()]
    for name, schema in schemas.items():
        if "title" in schema and titles.count(schema["title"]) > 1:
            schema["title"] = name
    return document


def test_one_model_for_both_directions_is_the_same() -> None:
    ours = our_document(declared.declare_money, separate_input_output_schemas=False)
    assert ours == their_document(declared.declare_money, separate_input_output_schemas=False)


def test_the_head_of_the_document_is_the_same() -> None:
    options: dict[str, Any] = {
        "summary": "In short",
        "description": "At length",
        "version": "3",
        "terms_of_service": "http://example.com/terms",
        "contact": {"name": "N", "email": None},
        "license_info": {"name": "MIT"},
        "openapi_tags": [{"name": "a", "description": "A", "externalDocs": None}],
        "servers": [{"url": "/v1", "description": None}],
        "openapi_external_docs": {"url": "http://example.com/docs"},
    }
    assert our_document(declare_nothing, **options) == their_document(declare_nothing, **options)


def declare_nothing(web: Framework, app: Faster) -> None: ...
