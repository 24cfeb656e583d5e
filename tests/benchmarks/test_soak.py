"""The soak run finds nothing wrong in a few seconds, and would say so if it did."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fasterapi
from tests.checkouts import CHECKOUT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

START: Any = {"memory": 40_000_000, "descriptors": 16, "tasks": 3, "objects": 30_000, "errors": 0, "compiled": False}


@pytest.fixture
def soak(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(CHECKOUT)])
    from benchmarks import soak

    return soak


def test_nothing_grows() -> None:
    command = [sys.executable, str(Path(CHECKOUT, "benchmarks", "soak.py")), "--seconds", "6", "--rounds", "2"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.stdout == "nothing grew\n", finished.stderr
    assert finished.returncode == 0
    assert f"fasterapi {'compiled' if fasterapi.COMPILED else 'interpreted'}" in finished.stderr
    assert all(
        name in finished.stderr for name in ("read", "pipeline", "upload", "download", "talk", "vanish", "creep", "ignore", "attack")
    )


def test_a_server_at_rest_is_well(soak: Any) -> None:
    assert soak.find_faults(START, [START, {**START, "memory": 41_000_000, "objects": 30_100}]) == []


@pytest.mark.parametrize(("name", "value"), [("memory", 60_000_000), ("descriptors", 17), ("tasks", 4), ("objects", 40_000), ("errors", 1)])
def test_what_grows_is_told(soak: Any, name: str, value: int) -> None:
    faults = soak.find_faults(START, [START, {**START, name: value}])
    assert len(faults) == 1
    assert faults[0].startswith(name.replace("descriptors", "sockets"))
