from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.doors.applications import make_app
from tests.doors.doors import DOORS, opened


@pytest.fixture(scope="module", params=DOORS)
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    with opened(request.param, make_app()) as found:
        yield found
