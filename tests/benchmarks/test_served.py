"""A contender is served, checked and put under load as a whole: requests, events and messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fasterapi
from tests.checkouts import CHECKOUT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

OURS = "fasterapi" if fasterapi.COMPILED else "fasterapi-pure"
COMPARE = [sys.executable, str(Path(CHECKOUT, "benchmarks", "compare.py")), "--http"]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What one short run wrote."""
    path = tmp_path_factory.mktemp("results") / "http.json"
    options = ["--only", f"{OURS},floor", "--workers", "2", "--cases", "events,echo", "--rounds", "1", "--seconds", "1"]
    finished = subprocess.run([*COMPARE, *options, "--json", str(path)], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return json.loads(path.read_text())


def test_every_figure_is_there(report: Any) -> None:
    assert report["missing"] == {}
    assert [set(table["rows"][OURS]) for table in report["tables"]] == [{"cpu", "rate", "p50", "p99"}] * 2


def test_figures_say_what_they_are_of(report: Any) -> None:
    assert [table["columns"]["cpu"] for table in report["tables"]] == ["CPU µs per event", "CPU µs per message"]


def test_what_a_contender_cannot_do_has_no_figure(report: Any) -> None:
    assert all("floor" not in table["rows"] for table in report["tables"])


def test_an_unknown_case_is_named() -> None:
    finished = subprocess.run([*COMPARE, "--cases", "json,tls"], capture_output=True, text=True, check=False)
    assert "no case tls; choose from json, params" in finished.stderr
