"""The documents are OpenAPI 3.1, whatever they describe."""

from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.openapi import declared
from tests.openapi.frameworks import Declare, our_document
from tests.openapi.warehouse import app

DECLARATIONS = [value for name, value in vars(declared).items() if name.startswith("declare_")]


@pytest.mark.parametrize("declare", DECLARATIONS, ids=lambda declare: str(declare.__name__))
def test_a_document_is_valid(declare: Declare) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(our_document(declare)).iter_errors()] == []


def test_the_document_of_a_wide_application_is_valid() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(app.openapi()).iter_errors()] == []
