"""What the code names as a difference from FastAPI stands on the page that users read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fasterapi.binding.body import DIFFERENCES as OF_BODIES
from fasterapi.binding.results import DIFFERENCES as OF_RESULTS
from fasterapi.binding.scalars import DIFFERENCES as OF_SCALARS
from fasterapi.security.differences import DIFFERENCES as OF_SECURITY
from tests.checkouts import CHECKOUT

PAGE = Path(CHECKOUT, "docs", "differences.md").read_text()


@pytest.mark.parametrize("row", [*OF_BODIES, *OF_RESULTS, *OF_SCALARS, *OF_SECURITY], ids=lambda row: str(row[0]))
def test_a_named_difference_is_documented(row: tuple[str, str, str]) -> None:
    assert "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" in PAGE
