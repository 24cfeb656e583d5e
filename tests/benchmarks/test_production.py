"""The costs of the production kit are measured for each of its parts, on applications that answer."""

from __future__ import annotations

import re
import subprocess
import sys

import fasterapi
from tests.checkouts import CHECKOUT

ROW = re.compile(r"\| (.+) \| [0-9.]+ \| [0-9.]+ \| -?[0-9.]+ \|")


def test_every_part_that_needs_no_service_has_a_row() -> None:
    command = [sys.executable, str(CHECKOUT / "benchmarks" / "production.py"), "--count", "1", "--rounds", "1"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    first, _, _, _, *rows = finished.stdout.splitlines()
    assert first == f"compiled: {fasterapi.COMPILED}"
    found = [ROW.fullmatch(row) for row in rows]
    assert all(found), rows
    named = " ".join(match[1] for match in found if match)
    for part in (
        "request id",
        "log line",
        "Prometheus",
        "OpenTelemetry",
        "pool",
        "readyz",
        "rate limit",
        "cache",
        "session",
        "JWT",
        "channel",
        "SQLAlchemy",
        "job",
    ):
        assert part in named
