"""Time passes when a test says so: none of the tests here notices how busy the machine is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.wire import Clock


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Async tests run on a loop whose clock stands still."""
    return "asyncio", {"loop_factory": Clock}
