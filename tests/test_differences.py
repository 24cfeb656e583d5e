"""What the code names as a difference from FastAPI stands on the page that users read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fasterapi.binding.body import DIFFERENCES as OF_BODIES
from fasterapi.binding.pydantic_values import DIFFERENCES as OF_PYDANTIC
from fasterapi.binding.results import DIFFERENCES as OF_RESULTS
from fasterapi.binding.scalars import DIFFERENCES as OF_SCALARS
from fasterapi.http.streaming import DIFFERENCES as OF_STREAMS
from fasterapi.middleware.differences import DIFFERENCES as OF_MIDDLEWARE
from fasterapi.openapi.differences import DIFFERENCES as OF_OPENAPI
from fasterapi.routing.websocket_differences import DIFFERENCES as OF_WEBSOCKETS
from fasterapi.security.differences import DIFFERENCES as OF_SECURITY
from tests.checkouts import CHECKOUT

PAGE = Path(CHECKOUT, "docs", "differences.md").read_text()


@pytest.mark.parametrize(
    "row",
    [*OF_BODIES, *OF_MIDDLEWARE, *OF_OPENAPI, *OF_PYDANTIC, *OF_RESULTS, *OF_SCALARS, *OF_SECURITY, *OF_STREAMS, *OF_WEBSOCKETS],
    ids=lambda row: str(row[0]),
)
def test_a_named_difference_is_documented(row: tuple[str, str, str]) -> None:
    assert "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" in PAGE
