from __future__ import annotations

import json
import logging
import sys
from typing import Any

from fasterapi.cli.server_log import JsonFormatter


def formatted(record: logging.LogRecord) -> dict[str, Any]:
    """What the line of a record says."""
    line = JsonFormatter().format(record)
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_says_when_who_and_what() -> None:
    record = logging.LogRecord("uvicorn.error", logging.WARNING, __file__, 1, "%s is\nlate", ("it",), None)
    record.created = 0.25
    assert formatted(record) == {
        "time": "1970-01-01T00:00:00.250+00:00",
        "level": "warning",
        "logger": "uvicorn.error",
        "message": "it is\nlate",
    }


def test_the_parts_of_a_request_are_told() -> None:
    arguments = ("127.0.0.1:1", "GET", "/x?y=1", "1.1", 404)
    record = logging.LogRecord("uvicorn.access", logging.INFO, __file__, 1, '%s - "%s %s HTTP/%s" %d', arguments, None)
    line = formatted(record)
    assert {name: line[name] for name in ("client", "method", "target", "http_version", "status")} == {
        "client": "127.0.0.1:1",
        "method": "GET",
        "target": "/x?y=1",
        "http_version": "1.1",
        "status": 404,
    }


def test_a_traceback_is_told() -> None:
    try:
        int("x")
    except ValueError:
        record = logging.LogRecord("uvicorn.error", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    assert formatted(record)["exception"].splitlines()[-1] == "ValueError: invalid literal for int() with base 10: 'x'"
